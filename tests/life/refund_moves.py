"""The refunds of the model, and what a move of one makes of its order or its receipt."""

from __future__ import annotations

from tests.life.words import World, money_settled, say

PAID_ONCE = ("PAID", "REFUNDING", "PARTIALLY_REFUNDED", "REFUNDED")
RESERVING = ("REQUESTED", "APPROVED", "PROCESSING", "ABNORMAL", "SUCCESS")
UNDER_WAY = ("APPROVED", "PROCESSING", "ABNORMAL")
OVER = ("SUCCESS", "CLOSED", "REFUSED", "REJECTED", "ENDED")
GIVEN_UP = ("REFUSED", "ENDED")
"""WeChat is believed not to have them; it may say otherwise."""


def new_refund(
    world: World,
    name: str,
    num: str,
    tx: str,
    total: int,
    fen: int,
    by: str,
    receipt: tuple[str, str] | None = None,
    *,
    requested: bool = True,
) -> int:
    """`requested`: by somebody here."""
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
            "sends": 0,
            "refusals": 0,
            "answer": None,
            "ended": None,
            "asked": False,
        }
    )
    if requested:
        say(world, "refund.requested", num)
    return len(world["refunds"]) - 1


def move(world: World, at: int, after: str) -> None:
    """The refund, its event, and what it makes of its order or its receipt."""
    refund = world["refunds"][at]
    revived = refund["status"] in GIVEN_UP and after in UNDER_WAY
    refund |= {"ended": refund["status"] if after == "ENDED" else None, "status": after}
    if after == "APPROVED":
        refund["asked"] = True
    elif after in OVER and not refund["claimed"]:
        refund |= {"asked": after in GIVEN_UP, "refusals": 0}
    told = {"APPROVED": "approved", "SUCCESS": "succeeded", "PROCESSING": "approved"}
    if refund["receipt"]:
        _move_receipt(world, refund, at, revived)
    if after != "PROCESSING" or revived:
        say(world, f"refund.{told.get(after, 'failed')}", refund["order"])
    follow(world, refund["order"])


def _move_receipt(world: World, refund: World, at: int, revived: bool) -> None:
    receipt = world["receipts"][refund["receipt"]]
    if (revived or refund["status"] == "SUCCESS") and receipt["state"] == "booked":
        refund["receipt"] = None  # the money was the order's by now
    elif revived and receipt["state"] == "waiting":
        receipt |= {"state": "refunding", "refund": at}
        world["decided"].add(refund["receipt"])
    elif refund["status"] == "SUCCESS":
        give_back(world, refund, at)
    elif refund["status"] in OVER and (receipt["state"], receipt["refund"]) == ("refunding", at):
        receipt |= {"state": "waiting", "last": None}
        world["decided"].add(refund["receipt"])


def give_back(world: World, refund: World, at: int) -> None:
    """A receipt is refunded once all of it went back, and waits before that."""
    receipt = world["receipts"][refund["receipt"]]
    receipt["back"] += refund["fen"]
    if receipt["back"] >= receipt["fen"]:
        receipt |= {"state": "refunded", "refund": at}
        money_settled(world, refund["receipt"])
    elif (receipt["state"], receipt["refund"]) == ("refunding", at):
        receipt |= {"state": "waiting", "last": None}
    world["decided"].add(refund["receipt"])


def of_order(world: World, num: str) -> list[World]:
    return [r for r in world["refunds"] if r["order"] == num and not r["receipt"]]


def follow(world: World, num: str) -> None:
    """An order that was paid is what its refunds make of it."""
    order = world["orders"].get(num)
    if order is None or order["status"] not in PAID_ONCE:
        return
    mine = of_order(world, num)
    back = sum(refund["fen"] for refund in mine if refund["status"] == "SUCCESS")
    order["back"] = back
    if any(refund["status"] in UNDER_WAY for refund in mine):
        order["status"] = "REFUNDING"
    elif back == 0:
        order["status"] = "PAID"
    else:
        order["status"] = "REFUNDED" if back == order["total"] else "PARTIALLY_REFUNDED"


def reserves(refund: World) -> bool:
    """One that was ended while WeChat held its money is not given back a second time."""
    return refund["status"] in RESERVING or refund["ended"] == "ABNORMAL"


def left(world: World, num: str) -> int:
    """What may still be asked back of an order."""
    reserved = (r["fen"] for r in of_order(world, num) if reserves(r))
    return int(world["orders"][num]["total"] - sum(reserved))
