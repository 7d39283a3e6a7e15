"""A notify that was kept: seen in full by whom it concerns, and judged again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from models import TABLES, Session
from models.base import rows
from models.user import Role
from payments.merchant import MD5, Merchants
from services.notify.raw_notifies import KeptNotify, read_again
from tests.support.rig import (
    ABNORMAL,
    KEY,
    MERCHANT,
    OPEN_ID,
    PRICE,
    SUCCESS,
    Console,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
)

LATER = "SHOP20250102-0000000000000001"


async def newest_notify(shop: Product) -> str:
    told = [event["data"].get("notifyId") for event in await shop.events()]
    found: str = [notify_id for notify_id in told if notify_id][-1]
    return found


async def replay(user: Console, notify_id: str, **body: Any) -> HTTPResponse:
    return await user.post(f"notifies/{notify_id}/replay", body)


async def rehearsed(user: Console, notify_id: str) -> dict[str, Any]:
    answer = await replay(user, notify_id)
    assert answer.code == 200, answer.body
    told: dict[str, Any] = json.loads(answer.body)["replay"]
    return told


async def everything(shop: Product) -> dict[str, list[Any]]:
    """Every row of every table but the sessions, which remember when they were used."""
    kept = [table for table in TABLES if table is not Session]

    def read() -> dict[str, list[Any]]:
        return {table._meta.table_name: sorted(rows(table.select()), key=repr) for table in kept}

    return await shop.running.store.read(read)


async def forget_password(shop: Product) -> None:
    def forget(batch: Any, items: Any) -> list[None]:
        Session.update(confirmed_at=0).execute()
        return [None] * len(items)

    await shop.running.store.write(forget, None)


@pytest.mark.gen_test
async def test_a_full_notify_is_told_to_an_admin_with_a_reason_and_the_password_and_is_audited(
    tmp_path,
):
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        await shop.pay((await shop.order())["orderNum"], total_fee="1")
        path = f"notifies/{await newest_notify(shop)}"
        masked = (await alice.get(path))["notify"]["body"]
        assert OPEN_ID not in masked
        assert (await alice.post(f"{path}/unmask", {})).code == 400
        asked = {"reason": "客户 13812345678 要核对付款人"}
        answer = await alice.post(f"{path}/unmask", asked)
        full = json.loads(answer.body)["body"]
        assert f"<openid><![CDATA[{OPEN_ID}]]></openid>" in full
        sign = full.split("<sign><![CDATA[")[1].split("]]>")[0]
        assert len(sign) == 8
        assert sign.endswith("****")
        assert await shop.audited("notify") == [
            (
                "alice",
                "notify.unmasked",
                path.removeprefix("notifies/"),
                {"reason": "客户 138****5678 要核对付款人"},
            ),
        ]
        assert (await alice.post("notifies/00/unmask", asked)).code == 404
        await forget_password(shop)
        refused = await alice.post(f"{path}/unmask", asked)
        assert json.loads(refused.body)["error"] == "confirm_password"
        assert len(await shop.audited("notify")) == 1


@pytest.mark.gen_test
async def test_a_rehearsal_changes_no_row_and_says_the_same_in_an_unchanged_world(tmp_path):
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        num = (await shop.order())["orderNum"]
        assert await shop.pay(num, total_fee="1") == ABNORMAL
        notify_id = await newest_notify(shop)
        before = await everything(shop)
        told = [await rehearsed(alice, notify_id) for _ in range(2)]
        assert (
            told[0]
            == told[1]
            == {
                "notifyId": notify_id,
                "before": "amount_mismatch",
                "verdict": "amount_mismatch",
                "expected": PRICE,
                "actual": 1,
                "changes": [],
                "reason": None,
            }
        )
        refused = await replay(alice, notify_id, book=True)
        assert refused.code == 409
        assert json.loads(refused.body)["error"] == "not_replayable"
        assert await everything(shop) == before


@pytest.mark.gen_test
async def test_a_notify_whose_cause_is_mended_is_booked_by_replay_once(tmp_path):
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        assert await shop.pay(LATER) == ABNORMAL  # no such order yet
        notify_id = await newest_notify(shop)
        await shop.order(orderNum=LATER)
        would = await rehearsed(alice, notify_id)
        assert would["verdict"] == "booked"
        assert would["changes"] == [
            {"name": "status", "before": "INIT", "after": "PAID"},
            {"name": "serviceStatus", "before": None, "after": "SERVICE_WAIT"},
            {"name": "paidFen", "before": 0, "after": PRICE},
            {"name": "receipt", "before": "waiting", "after": "booked"},
        ]
        assert (await shop.read(LATER))["status"] == "INIT"
        await forget_password(shop)
        assert (await replay(alice, notify_id, book=True)).code == 403
        assert (await alice.post("confirm", {"password": "correct horse battery"})).code in (
            200,
            204,
        )
        answer = await replay(alice, notify_id, book=True)
        assert json.loads(answer.body)["replay"]["verdict"] == "booked"
        assert (await shop.read(LATER))["status"] == "PAID"
        (paid,) = [event for event in await shop.events() if event["kind"] == "order.paid"]
        assert (paid["data"]["replayed"], paid["data"]["by"]) == (True, "alice")
        today = (await alice.get("summary"))["today"]
        assert (today["paidFen"], today["notifyP95Ms"]) == (PRICE, None)
        sums = (await alice.get("receipts"))["sums"]

        again = await replay(alice, notify_id, book=True)
        assert json.loads(again.body)["replay"]["verdict"] == "duplicate"
        assert (await alice.get("summary"))["today"] == today
        assert (await alice.get("receipts"))["sums"] == sums
        audited = await shop.audited("notify")
        assert [(by, deed, said["verdict"]) for by, deed, _, said in audited] == [
            ("alice", "notify.replayed", "booked"),
            ("alice", "notify.replayed", "duplicate"),
        ]


@pytest.mark.gen_test
async def test_what_proves_nothing_cannot_be_replayed(tmp_path):
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        forged = signed(notify_fields((await shop.order())["orderNum"], transaction()), "0" * 32)
        assert (await shop.notify(forged)).body != SUCCESS
        evidence = (await alice.get("alerts/1"))["alert"]["evidence"]
        told = await rehearsed(alice, evidence["notifyId"])
        assert (told["verdict"], told["reason"]) == (None, "forged")
        assert (await replay(alice, evidence["notifyId"], book=True)).code == 409
        assert (await replay(alice, "00")).code == 404


def kept(text: str | None, outcome: str = "missing_order", authentic: bool = True) -> KeptNotify:
    return KeptNotify("00", text, authentic, outcome)


def test_a_kept_text_is_proven_again_or_the_reason_is_said() -> None:
    ours = Merchants((MERCHANT,))
    xml = signed(notify_fields("ORDER1", "4200"), KEY, MD5).decode()
    v3 = json.dumps({"mchid": MERCHANT.mch_id, "appid": MERCHANT.app_id, "trade_state": "SUCCESS"})
    changed = Merchants((replace(MERCHANT, api_v2_key="y" * 32),))
    asked = [
        signed({**notify_fields("ORDER1", "4200"), name: "R1"}, KEY, MD5).decode()
        for name in ("out_refund_no", "out_refund_no_0")
    ]
    told = [
        (kept(xml, authentic=False), ours, "forged"),
        (kept(None), ours, "sealed"),
        (kept("{}", "ignored"), ours, "ignored"),
        (kept(xml), changed, "key"),
        (kept("<xml><req_info>x</req_info></xml>"), ours, "refund"),
        (kept('{"out_refund_no": "R1"}'), ours, "refund"),
        *((kept(answer), ours, "refund") for answer in asked),
        (kept('{"mchid": "1"}'), ours, "key"),
        (kept(v3, "foreign_merchant"), ours, "foreign"),
    ]
    assert [read_again(notify, merchants) for notify, merchants, _ in told] == [
        reason for _, _, reason in told
    ]
    for text in (xml, v3):
        news = read_again(kept(text), ours)
        assert not isinstance(news, str)
        assert news.merchant == MERCHANT


@pytest.mark.gen_test
async def test_support_reads_no_more_than_the_masked_notify(tmp_path):
    async with product(tmp_path, by_hand=True) as shop:
        bob = await shop.user("bob", Role.SUPPORT)
        await shop.pay((await shop.order())["orderNum"], total_fee="1")
        path = f"notifies/{await newest_notify(shop)}"
        assert (await bob.post(f"{path}/unmask", {"reason": "neugierig"})).code == 403
        assert (await replay(bob, path.removeprefix("notifies/"))).code == 403
        assert OPEN_ID not in json.dumps(await bob.get(path))
