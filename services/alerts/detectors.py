"""Signs that something goes wrong which no single payment shows, judged from counts: pure, so that
each is a table of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from payments.alert_kinds import AlertKind, Severity
from payments.causes import Cause, CauseValues
from payments.masking import mask_mch_id
from payments.payment_rules import Compared
from services.alerts.cases import Finding
from services.alerts.refusals import PrepayRefusal
from services.alerts.rules import (
    CERTIFICATE_DAYS,
    CERTIFICATE_URGENT_DAYS,
    LATE_MS,
    SILENT_MINUTES,
    SUCCESS_PAYMENTS,
    SUCCESS_PERCENT,
    Values,
)
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS
from services.runtime.counters import (
    DELAY_BUCKETS,
    FAILED_COUNT,
    PAID_COUNT,
    PREPAY_COUNT,
    REFUSED_COUNT,
    TOLD_COUNT,
    p95,
)

WINDOW_MS = 5 * MINUTE_MS
FEWEST_DELAYS = 10
"""The number of payments in the window that the delay of notifies is judged by."""
EXPECTED = 20
"""The number of payments that must be usual in a silent time; by chance such a gap happens once in
hundreds of millions of times."""
EXPECTED_TODAY = 5
REFUSED_FEW, REFUSED_MANY = 3, 10
"""The number of refused prepays, when all are refused and when most are."""
FOUND = 3
"""The number of payments found by queries, while no notify came, that needs no comparison with a
usual number."""


@dataclass(frozen=True)
class Observation:
    """How one thing is: 0 is well, None is not known; a level above the one before raises its
    case."""

    name: str
    subject: str
    cause: Cause
    level: int | None
    actual: str = ""
    values: CauseValues = field(default_factory=dict)
    at_least: Severity = Severity.LOW
    told: tuple[Compared, ...] = ()
    """Further evidence."""

    def finding(self) -> Finding:
        return Finding(
            AlertKind.SYSTEM,
            self.subject,
            None,
            self.cause,
            None,
            self.actual,
            (Compared(self.subject, None, self.actual, False), *self.told),
            self.values,
            at_least=self.at_least,
        )


@dataclass(frozen=True)
class Figures:
    """`minutes` are counts by name and minute; `usual` what an hour around this moment brought a
    week ago, or a day ago, or None where there was nothing that day."""

    minutes: dict[tuple[str, int], int]
    usual: int | None
    certificates: dict[str, int]
    levels: dict[str, int]
    refusal: PrepayRefusal | None = None

    def sum(self, names: Sequence[str], start: int, end: int) -> int:
        return sum(
            value
            for (name, at), value in self.minutes.items()
            if name in names and start <= at < end
        )


def late(values: Values, figures: Figures, now: int) -> Observation:
    limit = values[LATE_MS]
    about = "watch_late", "notify delay", Cause.NOTIFIES_LATE
    if not limit:
        return Observation(*about, 0)
    start = now // MINUTE_MS * MINUTE_MS - WINDOW_MS
    delays = {bucket: figures.sum((bucket,), start, now + 1) for bucket in DELAY_BUCKETS}
    if sum(delays.values()) < FEWEST_DELAYS:
        return Observation(*about, None)
    found = p95(delays) or 0
    given: CauseValues = {"p95Ms": found, "limitMs": limit}
    return Observation(*about, int(found > limit), f"{found / 1000:.1f} s", given)


def silent(values: Values, figures: Figures, now: int, since: int) -> Observation:
    """No notify, although there are payments, or there usually are at this time. An idle shop is
    never suspected, nor is the time before we were started."""
    minutes = values[SILENT_MINUTES]
    about = "watch_silence", "no notify"
    silence = *about, Cause.NOTIFIES_SILENT
    if not minutes:
        return Observation(*silence, 0)
    start = now // MINUTE_MS * MINUTE_MS - minutes * MINUTE_MS
    if now - since < minutes * MINUTE_MS:
        return Observation(*silence, None)
    end = now + 1
    if figures.sum((TOLD_COUNT, FAILED_COUNT), start, end):
        return Observation(*silence, 0)
    found = figures.sum((PAID_COUNT,), start, end)
    today = figures.sum((PAID_COUNT, FAILED_COUNT), start - HOUR_MS, start) * minutes / 60
    usual = today if figures.usual is None else figures.usual * minutes / 60
    is_odd = usual >= EXPECTED and today >= EXPECTED_TODAY
    if not (found >= FOUND or is_odd):
        return Observation(*silence, None)
    actual = f"{minutes} min"
    if found:
        given = {"minutes": minutes, "found": found}
        return Observation(*about, Cause.NOTIFIES_MISSED, 1, actual, given, Severity.HIGH)
    given = {"minutes": minutes, "usual": round(usual)}
    return Observation(*silence, 1, actual, given, Severity.HIGH)


def failing(values: Values, figures: Figures, now: int) -> Observation:
    limit = values[SUCCESS_PERCENT]
    about = "watch_success", "success rate", Cause.PAYMENTS_FAILING
    if not limit:
        return Observation(*about, 0)
    start = now // MINUTE_MS * MINUTE_MS - WINDOW_MS
    paid = figures.sum((PAID_COUNT,), start, now + 1)
    failed = figures.sum((FAILED_COUNT,), start, now + 1)
    if paid + failed < values[SUCCESS_PAYMENTS]:
        return Observation(*about, None)
    percent = round(paid * 100 / (paid + failed))
    given = {"percent": percent, "paid": paid, "failed": failed, "limitPercent": limit}
    level = int(paid * 100 < limit * (paid + failed))
    return Observation(*about, level, f"{percent}%", given, Severity.HIGH)


def refused(figures: Figures, now: int) -> Observation:
    """WeChat refuses most prepays of the last five minutes, or all few of them, or all of an
    hour in a small shop."""
    about = "watch_prepays", "prepays", Cause.PREPAYS_REFUSED
    end = now + 1
    for span, fewest in (
        (WINDOW_MS, REFUSED_MANY),
        (WINDOW_MS, REFUSED_FEW),
        (HOUR_MS, REFUSED_FEW),
    ):
        start = now // MINUTE_MS * MINUTE_MS - span
        taken = figures.sum((PREPAY_COUNT,), start, end)
        refusals = figures.sum((REFUSED_COUNT,), start, end)
        most = refusals > taken if fewest == REFUSED_MANY else not taken
        if refusals >= fewest and most and (latest := figures.refusal):
            given: CauseValues = {
                "refused": refusals,
                "all": refusals + taken,
                "minutes": span // MINUTE_MS,
                "code": latest.code,
            }
            return Observation(*about, 1, latest.code, given, Severity.HIGH, latest.told)
    recent = figures.sum((PREPAY_COUNT,), now // MINUTE_MS * MINUTE_MS - WINDOW_MS, end)
    return Observation(*about, 0 if recent else None)


WECHATS, OURS = "wechat", "our"
"""The owner of a certificate that expires."""
_ENDS = {WECHATS: Cause.WECHAT_CERTIFICATE_ENDS, OURS: Cause.OUR_CERTIFICATE_ENDS}


def ending(values: Values, whose: str, mch_id: str, end: int, now: int) -> Observation:
    """For WeChat's certificates the newest one; WeChat shows the next one weeks before."""
    account = mask_mch_id(mch_id)
    about = f"watch_{whose}_{mch_id}"[:32], f"{whose} certificate {account}", _ENDS[whose]
    days = max(0, (end - now) // DAY_MS)
    urgent = days <= values[CERTIFICATE_URGENT_DAYS]
    if not values[CERTIFICATE_DAYS] or not (urgent or days <= values[CERTIFICATE_DAYS]):
        return Observation(*about, 0)
    given: CauseValues = {"account": account, "days": days}
    level, at_least = (2, Severity.HIGH) if urgent else (1, Severity.LOW)
    return Observation(*about, level, f"{days} d", given, at_least)
