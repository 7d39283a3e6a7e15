"""Yesterday and today as the demo's shop might have had them: invented customers, waves of buyers,
some payments that failed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from random import Random

from payments.payment_result import CHINA
from services.demo.seed_history import PastOrder
from services.runtime.clock import DAY_MS, MINUTE_MS, day_start

BUSY_BEFORE, BUSY_AFTER = 75, 105
"""Minutes around this time of day that are as busy as the demo itself: they are on the chart. The
others are thinner, so that all is written within a second or two."""
THIN = 0.05
PEOPLE = 300
FAILED = 0.04
THINKING_S = (2, 20)
DELAYS_MS = (120, 700)
SERVED_AFTER_MS = 60 * MINUTE_MS
NEWEST_MS = 30_000

Goods = Sequence[tuple[str, str, int]]
"""Id, title and price in fen."""


def past(now: int, goods: Goods, per_minute: float, random: Random) -> list[PastOrder]:
    """The orders from yesterday's midnight to `now` (ms), the oldest first; `per_minute` of them in
    busy hours."""
    minutes = range((day_start(now) - DAY_MS - now) // MINUTE_MS, 0)
    return [
        order
        for minute in minutes
        for order in _minute(
            now + minute * MINUTE_MS, _buyers(minute, per_minute, random), now, goods, random
        )
    ]


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
        paid=random.random() >= FAILED,
        delay_ms=random.randrange(*DELAYS_MS),
        served="reception" if served else None,
    )
