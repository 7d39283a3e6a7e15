"""The replies to WeChat: one table from the outcome to the answer and the alert kind.

SUCCESS means "recorded for good, nothing left to decide". FAIL means "not booked, or not proven":
WeChat comes again for 24 hours, and a cause that is mended meanwhile heals by itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property

from payments.alert_kinds import AlertKind
from payments.outcomes import Outcome
from payments.v2 import wire


@dataclass(frozen=True, eq=False)
class NotifyReply:
    """`words` goes into return_msg. On API v2 the XML says it all, with `http_status`; on API v3
    the status alone counts (`v3_status`). `retry_after_s` is said where the sender is to wait."""

    success: bool
    words: str
    alert: AlertKind | None = None
    v3_status: int = 200
    http_status: int = 200
    retry_after_s: int | None = None

    @cached_property
    def xml(self) -> bytes:
        """API v2's answer: `return_code` and `return_msg`, unsigned."""
        code = "SUCCESS" if self.success else "FAIL"
        return wire.write({"return_code": code, "return_msg": self.words})

    @cached_property
    def json(self) -> bytes:
        """API v3's answer, for people: WeChat reads the status."""
        said = {"code": "SUCCESS" if self.success else "FAIL", "message": self.words}
        return json.dumps(said, ensure_ascii=False).encode()


_ABNORMAL = "订单支付异常"
_UNREADABLE = "报文错误"
_UNPROVEN = "签名验证失败"

REPLIES: dict[Outcome, NotifyReply] = {
    Outcome.BOOKED: NotifyReply(True, "OK"),
    Outcome.DUPLICATE: NotifyReply(True, "OK"),
    Outcome.NOT_SUCCESSFUL: NotifyReply(True, "OK"),
    Outcome.IGNORED: NotifyReply(True, "OK"),
    Outcome.UNREADABLE: NotifyReply(False, _UNREADABLE, None, 400),
    Outcome.INCOMPLETE: NotifyReply(False, _UNREADABLE, AlertKind.SYSTEM, 400),
    Outcome.UNPROVEN: NotifyReply(False, _UNPROVEN, AlertKind.BAD_SIGNATURE, 401),
    Outcome.PROBE: NotifyReply(False, _UNPROVEN, None, 401),
    Outcome.THROTTLED: NotifyReply(False, _UNPROVEN, AlertKind.BAD_SIGNATURE, 429, 429, 60),
    Outcome.FOREIGN_MERCHANT: NotifyReply(False, _ABNORMAL, AlertKind.FOREIGN_MERCHANT, 409),
    Outcome.MISSING_ORDER: NotifyReply(False, _ABNORMAL, AlertKind.MISSING_ORDER, 409),
    Outcome.NEGATIVE_TOTAL: NotifyReply(False, _ABNORMAL, AlertKind.NEGATIVE_TOTAL, 409),
    Outcome.AMOUNT_MISMATCH: NotifyReply(False, _ABNORMAL, AlertKind.AMOUNT_MISMATCH, 409),
    Outcome.ILLEGAL_TRANSITION: NotifyReply(False, _ABNORMAL, AlertKind.ILLEGAL_TRANSITION, 409),
    Outcome.REFUND_TAKEN: NotifyReply(True, "OK"),
    Outcome.REFUND_REPEATED: NotifyReply(True, "OK"),
    Outcome.REFUND_UNKNOWN: NotifyReply(False, _ABNORMAL, AlertKind.REFUND_ANOMALY, 409),
    Outcome.REFUND_MISMATCH: NotifyReply(False, _ABNORMAL, AlertKind.REFUND_ANOMALY, 409),
    Outcome.REFUND_EXCESS: NotifyReply(True, "OK", AlertKind.REFUND_ANOMALY),
    Outcome.BUSY: NotifyReply(False, _ABNORMAL, None, 503, 503, 5),
}
