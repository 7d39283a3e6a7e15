"""The sums of the reports, counted anew from orders and refunds. For tests; holds none itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

Look = Callable[[str], list[tuple[Any, ...]]]
"""Runs a SELECT."""
Sums = dict[tuple[int, str, int, str], list[int]]
"""By hours, product, start and account: payments, their fen, refunds, their fen."""
HOUR, CHINA = 3_600_000, 28_800_000


def kept(look: Look) -> Sums:
    """As the transactions have kept them."""
    found = look(
        "SELECT hours, product_id, at, mch_id, paid_count, paid_fen, refund_count, refunded_fen"
        " FROM report_sums"
    )
    return {
        key: sums
        for *of, a, b, c, d in found
        for key, sums in [(_key(of), [a, b, c, d])]
        if any(sums)
    }


def recounted(look: Look, uncounted: str = "SIM-nothing") -> Sums:
    """As a person would count orders and refunds."""
    sums: defaultdict[tuple[int, str, int, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    paid = look(
        "SELECT order_num, product_id, mch_id, COALESCE(wechat_paid_at, paid_at), total_fen"
        " FROM orders WHERE paid_at IS NOT NULL"
    )
    back = look(
        "SELECT o.order_num, o.product_id, o.mch_id, COALESCE(r.accepted_at, r.succeeded_at),"
        " r.amount_fen FROM refunds r JOIN orders o ON o.order_num = r.order_num"
        " WHERE r.status = 'SUCCESS' AND r.receipt_id IS NULL"
    )
    for place, found in ((0, paid), (2, back)):
        for order_num, product, account, at, fen in found:
            if order_num.startswith(uncounted):
                continue
            for name in (product, ""):
                for hours, offset in ((1, 0), (24, CHINA)):
                    start = (at + offset) // (hours * HOUR) * (hours * HOUR) - offset
                    sums[hours, name, start, account][place] += 1
                    sums[hours, name, start, account][place + 1] += fen
    return dict(sums)


def failures(look: Look) -> tuple[dict[int, int], dict[int, int]]:
    """Failed payments by hour: as the reports have them, and as the live monitor does."""
    ours = look(
        "SELECT at, SUM(failed_count) FROM report_sums WHERE hours = 1 AND product_id = ''"
        " GROUP BY at"
    )
    minutes = look("SELECT at, value FROM counters WHERE name = 'failed_count'")
    hours: defaultdict[int, int] = defaultdict(int)
    for at, value in minutes:
        hours[at - at % HOUR] += int(value)
    return {at: int(failed) for at, failed in ours if failed}, dict(hours)


def _key(of: list[Any]) -> tuple[int, str, int, str]:
    hours, product, at, account = of
    return hours, product, at, account
