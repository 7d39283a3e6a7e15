"""The rooms of the house: which files stand together, and what each room may import."""

from __future__ import annotations

from dataclasses import dataclass

WORLD = """asyncio concurrent http io multiprocessing os pathlib random secrets select selectors
    socket sqlite3 ssl subprocess threading time"""
"""What reaches outside a value: sockets, files, threads, clocks and chance."""


@dataclass(frozen=True)
class Room:
    """`ours` and `others` are prefixes of what may be imported, beside the standard library
    without `never`."""

    ours: str
    others: str = ""
    never: str = "sqlite3"


SERVICES = {
    "runtime": "",
    "auth": "runtime",
    "alerts": "runtime auth",
    "live": "runtime auth",
    "wechat": "runtime alerts",
    "settlement": "runtime alerts wechat",
    "checks": "runtime alerts wechat",
    "notify": "runtime alerts wechat settlement complaints",
    "orders": "runtime alerts live wechat settlement",
    "refunds": "runtime alerts live wechat settlement orders",
    "complaints": "runtime alerts wechat refunds",
    "views": "runtime auth alerts live wechat settlement orders",
    "bills": "runtime alerts wechat settlement",
    "recon": "runtime alerts bills",
    "reports": "runtime bills",
    "demo": "runtime wechat settlement orders",
}
"""The rooms of services/, and which others each may import."""

SIMULATOR = {
    "state": "",
    "v2": "state",
    "v3": "state v2",
    "bills": "state v2 v3",
    "complaints": "state v2 v3",
    "delivery": "state v2 v3",
    "shop": "state v2 delivery",
    "scenarios": "state v2 bills delivery shop",
    "http": "state v2 v3 bills complaints delivery shop scenarios options",
    "options": "state delivery environment",
}
"""The rooms of simulator/, and its one file with a line of its own; others may import all."""


def rooms(name: str) -> str:
    return " ".join(f"services.{room}" for room in [name, *SERVICES[name].split()])


def simulated(name: str) -> str:
    return " ".join(f"simulator.{room}" for room in [name, *SIMULATOR[name].split()])


ROOMS = {
    "payments": Room("payments", "xmltodict cryptography segno", WORLD),
    "models": Room("models payments", "peewee playhouse psycopg"),
    "services": Room(""),  # no file stands outside the rooms
    **{f"services/{room}": Room(f"{rooms(room)} models payments") for room in SERVICES},
    "handlers": Room(
        "handlers services payments.errors payments.notify_replies payments.outcomes "
        "payments.states payments.money payments.buyers",
        "tornado.web tornado.websocket tornado.httputil tornado.httpserver tornado.iostream",
    ),
    "assembly": Room("assembly handlers services models payments settings", "peewee tornado"),
    "commands": Room("commands assembly handlers services models payments settings", "peewee"),
    "settings": Room("payments.merchant accounts"),
    "accounts": Room("payments.merchant payments.keys payments.buyers"),
    "server": Room("commands assembly settings"),
    **{
        f"simulator/{room}": Room(f"{simulated(room)} payments", "tornado segno cryptography")
        for room in SIMULATOR
    },
    "simulator": Room("simulator payments", "tornado segno cryptography"),
    "setup": Room("", "setuptools"),
}
FREE = ("tests", "bench")
"""They may import everything, and nobody imports them."""
TOPS = {room.split("/")[0] for room in ROOMS}
PRODUCT = TOPS - {"simulator", "setup"}
MAX_FILES = 20
"""In one folder, beside __init__.py."""
