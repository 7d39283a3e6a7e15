"""WeChat's fee: a rate of each account on what is settled, half a fen up."""

from __future__ import annotations

DEFAULT_RATE = 60
"""In hundredths of a percent: 0.60 %."""
MAX_RATE = 1_000


def fee_fen(fen: int, rate: int) -> int:
    """The fee on `fen`, not negative; on a refund the same goes back."""
    return (fen * rate + 5_000) // 10_000


def percent(rate: int) -> str:
    """`60` → `0.60%`."""
    return f"{rate // 100}.{rate % 100:02d}%"
