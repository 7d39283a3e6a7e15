"""An answer is kept under its Idempotency-Key, in the transaction of what it answers: a repeat gets
it again, whatever process is asked."""

from __future__ import annotations

from dataclasses import dataclass

from models import IdempotentAnswer
from models.transaction import Batch
from payments.errors import IdempotencyMismatch, InProgress
from services.runtime.clock import DAY_MS


@dataclass(frozen=True)
class KeyedRequest:
    """A request of an API key with its Idempotency-Key; `hash` is that of what it asks for."""

    api_key: str
    key: str
    hash: str


class Underway:
    """The keyed requests that this process is working on. A second one is refused meanwhile; over
    several processes the UNIQUE key decides, and the later request gets the first answer."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, str], str] = {}

    def enter(self, request: KeyedRequest) -> None:
        """Raises InProgress, or IdempotencyMismatch when the first one asked for another thing."""
        name = request.api_key, request.key
        if name in self._running:
            raise InProgress if self._running[name] == request.hash else IdempotencyMismatch
        self._running[name] = request.hash

    def leave(self, request: KeyedRequest) -> None:
        del self._running[request.api_key, request.key]


def forget_old_answers(batch: Batch) -> None:
    """Inside a transaction: answers are kept for 24 hours, and while the clock is in doubt."""
    if batch.may_forget:
        old = IdempotentAnswer.created_at <= batch.now - DAY_MS
        IdempotentAnswer.delete().where(old).execute()


def earlier_answer(request: KeyedRequest) -> IdempotentAnswer | None:
    found: IdempotentAnswer | None = IdempotentAnswer.get_or_none(
        IdempotentAnswer.api_key == request.api_key, IdempotentAnswer.key == request.key
    )
    return found


def claim_key(batch: Batch, request: KeyedRequest, answer: str) -> IdempotentAnswer | None:
    """Write `answer` under its key unless another process was first; what is kept there."""
    row = {
        "api_key": request.api_key,
        "key": request.key,
        "request_hash": request.hash,
        "answer": answer,
        "created_at": batch.now,
    }
    batch.sql.insert(IdempotentAnswer, [row], ignore=True)
    return earlier_answer(request)
