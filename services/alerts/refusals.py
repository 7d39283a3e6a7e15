"""A refusal of WeChat's as evidence, in its own words, and the newest one of a prepay."""

from __future__ import annotations

import json
from dataclasses import dataclass

from models import Event, EventHead
from models.base import rows
from payments.masking import mask_text
from payments.payment_rules import Compared

UNKNOWN = "UNKNOWN"
LOOKED_AT = 50_000
"""The number of newest events among which a refusal is looked for; the monitor reads every half
minute while there are any."""
NEWEST = 20


@dataclass(frozen=True)
class PrepayRefusal:
    """The newest prepay that WeChat refused: its code, and what it said as evidence."""

    code: str
    told: tuple[Compared, ...] = ()


def refusal_rows(
    code: str | None, words: str | None, issue: str | None, request_id: str | None
) -> tuple[Compared, ...]:
    """`issue` is API v3's `detail` in one line, `request_id` the number of the call in WeChat's
    log. What did not come is left out."""
    said = {
        "code": code,
        "words": mask_text(words),
        "detail": mask_text(issue),
        "Request-ID": request_id,
    }
    return tuple(Compared(name, None, value, False) for name, value in said.items() if value)


def read_prepay_refusal() -> PrepayRefusal:
    """A read for the store. The counters have said that there is one."""
    ((head,),) = rows(EventHead.select(EventHead.seq))
    query = Event.select(Event.data).where(
        Event.seq > head - LOOKED_AT, Event.kind == "prepay.failed"
    )
    for (text,) in rows(query.order_by(Event.seq.desc()).limit(NEWEST)):
        data = json.loads(text)
        code = data["code"]
        if code.isupper():  # ours, for a call without an answer, are not
            said = data["words"], data.get("detail"), data.get("requestId")
            return PrepayRefusal(code, refusal_rows(code, *said))
    return PrepayRefusal(UNKNOWN)
