"""A believable day at the shop: buyers come irregularly, in waves and sudden crowds."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from simulator.delivery.notifier import Notifier
from simulator.delivery.payment import PaymentDesk
from simulator.shop.buyer import Buyer
from simulator.shop.client import Json, Shop, ShopAway
from simulator.shop.customers import Visit, draw

MAX_BUYERS = 200
"""The number of buyers in the shop at once; a further buyer leaves."""
FIRST_PAUSE_S, MAX_PAUSE_S = 1.0, 30.0
PRODUCTS_AGE_S = 60.0
REPORT_S = 60.0
WAVE_S, WAVE_HEIGHT = 300.0, 0.35
CROWD_EVERY_S, CROWD_S, CROWD_FACTOR = (45.0, 150.0), (4.0, 9.0), 3.0

_log = logging.getLogger(__name__)


class BuyerPace:
    """How long until the next buyer: chance around `rate` a second, with crowds now and then."""

    def __init__(self, rate: float, random: Random) -> None:
        self._rate = rate
        self._random = random
        self._now = 0.0
        self._crowd_from = random.uniform(*CROWD_EVERY_S)
        self._crowd_to = self._crowd_from + random.uniform(*CROWD_S)

    def gap_s(self) -> float:
        gap = self._random.expovariate(self._rate * self._factor())
        self._now += gap
        return gap

    def _factor(self) -> float:
        if self._now > self._crowd_to:
            self._crowd_from = self._now + self._random.uniform(*CROWD_EVERY_S)
            self._crowd_to = self._crowd_from + self._random.uniform(*CROWD_S)
        wave = 1 + WAVE_HEIGHT * math.sin(2 * math.pi * self._now / WAVE_S)
        return wave * (CROWD_FACTOR if self._now >= self._crowd_from else 1)


class Traffic:
    """Sends buyers while the product is there; waits, longer and longer, while it is not."""

    def __init__(
        self,
        shop: Shop,
        payment_desk: PaymentDesk,
        notifier: Notifier,
        *,
        rate: float,
        random: Random,
    ) -> None:
        self._shop = shop
        self._payment_desk = payment_desk
        self._notifier = notifier
        self._random = random
        self._pace = BuyerPace(rate, random)
        self._buyers: set[asyncio.Task[None]] = set()
        self._products: list[Json] = []
        self._products_at = -math.inf
        self._away = True
        self._total: Counter[str] = Counter()
        self.paused = False
        self._first: Iterator[Visit] = iter(())

    def open_with(self, visits: Iterator[Visit]) -> None:
        """These come before those of chance."""
        self._first = visits

    async def run(self) -> None:
        """Until cancelled."""
        reporter = asyncio.create_task(self._report())
        try:
            while True:
                if self._away:
                    await self._until_open()
                await asyncio.sleep(self._pace.gap_s())
                if not self.paused:
                    self._admit(next(self._first, None) or draw(self._random))
        finally:
            reporter.cancel()
            for task in self._buyers:
                task.cancel()

    def as_json(self) -> dict[str, Any]:
        inside = len(self._buyers)
        return {"paused": self.paused, "buyers": inside, "total": dict(self._total)}

    def _admit(self, visit: Visit) -> None:
        if len(self._buyers) >= MAX_BUYERS:
            self._total["shop full"] += 1
            return
        task = asyncio.create_task(self._serve(visit))
        self._buyers.add(task)
        task.add_done_callback(self._left)

    async def _serve(self, visit: Visit) -> None:
        try:
            if not (products := await self._on_sale()):
                return
            product = products[int(visit.product * len(products))]
            self._total["visits"] += 1
            word = await Buyer(visit, self._shop, self._payment_desk, self._notifier).shops(product)
            self._total[word] += 1
        except ShopAway:
            self._away = True
            self._total["shop away"] += 1

    def _left(self, task: asyncio.Task[None]) -> None:
        """One odd visit must not end the day."""
        self._buyers.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("a visit broke off", exc_info=error)

    async def _on_sale(self) -> list[Json]:
        """The products, asked for at most once a minute; none: as if away."""
        if time.monotonic() - self._products_at > PRODUCTS_AGE_S:
            self._products_at = time.monotonic()
            self._products = await self._shop.products() or self._products
            if not self._products:
                raise ShopAway("nothing on sale")
        return self._products

    async def _until_open(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not await self._is_open():
            await asyncio.sleep(pause_s * self._random.uniform(0.8, 1.2))
            pause_s = min(MAX_PAUSE_S, pause_s * 2)
        self._away = False

    async def _is_open(self) -> bool:
        try:
            self._products_at = -math.inf
            return await self._shop.is_ready() and bool(await self._on_sale())
        except ShopAway:
            return False

    async def _report(self) -> None:
        before: Counter[str] = Counter()
        while True:
            await asyncio.sleep(REPORT_S)
            counted = {word: n - before[word] for word, n in self._total.items()}
            words = ", ".join(f"{n} {word}" for word, n in counted.items() if n)
            _log.info("traffic of a minute: %s; %d in the shop", words or "none", len(self._buyers))
            before = self._total.copy()
