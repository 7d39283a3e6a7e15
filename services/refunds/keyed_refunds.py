"""Refunds that the merchant's server requests, once for an Idempotency-Key."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from models import IdempotentAnswer
from models.store import Store
from models.transaction import Batch, dump
from payments.errors import IdempotencyMismatch, InProgress
from payments.refund import RefundStatus
from services.refunds.refund_limits import RefundLimits
from services.refunds.refund_ops import RefundRequest, RequestedRefund, request_refunds
from services.refunds.refunds import Refunds
from services.runtime.idempotency import (
    KeyedRequest,
    Underway,
    claim_key,
    earlier_answer,
    forget_old_answers,
)
from services.settlement.refund_store import public


@dataclass(frozen=True)
class KeyedRefund:
    """A request for a refund with the Idempotency-Key of its request."""

    request: KeyedRequest
    ask: RefundRequest

    @property
    def order_num(self) -> str:
        return self.ask.order_num


@dataclass(frozen=True)
class RefundAnswer:
    """The refund as JSON; `repeated` when this is the answer to an earlier request, `to_send` is
    the number of the refund that WeChat is to be asked for now."""

    text: str
    repeated: bool
    to_send: str | None = None


class KeyedRefunds:
    def __init__(self, store: Store, refunds: Refunds, limits: RefundLimits) -> None:
        self._store = store
        self._refunds = refunds
        self._limits = limits
        self._underway = Underway()

    async def request(
        self,
        request: KeyedRequest,
        order_num: str,
        amount_fen: int,
        reason: str,
        by: str,
        refund_num: str | None = None,
        key_day_fen: int | None = None,
    ) -> RefundAnswer:
        """As `Refunds.request`, once for an Idempotency-Key: a repeat gets the first answer. Raises
        also IdempotencyMismatch, and InProgress while the first request still runs."""
        ask = RefundRequest(
            order_num, amount_fen, reason, by, refund_num, True, self._limits, key_day_fen
        )
        self._underway.enter(request)
        try:
            answer = await self._store.write(request_keyed, KeyedRefund(request, ask))
            if answer.to_send is None:
                return answer
            await self._refunds.calls.send(answer.to_send)
            sent = RefundAnswer(dump(await self._refunds.get(answer.to_send)), False)
            await self._store.write(keep_answers, (request, sent.text))
            return sent
        finally:
            self._underway.leave(request)


def request_keyed(batch: Batch, items: Sequence[KeyedRefund]) -> list[RefundAnswer | Exception]:
    """First all keys by name, then the orders by number, as with new orders. The answer of a refund
    that is to be sent is that of now, until WeChat has answered: so a process that ends between the
    two leaves no key without an answer."""
    forget_old_answers(batch)
    by_key = sorted(
        enumerate(items), key=lambda pair: (pair[1].request.api_key, pair[1].request.key)
    )
    earlier = {place: _claim(batch, item.request) for place, item in by_key}
    ours = [item for place, item in enumerate(items) if earlier[place] is None]
    made = iter(request_refunds(batch, [item.ask for item in ours]))
    return [
        earlier[place] or _keep(batch, item.request, next(made)) for place, item in enumerate(items)
    ]


def _keep(
    batch: Batch, request: KeyedRequest, result: RequestedRefund | Exception
) -> RefundAnswer | Exception:
    if isinstance(result, Exception):
        _forget(request)
        return result
    text = dump(public(result.refund))
    keep_answers(batch, [(request, text)])
    sends = result.is_new and result.refund.status is RefundStatus.APPROVED
    return RefundAnswer(text, False, result.refund.refund_num if sends else None)


def _claim(batch: Batch, request: KeyedRequest) -> RefundAnswer | Exception | None:
    """None when the key is ours now."""
    if earlier := earlier_answer(request):
        return _again(request, earlier)
    mark = secrets.token_hex(16)
    kept = claim_key(batch, request, mark)
    if kept is None:
        return InProgress()
    return None if kept.answer == mark else _again(request, kept)


def _again(request: KeyedRequest, earlier: IdempotentAnswer) -> RefundAnswer | Exception:
    same = earlier.request_hash == request.hash
    return RefundAnswer(earlier.answer, True) if same else IdempotencyMismatch()


def keep_answers(_batch: Batch, answers: Sequence[tuple[KeyedRequest, str]]) -> list[None]:
    """From now on a repeat of the request gets this text."""
    for request, text in answers:
        IdempotentAnswer.update(answer=text).where(
            IdempotentAnswer.api_key == request.api_key, IdempotentAnswer.key == request.key
        ).execute()
    return [None] * len(answers)


def _forget(request: KeyedRequest) -> None:
    """A request that failed leaves its key free."""
    IdempotentAnswer.delete().where(
        IdempotentAnswer.api_key == request.api_key, IdempotentAnswer.key == request.key
    ).execute()
