"""Notifies that were kept: their full text for who may see it, and judged again by the rules of
now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import RawNotify
from models.notify import ReceiptState
from models.store import Store
from models.transaction import Batch
from payments.encryption import Sealer
from payments.errors import BadSignature, Malformed, PaymentError
from payments.masking import mask_proof, mask_text
from payments.merchant import Merchants
from payments.outcomes import Outcome
from payments.payment_result import PaymentResult
from payments.payment_rules import Verdict
from payments.states import OrderStatus, ServiceStatus
from payments.v2 import notify as v2_notify
from payments.v2 import wire as v2_wire
from payments.v3 import notify as v3_notify
from payments.v3 import wire as v3_wire
from services.runtime.audit_log import Deed, record
from services.settlement.settlement import REPLAY, Settlement
from services.settlement.snapshots import Incoming, SettlementContext, load_context


class NotifyNotFound(PaymentError):
    code = "not_found"
    message = "There is no such notify, or it is no longer kept."


class NotReplayable(PaymentError):
    """`detail["reason"]` is `not_booked`, or why it cannot be judged at all (`Replayed.reason`)."""

    code = "not_replayable"
    message = "Today's rules do not book this notify; nothing was changed."


@dataclass(frozen=True)
class KeptNotify:
    """`text` is None when the keys that are set do not open it."""

    id: str
    text: str | None
    authentic: bool
    outcome: str


@dataclass(frozen=True)
class NotifyUnmasking:
    """A request to see a notify in full: the person and the reason."""

    notice_id: str
    by: str
    reason: str


class RawNotifies:
    def __init__(
        self, store: Store, sealer: Sealer, settlement: Settlement, merchants: Merchants
    ) -> None:
        self._store = store
        self._sealer = sealer
        self._settlement = settlement
        self._merchants = merchants

    async def unmask(self, notice_id: str, by: str, reason: str) -> str | None:
        """The text with openid and phone in full, its signature hidden; None when the keys that
        are set do not open it. It is in the audit log before it is told. Raises NotifyNotFound,
        Busy."""
        kept = await self._kept(notice_id)
        if kept.text is None:
            return None
        await self._store.write(note_unmasking, NotifyUnmasking(notice_id, by, reason))
        return mask_proof(kept.text)

    async def rehearse(self, notice_id: str) -> dict[str, Any]:
        """Judge it by today's rules, and list the changes that booking it would make. Changes
        nothing. Raises NotifyNotFound, Busy."""
        kept = await self._kept(notice_id)
        news = read_again(kept, self._merchants)
        if isinstance(news, str):
            return _told(kept, reason=news)
        return await self._store.write(rehearse, _Rehearsal(kept, news))

    async def replay(self, notice_id: str, by: str) -> dict[str, Any]:
        """Settle it, if the rules book it now or have booked it already; by the same door as when
        it came. Raises NotifyNotFound, NotReplayable, Busy."""
        kept = await self._kept(notice_id)
        news = read_again(kept, self._merchants)
        if isinstance(news, str):
            raise NotReplayable(reason=news)
        would = await self._store.write(rehearse, _Rehearsal(kept, news))
        if would["verdict"] not in (Outcome.BOOKED.value, Outcome.DUPLICATE.value):
            raise NotReplayable(reason="not_booked")
        verdict = await self._settlement.replay(news, kept.text or "", by)
        return _told(kept, verdict)

    async def _kept(self, notice_id: str) -> KeptNotify:
        kept = await self._store.read(_read_kept, notice_id, self._sealer)
        if kept is None:
            raise NotifyNotFound
        return kept


def read_again(kept: KeptNotify, merchants: Merchants) -> PaymentResult | str:
    """The payment result in a kept notify, proven again; or why there is none: `forged`, `sealed`
    (no key of ours opens it), `ignored`, `refund` (of those WeChat is asked), `key` (the key that
    proves it is not set any more), `foreign` (of API v3 the proof is not kept, and it was not for
    us)."""
    if not kept.authentic:
        return "forged"
    if kept.text is None:
        return "sealed"
    if kept.outcome == Outcome.IGNORED.value:
        return "ignored"
    is_xml = kept.text.lstrip().startswith("<")
    try:
        return (_read_v2 if is_xml else _read_v3)(kept, kept.text.encode(), merchants)
    except (BadSignature, Malformed):
        return "key"


def _read_v2(kept: KeptNotify, body: bytes, merchants: Merchants) -> PaymentResult | str:
    names = v2_wire.read_whole(body).keys()
    if "req_info" in names or any(name.startswith("out_refund_no") for name in names):
        return "refund"
    return v2_notify.read(body, merchants)


def _read_v3(kept: KeptNotify, body: bytes, merchants: Merchants) -> PaymentResult | str:
    """The signature was over the sealed message, which is not kept. The account that it was proven
    for is the one that it names, unless it was refused for that."""
    fields = v3_wire.read(body)
    if "out_refund_no" in fields:
        return "refund"
    if kept.outcome == Outcome.FOREIGN_MERCHANT.value:
        return "foreign"
    signer = merchants.of_account(v3_wire.text(fields, "mchid"))
    return v3_notify.notice_of(fields, merchants, signer) if signer else "key"


# --- ops and reads -------------------------------------------------------------------------------


def note_unmasking(batch: Batch, items: Sequence[NotifyUnmasking]) -> list[None]:
    deeds = [
        Deed(
            item.by,
            "notify.unmasked",
            item.notice_id,
            {"reason": mask_text(item.reason)},
        )
        for item in items
    ]
    record(batch, *deeds)
    return [None] * len(items)


@dataclass(frozen=True)
class _Rehearsal:
    kept: KeptNotify
    notice: PaymentResult


def rehearse(batch: Batch, items: Sequence[_Rehearsal]) -> list[dict[str, Any]]:
    """In the writer's turn, because it reads what settling reads; it writes nothing."""
    incoming = [Incoming(item.notice, b"", REPLAY, batch.now, item.kept.id) for item in items]
    context = load_context(batch, incoming)
    return [
        _told(rehearsal.kept, verdict := context.judge(item), _changes(context, item, verdict))
        for rehearsal, item in zip(items, incoming, strict=True)
    ]


def _changes(context: SettlementContext, item: Incoming, verdict: Verdict) -> list[dict[str, Any]]:
    """The changes that booking it would make, field by field, before and after."""
    snapshot = context.snapshot(item)
    if verdict.outcome is not Outcome.BOOKED or snapshot is None:
        return []
    facts = snapshot.facts
    changes = [
        _change("status", facts.status.value, OrderStatus.PAID.value),
        _change("serviceStatus", None, ServiceStatus.SERVICE_WAIT.value),
        _change("paidFen", 0, facts.total_fen),
    ]
    receipt = context.receipts.get((item.transaction_id or "", facts.order_num))
    if receipt:
        changes.append(_change("receipt", receipt, ReceiptState.BOOKED.value))
    return changes


def _change(name: str, before: object, after: object) -> dict[str, Any]:
    return {"name": name, "before": before, "after": after}


def _told(
    kept: KeptNotify,
    verdict: Verdict | None = None,
    changes: list[dict[str, Any]] | None = None,
    reason: str | None = None,
) -> dict[str, Any]:
    return {
        "notifyId": kept.id,
        "before": kept.outcome,
        "verdict": verdict.outcome.value if verdict else None,
        "expected": verdict.expected if verdict else None,
        "actual": verdict.actual if verdict else None,
        "changes": changes or [],
        "reason": reason,
    }


def _read_kept(notice_id: str, sealer: Sealer) -> KeptNotify | None:
    row = RawNotify.get_or_none(RawNotify.id == notice_id)
    if row is None:
        return None
    return KeptNotify(row.id, sealer.open(bytes(row.sealed), row.id), row.authentic, row.outcome)
