"""Money that WeChat holds for us and that is on no order: shown with a proposal, decided by admins,
and the sum of all money.

received = booked + refunded + waiting, to the fen, whatever was decided.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from models import Receipt
from models.base import rows
from models.money_totals import MoneyTotals, read_sums
from models.notify import ReceiptState
from models.store import Store
from payments.masking import mask_mch_id, mask_text
from payments.merchant import Merchants
from services.alerts.money_thread import read_cases_of, read_differences, read_refund_states
from services.live.feed import read_head
from services.refunds.receipt_ops import (
    ReceiptDecision,
    ReceiptFacts,
    ReceiptNotFound,
    decide_receipts,
    possible,
    proposal,
    read_facts,
)
from services.refunds.refund_limits import RefundLimits
from services.refunds.refunds import Refunds
from services.runtime.clock import rfc3339

PAGE, MAX_PAGE = 50, 100
STATES = tuple(state.value for state in ReceiptState)


class Receipts:
    """From the `limits` on a decision needs a second admin."""

    def __init__(
        self, store: Store, refunds: Refunds, merchants: Merchants, limits: RefundLimits
    ) -> None:
        self._store = store
        self._refunds = refunds
        self._merchants = merchants
        self._limits = limits
        self._summing = asyncio.Lock()
        self._summed: tuple[int, MoneyTotals] | None = None

    async def page(
        self, state: str | None = None, before: int | None = None, limit: int = PAGE
    ) -> dict[str, Any]:
        """Newest first, with the sums of all money and the limit for one admin."""
        page = await self._store.read(_read_page, state, before, limit)
        return {**page, "sums": await self.sums(), "secondAdminFen": self._limits.alone_fen}

    async def get(self, receipt_id: int) -> dict[str, Any]:
        """Raises ReceiptNotFound."""
        found = await self._store.read(_read_some, (receipt_id,))
        if not found:
            raise ReceiptNotFound
        return found[0]

    async def decide(
        self, receipt_id: int, action: str, version: int, note: str, by: str
    ) -> dict[str, Any]:
        """`refund`, `accept` or `reopen`, with the version that was seen; `decline` takes a
        proposal back. A refund is sent at once.

        Raises ReceiptNotFound, ReceiptConflict (another version), NotDecidable (this receipt
        does not allow that), SecondAdminNeeded, Busy.
        """
        deed = ReceiptDecision(receipt_id, action, version, note, by, self._limits, self._merchants)
        refund_num = await self._store.write(decide_receipts, deed)
        if refund_num:
            await self._refunds.calls.send(refund_num)
        return await self.get(receipt_id)

    async def sums(self) -> dict[str, Any]:
        """All money of one moment, in fen. One caller adds it up, for all who ask meanwhile; and
        again only after something happened."""
        async with self._summing:
            head, _ = await self._store.read(read_head)
            if self._summed is None or self._summed[0] != head:
                self._summed = head, await self._store.read(read_sums)
            return self._summed[1].public()


def _read_page(state: str | None, before: int | None, limit: int) -> dict[str, Any]:
    query = Receipt.select(Receipt.id).order_by(Receipt.id.desc()).limit(limit + 1)
    if state:
        query = query.where(Receipt.state == state)
    if before:
        query = query.where(Receipt.id < before)
    ids = [id_ for (id_,) in rows(query)]
    following = str(ids[limit - 1]) if len(ids) > limit else None
    return {"receipts": _read_some(ids[:limit]), "next": following}


def _read_some(ids: Sequence[int]) -> list[dict[str, Any]]:
    found = list(Receipt.select().where(Receipt.id.in_(list(ids))).order_by(Receipt.id.desc()))
    facts, cases = read_facts(found), read_cases_of(found)
    refunds = read_refund_states([receipt.refund_num for receipt in found if receipt.refund_num])
    differences = read_differences(found)
    return [
        {
            **_public(receipt, facts[receipt.id]),
            "refundStatus": refunds.get(receipt.refund_num or ""),
            "alerts": cases[receipt.id],
            "differences": differences[receipt.id],
        }
        for receipt in found
    ]


def _public(receipt: Receipt, facts: ReceiptFacts) -> dict[str, Any]:
    return {
        "id": receipt.id,
        "orderNum": receipt.order_num or None,
        "transactionId": receipt.transaction_id,
        "amountFen": receipt.amount_fen,
        "currency": receipt.currency,
        "refundedFen": receipt.refunded_fen,
        "returningFen": facts.returning_fen,
        "reason": receipt.reason,
        "state": receipt.state,
        "proposal": proposal(receipt, facts),
        "possible": list(possible(receipt, facts)),
        "action": receipt.action,
        "proposedBy": receipt.proposed_by,
        "decidedBy": receipt.decided_by,
        "decidedAt": rfc3339(receipt.decided_at),
        "note": mask_text(receipt.note),
        "refundNum": receipt.refund_num,
        "notifyId": receipt.notice_id,
        "receivedAt": rfc3339(receipt.received_at),
        "wechatPaidAt": rfc3339(receipt.wechat_paid_at),
        "orderStatus": facts.order_status,
        "merchant": mask_mch_id(receipt.mch_id) if receipt.mch_id else None,
        "version": receipt.version,
    }
