"""One case of every cause, made by what raises it in the product; holds no test itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from models import Complaint
from payments.alert_kinds import AlertKind
from payments.causes import Cause
from payments.errors import Busy, WeChatRefused, WeChatUnreachable, WeChatUntrusted
from payments.merchant import Api, Merchant
from payments.notify_replies import REPLIES
from payments.payment_result import PaymentResult
from payments.payment_rules import OrderFacts, Verdict, judge
from payments.refund import RefundResult, RefundStatus, answer_meaning
from payments.refund_rules import RefundFacts, RefundVerdict, judge_refund
from payments.states import OrderStatus
from payments.v3.notify import ComplaintNews
from services.alerts.cases import Finding
from services.alerts.detectors import (
    OURS,
    WECHATS,
    Figures,
    Observation,
    ending,
    failing,
    late,
    refused,
    silent,
)
from services.alerts.outbox import unsent
from services.alerts.refusals import PrepayRefusal, refusal_rows
from services.alerts.rules import KNOBS
from services.alerts.sign_in_watch import sign_in_attack
from services.alerts.standstill import WAITS
from services.bills.bill_cases import differing, not_there
from services.checks.clock_watch import ClockDoubt, observation
from services.checks.file_watch import file_gone
from services.checks.future_times import times_ahead
from services.checks.past_times import times_behind
from services.complaints.deadlines import deadline_finding
from services.complaints.poll_ops import DuePoll, FailedPoll, unread
from services.complaints.told import complained
from services.notify.unreadable import unreadable
from services.notify.unverified import SIGNATURE_CAUSES, UnverifiedMessage
from services.refunds.approvals import WaitingApproval
from services.refunds.refund_call_ops import NotedAnswer, not_taken
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS
from services.runtime.counters import (
    DELAY_BUCKETS,
    FAILED_COUNT,
    PAID_COUNT,
    REFUSED_COUNT,
    TOLD_COUNT,
)
from services.views.search_watch import BUCKET_MS, burst
from services.wechat.call_failures import (
    MISCONFIGURED,
    NO_WORD,
    finding_of,
    refusing,
    unconfigured,
    unfinished_refund,
    unlisted_refund,
    vanished,
)

SHOP = Merchant("wx8888888888888888", "1900000109", "k" * 32)
ORDER = OrderFacts("ORDER-1", 8800, OrderStatus.WAIT_PAY, SHOP.app_id, SHOP.mch_id)
PAYMENT = PaymentResult(
    signer=SHOP,
    merchant=SHOP,
    app_id=SHOP.app_id,
    mch_id=SHOP.mch_id,
    result="SUCCESS",
    order_num="ORDER-1",
    transaction_id="4200000000000000000000000001",
    amounts={"total_fee": "8800"},
    currency="CNY",
    open_id=None,
    trade_type="JSAPI",
    paid_at=None,
)
S = RefundStatus
REFUND = RefundFacts("RF-000001", "ORDER-1", "4200001", SHOP.mch_id, 8800, 800, S.PROCESSING)
RESULT = RefundResult(
    SHOP, SHOP, SHOP.mch_id, "RF-000001", "5001", "ORDER-1", "4200001", S.SUCCESS, "SUCCESS",
    "8800", "800",
)  # fmt: skip


CLOCK = (Cause.CLOCK_OFF, Cause.CLOCK_OFF_DATABASE, Cause.CLOCK_WENT_BACK, Cause.CLOCK_JUMPED)


def payments() -> Iterator[Verdict]:
    """A payment refused for each cause that the rules of money know."""

    def told(**changes: Any) -> PaymentResult:
        return PAYMENT._replace(**changes)

    paid = ORDER._replace(status=OrderStatus.PAID, transaction_id="4200002")
    yield judge(ORDER, told(merchant=None, mch_id="1900000999"))
    yield judge(ORDER, told(merchant=None, app_id="wx0000000000000000"))
    yield judge(ORDER._replace(mch_id="1900000110"), PAYMENT)
    yield judge(ORDER._replace(app_id="wx9999999999999999"), PAYMENT)
    yield judge(ORDER, told(sub_mch_id="1900000555"))
    yield judge(ORDER, told(result="MAYBE"))
    yield judge(ORDER, told(transaction_id=None))
    yield judge(ORDER, told(too_large=True))
    yield judge(None, PAYMENT)
    for total in ("-500", "1", "8801", "12a"):
        yield judge(ORDER, told(amounts={"total_fee": total}))
    yield judge(ORDER, told(amounts={}))
    yield judge(ORDER, told(currency="USD"))
    yield judge(ORDER, PAYMENT, "ORDER-2")
    yield judge(paid, PAYMENT)
    yield judge(ORDER._replace(status=OrderStatus.CLOSED), PAYMENT)
    yield judge(ORDER, PAYMENT, given_back=True)
    paid_at = datetime(2024, 1, 1, 4, tzinfo=UTC)
    yield judge(ORDER._replace(created_at=1_790_000_000_000), told(paid_at=paid_at))


def refunds() -> Iterator[RefundVerdict]:
    """A refund result that needs a person, for each cause that the rules of refunds know."""

    def told(**changes: Any) -> RefundResult:
        return replace(RESULT, **changes)

    yield judge_refund(REFUND, told(merchant=None, mch_id="1900000999"))
    yield judge_refund(None, RESULT)
    yield judge_refund(REFUND, told(order_num="ORDER-2"))
    yield judge_refund(REFUND, told(transaction_id="4200002"))
    for refund in ("-1", "801", "799", "eight"):
        yield judge_refund(REFUND, told(refund_text=refund))
    yield judge_refund(REFUND, told(total_text="8900"))
    yield judge_refund(REFUND, told(status=None, said="MAYBE"))
    yield judge_refund(replace(REFUND, status=S.SUCCESS), told(status=S.CLOSED, said="CLOSED"))
    yield judge_refund(REFUND, told(status=S.ABNORMAL, said="ABNORMAL"))
    yield judge_refund(replace(REFUND, others_fen=8800), RESULT)
    yield judge_refund(replace(REFUND, status=S.CLOSED), RESULT)
    yield judge_refund(REFUND, told(status=S.CLOSED, said="CLOSED"), S.SUCCESS)
    taken = told(status=S.PROCESSING, said="PROCESSING")
    yield judge_refund(replace(REFUND, status=S.REFUSED), taken)


def calls() -> Iterator[Finding | None]:
    """What failed calls to WeChat raise."""
    for code in MISCONFIGURED:
        for api in Api:
            yield finding_of(WeChatRefused(code, "不行"), replace(SHOP, api=api))
    for code, words in (("FAIL", "invalid spbill_create_ip"), ("RULE_LIMIT", "收款功能已被限制")):
        yield finding_of(WeChatRefused(code, words, request_id="08F2"), SHOP)
    for doubt in ("signature", "unknown_serial", "client_certificate", "own_key", "certificate"):
        yield finding_of(WeChatUntrusted(doubt=doubt), SHOP)
    yield finding_of(WeChatUntrusted(doubt="odd_state", claimed=("PAID_LATER", None)), SHOP)
    for claimed in (("1900000999", SHOP.app_id), (SHOP.mch_id, "wx0000000000000000")):
        yield finding_of(WeChatUntrusted(doubt="foreign", claimed=claimed), SHOP)
    yield finding_of(Busy(), SHOP)
    yield finding_of(WeChatUnreachable(), SHOP, NO_WORD)
    yield refusing(WeChatRefused("SYSTEMERROR", "系统繁忙"), SHOP, NO_WORD)
    yield unconfigured(SHOP.mch_id)
    yield unfinished_refund("RF-000001", "ORDER-1", S.PROCESSING)
    yield vanished("RF-000001", "ORDER-1")
    yield unlisted_refund("4200000000000000000000000001", "ORDER-1")
    for code in ("NOTENOUGH", "USER_ACCOUNT_ABNORMAL", "RULE_LIMIT", "ERROR"):
        cure = answer_meaning(Api.V2, WeChatRefused(code, "不行")).cure
        yield not_taken(
            "RF-000001", "ORDER-1", 800, NotedAnswer("RF-000001", code, code, "不行", cure)
        )


def observed() -> Iterator[Finding]:
    """What the monitor and the outbox raise."""
    now, values = 20_000 * DAY_MS, {name: knob.default for name, knob in KNOBS.items()}

    def figures(**minutes: int) -> Figures:
        return Figures({(name, now - MINUTE_MS): n for name, n in minutes.items()}, None, {}, {})

    busy = {(n, now - m * MINUTE_MS): 5 for m in range(11, 70) for n in (PAID_COUNT, TOLD_COUNT)}
    yield late(values, figures(**{DELAY_BUCKETS[-2]: 20}), now).finding()
    for wait in WAITS:
        given = {"count": 3, "minutes": 70}
        yield Observation(wait.name, wait.subject, wait.cause, 1, "3", given).finding()
    yield silent(values, Figures(busy, None, {}, {}), now, 0).finding()
    yield silent(values, figures(**{PAID_COUNT: 3}), now, now - HOUR_MS).finding()
    yield failing(values, figures(**{PAID_COUNT: 13, FAILED_COUNT: 7}), now).finding()
    latest = PrepayRefusal("RULE_LIMIT", refusal_rows("RULE_LIMIT", "受限", None, "08F2"))
    yield refused(replace(figures(**{REFUSED_COUNT: 9}), refusal=latest), now).finding()
    for whose in (WECHATS, OURS):
        yield ending(values, whose, SHOP.mch_id, now + 9 * DAY_MS, now).finding()
    yield unsent("wecombot-0123abcd", "http_500")
    yield complained(ComplaintNews(SHOP, "COMPLAINT.CREATE", "2002", "CREATE_COMPLAINT", ""), "n1")
    complaint = Complaint(
        complaint_id="2002",
        mch_id=SHOP.mch_id,
        state="PENDING",
        reply_due_at=now,
        finish_due_at=now,
    )
    for told in ("reply.high", "waits.high", "finish.high", "finish.overdue"):
        yield deadline_finding(complaint, told)
    yield unread(FailedPoll(DuePoll(SHOP.mch_id, "", "", 0, 0, 3), WeChatUnreachable()))
    yield unreadable("198.51.100.0/24")
    yield unreadable("198.51.100.0/24", Cause.NOTIFIES_TOO_LARGE)
    yield file_gone("data/paywatch.db")
    yield from (observation("shop-1", ClockDoubt(cause, 301_000)).finding() for cause in CLOCK)
    yield times_ahead(3, 8 * HOUR_MS)
    yield times_behind(3, 8 * HOUR_MS)
    yield burst("bob", 60, BUCKET_MS)
    yield sign_in_attack("bob", 20)
    yield differing(SHOP.mch_id, "2026-11-23", "missing_here", 4)
    yield not_there(SHOP.mch_id, "2026-11-23", "bill_being_made")
    yield WaitingApproval("approval of refund 1", "ORDER-1", 880_000, "alice").finding()
    yield WaitingApproval("approval of refund 2", "ORDER-1", 880_000, "api key shop").finding()


def findings() -> list[Finding]:
    """All of them but the unsigned notifies, each with a case of its own."""
    judged = [
        Finding(
            REPLIES[verdict.outcome].alert or AlertKind.REFUND_ANOMALY,
            "ORDER-1",
            "ORDER-1",
            cause,
            verdict.expected,
            verdict.actual,
            verdict.fields,
            verdict.values,
            event_data={"amountFen": 8800},
        )
        for verdict in (*payments(), *refunds())
        if (cause := verdict.cause)
    ]
    called = [finding for finding in calls() if finding]
    about_us = [
        Finding(AlertKind.SYSTEM, "redis", None, Cause.REDIS_AWAY, None, "away"),
        Finding(
            AlertKind.SYSTEM, "wechat keys", None, Cause.WECHAT_KEY_MISSING, None,
            "wechat_unreachable", (), {"account": "1900****09"},
        ),
    ]  # fmt: skip
    everything = (*judged, *called, *observed(), *about_us)
    return [replace(found, subject=f"{n} {found.subject}") for n, found in enumerate(everything)]


def forgeries() -> list[UnverifiedMessage]:
    """A notify of its own network for each way in which a signature proves nothing."""
    return [
        UnverifiedMessage(f"10.0.{n}.0/24", reason, b"", 1_790_000_000_000, f"forged-{reason}")
        for n, reason in enumerate(SIGNATURE_CAUSES)
    ]
