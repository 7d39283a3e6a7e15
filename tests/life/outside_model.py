"""Refunds that were made on WeChat's own platform, as the contract tells of them, in plain dicts.

`world["there"]` is WeChat's own list of them. One is known here once WeChat, asked, lists or names
it; then it is a refund like ours, that WeChat made.
"""

from __future__ import annotations

from typing import Any

from tests.life.refund_calls import WORDS, beyond, look_at, refuse, settle
from tests.life.refund_moves import RESERVING, UNDER_WAY, follow, give_back, new_refund
from tests.life.words import (
    ABNORMAL,
    SUCCESS,
    UNPROVEN,
    UNREADABLE,
    Deed,
    World,
    case,
    listed_now,
    say,
)

WECHAT = "wechat"


def give_back_there(world: World, deed: Deed) -> None:
    world["there"][deed["name"]] = {**deed}


def move_there(world: World, deed: Deed) -> None:
    world["there"][deed["name"]]["said"] = deed["said"]


def holder(world: World, tx: str) -> tuple[str, Any, int] | None:
    """Where this money is: the order's number, the receipt behind it if it is on none, and the
    total; None when nobody here knows it."""
    for num, order in world["orders"].items():
        if order["tx"] == tx:
            return num, None, order["total"]
    for on, receipt in world["receipts"].items():
        if on[0] == tx:
            return (on[1], on, receipt["fen"]) if receipt["yuan"] else None
    return None


def listed_there(world: World, num: str) -> bool:
    """Does WeChat list refunds of this order that we did not ask for? Two who ask at once may each
    have its answer before or after the other's deed."""
    order = world["orders"].get(num)
    return bool(order) and any(out["tx"] == order["tx"] for out in world["there"].values())


def knew_all(world: World, num: str) -> bool:
    """WeChat is asked before we refund an order; what is new makes a person decide again."""
    order = world["orders"].get(num)
    if order is None or order["tx"] is None:
        return True
    before = outside_of(world, num)
    learn_all(world, order["tx"])
    return outside_of(world, num) == before


def outside_of(world: World, num: str) -> int:
    return sum((r["by"], r["order"]) == (WECHAT, num) for r in world["refunds"])


def learn_all(world: World, tx: str) -> None:
    for out in world["there"].values():
        if out["tx"] == tx:
            learn(world, out)


def learn(world: World, out: Deed) -> None:
    """WeChat, asked, says this of a refund."""
    at = place(world, out["name"])
    if at is not None:
        refund = world["refunds"][at]
        flaw = next(
            (
                flaw
                for flaw, part in (
                    ("other order", "order"),
                    ("other transaction", "tx"),
                    ("other total", "total"),
                )
                if refund[part] != out[part]
            ),
            None,
        )
        told = {"said": out["said"], "off": out["fen"] - refund["fen"], "flaw": flaw}
        settle(world, at, told, answers="by the way")
        return
    num, receipt, total = holder(world, out["tx"]) or ("", None, 0)
    said = WORDS[out["said"]]
    if not _fits(world, out):
        refuse(world, "refund_anomaly", out["order"])  # its money is another order's by now
        return
    if said != "CLOSED" and beyond(world, out["tx"], out["fen"], total):
        look_at(world, num)
        return
    record(world, out, num, receipt, said)


def _fits(world: World, out: Deed) -> bool:
    num, _, total = holder(world, out["tx"]) or ("", None, 0)
    return bool((out["order"], out["total"]) == (num, total))


def record(world: World, out: Deed, num: str, receipt: Any, said: str) -> None:
    money = out["tx"], out["total"], out["fen"], WECHAT
    at = new_refund(world, out["name"], num, *money, receipt, requested=False)
    refund = world["refunds"][at]
    refund |= {"status": said, "asked": said in UNDER_WAY}
    world["proven"] += 1
    if said != "CLOSED":
        listed_now(world, num)
    if said == "SUCCESS" and receipt:
        give_back(world, refund, at)
    told = {"SUCCESS": "succeeded", "PROCESSING": "approved"}.get(said, "failed")
    say(world, f"refund.{told}", num)
    follow(world, num)
    if said == "ABNORMAL":
        case(world, "refund_anomaly", num, num)
    of_it = [r for r in world["refunds"] if r["tx"] == out["tx"]]
    if sum(r["fen"] for r in of_it if r["status"] in RESERVING) > out["total"]:
        world["surprised"].add(out["tx"])


def place(world: World, name: str) -> int | None:
    names = [refund["num"] for refund in world["refunds"]]
    return names.index(name) if name in names else None


def outside_notify(world: World, deed: Deed) -> bytes:
    """WeChat tells of a refund that we did not ask for: nothing is taken from that, it is asked."""
    out, flaw = deed["out"], deed["flaw"]
    num = out["order"]
    if flaw == "unreadable":
        return UNREADABLE
    if flaw in ("no proof", "other key"):
        case(world, "bad_signature", deed["source"], None, proven=False)
        return UNPROVEN
    if flaw == "other merchant":
        return refuse(world, "foreign_merchant", num, out["tx"])
    at = place(world, out["name"])
    if at is not None:
        off = out["fen"] - world["refunds"][at]["fen"]
        return settle(world, at, {**deed, "off": off})
    if deed["said"] not in WORDS or not _fits(world, out):
        return refuse(world, "refund_anomaly", num)
    world["proven"] += 1
    if flaw == "denied":
        say(world, "notify.refused", num)
        case(world, "refund_anomaly", num, num)
        return ABNORMAL
    learn(world, world["there"][out["name"]])
    return SUCCESS


OUTSIDE_DEEDS = {
    "give back there": give_back_there,
    "move there": move_there,
    "outside notify": outside_notify,
}
