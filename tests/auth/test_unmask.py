"""The buyer's openid and phone in full: for an admin, with a reason, after the password, and in the
audit log before they are told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from models import AuditEntry, Session
from models.user import Role
from tests.support.rig import OPEN_ID, Console, Product, product

pytestmark = pytest.mark.one_database

PHONE = "13812345678"
REASON = "客户来电核对身份"


def forget_confirmation(_batch: Any, items: Any) -> list[None]:
    Session.update(confirmed_at=0).execute()
    return [None] * len(items)


async def ask(who: Console, number: str, reason: Any) -> tuple[int, dict[str, Any]]:
    response = await who.post(f"orders/{number}/unmask", {"reason": reason})
    return response.code, json.loads(response.body)


async def deeds(shop: Product) -> list[tuple[str, ...]]:
    def read() -> list[tuple[str, ...]]:
        query = AuditEntry.select().where(AuditEntry.action == "order.unmasked")
        return [(row.by, row.subject, row.detail) for row in query.order_by(AuditEntry.seq)]

    return await shop.running.store.read(read)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_an_admin_sees_the_buyer_in_full_and_the_log_says_who_and_why(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        number = (await shop.order(openId=OPEN_ID, phone=PHONE))["orderNum"]
        head = (await shop.events())[-1]["seq"]
        assert await ask(alice, number, REASON) == (200, {"openId": OPEN_ID, "phone": PHONE})
        ((by, subject, detail),) = await deeds(shop)
        assert (by, subject, json.loads(detail)) == ("alice", number, {"reason": REASON})
        assert OPEN_ID not in detail
        assert PHONE not in detail
        assert await shop.events(head) == []
        # The order itself stays masked.
        told = (await alice.fetch(f"orders/{number}")).body.decode()
        assert OPEN_ID not in told
        assert PHONE not in told
        bare = (await shop.order())["orderNum"]
        assert await ask(alice, bare, f"{PHONE} 来电") == (200, {"openId": None, "phone": None})
        assert PHONE not in (await deeds(shop))[1][2]


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_without_a_reason_the_right_or_the_password_nothing_is_told(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        others = [await shop.user("bob", Role.SUPPORT), await shop.user("charlie", Role.VIEWER)]
        number = (await shop.order(openId=OPEN_ID, phone=PHONE))["orderNum"]
        for reason in (None, "", "    ", "字", 7, ["客户来电核对"], "字" * 201):
            code, answer = await ask(alice, number, reason)
            assert (code, answer["error"]) == (400, "bad_request")
        for who in others:
            assert (await ask(who, number, REASON))[0] == 403
        assert (await ask(alice, "NOSUCH-1", REASON))[0] == 404
        await shop.running.store.write(forget_confirmation, 0)
        code, answer = await ask(alice, number, REASON)
        assert (code, answer["error"]) == (403, "confirm_password")
        assert await deeds(shop) == []
