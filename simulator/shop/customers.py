"""The people of the demo, plainly made up, and what each of them is about to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

PEOPLE = 300
SHORTEST_S, LONGEST_S = 1.0, 20.0
LATE_S = (30.0, 120.0)


class Intent(StrEnum):
    PAY = "paid"
    LEAVE = "left"
    FAIL = "failed"
    DUPLICATE = "duplicate"
    DUPLICATES = "duplicates at once"
    LATE = "late"
    REFUND = "refund"
    ANOMALY = "anomaly"


WEIGHTS = {
    Intent.PAY: 76.0,
    Intent.LEAVE: 9.0,
    Intent.FAIL: 5.0,
    Intent.DUPLICATE: 3.0,
    Intent.DUPLICATES: 1.0,
    Intent.LATE: 1.0,
    Intent.REFUND: 2.0,
    Intent.ANOMALY: 3.0,
}
ANOMALIES = (
    "amount_plus_one",
    "negative",
    "wrong_signature",
    "tampered",
    "other_merchant",
    "unknown_order",
    "second_transaction",
    "after_close",
)


@dataclass(frozen=True)
class Visit:
    """Everything chance decides about one buyer, drawn at once: so the seed alone decides."""

    name: str
    phone: str
    open_id: str
    trade_type: str
    product: float
    """0 … 1: which of the products on sale."""
    quantity: int
    thinks_s: float
    """Seconds between the prepay and the payment."""
    intent: Intent
    anomaly: str
    late_s: float
    """How long a late notify takes, on the simulator's clock."""
    tries_again: bool
    """After a failed payment: whether a second try follows. Of a refund: of half only."""
    clicks_twice: bool
    coupon_fen: int


def draw(random: Random) -> Visit:
    """The next buyer who comes in."""
    number = random.randrange(1, PEOPLE + 1)
    return Visit(
        name=f"顾客 {number:03d}",
        phone=f"1990000{number:04d}",
        open_id=f"oDemoCustomer{number:015d}",
        trade_type="JSAPI" if random.random() < 0.65 else "NATIVE",
        product=random.random(),
        quantity=random.choices((1, 2, 3), (80, 15, 5))[0],
        thinks_s=min(LONGEST_S, SHORTEST_S + random.expovariate(1 / 5)),
        intent=random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0],
        anomaly=random.choice(ANOMALIES),
        late_s=random.uniform(*LATE_S),
        tries_again=random.random() < 0.5,
        clicks_twice=random.random() < 0.05,
        coupon_fen=random.choice((100, 200, 500)) if random.random() < 0.05 else 0,
    )


def opening(random: Random) -> Iterator[Visit]:
    """One of each thing that goes wrong, a refund, and good buyers between them."""
    wrong = [(Intent.ANOMALY, kind) for kind in ANOMALIES]
    for intent, anomaly in [*wrong[:4], (Intent.REFUND, ""), *wrong[4:], (Intent.REFUND, "")]:
        yield replace(draw(random), intent=Intent.PAY, thinks_s=SHORTEST_S)
        yield replace(draw(random), intent=intent, anomaly=anomaly, thinks_s=SHORTEST_S)
