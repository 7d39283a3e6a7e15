"""The faults that tests and the demo can set.

A fault waits here for a matching call of the merchant, or a matching notify of the simulator. The
simulator does the work first, and only the answer or the notify is spoiled, delayed or lost; but a
restricted merchant's order is not made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from payments.merchant import Api

MAX_FAULTS = 100
MAX_TIMES = 10_000
MAX_SLOW_S = 60.0
MAX_DELAY_S = 86_400.0
MAX_COPIES = 16
MAX_NUMBER = 32
SLOW_S, DELAY_S, COPIES = 3.0, 60.0, 2
"""Where no number is given."""

CALLS = (
    "unifiedorder",
    "orderquery",
    "closeorder",
    "refund",
    "refundquery",
    "abnormalrefund",
    "certificates",
    "tradebill",
    "fundflowbill",
    "complaints",
    "complaint",
    "complainthistory",
    "complaintreply",
    "complaintfinish",
    "complaintdecision",
    "complaintimage",
)
"""The calls by API v2's names; the same calls of API v3 meet the same faults. Those from
abnormalrefund on are v3's own. Two apply for a bill: the faults of bills themselves are in
simulator/bills/."""
NOTIFY, REFUND_NOTIFY, REFUND_RESULT = "notify", "refund_notify", "refund_result"
COMPLAINT_NOTIFY = "complaint_notify"
ON_ANSWERS = (
    "garbage",
    "unsigned",
    "wrong_signature",
    "other_merchant",
    "slow",
    "lost",
    "error_500",
    "redirect",
    "too_large",
)
ON_V3_ANSWERS = ("unknown_serial", "stale")
RESTRICTED, RESTRICTED_WORDS = "restricted", "收款功能已被限制"
"""The merchant may receive no payments: no order is made."""
ON_NOTIFIES = ("drop", "delay", "duplicate")
ON_V3_NOTIFIES = ("unknown_serial", "stale", "wrong_tag", "probe", "bad_signature")
RESULTS = ("abnormal", "closed")
KINDS = {
    **dict.fromkeys(CALLS, ON_ANSWERS + ON_V3_ANSWERS),
    "unifiedorder": (*ON_ANSWERS, *ON_V3_ANSWERS, RESTRICTED),
    **dict.fromkeys((NOTIFY, REFUND_NOTIFY, COMPLAINT_NOTIFY), ON_NOTIFIES + ON_V3_NOTIFIES),
    REFUND_RESULT: RESULTS,
}
"""Which faults there are on which messages."""


def possible(on: str, api: Api) -> Collection[str]:
    """The faults that a message of this interface can have; the others wait for another."""
    if on not in CALLS:
        return ON_NOTIFIES + ON_V3_NOTIFIES if api is Api.V3 else ON_NOTIFIES
    if api is Api.V2:
        return ON_ANSWERS
    names_merchant = on == "orderquery"  # no other answer of API v3 does
    kinds = ON_ANSWERS + ON_V3_ANSWERS
    return [kind for kind in kinds if names_merchant or kind != "other_merchant"]


class BadFault(ValueError):
    """A fault that does not exist or is out of bounds; the text says what is wrong."""


@dataclass(eq=False)
class Fault:
    """`kind` happens to the messages of `on`: `times` more of them (None: until cleared), of one
    order or of all. `seconds` is real time for `slow`, the simulator's for `delay`."""

    on: str
    kind: str
    times: int | None = 1
    order_num: str | None = None
    seconds: float = 0.0
    copies: int = COPIES
    hits: int = 0
    number: int = 0
    cleared: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS.get(self.on, ()):
            raise BadFault("There is no such fault on these messages.")
        if self.times is not None and not 1 <= self.times <= MAX_TIMES:
            raise BadFault(f"times is between 1 and {MAX_TIMES}, or null: until cleared.")
        if len(self.order_num or "") > MAX_NUMBER:
            raise BadFault(f"An order number has at most {MAX_NUMBER} characters.")
        limit = MAX_DELAY_S if self.kind == "delay" else MAX_SLOW_S
        self.seconds = self.seconds or {"slow": SLOW_S, "delay": DELAY_S}.get(self.kind, 0.0)
        if not 0 <= self.seconds <= limit:
            raise BadFault(f"seconds is between 0 and {limit:.0f}.")
        if not 2 <= self.copies <= MAX_COPIES:
            raise BadFault(f"copies is between 2 and {MAX_COPIES}.")

    def fits(self, on: str, order_num: str | None) -> bool:
        return self.on == on and self.order_num in (None, order_num)


class Faults:
    """The faults that wait, oldest first; at most MAX_FAULTS."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._holding: list[Fault] = []
        self._numbers = count(1)

    def add(self, fault: Fault) -> None:
        """Let it wait, with a number of its own. Raises BadFault when too many wait already."""
        if len(self._waiting) >= MAX_FAULTS:
            raise BadFault("Too many faults wait already; clear them.")
        fault.number = next(self._numbers)
        self._waiting.append(fault)

    def take(
        self, on: str, order_num: str | None, kinds: Collection[str] | None = None
    ) -> Fault | None:
        """The oldest fault for this message (one of `kinds`, where they are given), now one time
        less; None: all goes well."""
        fitting = (f for f in self._waiting if f.fits(on, order_num))
        fault = next((f for f in fitting if kinds is None or f.kind in kinds), None)
        if fault is None:
            return None
        fault.hits += 1
        if fault.times is not None:
            fault.times -= 1
            if not fault.times:
                self._waiting.remove(fault)
        return fault

    def restricts(self, call: str, order_num: str | None) -> bool:
        """Is this call refused because the merchant is restricted?"""
        return self.take(call, order_num, (RESTRICTED,)) is not None

    async def hold(self, fault: Fault, seconds: float) -> None:
        """Wait so long, or until the fault is cleared."""
        self._holding.append(fault)
        try:
            async with asyncio.timeout(seconds):
                await fault.cleared.wait()
        except TimeoutError:
            return
        finally:
            self._holding.remove(fault)

    def clear(self) -> None:
        """Forget all."""
        for fault in (*self._waiting, *self._holding):
            self.forget(fault)

    def forget(self, fault: Fault) -> None:
        """It happens no more; an answer that it holds back leaves at once."""
        fault.cleared.set()
        if fault in self._waiting:
            self._waiting.remove(fault)

    def as_json(self) -> list[dict[str, Any]]:
        return [_shown(fault) for fault in self._waiting]


def _shown(fault: Fault) -> dict[str, Any]:
    return {
        "id": fault.number,
        "on": fault.on,
        "fault": fault.kind,
        "times": fault.times,
        "orderNum": fault.order_num,
        "seconds": fault.seconds if fault.kind in ("slow", "delay") else None,
        "copies": fault.copies if fault.kind == "duplicate" else None,
        "hits": fault.hits,
    }
