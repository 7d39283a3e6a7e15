"""Refund and refund query of API v2 (WeChat: 申请退款, 查询退款)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from payments.errors import NotOffered, WeChatUntrusted
from payments.merchant import Merchant
from payments.payment_result import CHINA
from payments.protocol import Moment, Proof, WireAnswer, WireRequest, sendable
from payments.refund import (
    MAX_REASON_BYTES,
    ListedRefunds,
    RefundOrder,
    RefundResult,
    RefundStatus,
)
from payments.v2 import calls

REFUND_PATH = "/secapi/pay/refund"
QUERY_PATH = "/pay/refundquery"

STATES = {
    "SUCCESS": RefundStatus.SUCCESS,
    "PROCESSING": RefundStatus.PROCESSING,
    "REFUNDCLOSE": RefundStatus.CLOSED,
    "CHANGE": RefundStatus.ABNORMAL,
}
"""WeChat's words for what became of a refund."""
_NUMBERED = re.compile(r"out_refund_no_([0-9]{1,3})", re.ASCII)
_COUNT = re.compile(r"[0-9]{1,3}", re.ASCII)


def refund_request(merchant: Merchant, refund: RefundOrder, moment: Moment) -> WireRequest:
    """Needs the client certificate. Raises WeChatUntrusted (`client_certificate`) when none is
    configured: then nothing is sent, and it can be once there is one."""
    fields = {
        **_about(merchant, moment),
        "transaction_id": refund.transaction_id,
        "out_refund_no": refund.refund_num,
        "total_fee": str(refund.total_fen),
        "refund_fee": str(refund.refund_fen),
        "refund_desc": sendable(refund.reason, MAX_REASON_BYTES),
        "notify_url": refund.notify_url,
    }
    sent = calls.request(REFUND_PATH, {n: v for n, v in fields.items() if v}, merchant)
    return calls.with_certificate(sent, merchant, "A refund")


def read_refund(answer: WireAnswer, merchant: Merchant, proof: Proof) -> RefundResult:
    """SUCCESS means that WeChat took the request, not that the buyer has the money."""
    fields = calls.read_answer(answer, merchant)
    return _result(merchant, fields, "PROCESSING")


def abnormal_request(
    merchant: Merchant, refund_num: str, refund_id: str, moment: Moment
) -> WireRequest:
    """Raises NotOffered: API v2 has no such call."""
    raise NotOffered(
        "API v2 cannot do this: handle the refund on WeChat's merchant platform (abnormal refunds)."
    )


def read_abnormal(answer: WireAnswer, merchant: Merchant, proof: Proof) -> RefundResult:
    """As `abnormal_request`."""
    raise NotOffered


def refund_query_request(merchant: Merchant, refund_num: str, moment: Moment) -> WireRequest:
    return calls.request(
        QUERY_PATH, {**_about(merchant, moment), "out_refund_no": refund_num}, merchant
    )


def read_refund_query(
    answer: WireAnswer, merchant: Merchant, refund_num: str, proof: Proof
) -> RefundResult:
    """The one refund among those that WeChat lists."""
    fields = calls.read_answer(answer, merchant)
    for result in _numbered(fields, merchant):
        if result.refund_num == refund_num:
            return result
    raise WeChatUntrusted("WeChat's answer is about other refunds than was asked about.")


def refund_list_request(
    merchant: Merchant, transaction_id: str, offset: int, moment: Moment
) -> WireRequest:
    """Ask for all refunds of a transaction, whoever made them, from the one at `offset` on."""
    fields = {**_about(merchant, moment), "transaction_id": transaction_id}
    asked = {**fields, "offset": str(offset)} if offset else fields
    return calls.request(QUERY_PATH, asked, merchant)


def read_refund_list(answer: WireAnswer, merchant: Merchant, transaction_id: str) -> ListedRefunds:
    """One page of them. Raises WeChatRefused (REFUNDNOTEXIST: the transaction has none) or
    WeChatUntrusted."""
    fields = calls.read_answer(answer, merchant)
    if fields.get("transaction_id") != transaction_id:
        raise WeChatUntrusted("WeChat's answer is about another payment than was asked about.")
    found = _numbered(fields, merchant)
    total = fields.get("total_refund_count", "")
    return ListedRefunds(found, int(total) if _COUNT.fullmatch(total) else len(found))


def _numbered(fields: Mapping[str, str], merchant: Merchant) -> list[RefundResult]:
    """The refunds of an answer, in its order; their fields end in `_0`, `_1`, …"""
    shared = {n: fields[n] for n in ("total_fee", "transaction_id", "out_trade_no") if n in fields}
    results = []
    for name in fields:
        if found := _NUMBERED.fullmatch(name):
            end = f"_{found[1]}"
            own = {n.removesuffix(end): v for n, v in fields.items() if n.endswith(end)}
            results.append(_result(merchant, {**shared, **own}, own.get("refund_status")))
    return results


def _about(merchant: Merchant, moment: Moment) -> dict[str, str]:
    return {
        "appid": merchant.app_id,
        "mch_id": merchant.mch_id,
        "nonce_str": moment.nonce,
        "sign_type": merchant.sign_type,
    }


def _result(merchant: Merchant, fields: Mapping[str, str], said: str | None) -> RefundResult:
    at = fields.get("refund_success_time")
    return result_of(fields, merchant, merchant, merchant.mch_id, said, at, proven=True)


def result_of(
    fields: Mapping[str, str],
    signer: Merchant,
    merchant: Merchant | None,
    mch_id: str | None,
    said: str | None,
    succeeded_at: str | None,
    *,
    proven: bool,
) -> RefundResult:
    """Put what is said of one refund, in an answer or a notify, into our words."""
    return RefundResult(
        signer=signer,
        merchant=merchant,
        mch_id=mch_id,
        refund_num=fields.get("out_refund_no") or None,
        refund_id=fields.get("refund_id") or None,
        order_num=fields.get("out_trade_no") or None,
        transaction_id=fields.get("transaction_id") or None,
        status=STATES.get(said or ""),
        said=said,
        total_text=fields.get("total_fee"),
        refund_text=fields.get("refund_fee"),
        succeeded_at=refund_time(succeeded_at),
        proven=proven,
    )


def refund_time(text: str | None) -> datetime | None:
    """Read WeChat's `yyyy-MM-dd HH:mm:ss` (UTC+8) as UTC; None for what is not a time."""
    try:
        local = datetime.strptime(text or "", "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
