"""The last days as the demo's shop might have had them: invented customers, waves of buyers, some
payments that failed, some refunds; and yesterday the four ways in which WeChat's books come apart
from ours."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

from payments.payment_result import CHINA
from services.demo.seed_history import Gap, PastOrder, PastRefund
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS, day_start

BUSY_BEFORE, BUSY_AFTER = 75, 105
"""Minutes around this time of day that are as busy as the demo itself: they are on the chart. The
others are thinner, so that all is written within a second or two."""
THIN = 0.05
EARLIER_DAYS, QUIET = 4, 0.004
"""Before yesterday, each with a hundred orders or so: they are in no chart, only in bills."""
PEOPLE = 300
FAILED = 0.04
THINKING_S = (2, 20)
DELAYS_MS = (120, 700)
SERVED_AFTER_MS = 60 * MINUTE_MS
NEWEST_MS = 30_000
REFUNDED, WHOLE = 0.02, 0.4
"""How many of the payments go back, and how many of those whole."""
REFUND_AFTER_MIN = (10, 180)
DECIDED_MS, ARRIVES_MS = (5_000, 240_000), 2_000
REASONS = ("时间不合适", "重复购买", "课程改期")
GAPS_FROM_MS, GAPS_TO_MS = HOUR_MS, DAY_MS - 3 * HOUR_MS
"""After yesterday's midnight: what follows such a payment is of yesterday too."""

Goods = Sequence[tuple[str, str, int]]
"""Id, title and price in fen."""


def past(now: int, goods: Goods, per_minute: float, random: Random) -> list[PastOrder]:
    """The orders of the last days to `now` (ms), the oldest first; `per_minute` of them in busy
    hours of yesterday and today."""
    yesterday = day_start(now) - DAY_MS
    start = yesterday - EARLIER_DAYS * DAY_MS
    quiet = [
        (at, int(random.random() < per_minute * QUIET)) for at in range(start, yesterday, MINUTE_MS)
    ]
    busy = [
        (now + minute * MINUTE_MS, _buyers(minute, per_minute, random))
        for minute in range((yesterday - now) // MINUTE_MS, 0)
    ]
    orders = [
        order
        for at, buyers in (*quiet, *busy)
        for order in _minute(at, buyers, now, goods, random)
        if order.created_at >= start
    ]
    return _with_gaps(orders, yesterday, random)


def _with_gaps(orders: list[PastOrder], yesterday: int, random: Random) -> list[PastOrder]:
    """One order of yesterday with each gap, as far as there are orders enough."""
    span = range(yesterday + GAPS_FROM_MS, yesterday + GAPS_TO_MS)
    whole = [n for n, o in enumerate(orders) if o.paid and not o.refunds and o.ended_at in span]
    for gap, n in zip(Gap, random.sample(whole, min(len(Gap), len(whole))), strict=False):
        orders[n] = _with_gap(orders[n], gap, random)
    return orders


def _with_gap(order: PastOrder, gap: Gap, random: Random) -> PastOrder:
    if gap is Gap.UNHEARD_PAYMENT:
        return replace(order, gap=gap, paid=False, served=None)
    if gap is Gap.OUTSIDE_REFUND:
        number = f"50{random.randrange(10**26):026d}"  # WeChat's platform makes it
        refund = replace(_refund(order.total_fen, order.ended_at, random), refund_num=number)
        return replace(order, gap=gap, refunds=(refund,))
    return replace(order, gap=gap)


def _buyers(minute: int, per_minute: float, random: Random) -> int:
    """How many come in a minute, which is counted from now."""
    of_day = minute % (DAY_MS // MINUTE_MS)  # minutes after this time of day
    busy = of_day < BUSY_AFTER or of_day >= DAY_MS // MINUTE_MS - BUSY_BEFORE
    wave = 1 + 0.35 * math.sin(2 * math.pi * minute / 47) + random.uniform(-0.25, 0.25)
    return round(per_minute * wave * (1 if busy else THIN))


def _minute(start: int, buyers: int, now: int, goods: Goods, random: Random) -> Iterator[PastOrder]:
    for ended_at in sorted(start + random.randrange(MINUTE_MS) for _ in range(buyers)):
        if ended_at < now - NEWEST_MS:
            yield _order(ended_at, now, goods, random)


def _order(ended_at: int, now: int, goods: Goods, random: Random) -> PastOrder:
    product_id, title, price_fen = random.choices(goods, [1 + i for i in range(len(goods))])[0]
    number = random.randrange(1, PEOPLE + 1)
    created_at = ended_at - random.randrange(*(1000 * s for s in THINKING_S))
    china = datetime.fromtimestamp(created_at / 1000, UTC).astimezone(CHINA)
    served = now - ended_at > SERVED_AFTER_MS
    paid = random.random() >= FAILED
    refund = _refund(price_fen, ended_at, random) if paid and random.random() < REFUNDED else None
    came = refund is not None and refund.succeeded_at < now - NEWEST_MS
    return PastOrder(
        order_num=f"{china:%y%m%d%H%M%S}{random.getrandbits(40):010X}"[:22],
        transaction_id=f"4200{random.randrange(10**6):06d}{china:%Y%m%d}{random.randrange(10**10):010d}",
        product_id=product_id,
        title=title,
        total_fen=price_fen,
        customer=f"顾客 {number:03d}",
        phone=f"1990000{number:04d}",
        open_id=f"oDemoCustomer{number:015d}",
        created_at=created_at,
        ended_at=ended_at,
        paid=paid,
        delay_ms=random.randrange(*DELAYS_MS),
        served="reception" if served else None,
        refunds=(refund,) if refund and came else (),
    )


def _refund(paid_fen: int, paid_at: int, random: Random) -> PastRefund:
    requested_at = paid_at + random.randrange(*(MINUTE_MS * m for m in REFUND_AFTER_MIN))
    accepted_at = requested_at + random.randrange(*DECIDED_MS)
    china = datetime.fromtimestamp(accepted_at / 1000, UTC).astimezone(CHINA)
    return PastRefund(
        refund_num=f"R{china:%y%m%d%H%M%S}{random.getrandbits(40):010X}",
        refund_id=f"5030{random.randrange(10**6):06d}{china:%Y%m%d}{random.randrange(10**10):010d}",
        amount_fen=paid_fen if random.random() < WHOLE else paid_fen // 2,
        reason=random.choice(REASONS),
        requested_by="support",
        decided_by="admin",
        requested_at=requested_at,
        accepted_at=accepted_at,
        succeeded_at=accepted_at + ARRIVES_MS,
    )
