"""Signs that something goes wrong which no single payment shows, judged from counts: pure, so that
each is a table of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from payments.alert_kinds import AlertKind, Severity
from payments.masking import mask_mch_id
from payments.payment_rules import Compared
from services.alerts.cases import Finding
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
from services.runtime.counters import DELAY_BUCKETS, FAILED_COUNT, PAID_COUNT, TOLD_COUNT, p95

WINDOW_MS = 5 * MINUTE_MS
FEWEST_DELAYS = 10
"""So many payments in the window say something about how late notifies are."""
EXPECTED = 20
"""So many payments must be usual in a time without any: chance then makes such a gap once in
hundreds of millions."""
EXPECTED_TODAY = 5
FOUND = 3
"""So many payments that were found by asking, while no notify came, need no comparison."""


@dataclass(frozen=True)
class Observation:
    """How one thing is: 0 is well, None is not known; a level above the one before raises its
    case."""

    name: str
    subject: str
    level: int | None
    rule: str = ""
    actual: str = ""
    at_least: Severity = Severity.LOW

    def finding(self) -> Finding:
        return Finding(
            AlertKind.SYSTEM,
            self.subject,
            None,
            self.rule,
            None,
            self.actual,
            (Compared(self.subject, None, self.actual, False),),
            event_data={"message": self.rule},
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

    def sum(self, names: Sequence[str], start: int, end: int) -> int:
        return sum(
            value
            for (name, at), value in self.minutes.items()
            if name in names and start <= at < end
        )


def late(values: Values, figures: Figures, now: int) -> Observation:
    limit = values[LATE_MS]
    name, subject = "watch_late", "notify delay"
    if not limit:
        return Observation(name, subject, 0)
    start = now // MINUTE_MS * MINUTE_MS - WINDOW_MS
    delays = {bucket: figures.sum((bucket,), start, now + 1) for bucket in DELAY_BUCKETS}
    if sum(delays.values()) < FEWEST_DELAYS:
        return Observation(name, subject, None)
    found = p95(delays) or 0
    actual = f"{found / 1000:.1f} s"
    rule = (
        f"近 5 分钟通知延迟 P95 {actual}，超过 {limit / 1000:.1f} s："
        "看服务器负载和网络；持续 10 分钟请联系微信支付。"
        f" · Notify p95 is {actual} over five minutes, the limit {limit / 1000:.1f} s:"
        " check load and network; if it goes on for ten minutes, ask WeChat Pay."
    )
    return Observation(name, subject, int(found > limit), rule, actual)


def silent(values: Values, figures: Figures, now: int, since: int) -> Observation:
    """No notify, although there are payments, or there usually are at this time. An idle shop is
    never suspected, nor is the time before we were started."""
    minutes = values[SILENT_MINUTES]
    name, subject = "watch_silence", "no notify"
    if not minutes:
        return Observation(name, subject, 0)
    start = now // MINUTE_MS * MINUTE_MS - minutes * MINUTE_MS
    if now - since < minutes * MINUTE_MS:
        return Observation(name, subject, None)
    end = now + 1
    if figures.sum((TOLD_COUNT, FAILED_COUNT), start, end):
        return Observation(name, subject, 0)
    found = figures.sum((PAID_COUNT,), start, end)
    today = figures.sum((PAID_COUNT, FAILED_COUNT), start - HOUR_MS, start) * minutes / 60
    usual = today if figures.usual is None else figures.usual * minutes / 60
    is_odd = usual >= EXPECTED and today >= EXPECTED_TODAY
    if not (found >= FOUND or is_odd):
        return Observation(name, subject, None)
    why_zh = f"其间查单找到 {found} 笔付款" if found else f"平时这段时间约 {usual:.0f} 笔"
    why = f"{found} payments were found by asking" if found else f"usual are about {usual:.0f}"
    rule = (
        f"已 {minutes} 分钟没有任何通知，{why_zh}："
        "检查域名、证书、防火墙；待支付订单会自动查单。"
        f" · No notify for {minutes} min; {why}: check address, TLS and firewall"
        " (`paywatch check`). Open orders are asked about by themselves."
    )
    return Observation(name, subject, 1, rule, f"{minutes} min", Severity.HIGH)


def failing(values: Values, figures: Figures, now: int) -> Observation:
    limit = values[SUCCESS_PERCENT]
    name, subject = "watch_success", "success rate"
    if not limit:
        return Observation(name, subject, 0)
    start = now // MINUTE_MS * MINUTE_MS - WINDOW_MS
    paid = figures.sum((PAID_COUNT,), start, now + 1)
    failed = figures.sum((FAILED_COUNT,), start, now + 1)
    if paid + failed < values[SUCCESS_PAYMENTS]:
        return Observation(name, subject, None)
    actual = f"{paid * 100 / (paid + failed):.0f}%"
    rule = (
        f"近 5 分钟成功率 {actual}（{paid} 笔成功，{failed} 笔失败），低于 {limit}%："
        "看失败原因分布。"
        f" · Success is {actual} over five minutes ({paid} paid, {failed} failed), below {limit}%:"
        " see the reasons of the failures."
    )
    return Observation(
        name, subject, int(paid * 100 < limit * (paid + failed)), rule, actual, Severity.HIGH
    )


@dataclass(frozen=True)
class _Certificate:
    """`zh` and `en` say what ends with it, and what to do."""

    name: str
    zh: str
    en: str


WECHATS = _Certificate(
    "wechat",
    "商户号 {account} 的微信平台证书 {days} 天后到期，到期后通知都会验签失败："
    "确认服务器能取到新证书，或换用微信支付公钥。",
    "WeChat's platform certificate of account {account} ends in {days} days, and with it the proof"
    " of every notify: see that the next one can be fetched, or use WeChat's public key.",
)
OURS = _Certificate(
    "our",
    "商户号 {account} 的商户 API 证书 {days} 天后到期，到期后不能退款："
    "在商户平台换新证书，更新设置后重启。",
    "Our API certificate of account {account} ends in {days} days, and with it refunds: get a new"
    " one on the merchant platform, set it and restart.",
)


def ending(values: Values, what: _Certificate, mch_id: str, end: int, now: int) -> Observation:
    """Of WeChat's it is the newest; WeChat gives the next one weeks before."""
    account = mask_mch_id(mch_id)
    name = f"watch_{what.name}_{mch_id}"[:32]
    subject = f"{what.name} certificate {account}"
    days = max(0, (end - now) // DAY_MS)
    urgent = days <= values[CERTIFICATE_URGENT_DAYS]
    if not values[CERTIFICATE_DAYS] or not (urgent or days <= values[CERTIFICATE_DAYS]):
        return Observation(name, subject, 0)
    given = {"account": account, "days": days}
    rule = f"{what.zh.format(**given)} · {what.en.format(**given)}"
    level, at_least = (2, Severity.HIGH) if urgent else (1, Severity.LOW)
    return Observation(name, subject, level, rule, f"{days} d", at_least)
