"""The rest of the trade as the contract tells it, in plain dicts: refunds, and decisions on money
that is on no order. Beside `order_model`, and from no line of the product either.

A refund is known by its place in `world["refunds"]`, in the sequence in which they were asked for.
"""

from __future__ import annotations

from typing import Any

from tests.life.outside_model import OUTSIDE_DEEDS, holder, knew_all, learn_all
from tests.life.refund_calls import ask_refund, end_refund, refund_notify, send
from tests.life.refund_moves import PAID_ONCE, left, move, new_refund, of_order, reserves
from tests.life.words import Deed, World, case, money_settled, say

LIMIT = 5000
"""Fen from which on a second admin is needed."""
STAFF = ("bob",)
"""They may ask for a refund only; all others of the cast may approve one too."""
UNDECIDED = ("waiting", "proposed", "refunding")

# --- people ask, approve, reject ------------------------------------------------------------------


def request(world: World, deed: Deed) -> str:
    num, fen, by = deed["order"], deed["fen"], deed["by"]
    for refund in world["refunds"]:
        if refund["num"] == deed["refund"]:
            same = (refund["order"], refund["fen"], refund["receipt"]) == (num, fen, None)
            return str(refund["status"]) if same else "refund_exists"
    looked = [by in STAFF or knew_all(world, num) for _ in range(deed["times"])]
    if not all(looked):
        return "not_refundable"
    order = world["orders"].get(num)
    if order is None:
        return "order_not_found"
    if order["status"] not in PAID_ONCE or fen > left(world, num):
        return "not_refundable"
    at = new_refund(world, deed["refund"], num, order["tx"], order["total"], fen, by)
    if by in STAFF or _needs_another(world, at, by):
        return "REQUESTED"
    return _approved(world, at, deed)


def _needs_another(world: World, at: int, by: str) -> bool:
    """What one person asked for and approved of one order counts together."""
    refund = world["refunds"][at]
    alone = sum(
        other["fen"]
        for other in of_order(world, refund["order"])
        if other["by"] == other["approved"] == by and reserves(other)
    )
    return bool(refund["by"] == by and alone + refund["fen"] >= LIMIT)


def approve(world: World, deed: Deed) -> str:
    refund = world["refunds"][deed["at"]]
    if refund["status"] != "REQUESTED":
        return "conflict"
    if not knew_all(world, refund["order"]):
        return "not_refundable"
    if refund["status"] != "REQUESTED":
        return "conflict"  # WeChat had it already, as after a restored backup
    if _needs_another(world, deed["at"], deed["by"]):
        return "second_admin"
    if left(world, refund["order"]) < 0:
        return "not_refundable"  # another, taken for over, has succeeded since
    return _approved(world, deed["at"], deed)


def reject(world: World, deed: Deed) -> str:
    if world["refunds"][deed["at"]]["status"] != "REQUESTED":
        return "conflict"
    move(world, deed["at"], "REJECTED")
    return "REJECTED"


def _approved(world: World, at: int, deed: Deed) -> str:
    world["refunds"][at]["approved"] = deed["by"]
    move(world, at, "APPROVED")
    said = send(world, at, deed)
    return said if said == "crash" else str(world["refunds"][at]["status"])


# --- money on no order ----------------------------------------------------------------------------


def counts(world: World, on: tuple[str, str]) -> bool:
    """Is it on this receipt alone that this money is? Else it is on an order, or on an earlier
    receipt."""
    tx = on[0]
    first = next(key for key in world["receipts"] if key[0] == tx)
    return first == on and all(order["tx"] != tx for order in world["orders"].values())


def possible(world: World, on: tuple[str, str]) -> tuple[str, ...]:
    receipt, order = world["receipts"][on], world["orders"].get(on[1])
    if not (counts(world, on) and receipt["yuan"]) or settled(world, on):
        return ("accept",)
    back = receipt["fen"] - rest_of(world, on)
    if back >= receipt["fen"]:
        return ()  # all of it is on its way
    pays = order and (order["status"], order["total"]) == ("CLOSED", receipt["fen"])
    late = receipt["reason"] == "late" and not back
    return ("refund", "accept", *(("reopen",) if pays and late else ()))


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
    if rest_of(world, on) >= LIMIT:
        receipt["by"] = by
        return _decided(world, on, deed, "proposed")
    receipt["by"] = by
    return _carry_out(world, on, deed)


def _decided(world: World, on: tuple[str, str], deed: Deed, state: str) -> str:
    receipt, action = world["receipts"][on], deed["action"]
    last = None if state == "waiting" else (action, deed["by"])
    receipt |= {"state": state, "action": action, "last": last}
    world["decided"].add(on)
    money_settled(world, on)
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
    at = new_refund(world, "", num, tx, receipt["fen"], rest_of(world, on), receipt["by"], on)
    move(world, at, "APPROVED")
    receipt["refund"] = at
    _decided(world, on, deed, "refunding")
    said = send(world, at, deed)
    return said if said == "crash" else str(receipt["state"])


# --- money that WeChat gave back by itself --------------------------------------------------------


def left_of(receipt: World) -> int:
    return int(receipt["fen"] - receipt["back"])


def rest_of(world: World, on: tuple[str, str]) -> int:
    """What neither went back nor is on its way."""
    going = (r for r in world["refunds"] if r["receipt"] == on)
    held = sum(r["fen"] for r in going if r["status"] in ("PROCESSING", "ABNORMAL"))
    return left_of(world["receipts"][on]) - held


def settled(world: World, on: tuple[str, str]) -> bool:
    """Did the buyer get of it another way what WeChat could not deliver?"""
    return any((r["receipt"], r["ended"]) == (on, "ABNORMAL") for r in world["refunds"])


def look_outside(world: World) -> None:
    """WeChat said that money of these went back: what it lists is recorded. A person is told where
    no refund says how much."""
    for tx in sorted(world["looks"]):
        learn_all(world, tx)
        num = (holder(world, tx) or ("",))[0]
        known = [r for r in world["refunds"] if (r["order"], r["tx"]) == (num, tx)]
        if all(refund["status"] in ("REQUESTED", "REJECTED", "REFUSED") for refund in known):
            case(world, "refund_anomaly", num, num, unlisted=True)
    world["looks"] = set()


TRADE_DEEDS = {
    "request": request,
    "approve": approve,
    "reject": reject,
    "ask refund": ask_refund,
    "end refund": end_refund,
    "refund notify": refund_notify,
    "decide receipt": decide_receipt,
    **OUTSIDE_DEEDS,
}
