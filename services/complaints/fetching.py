"""Asks WeChat about complaints: those that are wanted, one after the other, and the list of each
account as a fallback for notifies that were lost."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping

from models.store import Store
from payments.encryption import Sealer
from payments.errors import Busy, PaymentError
from payments.merchant import Merchant, Merchants
from payments.v3 import calls
from payments.v3.complaint import LIST_PAGE
from services.complaints.complaint_views import payer_name
from services.complaints.keep_ops import FetchedComplaint, keep_complaints
from services.complaints.look_ops import (
    AT_ONCE,
    DueLook,
    FailedLook,
    claim_looks,
    put_off,
    read_due,
)
from services.complaints.poll_ops import (
    DuePoll,
    FailedPoll,
    PageRead,
    claim_polls,
    fail_polls,
    page_read,
    plan_polls,
    read_due_polls,
)
from services.runtime.clock import Clock
from services.runtime.ids import sealing_nonce
from services.wechat.complaint_client import ComplaintClient

log = logging.getLogger(__name__)


def complaint_accounts(merchants: Merchants) -> dict[str, Merchant]:
    """The accounts whose complaints can be asked for, by merchant number."""
    able = [m for m in merchants if m.api_v3_key and calls.can_sign(m)]
    return {merchant.mch_id: merchant for merchant in reversed(able)}


class ComplaintFetching:
    """`accounts` as `complaint_accounts` gives them. `woken` is set when a look is wanted at
    once."""

    def __init__(
        self,
        store: Store,
        client: ComplaintClient,
        accounts: Mapping[str, Merchant],
        sealer: Sealer,
        clock: Clock,
    ) -> None:
        self._store = store
        self._client = client
        self._accounts = accounts
        self._sealer = sealer
        self._clock = clock
        self.woken = asyncio.Event()

    async def step(self) -> None:
        """The looks that are due, and one page of a list; a leased job calls this. Raises Busy."""
        self.woken.clear()
        if not self._accounts:
            return
        names = tuple(self._accounts)
        looks = await self._store.read(read_due, self._clock.now_ms(), names)
        for look in looks:
            if await self._store.write(claim_looks, look):
                await self._look(look)
        if len(looks) == AT_ONCE:
            self.woken.set()  # there may be more
        await self._poll(names)

    async def fetch(self, mch_id: str, complaint_id: str) -> None:
        """Ask for this complaint now, and keep it. Raises WeChatRefused, WeChatUntrusted,
        WeChatUnreachable, Busy."""
        merchant, began = self._accounts[mch_id], self._clock.now_ms()
        detail = await self._client.detail(merchant, complaint_id)
        history = await self._client.history(merchant, complaint_id)
        payer = None
        if detail.phone or detail.open_id:
            text = json.dumps({"phone": detail.phone, "openId": detail.open_id})
            payer = self._sealer.seal(text, payer_name(complaint_id), sealing_nonce())
        fetched = FetchedComplaint(mch_id, detail, tuple(history), payer, began)
        await self._store.write(keep_complaints, fetched)

    async def _look(self, look: DueLook) -> None:
        try:
            await self.fetch(look.mch_id, look.complaint_id)
        except Busy:
            raise
        except PaymentError as error:
            log.warning("Complaint %s is not fetched: %s", look.complaint_id, error)
            await self._store.write(put_off, FailedLook(look, error))

    async def _poll(self, names: tuple[str, ...]) -> None:
        await self._store.write(plan_polls, names)
        for poll in await self._store.read(read_due_polls, self._clock.now_ms(), names):
            if await self._store.write(claim_polls, poll):
                await self._read_page(poll)

    async def _read_page(self, poll: DuePoll) -> None:
        try:
            listed, total = await self._client.page(
                self._accounts[poll.mch_id], poll.begins, poll.ends, poll.at_row
            )
        except Busy:
            raise
        except PaymentError as error:
            await self._store.write(fail_polls, FailedPoll(poll, error))
            return
        more = poll.at_row + LIST_PAGE < total and bool(listed)
        await self._store.write(page_read, PageRead(poll, tuple(listed), more))
