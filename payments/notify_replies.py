"""What WeChat is told: one table from what came to the answer and the kind of alert.

SUCCESS means "recorded for good, nothing left to decide". FAIL means "not booked, or not
proven": WeChat comes again for 24 hours, and a cause that is mended meanwhile heals by itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from payments.v2 import wire


class AlertKind(StrEnum):
    AMOUNT_MISMATCH = "amount_mismatch"
    NEGATIVE_TOTAL = "negative_total"
    ILLEGAL_TRANSITION = "illegal_transition"
    MISSING_ORDER = "missing_order"
    BAD_SIGNATURE = "bad_signature"
    FOREIGN_MERCHANT = "foreign_merchant"
    REFUND_ANOMALY = "refund_anomaly"
    RECONCILE_GAP = "reconcile_gap"
    SYSTEM = "system"


class Severity(StrEnum):
    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


SEVERITY: dict[AlertKind, Severity] = {
    AlertKind.AMOUNT_MISMATCH: Severity.CRITICAL,
    AlertKind.NEGATIVE_TOTAL: Severity.CRITICAL,
    AlertKind.ILLEGAL_TRANSITION: Severity.HIGH,
    AlertKind.MISSING_ORDER: Severity.HIGH,
    AlertKind.BAD_SIGNATURE: Severity.HIGH,
    AlertKind.FOREIGN_MERCHANT: Severity.CRITICAL,
    AlertKind.REFUND_ANOMALY: Severity.HIGH,
    AlertKind.RECONCILE_GAP: Severity.HIGH,
    AlertKind.SYSTEM: Severity.MEDIUM,
}


class Outcome(StrEnum):
    """What a notify turned out to be."""

    BOOKED = "booked"
    DUPLICATE = "duplicate"
    NOT_SUCCESSFUL = "not_successful"
    UNREADABLE = "unreadable"
    INCOMPLETE = "incomplete"
    UNPROVEN = "unproven"
    THROTTLED = "throttled"
    FOREIGN_MERCHANT = "foreign_merchant"
    MISSING_ORDER = "missing_order"
    NEGATIVE_TOTAL = "negative_total"
    AMOUNT_MISMATCH = "amount_mismatch"
    ILLEGAL_TRANSITION = "illegal_transition"
    BUSY = "busy"
    PROBE = "probe"
    IGNORED = "ignored"
    REFUND_TAKEN = "refund_taken"
    REFUND_REPEATED = "refund_repeated"
    REFUND_UNKNOWN = "refund_unknown"
    REFUND_MISMATCH = "refund_mismatch"
    REFUND_EXCESS = "refund_excess"


@dataclass(frozen=True)
class Answer:
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

_A = AlertKind

ANSWERS: dict[Outcome, Answer] = {
    Outcome.BOOKED: Answer(True, "OK"),
    Outcome.DUPLICATE: Answer(True, "OK"),
    Outcome.NOT_SUCCESSFUL: Answer(True, "OK"),
    Outcome.IGNORED: Answer(True, "OK"),
    Outcome.UNREADABLE: Answer(False, _UNREADABLE, None, 400),
    Outcome.INCOMPLETE: Answer(False, _UNREADABLE, _A.SYSTEM, 400),
    Outcome.UNPROVEN: Answer(False, _UNPROVEN, _A.BAD_SIGNATURE, 401),
    Outcome.PROBE: Answer(False, _UNPROVEN, None, 401),
    Outcome.THROTTLED: Answer(False, _UNPROVEN, _A.BAD_SIGNATURE, 429, 429, 60),
    Outcome.FOREIGN_MERCHANT: Answer(False, _ABNORMAL, _A.FOREIGN_MERCHANT, 409),
    Outcome.MISSING_ORDER: Answer(False, _ABNORMAL, _A.MISSING_ORDER, 409),
    Outcome.NEGATIVE_TOTAL: Answer(False, _ABNORMAL, _A.NEGATIVE_TOTAL, 409),
    Outcome.AMOUNT_MISMATCH: Answer(False, _ABNORMAL, _A.AMOUNT_MISMATCH, 409),
    Outcome.ILLEGAL_TRANSITION: Answer(False, _ABNORMAL, _A.ILLEGAL_TRANSITION, 409),
    Outcome.REFUND_TAKEN: Answer(True, "OK"),
    Outcome.REFUND_REPEATED: Answer(True, "OK"),
    Outcome.REFUND_UNKNOWN: Answer(False, _ABNORMAL, _A.REFUND_ANOMALY, 409),
    Outcome.REFUND_MISMATCH: Answer(False, _ABNORMAL, _A.REFUND_ANOMALY, 409),
    Outcome.REFUND_EXCESS: Answer(True, "OK", _A.REFUND_ANOMALY),
    Outcome.BUSY: Answer(False, _ABNORMAL, None, 503, 503, 5),
}
