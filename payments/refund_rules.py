"""The rules of money going back: may this result move this refund, and what is the order then?

`judge_refund` walks the checks in one order, for whatever brings the news (a notify, the answer to
our request, a query): the account is ours → the refund is known, and of that order and
transaction → no negative amount → not more than was paid or asked for → amounts equal → a word
that WeChat has → not a repeat → the state may become that → take.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from payments.cause_sentences import sentence
from payments.causes import Cause, CauseValues
from payments.money import is_negative, parse_fen
from payments.outcomes import Outcome
from payments.payment_rules import Compared, cut, number_or_text
from payments.refund import GIVEN_UP, REFUND_MOVES, UNDER_WAY, RefundResult, RefundStatus
from payments.states import OrderStatus

OVER = frozenset({RefundStatus.SUCCESS, RefundStatus.CLOSED, RefundStatus.REJECTED}) | GIVEN_UP
"""Nothing more is expected of these."""
_BEHIND = {
    RefundStatus.PROCESSING: frozenset(
        {RefundStatus.PROCESSING, RefundStatus.ABNORMAL, RefundStatus.SUCCESS}
    ),
    RefundStatus.ABNORMAL: frozenset({RefundStatus.ABNORMAL, RefundStatus.SUCCESS}),
    RefundStatus.CLOSED: GIVEN_UP,
}
"""No news: PROCESSING tells nothing new of a refund that is further on, as an answer may be
overtaken by its notify; and CLOSED means of a refund that was given up that no money moved."""


@dataclass(frozen=True)
class RefundFacts:
    """The facts of a refund that the rules need. `total_fen` is what was paid with the transaction,
    `others_fen` what other refunds gave back of it, `ended_from` the state in which an admin ended
    this one."""

    refund_num: str
    order_num: str
    transaction_id: str
    mch_id: str
    total_fen: int
    amount_fen: int
    status: RefundStatus
    others_fen: int = 0
    ended_from: RefundStatus | None = None

    @property
    def known(self) -> RefundStatus:
        """What was known of it at WeChat: who ended it while it was ABNORMAL knew that."""
        ended, abnormal = RefundStatus.ENDED, RefundStatus.ABNORMAL
        known = self.status is ended and self.ended_from is abnormal
        return abnormal if known else self.status


@dataclass(frozen=True)
class RefundVerdict:
    """The outcome; `moves_to` where the refund's state changes; `confirm` where WeChat is to be
    asked first, as what came proves too little. A `cause` says that a person must look."""

    outcome: Outcome
    moves_to: RefundStatus | None = None
    confirm: bool = False
    cause: Cause | None = None
    expected: int | str | None = None
    actual: int | str | None = None
    fields: tuple[Compared, ...] = ()
    values: CauseValues = field(default_factory=dict)

    @property
    def rule(self) -> str:
        """The sentence of the cause, or nothing."""
        return sentence(self.cause, self.values) if self.cause else ""


def judge_refund(
    refund: RefundFacts | None, result: RefundResult, claimed: RefundStatus | None = None
) -> RefundVerdict:
    """Decide one refund result. `claimed` is the state that an unproven notify named before, when
    this is the answer to the question about it. Pure: equal input, equal verdict."""
    verdict = (
        _check_account(refund, result)
        or _check_known(refund, result)
        or _check_amounts(refund, result)
        or _check_state(refund, result)
    )
    if claimed and not verdict.cause and result.status is not claimed:
        verdict = replace(
            verdict,
            cause=Cause.REFUND_UNCONFIRMED,
            expected=claimed.value,
            actual=cut(result.said),
        )
    return replace(verdict, fields=_compare(refund, result)) if verdict.cause else verdict


def judge_outside(money: RefundFacts, result: RefundResult) -> RefundVerdict:
    """Decide one report of a refund that we did not ask for. `money` is the payment as the facts
    of a refund that has no amount yet: the amount is WeChat's word, and may not be more than what
    is left of the payment, also while the money is still on its way. Pure."""
    fen = parse_fen(result.refund_text) or 0
    refund = replace(money, amount_fen=fen)
    verdict = judge_refund(refund, result)
    if verdict.moves_to in UNDER_WAY:
        verdict = _exceeds(refund) or verdict
    return replace(verdict, fields=_compare(None, result)) if verdict.cause else verdict


def _check_account(refund: RefundFacts | None, result: RefundResult) -> RefundVerdict | None:
    ours = refund.mch_id if refund else result.signer.mch_id
    theirs = result.merchant.mch_id if result.merchant else None
    if theirs == ours or (theirs and refund is None):
        return None
    named = cut(result.mch_id)
    return RefundVerdict(
        Outcome.FOREIGN_MERCHANT,
        cause=Cause.REFUND_FOREIGN_MCH_ID,
        expected=ours,
        actual=named,
        values={"ours": ours} | ({"wechat": named} if named else {}),
    )


def _check_known(refund: RefundFacts | None, result: RefundResult) -> RefundVerdict | None:
    if refund is None:
        return _unknown(Cause.REFUND_UNKNOWN, None, result.refund_num)
    if result.order_num is not None and result.order_num != refund.order_num:
        return _unknown(Cause.REFUND_OTHER_ORDER, refund.order_num, result.order_num)
    if result.transaction_id is not None and result.transaction_id != refund.transaction_id:
        cause = Cause.REFUND_OTHER_TRANSACTION
        return _unknown(cause, refund.transaction_id, result.transaction_id)
    return None


def _unknown(cause: Cause, ours: str | None, theirs: str | None) -> RefundVerdict:
    return RefundVerdict(Outcome.REFUND_UNKNOWN, cause=cause, expected=ours, actual=cut(theirs))


def _check_amounts(refund: RefundFacts | None, result: RefundResult) -> RefundVerdict | None:
    if refund is None:
        return None
    for text in (result.refund_text, result.total_text):
        if is_negative(text):
            cause = Cause.REFUND_NEGATIVE
            return _amount(Outcome.NEGATIVE_TOTAL, cause, refund.amount_fen, text)
    total, fen = parse_fen(result.total_text), parse_fen(result.refund_text)
    if fen is not None and fen > min(refund.amount_fen, total or refund.total_fen):
        cause = Cause.REFUND_EXCESS
        return _amount(Outcome.REFUND_EXCESS, cause, refund.amount_fen, result.refund_text)
    if fen != refund.amount_fen:
        unreadable = not isinstance(number_or_text(result.refund_text), int)
        cause = Cause.REFUND_AMOUNT_UNREADABLE if unreadable else Cause.REFUND_AMOUNT_DIFFERS
        return _amount(Outcome.REFUND_MISMATCH, cause, refund.amount_fen, result.refund_text)
    if total != refund.total_fen:
        cause = Cause.REFUND_TOTAL_DIFFERS
        return _amount(Outcome.REFUND_MISMATCH, cause, refund.total_fen, result.total_text)
    return None


def _amount(outcome: Outcome, cause: Cause, ours: int, theirs: str | None) -> RefundVerdict:
    return RefundVerdict(outcome, cause=cause, expected=ours, actual=number_or_text(theirs))


def _check_state(refund: RefundFacts | None, result: RefundResult) -> RefundVerdict:
    if refund is None or result.status is None:
        cause = Cause.REFUND_ODD_STATE
        return RefundVerdict(Outcome.REFUND_MISMATCH, cause=cause, actual=cut(result.said))
    before, after = refund.status, result.status
    if after in (before, refund.known) or before in _BEHIND.get(after, ()):
        return RefundVerdict(Outcome.REFUND_REPEATED)
    if not result.proven:
        return RefundVerdict(Outcome.REFUND_TAKEN, confirm=True)
    if after is RefundStatus.SUCCESS or before in GIVEN_UP:
        return _gives_back(refund, after)
    if after not in REFUND_MOVES[before]:
        return RefundVerdict(
            Outcome.REFUND_MISMATCH,
            cause=Cause.REFUND_ILLEGAL_MOVE,
            expected=before.value,
            actual=cut(result.said),
            values={"before": before.value, "after": after.value},
        )
    if after is RefundStatus.ABNORMAL:
        cause = Cause.REFUND_ABNORMAL
        return RefundVerdict(Outcome.REFUND_TAKEN, after, cause=cause, actual=cut(result.said))
    return RefundVerdict(Outcome.REFUND_TAKEN, after)


def _gives_back(refund: RefundFacts, after: RefundStatus) -> RefundVerdict:
    """The money went back, or is on its way with a refund that we had given up: the record says
    so, whatever we believed before; but never that more went back than was paid."""
    if exceeds := _exceeds(refund):
        return exceeds
    if after in REFUND_MOVES[refund.status]:
        return RefundVerdict(Outcome.REFUND_TAKEN, after)
    done = after is RefundStatus.SUCCESS
    return RefundVerdict(
        Outcome.REFUND_TAKEN,
        after,
        cause=Cause.REFUND_AFTER_ALL if done else Cause.REFUND_TAKEN_AFTER_ALL,
        expected=refund.status.value,
        actual=after.value,
        values={"before": refund.status.value},
    )


def _exceeds(refund: RefundFacts) -> RefundVerdict | None:
    """With this refund more went back than was paid."""
    back_fen = refund.others_fen + refund.amount_fen
    if back_fen <= refund.total_fen:
        return None
    return RefundVerdict(
        Outcome.REFUND_EXCESS,
        cause=Cause.REFUNDS_EXCEED_PAYMENT,
        expected=refund.total_fen,
        actual=back_fen,
    )


def _compare(refund: RefundFacts | None, result: RefundResult) -> tuple[Compared, ...]:
    """Every value that decides, ours beside WeChat's."""
    ours = refund or RefundFacts("", "", "", result.signer.mch_id, 0, 0, RefundStatus.REQUESTED)
    total, fen = number_or_text(result.total_text), number_or_text(result.refund_text)
    texts = (
        ("out_refund_no", ours.refund_num, result.refund_num),
        ("out_trade_no", ours.order_num, result.order_num),
        ("transaction_id", ours.transaction_id, result.transaction_id),
        ("refund_status", ours.status.value if refund else "", result.said),
        ("mch_id", ours.mch_id, result.mch_id),
    )
    same = refund is not None and refund.status is result.status
    return (
        *(
            Compared(
                name, mine or None, cut(said), same if name == "refund_status" else mine == said
            )
            for name, mine, said in texts
        ),
        Compared("refund_fee", ours.amount_fen or None, fen, ours.amount_fen == fen),
        Compared("total_fee", ours.total_fen or None, total, ours.total_fen == total),
    )


def status_of_order(
    total_fen: int, refunds: Iterable[tuple[RefundStatus, int]]
) -> tuple[OrderStatus, int]:
    """The state of a paid order by its refunds (state and amount), and the refunded amount."""
    known = list(refunds)
    refunded = sum(fen for status, fen in known if status is RefundStatus.SUCCESS)
    if any(status in UNDER_WAY for status, _ in known):
        return OrderStatus.REFUNDING, refunded
    if refunded == 0:
        return OrderStatus.PAID, 0
    whole = refunded >= total_fen
    return (OrderStatus.REFUNDED if whole else OrderStatus.PARTIALLY_REFUNDED), refunded
