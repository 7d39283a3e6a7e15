"""WeChat's news as bytes: read and proven by the interface that they came on, settled by the one
door, answered by the one table."""

from __future__ import annotations

from collections.abc import Mapping

from payments.answers import ANSWERS, Answer, Outcome
from payments.errors import BadSignature, Busy, Malformed
from payments.merchant import Merchants
from payments.v2 import notify as v2_notify
from payments.v2 import refund_notify as v2_refund_notify
from services.clock import Clock
from services.forgeries import Forgeries
from services.metrics import Metrics
from services.settlement import Settlement


class Intake:
    def __init__(
        self,
        settlement: Settlement,
        forgeries: Forgeries,
        merchants: Merchants,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._settlement = settlement
        self._forgeries = forgeries
        self._merchants = merchants
        self._clock = clock
        self._metrics = metrics

    async def payment_v2(self, body: bytes, headers: Mapping[str, str], source: str) -> Answer:
        """Take one payment notify of API v2 and say what WeChat is to be told.

        Never raises for what came in the body; returns the BUSY answer when the lock or the
        database cannot be had in time. `source` is the network that it came from.
        """
        begin = self._clock.monotonic()
        outcome = await self._payment_v2(body, source)
        self._metrics.notify(outcome, self._clock.monotonic() - begin)
        return ANSWERS[outcome]

    async def _payment_v2(self, body: bytes, source: str) -> Outcome:
        received_at = self._clock.now_ms()
        try:
            notice = v2_notify.read(body, self._merchants)
        except Malformed:
            return Outcome.UNREADABLE
        except BadSignature as error:
            return await self._forgeries.take(body, source, received_at, error.reason)
        try:
            text = body.decode("utf-8-sig")
            return (await self._settlement.settle(notice, text, source)).outcome
        except Busy:
            return Outcome.BUSY

    async def refund_v2(self, body: bytes, headers: Mapping[str, str], source: str) -> Answer:
        """Take one refund notify of API v2, as `payment_v2`. It proves little, so it is kept, and
        WeChat is asked at once; only the answer moves the refund."""
        begin = self._clock.monotonic()
        outcome = await self._refund_v2(body, source)
        self._metrics.notify(outcome, self._clock.monotonic() - begin)
        return ANSWERS[outcome]

    async def _refund_v2(self, body: bytes, source: str) -> Outcome:
        received_at = self._clock.now_ms()
        try:
            result = v2_refund_notify.read(body, self._merchants)
        except Malformed:
            return Outcome.UNREADABLE
        except BadSignature as error:
            return await self._forgeries.take(body, source, received_at, error.reason)
        try:
            text = body.decode("utf-8-sig")
            return (await self._settlement.settle_refund(result, text, source)).outcome
        except Busy:
            return Outcome.BUSY
