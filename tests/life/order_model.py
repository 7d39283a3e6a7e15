"""An order's life as the contract tells it, in plain dicts: the yardstick for the product.

Written from the tables of what the outside sees, and from no line of the product, so that one
misreading is not made twice. `play(world, deed)` moves the world by one deed and returns the
answer; the world's `events` and `calls` (to WeChat) are what that deed has to leave behind.
"""

from __future__ import annotations

from typing import Any

from tests.life.refund_moves import PAID_ONCE
from tests.life.trade_model import TRADE_DEEDS, rest_of, settled
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
    money_settled,
    new_world,
    say,
)

__all__ = ["ABNORMAL", "SUCCESS", "UNPROVEN", "UNREADABLE", "Deed", "World", "new_world", "play"]

PAYABLE, MINUTE = ("INIT", "WAIT_PAY"), 60_000
PREPAY_LIVES = 120 * MINUTE
KEY_LIVES = 24 * 60 * MINUTE
APART = 10 * MINUTE
"""Two clocks may differ by so much."""
CRITICAL = ("amount_mismatch", "negative_total", "foreign_merchant")
NEVER_MADE = ("NOTENOUGH",)
"""Refusals after which WeChat does not know the order by this call; after others it may."""


def play(world: World, deed: Deed) -> Any:
    return DEEDS[deed["do"]](world, deed)


# --- the merchant's server, the buyer, the staff, the clock ------------------------------------


def create(world: World, deed: Deed) -> str:
    num, wanted = deed["order"], (deed["order"], deed["total"], deed["minutes"])
    keys, day = world["keys"], world["now"] - KEY_LIVES
    world["keys"] = {key: kept for key, kept in keys.items() if kept[1] > day}
    if kept := world["keys"].get(deed["key"]):
        return "repeated" if kept[0] == wanted else "idempotency_mismatch"
    if num in world["orders"]:
        return "order_exists"
    world["keys"][deed["key"]] = wanted, world["now"]
    expires = world["now"] + deed["minutes"] * MINUTE
    order = {"status": "INIT", "tx": None, "total": deed["total"], "expires": expires, "back": 0}
    world["orders"][num] = {**order, "attempt": None, "created": world["now"]}
    say(world, "order.created", num)
    return "created"


def prepay(world: World, deed: Deed) -> Any:
    num, order = deed["order"], world["orders"].get(deed["order"])
    if order is None:
        return "order_not_found"
    if order["status"] not in (*PAYABLE, "CLOSED", "REFUNDED"):
        return "already_paid"
    if order["status"] in ("CLOSED", "REFUNDED") or order["expires"] <= world["now"]:
        return "order_closed"
    attempt = order["attempt"]
    if attempt and attempt["type"] != deed["type"]:
        return "prepay_conflict"
    if attempt and 0 < attempt["until"] - world["now"] <= PREPAY_LIVES + APART:
        return attempt["gives"]
    taken = bool(attempt and attempt["taken"])
    made = {"type": deed["type"], "gives": deed["gives"], "until": 0, "taken": taken}
    order["attempt"] = made
    world["calls"].append(("unifiedorder", num))
    outcome = deed["outcome"]
    if outcome == "crash":
        return "crash"
    if outcome != "ok":
        return _prepay_failed(world, deed, order, first=attempt is None)
    if deed["meanwhile"]:
        play(world, deed["meanwhile"])
    made |= {"until": world["now"] + PREPAY_LIVES, "taken": True}
    if order["status"] not in PAYABLE:
        return "order_closed" if order["status"] == "CLOSED" else "already_paid"
    if order["status"] == "INIT":
        order["status"] = "WAIT_PAY"
        say(world, "prepay.created", num)
    return deed["gives"]


def _prepay_failed(world: World, deed: Deed, order: dict[str, Any], first: bool) -> Any:
    outcome = deed["outcome"]
    say(world, "prepay.failed", deed["order"])
    key_refused(world, outcome)
    if outcome in LOST:
        return LOST[outcome]
    if outcome == "OUT_TRADE_NO_USED":
        return "prepay_conflict"
    if outcome == "ORDERCLOSED":
        return "order_closed"
    free = first and outcome in NEVER_MADE
    if outcome == "ORDERPAID" or not (free or order["attempt"]["taken"]):
        query = {**deed["query"], "order": deed["order"]}
        found = ask(world, query)
        if found == SUCCESS:
            return "already_paid"
        if found == ABNORMAL and query.get("old") and order["tx"] != query["tx"]:
            return "prepay_conflict"  # another sale of this number was paid
        free = outcome != "ORDERPAID" and deed["query"]["state"] == "ORDERNOTEXIST"
    if free:
        order["attempt"] = None  # whatever is asked for next is sent
    return "wechat_refused"


def _found_paid(world: World, deed: Deed) -> Any:
    """WeChat says that it was paid: it is asked, and its answer goes through the same door."""
    found = ask(world, {**deed["query"], "order": deed["order"]})
    if found == SUCCESS:
        return "already_paid"
    held = [r["state"] for on, r in world["receipts"].items() if on[1] == deed["order"]]
    decided = held and not {"waiting", "proposed"} & set(held)
    if found == ABNORMAL and decided:
        return None  # nobody can pay it once more
    return "wechat_refused" if found in (None, ABNORMAL) else found


def close(world: World, deed: Deed) -> Any:
    num, order = deed["order"], world["orders"].get(deed["order"])
    if order is None:
        return "order_not_found"
    if order["status"] not in (*PAYABLE, "CLOSED"):
        return "already_paid"
    if order["status"] == "CLOSED":
        return "closed"
    outcome = deed["outcome"]
    if order["attempt"]:
        world["calls"].append(("closeorder", num))
        if outcome == "crash":
            return "crash"
        if outcome == "ORDERPAID" and (refusal := _found_paid(world, deed)):
            return refusal
        if outcome not in ("ok", "ORDERCLOSED", "ORDERNOTEXIST", "ORDERPAID"):
            key_refused(world, outcome)
            return LOST.get(outcome, "wechat_refused")
    order["status"] = "CLOSED"
    say(world, "order.closed", num)
    return "closed"


def decide(world: World, deed: Deed) -> str:
    case = world["alerts"][deed["case"]]
    before, after = {
        "acknowledge": (("open",), "acknowledged"),
        "resolve": (("open", "acknowledged"), "resolved"),
        "reopen": (("resolved",), "open"),
    }[deed["action"]]
    if deed["stale"] or case["status"] not in before:
        return "conflict"
    case["status"] = after
    if after != "acknowledged":
        case["payments"] = {None} if after == "open" else set()  # who opens it names no payment
    done = {"acknowledge": "acknowledged", "resolve": "resolved", "reopen": "reopened"}
    say(world, "alert." + done[deed["action"]], case["order"])
    return after


def wait(world: World, deed: Deed) -> None:
    world["now"] += deed["minutes"] * MINUTE  # an expiry by itself changes no state


def jump(world: World, deed: Deed) -> None:
    """The clock was wrong, and is set. What it dated later than now begins now."""
    now = world["now"] = world["now"] + deed["minutes"] * MINUTE
    ahead = [o for o in world["orders"].values() if o["created"] > now + APART]
    for order in ahead:
        order |= {"expires": now + order["expires"] - order["created"], "created": now}
    for key, (wanted, at) in world["keys"].items():
        world["keys"][key] = wanted, now if at > now + APART else at
    if ahead:
        case(world, "system", "times ahead", None)


# --- WeChat -------------------------------------------------------------------------------------


def ask(world: World, deed: Deed) -> Any:
    world["calls"].append(("orderquery", deed["order"]))
    if deed["state"] == "crash":
        return "crash"
    if deed["state"] in LOST:
        return LOST[deed["state"]]
    if deed["state"] in ("ORDERNOTEXIST", "SYSTEMERROR"):
        return "wechat_refused"
    if deed["state"] not in ("SUCCESS", "REFUND"):
        return None
    order, tx = world["orders"].get(deed["order"]), deed["tx"]
    held = deed["total"] > 0 and (order is None or order["tx"] != tx)
    answer = notify(world, {**deed, "flaw": None})
    if deed["state"] == "REFUND" and (answer == SUCCESS or held):
        world["looks"].add(tx)
    return answer


def notify(world: World, deed: Deed) -> bytes:
    flaw, num, tx = deed["flaw"], deed["order"], deed["tx"]
    if flaw == "unreadable":
        return UNREADABLE
    if flaw in ("bad sign", "no sign"):
        case(world, "bad_signature", deed["source"], None, proven=False)
        return UNPROVEN
    world["proven"] += 1
    order, fen = world["orders"].get(num), deed["total"] > 0
    known = order is not None and order["tx"] == tx
    if flaw in ("other app", "other merchant"):
        held = flaw == "other app" and fen and not known  # in our account, whatever the app
        return _refuse(world, deed, "foreign_merchant", keep="unknown_order" if held else None)
    if flaw in ("no result", "no transaction"):
        return _refuse(world, deed, "system", UNREADABLE)
    if flaw == "failed":
        say(world, "payment.failed", num)
        return SUCCESS
    if order is None:
        return _refuse(world, deed, "missing_order", keep="unknown_order" if fen else None)
    if deed["total"] < 0 or flaw == "negative cash":
        return _refuse(world, deed, "negative_total")
    same = deed["total"] == order["total"] and flaw != "dollars"
    if known and same:
        say(world, "notify.duplicate", num)
        return SUCCESS
    if (flaw == "old" or deed.get("old")) and not known:
        return _refuse(world, deed, "illegal_transition", keep="older_than_order" if fen else None)
    if not same:
        reason = "foreign_currency" if flaw == "dollars" else "wrong_amount"
        keep = reason if fen and not known else None
        return _refuse(world, deed, "amount_mismatch", keep=keep)
    if why := _not_payable(world, order, deed):
        return _refuse(world, deed, "illegal_transition", keep=why)
    order |= {"status": "PAID", "tx": tx}
    say(world, "order.paid", num)
    if deed["do"] == "ask":
        say(world, "order.healed", num)
    if (tx, num) in world["receipts"]:
        world["receipts"][tx, num]["state"] = "booked"
        world["decided"].add((tx, num))
        money_settled(world, (tx, num))
    return SUCCESS


def _not_payable(world: World, order: dict[str, Any], deed: Deed) -> str | None:
    """Why this money, of the right amount, pays the order all the same not."""
    tx = deed["tx"]
    if any(other["tx"] == tx for other in world["orders"].values()):
        return "reused_id"
    if order["status"] in PAID_ONCE:
        return "paid_twice"
    if order["status"] == "CLOSED":
        return "late"
    held = [(on, r) for on, r in world["receipts"].items() if on[0] == tx]
    given_back = [
        on
        for on, r in held
        if rest_of(world, on) < r["fen"]
        or r["state"] in ("refunding", "refunded")
        or settled(world, on)
    ]
    return "given_back" if given_back else None


def _refuse(
    world: World, deed: Deed, kind: str, answer: bytes = ABNORMAL, keep: str | None = None
) -> bytes:
    known = world["receipts"].get((deed["tx"], deed["order"])) if keep else None
    is_new = keep == "given_back" and deed["do"] != "ask"  # the order was made since
    if known and known["state"] not in ("waiting", "proposed") and not is_new:
        return answer  # people have decided on this money
    say(world, "notify.refused", deed["order"])
    case(world, kind, deed["order"], deed["order"], tx=deed["tx"])
    if keep:
        yuan = deed["flaw"] != "dollars"
        reason = "reused_id" if keep == "given_back" else keep
        receipt = {"fen": deed["total"], "yuan": yuan, "reason": reason, "state": "waiting"}
        fresh = {**receipt, "action": None, "by": None, "last": None, "refund": None, "back": 0}
        world["receipts"].setdefault((deed["tx"], deed["order"]), fresh)
    return answer


DEEDS = {
    "create": create,
    "prepay": prepay,
    "close": close,
    "decide": decide,
    "wait": wait,
    "jump": jump,
    "ask": ask,
    "notify": notify,
    **TRADE_DEEDS,
}
