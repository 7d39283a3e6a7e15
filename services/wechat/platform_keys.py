"""WeChat's own keys as each account knows them: the public keys that were set up, and the platform
certificates, which are fetched, shared by all processes and kept until they expire.

A notify names the key that signed it. An unknown name costs one read of the table a second and one
fetch a minute, over all processes, however many such notifies come.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from models import PlatformCertificate
from models.base import rows
from models.store import Store
from models.transaction import Batch
from payments.alert_kinds import AlertKind
from payments.causes import Cause
from payments.errors import Busy, PaymentError
from payments.masking import mask_mch_id
from payments.merchant import Merchant, Merchants
from payments.protocol import Moment, PlatformKeys
from payments.v3 import certificates as wire
from payments.v3 import signing
from services.alerts.triage import Alerts
from services.runtime.clock import HOUR_MS, MINUTE_MS, Clock
from services.runtime.leases import Leases
from services.wechat.client import Send, nonce

log = logging.getLogger(__name__)

REFRESH_MS = 12 * HOUR_MS
"""WeChat shows a new certificate a day before it signs with it."""
RETRY_MS = 10 * MINUTE_MS
TURN = "certificate fetch"
TURN_S = MINUTE_MS / 1000
LOOK_S = 1.0
PATIENCE_S = 3.0
"""The time that a notify waits for an unknown key; WeChat waits five seconds in all."""
MAX_WAITING = 64
_SERIAL = re.compile(r"[0-9A-F]{8,40}", re.ASCII)
"""The serial of a platform certificate. A public key (PUB_KEY_ID_…) cannot be fetched."""
_NONE: PlatformKeys = {}


@dataclass(frozen=True)
class KeptCertificate:
    """A certificate in the table; times in ms UTC."""

    mch_id: str
    serial: str
    pem: str
    effective_at: int
    expires_at: int
    fetched_at: int


class PlatformKeyring:
    """`look` is run every few seconds in each process, `refresh` in one of them; `close` once."""

    def __init__(
        self,
        store: Store,
        leases: Leases,
        send: Send,
        merchants: Merchants,
        clock: Clock,
        alerts: Alerts,
    ) -> None:
        self._store = store
        self._leases = leases
        self._send = send
        self._clock = clock
        self._alerts = alerts
        self._accounts = {m.mch_id: m for m in merchants if m.api_v3_key}
        # Without a key of our own WeChat cannot be asked; its public key alone may do.
        self._askable = {
            m.mch_id: m for m in merchants if m.api_v3_key and m.private_key and m.serial
        }
        self._keys: dict[str, PlatformKeys] = {
            mch_id: _configured(m) for mch_id, m in self._accounts.items()
        }
        self._fetched: dict[str, int] = {}
        self._tried: dict[str, int] = {}
        self._told: set[str] = set()
        self._learning: asyncio.Task[None] | None = None
        self._waiting = 0
        self._next_look = self._next_turn = float("-inf")

    def keys_of(self, merchant: Merchant) -> PlatformKeys:
        """The keys by serial or id, from memory."""
        return self._keys.get(merchant.mch_id, _NONE)

    async def look(self) -> None:
        """Take over what any process has fetched, and drop what has expired. Raises Busy."""
        if not self._accounts:
            return
        kept = await self._store.read(read_kept, tuple(self._accounts))
        now = self._clock.now_ms()
        good = [each for each in kept if each.expires_at > now]
        self._fetched.update({each.mch_id: each.fetched_at for each in kept})
        self._keys = {
            mch_id: {
                **_configured(account),
                **{c.serial: signing.public_key(c.pem) for c in good if c.mch_id == mch_id},
            }
            for mch_id, account in self._accounts.items()
        }

    async def refresh(self) -> None:
        """Fetch for one account whose certificates were not looked at for twelve hours."""
        now = self._clock.now_ms()
        for mch_id, account in self._askable.items():
            pause = REFRESH_MS if account.public_keys else RETRY_MS
            is_fresh = _is_recent(self._fetched.get(mch_id, 0), now, REFRESH_MS)
            if not is_fresh and not _is_recent(self._tried.get(mch_id, 0), now, pause):
                await self._fetch(account)
                return

    async def learn(self, serial: str) -> bool:
        """Whether the key that a notify names is known after all. Many may ask at once: they wait
        for the same look, not longer than PATIENCE_S, and only so many."""
        if not self._askable or not _SERIAL.fullmatch(serial) or self._waiting >= MAX_WAITING:
            return False
        if self._learning is None or self._learning.done():
            if self._clock.monotonic() < self._next_look:
                return False
            self._learning = asyncio.create_task(self._learn(serial), name="certificates")
        self._waiting += 1
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await asyncio.shield(self._learning)
        finally:
            self._waiting -= 1
        return self._knows(serial)

    async def renew(self, merchant: Merchant) -> None:
        """An answer names a key that is not known: look, and fetch if it is time. Raises Busy."""
        await self.look()
        if merchant.mch_id in self._askable and await self._turn():
            await self._fetch(self._askable[merchant.mch_id])

    async def close(self) -> None:
        if self._learning is not None:
            self._learning.cancel()
            await asyncio.wait({self._learning})

    async def _learn(self, serial: str) -> None:
        try:
            await self.look()
            if not self._knows(serial) and await self._turn():
                await self._fetch(min(self._askable.values(), key=self._last))
        except Busy as error:
            log.warning("WeChat's certificates: %s", error)
        finally:
            self._next_look = self._clock.monotonic() + LOOK_S

    def _knows(self, serial: str) -> bool:
        return any(serial in keys for keys in self._keys.values())

    def _last(self, account: Merchant) -> int:
        """When it was asked for last. Which account a name belongs to nobody knows before."""
        mch_id = account.mch_id
        return max(self._tried.get(mch_id, 0), self._fetched.get(mch_id, 0))

    async def _turn(self) -> bool:
        """Once a minute, over all processes and accounts."""
        if self._clock.monotonic() < self._next_turn:
            return False
        ours = await self._leases.turn(TURN, MINUTE_MS)
        # Another's minute ends before ours would.
        self._next_turn = self._clock.monotonic() + (TURN_S if ours else TURN_S / 12)
        return ours

    async def _fetch(self, account: Merchant) -> None:
        """A failure keeps what we have."""
        now = self._tried[account.mch_id] = self._clock.now_ms()
        try:
            answer = await self._send(wire.request(account, Moment(now // 1000, nonce())))
            found = wire.read(answer, account, now // 1000)
        except PaymentError as error:
            await self._failed(account, error)
            return
        kept = [
            KeptCertificate(
                account.mch_id, c.serial, c.pem, _ms(c.effective_at), _ms(c.expires_at), now
            )
            for c in found
        ]
        await self._store.write(keep, kept)
        self._told.discard(account.mch_id)
        await self.look()
        subject = _missing_keys(account)
        await self._alerts.recovered((AlertKind.SYSTEM.value, subject))

    async def _failed(self, account: Merchant, error: PaymentError) -> None:
        """Told once until it goes well again; with a public key it is how things should be."""
        if account.mch_id in self._told:
            return
        self._told.add(account.mch_id)
        who = mask_mch_id(account.mch_id)
        words = error.detail.get("words") or error.message
        level = logging.INFO if self.keys_of(account) else logging.WARNING
        log.log(level, "WeChat's certificates of account %s are not to be had: %s", who, words)
        if not self.keys_of(account):
            subject, cause = _missing_keys(account), Cause.WECHAT_KEY_MISSING
            await self._alerts.system(subject, cause, error.code, {"account": who})


def _missing_keys(account: Merchant) -> str:
    """The subject of the case."""
    return f"wechat keys {mask_mch_id(account.mch_id)}"


def _is_recent(then: int, now: int, ms: int) -> bool:
    """Less than `ms` ago; a moment that is still to come was written by a clock that was ahead."""
    return -MINUTE_MS <= now - then < ms


def _configured(merchant: Merchant) -> PlatformKeys:
    return {name: signing.public_key(pem) for name, pem in merchant.public_keys}


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


# --- the table -----------------------------------------------------------------------------------


def read_kept(mch_ids: tuple[str, ...]) -> list[KeptCertificate]:
    """A read for the store: the certificates of these accounts."""
    names = tuple(KeptCertificate.__dataclass_fields__)
    query = PlatformCertificate.select(*(getattr(PlatformCertificate, name) for name in names))
    return [
        KeptCertificate(*row) for row in rows(query.where(PlatformCertificate.mch_id.in_(mch_ids)))
    ]


def keep(batch: Batch, items: Sequence[list[KeptCertificate]]) -> list[None]:
    """Add what is new; a certificate never changes. Those that have expired go."""
    PlatformCertificate.delete().where(PlatformCertificate.expires_at <= batch.now).execute()
    for item in items:
        batch.sql.insert(PlatformCertificate, [vars(kept) for kept in item], ignore=True)
        for kept in item:
            ours = PlatformCertificate.mch_id == kept.mch_id
            PlatformCertificate.update(fetched_at=kept.fetched_at).where(ours).execute()
    return [None] * len(items)
