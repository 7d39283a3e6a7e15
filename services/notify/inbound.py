"""WeChat's news as bytes: read and proven by the interface that they came on, settled by the one
door, answered by the one table."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

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
Read = Callable[[int], Awaitable[Opened]]
"""Reads, proves and opens one message, given the time (seconds since 1970). Raises Malformed, then
BadSignature."""

Told = Callable[[NotifyReply], None]


class Inbound:
    """Every method takes one notify and says what WeChat is to be told. None raises for what came;
    each returns the BUSY answer when the lock or the database cannot be had in time. `source` is
    the network that it came from; header names are in lower case."""

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

    async def payment_v2(self, body: bytes, headers: Mapping[str, str], source: str) -> NotifyReply:
        """One payment notify of API v2."""

        async def read(_now_s: int) -> Opened:
            notice = v2_notify.read(body, self._merchants)
            return Opened(notice, body.decode("utf-8-sig"))

        if told := self._probed(body, headers, Api.V2):
            return told
        return await self._take(read, body, source)

    def payment_v2_told(
        self, body: bytes, headers: Mapping[str, str], source: str, told: Told
    ) -> bool:
        """As `payment_v2`, without a task: True when `told` is called with the reply, perhaps at
        once. False for what is no proven payment; nothing was done with it."""
        if reply := self._probed(body, headers, Api.V2):
            told(reply)
            return True
        try:
            notice = v2_notify.read(body, self._merchants)
        except (Malformed, BadSignature):
            return False
        self._settle_told(notice, body.decode("utf-8-sig"), source, told)
        return True

    async def refund_v2(self, body: bytes, headers: Mapping[str, str], source: str) -> NotifyReply:
        """One refund notify of API v2. It proves little, so it is kept, and WeChat is asked at
        once; only the answer moves the refund."""

        async def read(_now_s: int) -> Opened:
            result = v2_refund_notify.read(body, self._merchants)
            return Opened(result, body.decode("utf-8-sig"))

        return await self._take(read, body, source)

    async def v3(self, body: bytes, headers: Mapping[str, str], source: str) -> NotifyReply:
        """One notify of API v3, of whatever kind. Read once more, when the key that it names turns
        out to be known after all."""
        keys_of = self._platform_keys.keys_of

        async def read(now_s: int) -> Opened:
            try:
                return v3_notify.read(body, headers, self._merchants, keys_of, now_s)
            except BadSignature as error:
                if error.reason != "unknown_serial":
                    raise
                if not await self._platform_keys.learn(headers.get("wechatpay-serial", "")):
                    raise
            return v3_notify.read(body, headers, self._merchants, keys_of, now_s)

        if told := self._probed(body, headers, Api.V3):
            return told
        return await self._take(read, body, source)

    def v3_told(self, body: bytes, headers: Mapping[str, str], source: str, told: Told) -> bool:
        """As `payment_v2_told`, of API v3."""
        if reply := self._probed(body, headers, Api.V3):
            told(reply)
            return True
        keys_of, now_s = self._platform_keys.keys_of, self._clock.now_ms() // 1000
        try:
            opened = v3_notify.read(body, headers, self._merchants, keys_of, now_s)
        except (Malformed, BadSignature):
            return False
        if not isinstance(opened.news, PaymentResult):
            return False
        self._settle_told(opened.news, opened.text, source, told)
        return True

    def _settle_told(self, news: PaymentResult, text: str, source: str, told: Told) -> None:
        begin = self._clock.monotonic()

        def done(result: Verdict | Exception) -> None:
            if isinstance(result, Verdict):
                outcome = result.outcome
            elif isinstance(result, Busy):
                outcome = Outcome.BUSY
            else:
                log.error("A notify could not be handled; WeChat comes again.", exc_info=result)
                told(REPLIES[Outcome.BUSY])
                return
            self._metrics.notify(outcome, self._clock.monotonic() - begin)
            told(REPLIES[outcome])

        self._settlement.settle_told(news, text, source, done)

    async def too_large(self, source: str) -> None:
        """One notify that was refused for its size, unread."""
        self._metrics.notify(Outcome.UNREADABLE, 0.0)
        await self._too_large.take(source)

    def _probed(self, body: bytes, headers: Mapping[str, str], api: Api) -> NotifyReply | None:
        """The answer to the probe of `paywatch check`; None for anything else."""
        now_s = self._clock.now_ms() // 1000
        words = check_probe.report(body, headers, self._check_secrets, now_s, api)
        return NotifyReply(True, words) if words else None

    async def _take(self, read: Read, body: bytes, source: str) -> NotifyReply:
        begin = self._clock.monotonic()
        outcome = await self._outcome(read, body, source)
        self._metrics.notify(outcome, self._clock.monotonic() - begin)
        return REPLIES[outcome]

    async def _outcome(self, read: Read, body: bytes, source: str) -> Outcome:
        received_at = self._clock.now_ms()
        try:
            opened = await read(received_at // 1000)
        except Malformed:
            await self._unreadable.take(source)
            return Outcome.UNREADABLE
        except BadSignature as error:
            if error.reason == "probe":
                return Outcome.PROBE  # WeChat's own question whether we verify
            return await self._unverified.take(body, source, received_at, error.reason)
        try:
            return await self._settle(opened, source)
        except Busy:
            return Outcome.BUSY

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
