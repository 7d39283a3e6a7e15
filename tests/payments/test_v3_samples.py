"""Notifies of API v3 as WeChat and its imitators send them, byte for byte."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from payments.errors import BadSignature, Malformed
from payments.outcomes import Outcome
from payments.payment_result import V3_NAMES, PaymentResult
from payments.payment_rules import OrderFacts, judge
from payments.refund import RefundResult, RefundStatus
from payments.states import OrderStatus
from payments.v3 import notify
from payments.v3.notify import Opened, OtherEvent
from tests.support.v3_material import MANIFEST, MERCHANT, MERCHANTS, NOW_S, SAMPLES, keys_of, sample

ORDER = OrderFacts(
    "ORD20250102000001", 8800, OrderStatus.WAIT_PAY, MERCHANT.app_id, MERCHANT.mch_id
)


def read(entry: dict[str, Any]) -> Opened:
    return notify.read(*sample(entry), MERCHANTS, keys_of, NOW_S)


def file_of(entry: dict[str, Any]) -> str:
    return str(entry["body"]).split("/")[1].removesuffix(".body")


UNPROVEN = {
    "05_bad_signature": "wrong",
    "06_signtest_probe": "probe",
    "07_timestamp_too_old": "stale",
    "09_unknown_serial": "unknown_serial",
    "12_gcm_tag_failure_signed": "sealed",
    "47_missing_signature_header": "missing",
    "48_signature_type_unknown": "algorithm",
    "55_timestamp_not_a_number": "stale",
    "56_big_integer_timestamp": "stale",
}
VERDICTS = {
    "PAID": Outcome.BOOKED,
    "NOOP_ALREADY_PAID": Outcome.DUPLICATE,
    "IGNORE_KEEP_PENDING": Outcome.NOT_SUCCESSFUL,
    "ALERT_AMOUNT_MISMATCH": Outcome.AMOUNT_MISMATCH,
    "ALERT_NEGATIVE_TOTAL": Outcome.NEGATIVE_TOTAL,
}
REFUNDS = {"REFUND_SUCCESS": RefundStatus.SUCCESS, "REFUND_ABNORMAL": RefundStatus.ABNORMAL}


def test_the_manifest_and_the_folder_name_the_same_samples() -> None:
    listed = {entry[part] for entry in MANIFEST["v3"] for part in ("body", "headers")}
    assert listed == {f"v3/{path.name}" for path in (SAMPLES / "v3").iterdir()}


@pytest.mark.parametrize("entry", MANIFEST["v3"], ids=file_of)
def test_a_sample_is_what_its_manifest_says(entry: dict[str, Any]) -> None:
    action, status = entry["expected_action"], entry["expected_http_status"]
    if status == 401:
        with pytest.raises(BadSignature) as unproven:
            read(entry)
        assert unproven.value.reason == UNPROVEN[file_of(entry)]
        return
    if action == "REJECT":
        assert status in (400, 413)
        with pytest.raises(Malformed):
            read(entry)
        return
    news = read(entry).news
    if action == "IGNORE":
        assert isinstance(news, OtherEvent)
        assert (news.merchant, news.event_type) == (MERCHANT, "SOMETHING.NEW")
    elif action in REFUNDS:
        assert isinstance(news, RefundResult)
        assert (news.status, news.refund_num) == (REFUNDS[action], "RF20250102000001")
        assert (news.merchant, news.total_text, news.refund_text) == (MERCHANT, "8800", "800")
    else:
        assert isinstance(news, PaymentResult)
        paid = ORDER.paid_by(news.transaction_id) if action == "NOOP_ALREADY_PAID" else ORDER
        facts = paid._replace(order_num=news.order_num or "")
        assert judge(facts, news).outcome is VERDICTS[action]


def test_a_genuine_notify_is_read_in_full() -> None:
    opened = read(MANIFEST["v3"][0])
    assert opened.news == PaymentResult(
        signer=MERCHANT,
        merchant=MERCHANT,
        app_id=MERCHANT.app_id,
        mch_id=MERCHANT.mch_id,
        result="SUCCESS",
        order_num="ORD20250102000001",
        transaction_id="4200000001202501020000000001",
        amounts={"amount.total": "8800", "amount.payer_total": "8800"},
        currency="CNY",
        open_id="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        trade_type="JSAPI",
        paid_at=datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC),
        failure_words="支付成功",
        names=V3_NAMES,
    )
    assert json.loads(opened.text)["out_trade_no"] == "ORD20250102000001"
