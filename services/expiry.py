"""Orders whose time is over: WeChat is asked, the order is closed there, and only then here.

WeChat knows nothing of our expiry, and a payment may be on its way; so expiry alone changes no
state, and an answer that is missing or odd leaves the order as it is, to be looked at later.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from models import OrderCheck
from models.base import rows
from models.store import Store
from models.stream import Batch
from payments.answers import Outcome
from payments.errors import Busy, WeChatRefused, WeChatUnreachable, WeChatUntrusted
from payments.merchant import Merchant, Merchants
from payments.states import PAYABLE
from services.clock import HOUR_MS, MINUTE_MS, Clock
from services.gateway import Gateway
from services.inquiry import Inquiry
from services.orders import OrderView, read_order, was_sent
from services.settlement import Closing, Settlement

log = logging.getLogger(__name__)

AT_ONCE = 4
"""Looked at together: most of the gateway's places stay free for buyers."""
A_STEP = 20
YOUNGEST_MS = 5 * MINUTE_MS
"""WeChat closes no order that is younger (closeorder)."""
FIRST_WAIT_MS, LONGEST_WAIT_MS = MINUTE_MS // 2, HOUR_MS
REFUSALS = 24
"""Money that could not be booked is asked about hourly for a day; then its case waits alone."""
BY = "expiry"
GONE = ("ORDERCLOSED", "ORDERNOTEXIST")
"""WeChat's words for an order that nobody can pay."""


class Seen(Enum):
    """What came of looking at an order."""

    OVER = auto()
    LATER = auto()
    REFUSED = auto()
    """WeChat holds money for it that could not be booked; its case says why."""


@dataclass(frozen=True)
class _Delay:
    order_num: str
    due_at: int
    tries: int


class Expiry:
    def __init__(
        self,
        store: Store,
        settlement: Settlement,
        gateway: Gateway,
        inquiry: Inquiry,
        merchants: Merchants,
        clock: Clock,
    ) -> None:
        self._store = store
        self._settlement = settlement
        self._gateway = gateway
        self._inquiry = inquiry
        self._merchants = merchants
        self._clock = clock

    async def step(self) -> int:
        """Look at the orders that are due, at most twenty; returns how many. Jobs call this."""
        due = await self._store.read(_read_due, self._clock.now_ms())
        for start in range(0, len(due), AT_ONCE):
            await asyncio.gather(*(self._look(*each) for each in due[start : start + AT_ONCE]))
        return len(due)

    async def _look(self, order_num: str, tries: int) -> None:
        try:
            seen = await self._close(order_num)
        except (WeChatRefused, WeChatUntrusted, WeChatUnreachable, Busy) as error:
            log.info("Order %s has expired and cannot be closed yet: %s", order_num, error)
            seen = Seen.LATER
        except Exception:  # one odd order must not keep the others waiting
            log.exception("Order %s has expired and could not be looked at.", order_num)
            seen = Seen.LATER
        if seen is Seen.OVER or (seen is Seen.REFUSED and tries >= REFUSALS):
            await self._store.write(end_checks, order_num)
            return
        wait = LONGEST_WAIT_MS
        if seen is Seen.LATER:
            wait = min(FIRST_WAIT_MS << min(tries, 16), LONGEST_WAIT_MS)
        delay = _Delay(order_num, self._clock.now_ms() + wait, tries + 1)
        await self._store.write(delay_checks, delay)

    async def _close(self, order_num: str) -> Seen:
        order = await self._store.read(read_order, order_num)
        if order is None or order.status not in PAYABLE:
            return Seen.OVER
        if await self._store.read(was_sent, order_num):
            merchant = self._merchants.find(order.app_id, order.mch_id)
            if merchant is None:
                log.warning("Order %s belongs to a merchant that is not configured.", order_num)
                return Seen.LATER
            seen = await self._close_at_wechat(merchant, order)
            if seen is not Seen.OVER:
                return seen
        await self._settlement.mark_closed(Closing(order_num, BY, "expired"))
        return Seen.OVER

    async def _close_at_wechat(self, merchant: Merchant, order: OrderView) -> Seen:
        """OVER: it is paid and booked by now, or nobody can pay it any more."""
        try:
            verdict = await self._inquiry.ask(merchant, order.order_num)
            if verdict is not None:
                booked = verdict.outcome in (Outcome.BOOKED, Outcome.DUPLICATE)
                return Seen.OVER if booked else Seen.REFUSED
            if self._clock.now_ms() - order.created_at < YOUNGEST_MS:
                return Seen.LATER
            await self._gateway.close(merchant, order.order_num)
        except WeChatRefused as refusal:
            if refusal.wechat_code not in GONE:
                raise
        return Seen.OVER


# --- reads and ops -----------------------------------------------------------------------------


def _read_due(now: int) -> list[tuple[str, int]]:
    query = OrderCheck.select(OrderCheck.order_num, OrderCheck.tries)
    return rows(query.where(OrderCheck.due_at <= now).order_by(OrderCheck.due_at).limit(A_STEP))


def end_checks(batch: Batch, order_nums: Sequence[str]) -> list[None]:
    OrderCheck.delete().where(OrderCheck.order_num.in_(list(order_nums))).execute()
    return [None] * len(order_nums)


def delay_checks(batch: Batch, delays: Sequence[_Delay]) -> list[None]:
    for delay in delays:
        OrderCheck.update(due_at=delay.due_at, tries=delay.tries).where(
            OrderCheck.order_num == delay.order_num
        ).execute()
    return [None] * len(delays)
