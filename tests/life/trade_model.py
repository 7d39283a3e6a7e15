"""The rest of the trade as the contract tells it, in plain dicts: refunds, and decisions on money
that is on no order. Beside `order_model`, and from no line of the product either.

A refund is known by its place in `world["refunds"]`, in the sequence in which they were asked for.
"""

from __future__ import annotations

from typing import Any

from tests.life.words import (
    ABNORMAL,
    LOST,
    SUCCESS,
    UNPROVEN,
    UNREADABLE,
    Deed,
    World,
    case,
    say,
)

LIMIT = 5000
"""Fen from which on a second admin is needed."""
STAFF = ("bob",)
"""They may ask for a refund only; all others of the cast may approve one too."""
PAID_ONCE = ("PAID", "REFUNDING", "PARTIALLY_REFUNDED", "REFUNDED")
RESERVING = ("REQUESTED", "APPROVED", "PROCESSING", "ABNORMAL", "SUCCESS")
UNDER_WAY = ("APPROVED", "PROCESSING", "ABNORMAL")
OVER = ("SUCCESS", "CLOSED", "REFUSED", "REJECTED")
MOVES = {
    "APPROVED": ("PROCESSING", "SUCCESS", "ABNORMAL", "CLOSED"),
    "PROCESSING": ("SUCCESS", "ABNORMAL", "CLOSED"),
    "ABNORMAL": ("SUCCESS", "CLOSED"),
}
OLDER = {"PROCESSING": ("ABNORMAL", "SUCCESS"), "ABNORMAL": ("SUCCESS",)}
"""News that later news has overtaken."""
WORDS = {
    "PROCESSING": "PROCESSING",
    "SUCCESS": "SUCCESS",
    "CHANGE": "ABNORMAL",
    "REFUNDCLOSE": "CLOSED",
}
DEFINITE = ("NOTENOUGH", "TRADE_OVERDUE", "INVALID_TRANSACTIONID", "PARAM_ERROR")
PLAIN_ONCE = ("PARAM_ERROR",)
"""When a number comes again, it may also mean that WeChat has it already, otherwise."""
UNDECIDED = ("waiting", "proposed", "refunding")

# --- people ask, approve, reject ------------------------------------------------------------------


def request(world: World, deed: Deed) -> str:
    num, fen, by = deed["order"], deed["fen"], deed["by"]
    for refund in world["refunds"]:
        if refund["num"] == deed["refund"]:
            same = (refund["order"], refund["fen"]) == (num, fen)
            return str(refund["status"]) if same else "refund_exists"
    order = world["orders"].get(num)
    if order is None:
        return "order_not_found"
    if order["status"] not in PAID_ONCE or fen > left(world, num):
        return "not_refundable"
    at = _new(world, deed["refund"], num, order["tx"], order["total"], fen, by)
    if by in STAFF or _needs_another(world, at, by):
        return "REQUESTED"
    return _approved(world, at, deed)


def _needs_another(world: World, at: int, by: str) -> bool:
    """What one person asked for and approved of one order counts together."""
    refund = world["refunds"][at]
    alone = sum(
        other["fen"]
        for other in _of(world, refund["order"])
        if other["by"] == other["approved"] == by and other["status"] in RESERVING
    )
    return bool(refund["by"] == by and alone + refund["fen"] >= LIMIT)


def left(world: World, num: str) -> int:
    """What may still be asked back of an order."""
    reserved = (r["fen"] for r in _of(world, num) if r["status"] in RESERVING)
    return int(world["orders"][num]["total"] - sum(reserved))


def approve(world: World, deed: Deed) -> str:
    refund = world["refunds"][deed["at"]]
    if refund["status"] != "REQUESTED":
        return "conflict"
    if _needs_another(world, deed["at"], deed["by"]):
        return "second_admin"
    if left(world, refund["order"]) < 0:
        return "not_refundable"  # another, taken for over, has succeeded since
    return _approved(world, deed["at"], deed)


def reject(world: World, deed: Deed) -> str:
    if world["refunds"][deed["at"]]["status"] != "REQUESTED":
        return "conflict"
    _move(world, deed["at"], "REJECTED")
    return "REJECTED"


def _new(
    world: World,
    name: str,
    num: str,
    tx: str,
    total: int,
    fen: int,
    by: str,
    receipt: tuple[str, str] | None = None,
) -> int:
    world["refunds"].append(
        {
            "num": name,
            "order": num,
            "tx": tx,
            "total": total,
            "fen": fen,
            "by": by,
            "receipt": receipt,
            "status": "REQUESTED",
            "claimed": None,
            "approved": None,
        }
    )
    say(world, "refund.requested", num)
    return len(world["refunds"]) - 1


def _approved(world: World, at: int, deed: Deed) -> str:
    world["refunds"][at]["approved"] = deed["by"]
    _move(world, at, "APPROVED")
    said = _send(world, at, deed)
    return said if said == "crash" else str(world["refunds"][at]["status"])


def _move(world: World, at: int, after: str) -> None:
    """The refund, its event, and what it makes of its order or its receipt."""
    refund = world["refunds"][at]
    refund["status"] = after
    told = {"APPROVED": "approved", "SUCCESS": "succeeded", "PROCESSING": None}.get(after, "failed")
    if told:
        say(world, "refund." + told, refund["order"])
    if refund["receipt"]:
        _move_receipt(world, refund, at)
    follow(world, refund["order"])


def _move_receipt(world: World, refund: World, at: int) -> None:
    receipt = world["receipts"][refund["receipt"]]
    if refund["status"] == "SUCCESS" and receipt["state"] == "booked":
        refund["receipt"] = None  # the money was the order's by now
    elif refund["status"] == "SUCCESS":
        receipt |= {"state": "refunded", "refund": at}
        world["decided"].add(refund["receipt"])
    elif refund["status"] in OVER and (receipt["state"], receipt["refund"]) == ("refunding", at):
        receipt |= {"state": "waiting", "last": None}
        world["decided"].add(refund["receipt"])


def _of(world: World, num: str) -> list[World]:
    return [r for r in world["refunds"] if r["order"] == num and not r["receipt"]]


def follow(world: World, num: str) -> None:
    """An order that was paid is what its refunds make of it."""
    order = world["orders"].get(num)
    if order is None or order["status"] not in PAID_ONCE:
        return
    mine = _of(world, num)
    back = sum(refund["fen"] for refund in mine if refund["status"] == "SUCCESS")
    order["back"] = back
    if any(refund["status"] in UNDER_WAY for refund in mine):
        order["status"] = "REFUNDING"
    elif back == 0:
        order["status"] = "PAID"
    else:
        order["status"] = "REFUNDED" if back == order["total"] else "PARTIALLY_REFUNDED"


# --- WeChat is asked ------------------------------------------------------------------------------


def _send(world: World, at: int, deed: Deed, again: bool = False) -> str | None:
    """What came back when it says nothing definite; None when it does."""
    refund, outcome = world["refunds"][at], deed["outcome"]
    world["calls"].append(("refund", at))
    if outcome == "crash":
        return "crash"
    if deed.get("meanwhile"):
        refund_notify(world, {**deed["meanwhile"], "at": at})
    if outcome in DEFINITE and not (again and outcome in PLAIN_ONCE):
        if refund["status"] == "APPROVED":
            _move(world, at, "REFUSED")
        return None
    if outcome != "ok":
        return LOST.get(outcome, "wechat_refused")
    _settle(world, at, {**deed, "said": "PROCESSING"}, answers="call")
    return None


def ask_refund(world: World, deed: Deed) -> Any:
    """True: nothing more is expected of it."""
    at, state = deed["at"], deed["state"]
    refund = world["refunds"][at]
    if refund["status"] not in UNDER_WAY and not refund["claimed"]:
        return True
    world["calls"].append(("refundquery", at))
    if state == "crash":
        return "crash"
    if state == "REFUNDNOTEXIST":
        if refund["status"] == "APPROVED":
            said = _send(world, at, deed, again=True)
            return said or refund["status"] in OVER
        case(world, "refund_anomaly", refund["order"], refund["order"])
        if refund["status"] not in UNDER_WAY:
            refund["claimed"] = None  # nothing more will come: that was the answer
        return "wechat_refused"
    if state not in WORDS:
        return LOST.get(state, "wechat_refused")
    _settle(world, at, {**deed, "said": state}, answers="question")
    return refund["status"] not in UNDER_WAY


def refund_notify(world: World, deed: Deed) -> bytes:
    flaw = deed["flaw"]
    if flaw == "unreadable":
        return UNREADABLE
    if flaw in ("no proof", "other key"):
        case(world, "bad_signature", deed["source"], None, proven=False)
        return UNPROVEN
    return _settle(world, deed["at"], deed)


def _settle(world: World, at: int, deed: Deed, answers: str = "") -> bytes:
    """The one sequence of checks for whatever WeChat says of a refund. `answers`: our request
    (`call`), or our `question` about it; a notify, which proves little, answers neither."""
    refund, flaw, said = world["refunds"][at], deed.get("flaw"), WORDS.get(deed["said"])
    num, order = refund["order"], world["refunds"][at]["order"]
    claimed = refund["claimed"] if answers == "question" else None
    if answers == "question":
        refund["claimed"] = None
    if flaw == "other merchant":
        return _refuse(world, "foreign_merchant", num)
    if flaw == "unknown refund":
        return _refuse(world, "refund_anomaly", deed.get("named") or order)
    if flaw in ("other order", "other transaction"):
        return _refuse(world, "refund_anomaly", num)
    fen = refund["fen"] + deed["off"]
    if fen < 0:
        return _refuse(world, "negative_total", num)
    if fen > refund["fen"]:
        return _look_at(world, num)
    if fen != refund["fen"] or flaw == "other total" or said is None:
        return _refuse(world, "refund_anomaly", num)
    before = refund["status"]
    if said == before or before in OLDER.get(said, ()):
        if claimed and claimed != said:
            _look_at(world, num)
        elif answers != "question":
            world["proven"] += 1  # else it was told before, to the letter
        return SUCCESS
    if not answers:
        world["proven"] += 1
        refund["claimed"] = said  # until WeChat, asked, says it too
        return SUCCESS
    return _take(world, at, said, bool(claimed and claimed != said))


def _take(world: World, at: int, said: str, contradicts: bool) -> bytes:
    refund = world["refunds"][at]
    num, before = refund["order"], refund["status"]
    if said == "SUCCESS":
        others = sum(
            other["fen"]
            for other in world["refunds"]
            if other["tx"] == refund["tx"] and other["status"] == "SUCCESS"
        )
        if others + refund["fen"] > refund["total"]:
            return _look_at(world, num)
        surprise = said not in MOVES.get(before, ())
        if surprise:
            world["surprised"].add(refund["tx"])
        _moved(world, at, said, surprise or contradicts)
    elif said not in MOVES.get(before, ()):
        return _refuse(world, "refund_anomaly", num)
    else:
        _moved(world, at, said, said == "ABNORMAL" or contradicts)
    return SUCCESS


def _moved(world: World, at: int, after: str, needs_a_look: bool) -> None:
    world["proven"] += 1
    _move(world, at, after)
    if needs_a_look:
        num = world["refunds"][at]["order"]
        case(world, "refund_anomaly", num, num)


def _look_at(world: World, num: str) -> bytes:
    """WeChat need not come again, but a person must see it."""
    world["proven"] += 1
    case(world, "refund_anomaly", num, num)
    return SUCCESS


def _refuse(world: World, kind: str, num: str) -> bytes:
    world["proven"] += 1
    say(world, "notify.refused", num)
    case(world, kind, num, num)
    return ABNORMAL


# --- money on no order ----------------------------------------------------------------------------


def counts(world: World, on: tuple[str, str]) -> bool:
    """Is it on this receipt alone that this money is? Else it is on an order, or on an earlier
    receipt."""
    tx = on[0]
    first = next(key for key in world["receipts"] if key[0] == tx)
    return first == on and all(order["tx"] != tx for order in world["orders"].values())


def possible(world: World, on: tuple[str, str]) -> tuple[str, ...]:
    receipt, order = world["receipts"][on], world["orders"].get(on[1])
    if not (counts(world, on) and receipt["yuan"]):
        return ("accept",)
    pays = order and (order["status"], order["total"]) == ("CLOSED", receipt["fen"])
    return ("refund", "accept", *(("reopen",) if pays and receipt["reason"] == "late" else ()))


def decide_receipt(world: World, deed: Deed) -> Any:
    on, action, by = deed["receipt"], deed["action"], deed["by"]
    receipt = world["receipts"][on]
    if deed["stale"] or on in world["decided"]:
        return receipt["state"] if receipt["last"] == (action, by) else "conflict"
    if receipt["state"] == "proposed":
        if action == "decline":
            return _decided(world, on, deed, "waiting")
        if action != receipt["action"]:
            return "not_decidable"
        if by == receipt["by"]:
            return "second_admin"
        if action not in possible(world, on):
            return "not_decidable"
        return _carry_out(world, on, deed)
    if receipt["state"] != "waiting" or action not in possible(world, on):
        return "not_decidable"
    if receipt["fen"] >= LIMIT:
        receipt["by"] = by
        return _decided(world, on, deed, "proposed")
    receipt["by"] = by
    return _carry_out(world, on, deed)


def _decided(world: World, on: tuple[str, str], deed: Deed, state: str) -> str:
    receipt, action = world["receipts"][on], deed["action"]
    last = None if state == "waiting" else (action, deed["by"])
    receipt |= {"state": state, "action": action, "last": last}
    world["decided"].add(on)
    say(world, "receipt.decided", on[1])
    return state


def _carry_out(world: World, on: tuple[str, str], deed: Deed) -> str:
    receipt, (tx, num) = world["receipts"][on], on
    if deed["action"] == "accept":
        return _decided(world, on, deed, "accepted")
    if deed["action"] == "reopen":
        world["orders"][num] |= {"status": "PAID", "tx": tx}
        say(world, "order.paid", num)
        return _decided(world, on, deed, "booked")
    at = _new(world, "", num, tx, receipt["fen"], receipt["fen"], receipt["by"], on)
    _move(world, at, "APPROVED")
    receipt["refund"] = at
    _decided(world, on, deed, "refunding")
    said = _send(world, at, deed)
    return said if said == "crash" else str(receipt["state"])


TRADE_DEEDS = {
    "request": request,
    "approve": approve,
    "reject": reject,
    "ask refund": ask_refund,
    "refund notify": refund_notify,
    "decide receipt": decide_receipt,
}
