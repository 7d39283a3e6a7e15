"""Messages that prove nothing: one open case a source, later ones counted on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import RawNotice
from models.stream import Batch
from payments.answers import AlertKind, Outcome
from payments.rules import Compared
from services.cases import Cases, Finding, Raised


@dataclass(frozen=True)
class Forgery:
    """A message that proved nothing. `source` is a network, `reason` our words."""

    source: str
    reason: str
    body: str
    received_at: int
    id: str


def count_forgeries(batch: Batch, forgeries: Sequence[Forgery]) -> list[None]:
    """One open case a source; later ones are counted on it."""
    cases = Cases(batch, [(AlertKind.BAD_SIGNATURE.value, f.source) for f in forgeries])
    for forgery in forgeries:
        raised = cases.raise_(
            Finding(
                kind=AlertKind.BAD_SIGNATURE,
                subject=forgery.source,
                order_num=None,
                rule="A notify must carry a signature made with our key.",
                expected="valid",
                actual=forgery.reason,
                fields=(
                    Compared("sign", "valid", forgery.reason, False),
                    Compared("source", None, forgery.source, True),
                ),
                notice_id=forgery.id,
                authentic=False,
                event_data={"source": forgery.source},
            )
        )
        if raised is not Raised.COUNTED:  # the text that the evidence names is kept
            batch.sql.insert(RawNotice, [_forgery_row(forgery)])
    cases.flush()
    return [None] * len(forgeries)


def _forgery_row(forgery: Forgery) -> dict[str, Any]:
    return {
        "id": forgery.id,
        "order_num": None,
        "transaction_id": None,
        "source": forgery.source,
        "authentic": False,
        "outcome": Outcome.UNPROVEN.value,
        "body": forgery.body,
        "received_at": forgery.received_at,
    }
