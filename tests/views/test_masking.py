"""No byte that support or a viewer receives holds a full openid, a full phone number or a key:
every address of the console, the live stream, the pages and the export are read and scanned."""

from __future__ import annotations

import json
import re

import pytest
from tornado.httpclient import HTTPResponse

from handlers.pages import PageHandler
from handlers.routes import ROUTES
from handlers.session import ConsoleHandler
from models.user import Role
from payments.merchant import MD5
from tests.support.rig import KEY, OPEN_ID, PRICE, Console, Product, notify_fields, product, signed
from tests.support.rig import transaction as new_transaction

pytestmark = pytest.mark.one_database

PHONE = "19912345678"
SEARCHES = (OPEN_ID, PHONE, PHONE[:7], OPEN_ID[:12], "88.00", "咨询", f"电话 {PHONE}")
PRIVATE = (OPEN_ID, PHONE, KEY, OPEN_ID[:14], PHONE[:8])
"""Also the greater part of each: half a secret is one."""


async def everything(shop: Product) -> dict[str, list[str]]:
    """One of everything that the console tells; the names by which each is asked for."""
    who = {"openId": OPEN_ID, "phone": PHONE, "customer": f"顾客 {PHONE}"}
    paid = (await shop.order(**who))["orderNum"]
    first = new_transaction()
    for _ in range(2):
        await shop.pay(paid, first)
    await shop.pay(paid)
    short = (await shop.order(**who, title=f"咨询 {OPEN_ID}"))["orderNum"]
    await shop.pay(short, total_fee=str(PRICE - 1), attach=PHONE)
    await shop.pay("NOSUCH20250101-0123456789abcdef")
    await shop.pay((await shop.order(**who))["orderNum"], result_code="FAIL", err_code_des=PHONE)
    await shop.notify(signed(notify_fields(paid, new_transaction()), "0" * 32, MD5))
    refund = {"amountFen": 100, "reason": f"电话 {PHONE}"}
    asked = await shop.merchant(f"orders/{paid}/refunds", "POST", refund)
    admin = await shop.user("alice")
    await admin.post(f"orders/{paid}/note", {"note": f"致电 {PHONE}，openid {OPEN_ID}"})
    cases = (await admin.get("alerts"))["alerts"]
    await admin.post(
        f"alerts/{cases[0]['id']}/note", {"version": cases[0]["version"], "note": f"问过 {PHONE}"}
    )
    events = (await admin.get("events?limit=1000"))["events"]
    return {
        "orders": [paid, short],
        "alerts": [str(case["id"]) for case in cases],
        "notifies": list({e["data"]["notifyId"] for e in events if e["data"].get("notifyId")}),
        "refunds": [json.loads(asked.body)["refundNum"]],
        "receipts": ["1"],
        "products": ["p1"],
        "users": ["alice", "bob"],
    }


def addresses(pattern: str, names: dict[str, list[str]]) -> list[str]:
    """The paths of one line of the table, filled with what is there."""
    plain = re.sub(r"\(\?:/[^)]*\)\?", "", pattern)
    if "(" not in plain:
        return [plain]
    noun = pattern.removeprefix("/api/v1/").split("/")[0]
    filled = [re.sub(r"\([^)]*\)", name, plain, count=1) for name in names.get(noun, ["x"])]
    return [
        re.sub(r"\([^)]*\)", word, path, count=1)
        for path in filled
        for word in ((re.search(r"\(([a-z|-]+)\)", path) or [0, "x"])[1]).split("|")
    ]


def scan(response: HTTPResponse, seen: list[str]) -> int:
    text = (response.body or b"").decode("utf-8", "replace") + str(list(response.headers.get_all()))
    seen += [f"{response.effective_url}: {secret}" for secret in PRIVATE if secret in text]
    return len(text)


async def read_all(user: Console, names: dict[str, list[str]], seen: list[str]) -> int:
    """Every address that reads, and every page; how many bytes were scanned."""
    shop, size = user.product, 0
    for route in ROUTES:
        pattern, handler = route.path, route.handler
        if issubclass(handler, ConsoleHandler) and "GET" in handler.allowed_methods():
            for path in addresses(pattern, names):
                size += scan(await user.fetch(path.removeprefix("/api/v1/")), seen)
        elif issubclass(handler, PageHandler):
            for path in addresses(pattern, names):
                size += scan(await shop.fetch(path, headers={"Cookie": user.cookie}), seen)
    for q in SEARCHES:
        asked = await user.fetch(
            f"orders?q={q.replace(' ', '%20')}"
            if q.isascii()
            else "orders?q=" + "".join(f"%{b:02X}" for b in q.encode())
        )
        size += scan(asked, seen)
    return size


@pytest.mark.gen_test
@pytest.mark.one_database
@pytest.mark.parametrize("role", [Role.SUPPORT, Role.VIEWER])
async def test_no_answer_to_staff_holds_a_full_openid_phone_or_key(tmp_path, role):
    async with product(tmp_path, wechat=True) as shop:
        names = await everything(shop)
        user, seen = await shop.user("bob", role), list[str]()
        size = await read_all(user, names, seen)
        socket = await user.live(0)
        frames = ""
        while '"to":' not in frames:
            frames += str(await socket.read_message())
        seen += [f"live: {secret}" for secret in PRIVATE if secret in frames]
        deeds = {
            f"orders/{names['orders'][0]}/note": {"note": f"再致电 {PHONE}"},
            f"orders/{names['orders'][0]}/service": {"to": "IN_SERVICE"},
            f"orders/{names['orders'][1]}/query": {},
            f"orders/{names['orders'][0]}/unmask": {"reason": "客户来电核对"},
            f"notifies/{names['notifies'][0]}/unmask": {"reason": "客户来电核对"},
            f"refunds/{names['refunds'][0]}/ask": {},
        }
        for path, body in deeds.items():
            size += scan(await user.post(path, body), seen)
        assert (seen, size > 20_000) == ([], True)
