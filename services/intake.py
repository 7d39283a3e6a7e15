"""WeChat's news as bytes: read and proven by the interface that they came on, settled by the one
door, answered by the one table."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping

from payments.answers import ANSWERS, Answer, Outcome
from payments.errors import BadSignature, Busy, Malformed
from payments.merchant import Merchants
from payments.notice import Notice
from payments.refund import RefundResult
from payments.v2 import notify as v2_notify
from payments.v2 import refund_notify as v2_refund_notify
from payments.v3 import notify as v3_notify
from services.certificates import Certificates
from services.clock import Clock
from services.forgeries import Forgeries
from services.ignored import Ignored
from services.metrics import Metrics
from services.settlement import Settlement


class Intake:
    """Every method takes one notify and says what WeChat is to be told. None raises for what came;
    each returns the BUSY answer when the lock or the database cannot be had in time. `source` is
    the network that it came from; header names are in lower case."""

    def __init__(
        self,
        settlement: Settlement,
        forgeries: Forgeries,
        ignored: Ignored,
        certificates: Certificates,
        merchants: Merchants,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._settlement = settlement
        self._forgeries = forgeries
        self._ignored = ignored
        self._certificates = certificates
        self._merchants = merchants
        self._clock = clock
        self._metrics = metrics

    async def payment_v2(self, body: bytes, headers: Mapping[str, str], source: str) -> Answer:
        """One payment notify of API v2."""
        return await self._timed(self._payment_v2(body, source))

    async def refund_v2(self, body: bytes, headers: Mapping[str, str], source: str) -> Answer:
        """One refund notify of API v2. It proves little, so it is kept, and WeChat is asked at
        once; only the answer moves the refund."""
        return await self._timed(self._refund_v2(body, source))

    async def v3(self, body: bytes, headers: Mapping[str, str], source: str) -> Answer:
        """One notify of API v3, of whatever kind."""
        return await self._timed(self._v3(body, headers, source))

    async def _timed(self, taken: Awaitable[Outcome]) -> Answer:
        begin = self._clock.monotonic()
        outcome = await taken
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

    async def _v3(self, body: bytes, headers: Mapping[str, str], source: str) -> Outcome:
        received_at = self._clock.now_ms()
        try:
            opened = await self._open_v3(body, headers, received_at // 1000)
        except Malformed:
            return Outcome.UNREADABLE
        except BadSignature as error:
            if error.reason == "probe":
                return Outcome.PROBE  # WeChat's own question whether we verify
            return await self._forgeries.take(body, source, received_at, error.reason)
        try:
            return await self._settle_v3(opened, source)
        except Busy:
            return Outcome.BUSY

    async def _open_v3(
        self, body: bytes, headers: Mapping[str, str], now_s: int
    ) -> v3_notify.Opened:
        """Once more, when the key that it names turns out to be known after all."""
        keys_of = self._certificates.keys_of
        try:
            return v3_notify.read(body, headers, self._merchants, keys_of, now_s)
        except BadSignature as error:
            if error.reason != "unknown_serial":
                raise
            if not await self._certificates.learn(headers.get("wechatpay-serial", "")):
                raise
        return v3_notify.read(body, headers, self._merchants, keys_of, now_s)

    async def _settle_v3(self, opened: v3_notify.Opened, source: str) -> Outcome:
        news = opened.news
        if isinstance(news, Notice):
            return (await self._settlement.settle(news, opened.text, source)).outcome
        if isinstance(news, RefundResult):
            return (await self._settlement.settle_refund(news, opened.text, source)).outcome
        return await self._ignored.take(news, source)
