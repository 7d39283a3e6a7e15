"""What to tell a customer about an order, from its facts and its explanation. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from payments.refund import UNDER_WAY, RefundStatus
from services.runtime.clock import CHINA_OFFSET_MS
from services.settlement.refund_store import RefundView
from services.views.customer.sentence_rows import CHINESE, ENGLISH, Head, Sentence
from services.views.customer.sentences import COMPLAINT, ROWS
from services.views.explain_facts import ExplainFacts, Explanation

LANGUAGES = (CHINESE, ENGLISH)
_GREETINGS = {CHINESE: "您好，", ENGLISH: "Hello. "}
_VERIFY = {
    CHINESE: ("我们会在 {time} 再向微信核实", "我们正在向微信核实"),
    ENGLISH: ("we ask WeChat Pay again at {time}", "we are asking WeChat Pay"),
}
"""With the time of the next query, and without one."""
_GONE = {
    CHINESE: ("已于 {time} 原路退回", "已经原路退回"),
    ENGLISH: ("was refunded the way it came at {time}", "has been refunded the way it came"),
}
_REPLY = {
    CHINESE: ("最迟 {time} 前回复您", "我们会尽快回复您"),
    ENGLISH: ("We reply by {time}", "We reply as soon as we can"),
}
"""Until the reply is due, and after that."""
_RETURN_STEPS = {RefundStatus.PROCESSING: "refunding", RefundStatus.ABNORMAL: "stuck"}
"""By the refund of a payment on no order; before WeChat has taken it, it is only sent."""


@dataclass(frozen=True)
class CustomerWords:
    """The state in two words, and the sentence, by language."""

    head: Head
    sentences: dict[str, Sentence]

    def texts(self) -> dict[str, str]:
        """By language, with a greeting: for a chat."""
        return {
            language: f"{_GREETINGS[language]}{_joined(language, sentence)}"
            for language, sentence in self.sentences.items()
        }


def customer_words(facts: ExplainFacts, why: Explanation) -> CustomerWords:
    """`why` is the explanation of these facts."""
    row = next(ROWS[key] for key in _keys(facts, why) if key in ROWS)
    sentences = {}
    for language in LANGUAGES:
        values = _values(facts, why, language)
        sentence = _filled(row.of(language), values)
        if facts.complaint:
            beside = _filled(COMPLAINT.of(language), values)
            told = _joined(language, sentence)
            sentence = Sentence(told, _joined(language, beside))
        sentences[language] = sentence
    return CustomerWords(row.head, sentences)


def _keys(facts: ExplainFacts, why: Explanation) -> tuple[str, ...]:
    code = why.code
    if code == "amount_mismatch" and why.expected == "CNY" and isinstance(why.actual, str):
        code = "currency_differs"  # an amount in another currency is no other amount
    steps = (_step(facts, why), why.next)
    return (*(f"{code}.{step}" for step in steps if step), code)


def _step(facts: ExplainFacts, why: Explanation) -> str | None:
    if why.receipt_state != "refunding":
        return why.receipt_state
    back = _refund_back(facts, why)
    return _RETURN_STEPS.get(back.status, "sent") if back else "sent"


def _refund_back(facts: ExplainFacts, why: Explanation) -> RefundView | None:
    """The refund of the payment on no order: one that is under way, else the newest."""
    own = [each for each in facts.refunds if why.receipt_id and each.receipt_id == why.receipt_id]
    return next((each for each in own if each.status in UNDER_WAY), next(iter(own), None))


def _refund(facts: ExplainFacts, why: Explanation) -> RefundView | None:
    named = (each for each in facts.refunds if each.refund_num == why.refund_num)
    return next(named, None) or _refund_back(facts, why)


def _values(facts: ExplainFacts, why: Explanation, language: str) -> dict[str, str]:
    order, now = facts.order, facts.now
    refund, complaint = _refund(facts, why), facts.complaint
    due = facts.refund_asks.get(refund.refund_num) if refund else facts.ask_at
    taken = (refund.accepted_at or refund.updated_at) if refund else None
    reply_due = complaint.reply_due_at if complaint else 0
    verify = _timed(_VERIFY[language], due if due and due > now else None, now)
    gone = _timed(_GONE[language], refund.succeeded_at if refund else None, now)
    return {
        "amount": money_text(order.total_fen),
        "money": money_text(order.total_fen if why.amount_fen is None else why.amount_fen),
        "refunded": money_text(order.refunded_fen),
        "created": minute(order.created_at, now),
        "paid": minute(order.wechat_paid_at or order.paid_at, now),
        "expires": minute(order.expires_at, now),
        "time": minute(_ms(why.at), now),
        "asked": minute(refund.created_at if refund else None, now),
        "taken": minute(taken, now),
        "gone": gone,
        "verify": verify,
        "Verify": verify[:1].upper() + verify[1:],
        "complained": minute(complaint.made_at if complaint else None, now),
        "reply": _timed(_REPLY[language], reply_due if reply_due > now else None, now),
    }


def _timed(texts: tuple[str, str], at: int | None, now: int) -> str:
    return texts[0].format(time=minute(at, now)) if at else texts[1]


def _filled(sentence: Sentence, values: dict[str, str]) -> Sentence:
    return Sentence(*(part.format(**values) for part in sentence))


def _joined(language: str, sentence: Sentence) -> str:
    return (" " if language == ENGLISH else "").join(part for part in sentence if part)


def money_text(fen: int) -> str:
    """`¥1,280.50`."""
    return f"¥{fen // 100:,}.{fen % 100:02d}"


def _ms(at: str | None) -> int | None:
    return int(datetime.fromisoformat(at).timestamp() * 1000) if at else None


def minute(at: int | None, now: int) -> str:
    """A time (ms) in China. Minutes are enough for a customer, and the year where it is not this
    one."""
    if at is None:
        return "—"
    then, today = (datetime.fromtimestamp((ms + CHINA_OFFSET_MS) / 1000, UTC) for ms in (at, now))
    return f"{then:%m-%d %H:%M}" if then.year == today.year else f"{then:%Y-%m-%d %H:%M}"
