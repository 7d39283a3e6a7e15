"""What both halves of the model share: its world, WeChat's answers, events and cases."""

from __future__ import annotations

from typing import Any

World = dict[str, Any]
Deed = dict[str, Any]

SUCCESS, UNREADABLE, UNPROVEN, ABNORMAL = (
    f"<xml><return_code><![CDATA[{code}]]></return_code>"
    f"<return_msg><![CDATA[{words}]]></return_msg></xml>".encode()
    for code, words in (
        ("SUCCESS", "OK"),
        ("FAIL", "报文错误"),
        ("FAIL", "签名验证失败"),
        ("FAIL", "订单支付异常"),
    )
)
MONEY_CASES = ("amount_mismatch", "illegal_transition", "missing_order", "foreign_merchant")
"""They tell of payments on no order."""
SETTLED = ("accepted", "booked", "refunded")
LOST = {"timeout": "wechat_unreachable", "garbled": "wechat_untrusted"}


def new_world(now: int) -> World:
    """`surprised`: transactions that WeChat gave back after it had refused to; `looks`: those of
    which it said that money went back; `there`:
    WeChat's own list of refunds that were made outside; `decided`: receipts that have changed since
    anybody looked."""
    return {
        "now": now,
        "orders": {},
        "receipts": {},
        "refunds": [],
        "alerts": {},
        "events": [],
        "calls": [],
        "proven": 0,
        "keys": {},
        "surprised": set(),
        "looks": set(),
        "there": {},
        "decided": set(),
    }


def say(world: World, kind: str, order: str | None) -> None:
    world["events"].append((kind, order))


def case(
    world: World,
    kind: str,
    subject: str,
    order: str | None,
    proven: bool = True,
    *,
    unlisted: bool = False,
    tx: str | None = None,
) -> None:
    """`unlisted`: WeChat says that money went back, and not how much; `tx` is the transaction that
    is told."""
    fresh = {"order": order, "count": 0, "status": "open", "others": False, "untold": False}
    fresh["payments"] = set()
    known = world["alerts"].setdefault((kind, subject), fresh)
    known["count"] += 1
    told = known["status"] == "resolved" or proven or known["count"].bit_count() == 1
    others = not unlisted or (known["others"] and known["status"] != "resolved")
    known |= {"others": others, "untold": known["untold"] or not told}
    if told:
        known["payments"].add(tx)
    if known["count"] == 1:
        say(world, "alert.raised", order)
    elif known["status"] == "resolved":
        known["status"] = "open"
        say(world, "alert.reopened", order)
    elif proven or known["count"].bit_count() == 1:
        say(world, "alert.repeated", order)


def listed_now(world: World, num: str) -> None:
    """How much went back is recorded: a case that tells of nothing else is over."""
    known = world["alerts"].get(("refund_anomaly", num))
    if known and known["status"] != "resolved" and not (known["others"] or known["untold"]):
        resolve(world, known)


def money_settled(world: World, on: tuple[str, str]) -> None:
    """Nothing more is to be decided on this receipt: a case that tells of it, and of nothing
    undecided, is over."""
    tx, num = on
    if world["receipts"][on]["state"] not in SETTLED:
        return
    settled = {t for (t, n), r in world["receipts"].items() if n == num and r["state"] in SETTLED}
    for (kind, subject), known in world["alerts"].items():
        about = kind in MONEY_CASES and subject == num and known["status"] != "resolved"
        if about and tx in known["payments"] <= settled:
            resolve(world, known)


def resolve(world: World, known: World) -> None:
    known |= {"status": "resolved", "payments": set()}
    say(world, "alert.resolved", known["order"])


def key_refused(world: World, outcome: str) -> None:
    """WeChat's unsigned refusal, whose words are of our signature: only a person can mend it."""
    if outcome == "FAIL":
        case(world, "system", "FAIL", None, proven=False)


def by_transaction(receipts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of one transaction's receipts the first counts its money, so their order stays; in which
    order different transactions came is nobody's promise."""
    return sorted(receipts, key=lambda on: str(on[0]))
