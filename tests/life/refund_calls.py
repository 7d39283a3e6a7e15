"""What WeChat says of a refund, as the contract tells it: in answer to a send or a question, and in
a notify."""

from __future__ import annotations

from typing import Any

from tests.life.refund_moves import GIVEN_UP, OVER, UNDER_WAY, move
from tests.life.words import (
    ABNORMAL,
    LOST,
    SUCCESS,
    UNPROVEN,
    UNREADABLE,
    Deed,
    World,
    case,
    key_refused,
    say,
)

MOVES = {
    "APPROVED": ("PROCESSING", "SUCCESS", "ABNORMAL", "CLOSED"),
    "PROCESSING": ("SUCCESS", "ABNORMAL", "CLOSED"),
    "ABNORMAL": ("SUCCESS", "CLOSED"),
}
OLDER = {
    "PROCESSING": ("ABNORMAL", "SUCCESS"),
    "ABNORMAL": ("SUCCESS",),
    "CLOSED": ("REFUSED", "ENDED"),
}
"""News that later news has overtaken, or that says what is known: no money moved."""
WORDS = {
    "PROCESSING": "PROCESSING",
    "SUCCESS": "SUCCESS",
    "CHANGE": "ABNORMAL",
    "REFUNDCLOSE": "CLOSED",
}
DEFINITE = ("TRADE_OVERDUE", "INVALID_TRANSACTIONID", "PARAM_ERROR")
"""Words that end a refund whose number was sent once, if WeChat, asked, does not have it."""
TOLD_FROM = 3
"""So many answers in a row that are no success make a case."""


ASKED = ("question", "by the way")
"""What WeChat says because it was asked, for this refund's sake or for another reason."""


def send(world: World, at: int, deed: Deed) -> str | None:
    """What came back when it says nothing definite; None when it does."""
    refund, outcome = world["refunds"][at], deed["outcome"]
    refund["sends"] += 1
    world["calls"].append(("refund", at))
    if outcome == "crash":
        return "crash"
    if deed.get("meanwhile"):
        refund_notify(world, {**deed["meanwhile"], "at": at})
    if outcome == "ok":
        settle(world, at, {**deed, "said": "PROCESSING"}, answers="call")
        return None
    key_refused(world, outcome)
    if outcome != "timeout":
        refund["answer"] = outcome
        _note(world, at)
    if _ends(refund) and outcome != "timeout":
        _check(world, at, deed)
        return None
    return LOST.get(outcome, "wechat_refused")


def _ends(refund: World) -> bool:
    return refund["sends"] == 1 and refund["answer"] in DEFINITE


def _note(world: World, at: int) -> None:
    """One more answer that was no success."""
    refund = world["refunds"][at]
    if refund["asked"]:
        refund["refusals"] += 1
        if refund["refusals"] >= TOLD_FROM:
            case(world, "refund_anomaly", refund["order"], refund["order"], proven=False)


def _check(world: World, at: int, deed: Deed) -> None:
    """WeChat refused it, and is asked whether it has it."""
    state = deed["check"]
    world["calls"].append(("refundquery", at))
    if state == "REFUNDNOTEXIST":
        if world["refunds"][at]["status"] == "APPROVED":
            move(world, at, "REFUSED")
    elif state in WORDS:
        settle(world, at, {**deed, "said": state}, answers="by the way")
    elif state != "timeout":
        _note(world, at)


def ask_refund(world: World, deed: Deed) -> Any:
    """True: nothing more is expected of it."""
    at, state = deed["at"], deed["state"]
    refund = world["refunds"][at]
    if refund["status"] not in (*UNDER_WAY, *GIVEN_UP) and not refund["claimed"]:
        return True
    world["calls"].append(("refundquery", at))
    if state == "crash":
        return "crash"
    if state == "REFUNDNOTEXIST":
        return _denied(world, at, deed)
    if state not in WORDS:
        if state != "timeout":
            _note(world, at)
        return LOST.get(state, "wechat_refused")
    settle(world, at, {**deed, "said": state}, answers="question")
    return refund["status"] not in UNDER_WAY


def end_refund(world: World, deed: Deed) -> Any:
    """An admin ends what WeChat denies, or what is stuck there."""
    at, state = deed["at"], deed["state"]
    refund = world["refunds"][at]
    if refund["status"] not in UNDER_WAY:
        return "conflict"
    world["calls"].append(("refundquery", at))
    if state == "crash":
        return "crash"
    if state in WORDS:
        settle(world, at, {**deed, "said": state}, answers="by the way")
    elif state != "REFUNDNOTEXIST" and refund["status"] != "ABNORMAL":
        return LOST.get(state, "wechat_refused")
    if refund["status"] not in UNDER_WAY:
        return "conflict"
    if refund["status"] != "ABNORMAL" and state != "REFUNDNOTEXIST":
        return "refund_held"
    move(world, at, "ENDED")
    return "ENDED"


def _denied(world: World, at: int, deed: Deed) -> Any:
    refund = world["refunds"][at]
    if refund["status"] == "APPROVED" and _ends(refund):
        move(world, at, "REFUSED")
        return True
    if refund["status"] == "APPROVED":
        said = send(world, at, deed)
        return said or refund["status"] in OVER
    if refund["status"] in GIVEN_UP and not refund["claimed"]:
        return True
    case(world, "refund_anomaly", refund["order"], refund["order"], proven=False)
    if refund["status"] not in UNDER_WAY:
        refund["claimed"] = None  # nothing more will come: that was the answer
    return "wechat_refused"


def refund_notify(world: World, deed: Deed) -> bytes:
    flaw = deed["flaw"]
    if flaw == "unreadable":
        return UNREADABLE
    if flaw in ("no proof", "other key"):
        case(world, "bad_signature", deed["source"], None, proven=False)
        return UNPROVEN
    return settle(world, deed["at"], deed)


def settle(world: World, at: int, deed: Deed, answers: str = "") -> bytes:
    """The one sequence of checks for whatever WeChat says of a refund. `answers`: our request
    (`call`), our `question` about it, or one that was asked for another reason (`by the way`: it
    confirms no claim); a notify, which proves little, answers none."""
    refund, flaw, said = world["refunds"][at], deed.get("flaw"), WORDS.get(deed["said"])
    num = refund["order"]
    claimed = refund["claimed"] if answers == "question" else None
    if answers in ASKED:
        refund["refusals"] = 0
    if answers == "question":
        refund["claimed"] = None
    if flaw == "other merchant":
        return refuse(world, "foreign_merchant", num, refund["tx"])
    if flaw in ("other order", "other transaction"):
        return refuse(world, "refund_anomaly", num)
    fen = refund["fen"] + deed["off"]
    most = refund["total"] if flaw == "unknown refund" else refund["fen"]
    if fen < 0:
        return refuse(world, "negative_total", num)
    if fen > most:
        return look_at(world, num)
    if flaw == "unknown refund":
        return refuse(world, "refund_anomaly", num)  # WeChat, asked, does not know it either
    if fen != refund["fen"] or flaw == "other total" or said is None:
        return refuse(world, "refund_anomaly", num)
    before = refund["status"]
    if said == before or before in OLDER.get(said, ()):
        if claimed and claimed != said:
            look_at(world, num)
        elif answers not in ASKED:
            world["proven"] += 1  # else it was told before, to the letter
        return SUCCESS
    if not answers:
        world["proven"] += 1
        refund |= {"claimed": said, "asked": True}  # until WeChat, asked, says it too
        return SUCCESS
    return _take(world, at, said, bool(claimed and claimed != said))


def _take(world: World, at: int, said: str, contradicts: bool) -> bytes:
    refund = world["refunds"][at]
    num, before = refund["order"], refund["status"]
    if said == "SUCCESS" or before in GIVEN_UP:
        if beyond(world, refund["tx"], refund["fen"], refund["total"]):
            return look_at(world, num)
        surprise = said not in MOVES.get(before, ())
        if surprise:
            world["surprised"].add(refund["tx"])
        _moved(world, at, said, surprise or contradicts)
    elif said not in MOVES.get(before, ()):
        return refuse(world, "refund_anomaly", num)
    else:
        _moved(world, at, said, said == "ABNORMAL" or contradicts)
    return SUCCESS


def beyond(world: World, tx: str, fen: int, total: int) -> bool:
    """Would more have gone back of a payment than was paid?"""
    done = (r for r in world["refunds"] if (r["tx"], r["status"]) == (tx, "SUCCESS"))
    return sum(refund["fen"] for refund in done) + fen > total


def _moved(world: World, at: int, after: str, needs_a_look: bool) -> None:
    world["proven"] += 1
    move(world, at, after)
    if needs_a_look:
        num = world["refunds"][at]["order"]
        case(world, "refund_anomaly", num, num)


def look_at(world: World, num: str) -> bytes:
    """WeChat need not come again, but a person must see it."""
    world["proven"] += 1
    case(world, "refund_anomaly", num, num)
    return SUCCESS


def refuse(world: World, kind: str, num: str, tx: str | None = None) -> bytes:
    world["proven"] += 1
    say(world, "notify.refused", num)
    case(world, kind, num, num, tx=tx)
    return ABNORMAL
