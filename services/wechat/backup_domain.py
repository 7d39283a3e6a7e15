"""WeChat's second domain, for an outage of the first. A request without an answer is sent again
there, unchanged; the calls go back to the first domain when it answers again (WeChat: 跨城冗灾)."""

from __future__ import annotations

import logging
from typing import Protocol

from payments.errors import PaymentError, WeChatUnreachable
from payments.protocol import WireAnswer, WireRequest
from services.runtime.clock import Clock
from services.wechat.client import TOTAL_S, CurlTransport, Send
from services.wechat.curl import MAX_ANSWER_BYTES

log = logging.getLogger(__name__)

BACKUPS = {"https://api.mch.weixin.qq.com": "https://api2.mch.weixin.qq.com"}
"""Both serve every path of both interfaces. No other address has a backup: it may be anybody's."""
TRIES = 2
"""Together they take no longer than one without a backup."""
LOST = 3
"""The number of calls in a row that only the backup answered, after which it is called first."""
AWAY_S = 60.0
"""How long then, until one call tries the first domain again."""


def domains_of(base_url: str) -> tuple[str, ...]:
    """The addresses that are called: this one, and the backup that WeChat offers for it."""
    return (base_url, BACKUPS[base_url]) if base_url in BACKUPS else (base_url,)


class Transport(Protocol):
    """A `Send` with an end."""

    async def __call__(self, request: WireRequest) -> WireAnswer: ...

    def close(self) -> None: ...


def transport_to(
    base_url: str,
    ca_certs: str | None,
    clock: Clock,
    total_s: float = TOTAL_S,
    most_bytes: int = MAX_ANSWER_BYTES,
) -> Transport:
    """The way to WeChat at this address, with the backup that WeChat offers for it. A call may take
    `total_s` in all, and its answer have `most_bytes`."""
    if base_url not in BACKUPS:
        return CurlTransport(base_url, ca_certs, total_s, most_bytes)
    main, backup = (
        CurlTransport(each, ca_certs, total_s / TRIES, most_bytes) for each in domains_of(base_url)
    )
    return WithBackup(main, backup, clock)


class WithBackup:
    """A signature does not hold the domain, and a number that comes twice is one order or refund:
    so the same request may go to both."""

    def __init__(self, main: Transport, backup: Transport, clock: Clock) -> None:
        self._main = main
        self._backup = backup
        self._clock = clock
        self._lost = 0
        self._main_at = 0.0

    async def __call__(self, request: WireRequest) -> WireAnswer:
        if self._main_is_next():
            return await self._call(self._main, self._backup, request)
        return await self._call(self._backup, self._main, request)

    async def _call(self, first: Send, second: Send, request: WireRequest) -> WireAnswer:
        """Raises what the first try brought, should the second one bring no answer either: what
        became of the first is not known then, whatever hindered the second."""
        try:
            answer = await first(request)
        except WeChatUnreachable as error:
            try:
                answer = await second(request)
            except PaymentError:
                raise error from None
            self._answered(second)
        else:
            self._answered(first, alone=True)
        return answer

    def _main_is_next(self) -> bool:
        """True again for one call a minute while the main domain is away."""
        if self._lost < LOST:
            return True
        now = self._clock.monotonic()
        if now < self._main_at:
            return False
        self._main_at = now + AWAY_S
        return True

    def _answered(self, by: Send, *, alone: bool = False) -> None:
        """`alone`: the other domain was not called."""
        if by is self._main:
            if self._lost >= LOST:
                log.info("WeChat's main domain answers again.")
            self._lost = 0
        elif not alone:
            self._lost += 1
            if self._lost == LOST:
                self._main_at = self._clock.monotonic() + AWAY_S
                log.warning("WeChat's main domain does not answer; its backup is called.")

    def close(self) -> None:
        self._main.close()
        self._backup.close()
