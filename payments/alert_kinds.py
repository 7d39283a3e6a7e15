"""The kinds of alert cases and how severe each is by default."""

from __future__ import annotations

from enum import StrEnum


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
    COMPLAINT = "complaint"


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
    AlertKind.COMPLAINT: Severity.HIGH,
}
