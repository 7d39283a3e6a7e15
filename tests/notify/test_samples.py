"""Messages as WeChat and its imitators send them, byte for byte, to the fresh product."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from payments.v2 import wire
from tests.support.notify_rig import (
    CAPPED,
    STREAM,
    Delivered,
    alerts,
    changes,
    deliver,
    digests,
    raw_notices,
)
from tests.support.rig import OPEN_ID, PRICE, UNPROVEN, Product, product
from tests.support.v3_keys import HeldClock

pytestmark = pytest.mark.one_database

SAMPLES = Path(__file__).parents[1] / "samples"
MANIFEST: dict[str, Any] = json.loads((SAMPLES / "manifest.json").read_text("utf-8"))
PAID_ORDER = ("PAID", "SERVICE_WAIT")
FIRST = "v2/01_success_jsapi_md5.xml"

ALERTS: dict[str, tuple[str, Any, Any]] = {
    "ALERT_AMOUNT_MISMATCH": ("amount_mismatch", 8800, 1),
    "ALERT_NEGATIVE_TOTAL": ("negative_total", 8800, -8800),
    "ALERT_MISSING_ORDER": ("missing_order", None, "ORD_NOT_OURS"),
    "ALERT_FOREIGN_MERCHANT": (
        "foreign_merchant",
        "mch_id 1900000109, appid wx8888888888888888",
        "mch_id 1900000999, appid wx8888888888888888",
    ),
}


def test_the_manifest_and_the_folder_name_the_same_samples() -> None:
    listed = {sample["file"] for name in ("v2", "v2_refund") for sample in MANIFEST[name]}
    assert listed == {f"v2/{path.name}" for path in (SAMPLES / "v2").iterdir()}
    assert {sample["expected_action"] for sample in MANIFEST["v2"]} == {
        "PAID",
        "PAID_WITH_WARNING",
        "NOOP_ALREADY_PAID",
        "IGNORE_KEEP_PENDING",
        "REJECT",
        *ALERTS,
    }


@pytest.mark.gen_test
@pytest.mark.parametrize(
    "sample", MANIFEST["v2"], ids=[s["file"].split("/")[1].split(".")[0] for s in MANIFEST["v2"]]
)
async def test_a_sample_is_answered_and_settled_as_its_manifest_says(
    tmp_path: Path, sample: dict[str, Any]
) -> None:
    body, action = (SAMPLES / sample["file"]).read_bytes(), sample["expected_action"]
    async with product(tmp_path, by_hand=True, clock=HeldClock()) as shop:
        await make_orders(shop)
        if action == "NOOP_ALREADY_PAID":
            await shop.notify((SAMPLES / FIRST).read_bytes())
        done = await deliver(shop, body)
        assert (done.status, done.body) == (200, expected_answer(sample))
        if action in ("PAID", "PAID_WITH_WARNING"):
            await assert_paid(shop, body, done, differs=action == "PAID_WITH_WARNING")
        else:
            assert done.orders_same
            assert done.changed <= CAPPED | {"receipts", "report_sums"}
        if action == "REJECT":
            await assert_rejected(shop, body, done)
        elif action in ALERTS:
            await assert_alerted(shop, body, done, *ALERTS[action])
        elif action == "NOOP_ALREADY_PAID":
            assert done.kinds == ["notify.duplicate"]
        elif action == "IGNORE_KEEP_PENDING":
            assert done.kinds == ["payment.failed"]
            assert (await shop.read("ORD20250102000001"))["status"] == "INIT"


@pytest.mark.gen_test
async def test_all_samples_after_one_another_leave_three_paid_orders(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True, clock=HeldClock()) as shop:
        await make_orders(shop)
        for sample in MANIFEST["v2"]:
            await shop.notify((SAMPLES / sample["file"]).read_bytes())
        before = await digests(shop)
        for sample in reversed(MANIFEST["v2"]):
            await shop.notify((SAMPLES / sample["file"]).read_bytes())
        again = changes(before, await digests(shop))
        figures = {"counters", "report_sums"}  # a payment that failed is counted each time
        assert again == STREAM | {"raw_notices", "alerts", "alert_entries"} | figures
        paid = [e for e in await shop.events() if e["kind"] == "order.paid"]
        assert [e["orderNum"] for e in paid] == [o["orderNum"] for o in MANIFEST["orders"]]


async def make_orders(shop: Product) -> None:
    for order in MANIFEST["orders"]:
        wanted = {name: value for name, value in order.items() if name != "totalFen"}
        made = await shop.order(**wanted)
        assert (made["orderNum"], made["totalFen"]) == (order["orderNum"], PRICE)


def expected_answer(sample: dict[str, Any]) -> bytes:
    code, words = sample["expected_answer"], sample["expected_words"]
    return (
        f"<xml><return_code><![CDATA[{code}]]></return_code>"
        f"<return_msg><![CDATA[{words}]]></return_msg></xml>"
    ).encode()


async def assert_paid(shop: Product, body: bytes, done: Delivered, *, differs: bool) -> None:
    fields = wire.read(body)
    order = await shop.read(fields["out_trade_no"])
    assert (order["status"], order["serviceStatus"]) == PAID_ORDER
    assert (order["transactionId"], order["totalFen"]) == (fields["transaction_id"], PRICE)
    (event,) = done.events
    assert (event["kind"], event["orderNum"]) == ("order.paid", order["orderNum"])
    assert event["data"].get("payerDiffers", False) is differs
    assert event["data"]["wechatPaidAt"] == "2025-01-02T03:04:05.000Z"
    assert OPEN_ID not in json.dumps(event)
    assert await raw_notices(shop) == [("booked", True, body.decode())]
    assert await alerts(shop) == []


async def assert_rejected(shop: Product, body: bytes, done: Delivered) -> None:
    """Nothing but one case about its source, and that for a readable message alone."""
    if done.body != UNPROVEN:
        assert (done.events, await alerts(shop), await raw_notices(shop)) == ([], [], [])
        return
    assert done.kinds == ["alert.raised"]
    (case,) = await alerts(shop)
    assert (case["kind"], case["orderNum"], case["count"]) == ("bad_signature", None, 1)
    assert await raw_notices(shop) == [("unproven", False, body.decode())]


async def assert_alerted(
    shop: Product, body: bytes, done: Delivered, kind: str, expected: Any, actual: Any
) -> None:
    assert done.kinds == ["notify.refused", "alert.raised"]
    (case,) = await alerts(shop)
    assert (case["kind"], case["status"], case["count"]) == (kind, "open", 1)
    assert (case["expected"], case["actual"]) == (expected, actual)
    assert case["orderNum"] == wire.read(body)["out_trade_no"]
    assert [(outcome, authentic) for outcome, authentic, _ in await raw_notices(shop)] == [
        (kind, True)
    ]
