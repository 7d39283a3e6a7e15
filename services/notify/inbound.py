"""WeChat's news as bytes: read and proven by the interface that they came on, settled by the one
door, answered by the one table."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from payments.errors import BadSignature, Busy, Malformed
from payments.merchant import Api, Merchants
from payments.notify_replies import REPLIES, NotifyReply
from payments.outcomes import Outcome
from payments.payment_result import PaymentResult
from payments.payment_rules import Verdict
from payments.refund import RefundResult
from payments.v2 import notify as v2_notify
from payments.v2 import refund_notify as v2_refund_notify
from payments.v3 import notify as v3_notify
from payments.v3.notify import Opened
from services.notify.unhandled import Unhandled
from services.notify.unreadable import Unreadable
from services.notify.unverified import Unverified
from services.runtime import check_probe
from services.runtime.clock import Clock
from services.runtime.metrics import Metrics
from services.settlement.outside_refunds import OutsideEnd, OutsideRefunds
from services.settlement.settlement import Settlement
from services.wechat.platform_keys import PlatformKeyring

log = logging.getLogger(__name__)

CONFIRM_S = 3.0
"""WeChat waits five seconds for the answer; what is not confirmed by then is confirmed later."""

Told = Callable[[NotifyReply], None]
Rest = Coroutine[Any, Any, NotifyReply]
"""What is left to do for a notify, and ends with the reply to it."""
Read = Callable[[int], Opened]
"""Reads, proves and opens one message, given the time (seconds since 1970). Raises Malformed, then
BadSignature."""


@dataclass(slots=True)
class Arrival:
    """One notify as it came: its bytes, the network that sent it, the time (ms UTC), and seconds
    of the clock that never jumps."""

    body: bytes
    source: str
    at_ms: int
    began: float


class Inbound:
    """Every method takes one notify. For a proven payment, and for the probe of `paywatch check`,
    `told` is called with what WeChat is to be told, perhaps at once, and None is returned: that
    costs no task. For any other notify the rest of the work is returned, to be awaited, and `told`
    is not called. No message makes a method raise; the reply is BUSY when the lock or the database
    cannot be had in time. `source` is the network that it came from; header names are in lower
    case."""

    def __init__(
        self,
        settlement: Settlement,
        outside: OutsideRefunds,
        unverified: Unverified,
        unhandled: Unhandled,
        unreadable: Unreadable,
        too_large: Unreadable,
        check_secrets: Sequence[str],
        platform_keys: PlatformKeyring,
        merchants: Merchants,
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._settlement = settlement
        self._outside = outside
        self._unverified = unverified
        self._unhandled = unhandled
        self._unreadable = unreadable
        self._too_large = too_large
        self._check_secrets = check_secrets
        self._platform_keys = platform_keys
        self._merchants = merchants
        self._clock = clock
        self._metrics = metrics

    def payment_v2(
        self, body: bytes, headers: Mapping[str, str], source: str, told: Told
    ) -> Rest | None:
        """One payment notify of API v2."""

        def read(_now_s: int) -> Opened:
            notice = v2_notify.read(body, self._merchants)
            return Opened(notice, body.decode().removeprefix("\ufeff"))

        return self._take(Api.V2, read, body, headers, source, told)

    def refund_v2(
        self, body: bytes, headers: Mapping[str, str], source: str, told: Told
    ) -> Rest | None:
        """One refund notify of API v2. It proves little, so it is kept, and WeChat is asked at
        once; only the answer moves the refund."""

        def read(_now_s: int) -> Opened:
            result = v2_refund_notify.read(body, self._merchants)
            return Opened(result, body.decode().removeprefix("\ufeff"))

        return self._take(None, read, body, headers, source, told)

    def v3(self, body: bytes, headers: Mapping[str, str], source: str, told: Told) -> Rest | None:
        """One notify of API v3, of whatever kind. Read once more, when the key that it names turns
        out to be known after all."""
        keys_of = self._platform_keys.keys_of

        def read(now_s: int) -> Opened:
            return v3_notify.read(body, headers, self._merchants, keys_of, now_s)

        return self._take(Api.V3, read, body, headers, source, told)

    def _take(
        self,
        probed: Api | None,
        read: Read,
        body: bytes,
        headers: Mapping[str, str],
        source: str,
        told: Told,
    ) -> Rest | None:
        """`probed`: the interface whose probe may come here."""
        now_ms = self._clock.now_ms()
        if probed and (reply := self._probed(body, headers, probed, now_ms)):
            told(reply)
            return None
        arrival = Arrival(body, source, now_ms, self._clock.monotonic())
        try:
            opened = read(now_ms // 1000)
        except Malformed:
            return self._rest(arrival, self._unread(arrival))
        except BadSignature as error:
            if error.reason == "unknown_serial":
                serial = headers["wechatpay-serial"]
                return self._rest(arrival, self._learn(arrival, read, serial, error))
            return self._rest(arrival, self._unproven(arrival, error))
        if isinstance(opened.news, PaymentResult):
            self._settle_told(opened.news, opened.text, arrival, told)
            return None
        return self._rest(arrival, self._settle(opened, source))

    def _settle_told(self, news: PaymentResult, text: str, arrival: Arrival, told: Told) -> None:
        def done(result: Verdict | Exception) -> None:
            if isinstance(result, Verdict):
                outcome = result.outcome
            elif isinstance(result, Busy):
                outcome = Outcome.BUSY
            else:
                log.error("A notify could not be handled; WeChat comes again.", exc_info=result)
                told(REPLIES[Outcome.BUSY])
                return
            self._metrics.notify(outcome, self._clock.monotonic() - arrival.began)
            told(REPLIES[outcome])

        self._settlement.settle_told(news, text, arrival.source, done)

    async def too_large(self, source: str) -> None:
        """One notify that was refused for its size, unread."""
        self._metrics.notify(Outcome.UNREADABLE, 0.0)
        await self._too_large.take(source)

    def _probed(
        self, body: bytes, headers: Mapping[str, str], api: Api, now_ms: int
    ) -> NotifyReply | None:
        """The answer to the probe of `paywatch check`; None for anything else."""
        words = check_probe.report(body, headers, self._check_secrets, now_ms // 1000, api)
        return NotifyReply(True, words) if words else None

    async def _rest(self, arrival: Arrival, work: Coroutine[Any, Any, Outcome]) -> NotifyReply:
        try:
            outcome = await work
        except Busy:
            outcome = Outcome.BUSY
        self._metrics.notify(outcome, self._clock.monotonic() - arrival.began)
        return REPLIES[outcome]

    async def _unread(self, arrival: Arrival) -> Outcome:
        await self._unreadable.take(arrival.source)
        return Outcome.UNREADABLE

    async def _unproven(self, arrival: Arrival, error: BadSignature, serial: str = "") -> Outcome:
        """`serial` is the key that it names, where we do not know that."""
        if error.reason == "probe":
            return Outcome.PROBE  # WeChat's own question whether we verify
        taken = arrival.body, arrival.source, arrival.at_ms, error.reason
        return await self._unverified.take(*taken, serial)

    async def _learn(
        self, arrival: Arrival, read: Read, serial: str, error: BadSignature
    ) -> Outcome:
        """Look for the key that is not known, and read again."""
        if not await self._platform_keys.learn(serial):
            return await self._unproven(arrival, error, serial)
        try:
            opened = read(arrival.at_ms // 1000)
        except Malformed:
            return await self._unread(arrival)
        except BadSignature as again:
            return await self._unproven(arrival, again)
        return await self._settle(opened, arrival.source)

    async def _settle(self, opened: Opened, source: str) -> Outcome:
        news = opened.news
        if isinstance(news, PaymentResult):
            return (await self._settlement.settle(news, opened.text, source)).outcome
        if isinstance(news, RefundResult):
            return await self._refund(news, opened.text, source)
        return await self._unhandled.take(news, source)

    async def _refund(self, news: RefundResult, text: str, source: str) -> Outcome:
        """A refund of ours, or one that was made outside: WeChat is asked for that at once, so
        that the answer to the notify says whether it is true."""
        verdict = await self._settlement.settle_refund(news, text, source)
        if not (verdict.confirm and news.transaction_id and news.refund_num):
            return verdict.outcome
        end = await self._outside.confirm(news.transaction_id, news.refund_num, CONFIRM_S)
        return Outcome.REFUND_UNKNOWN if end is OutsideEnd.DENIED else verdict.outcome
