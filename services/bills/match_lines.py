"""What a match tells, line by line: each line is one of these, as JSON on a pipe."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from payments.bills.differences import DifferenceKind


class FoundDifference(NamedTuple):
    """One thing in which the bill and our books differ. `subject` names it within its day, account
    and kind. `ours` and `wechat` are fen, or words for states and sums; `difference_fen` is
    WeChat's less ours, where a missing side counts 0. `evidence` has the bill's `row` and our
    `booking`, each null where there is none, with their times."""

    kind: DifferenceKind
    subject: str
    order_num: str | None = None
    transaction_id: str | None = None
    refund_num: str | None = None
    ours: int | str | None = None
    wechat: int | str | None = None
    difference_fen: int = 0
    evidence: dict[str, Any] | None = None
    held: bool = False
    """Booked within minutes of midnight, and the bill of the day beside is not matched yet: nobody
    is to see it until a match of that bill tells it (`ToldDifference`) or explains it
    (`MovedBooking`)."""


class MovedBooking(NamedTuple):
    """A row of this bill whose booking here has the time of another day: it explains the difference
    of this kind and subject in the bill of `booked_date`, if there is or will be one. `booked_date`
    is None for a refund of which we did not know when WeChat took it. `at` is the row's own time
    (ms UTC), by which the booking is to be dated if it is a time of this bill's day."""

    kind: DifferenceKind
    subject: str
    booked_date: str | None
    at: int


class ToldDifference(NamedTuple):
    """The difference with this id was held for this bill, which does not have it: now it counts."""

    id: int


class MatchProgress(NamedTuple):
    """How far it is: bytes while `step` is `reading`, rows while it is `matching`."""

    step: str
    done: int
    whole: int


class MatchedBill(NamedTuple):
    """The last line. WeChat's sums are those of the trade bill's rows (`wechat_net_fen` is
    应结订单金额 − 退款金额 − 手续费); ours are what is booked here of these rows, and what is
    booked on this day and is missing in the bill (without what is held). `flow_net_fen` is what
    payments, refunds and their fees moved on the account; null without a fund-flow bill."""

    rows: int = 0
    differences: int = 0
    held: int = 0
    wechat_paid_fen: int = 0
    wechat_paid_count: int = 0
    wechat_refunded_fen: int = 0
    wechat_refund_count: int = 0
    wechat_fee_fen: int = 0
    wechat_net_fen: int = 0
    our_paid_fen: int = 0
    our_paid_count: int = 0
    our_refunded_fen: int = 0
    our_refund_count: int = 0
    flow_net_fen: int | None = None


class RefusedBill(NamedTuple):
    """The last line in place of MatchedBill: the bill is of no use, and nothing of it counts."""

    fault: str
    words: str
    values: dict[str, int | str]


class FailedMatch(NamedTuple):
    """The last line in place of MatchedBill: it could not be done, for a reason outside the
    bill."""

    words: str


MatchLine = (
    FoundDifference
    | MovedBooking
    | ToldDifference
    | MatchProgress
    | MatchedBill
    | RefusedBill
    | FailedMatch
)
_NAMES: dict[str, type[MatchLine]] = {
    "difference": FoundDifference,
    "moved": MovedBooking,
    "told": ToldDifference,
    "progress": MatchProgress,
    "matched": MatchedBill,
    "refused": RefusedBill,
    "failed": FailedMatch,
}
_WORDS = {made: name for name, made in _NAMES.items()}


def written(line: MatchLine) -> str:
    """One line of JSON, without its end."""
    return json.dumps([_WORDS[type(line)], *line], ensure_ascii=False, separators=(",", ":"))


def read_line(text: str | bytes) -> MatchLine:
    """The reverse of `written`. Raises ValueError for anything else."""
    try:
        name, *values = json.loads(text)
        made = _NAMES[name]
        if len(values) != len(made._fields):
            raise ValueError("a line with too many or too few values")
        if made in (FoundDifference, MovedBooking):
            values[0] = DifferenceKind(values[0])
        return made(*values)
    except (TypeError, KeyError) as error:
        raise ValueError("not a line of a match") from error
