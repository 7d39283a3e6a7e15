"""What a merchant downloads: a bill under a token, as it is, or as a fault leaves it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from simulator.bills.bill_desk import MadeBill, bill_of
from simulator.bills.bill_faults import PlantedFaults
from simulator.state.clock import SimulatedClock

TOKEN_S = 300.0
"""On the simulator's clock."""
MAX_TOKENS = 200


@dataclass(frozen=True)
class SimulatedDownload:
    """One bill on its way. `is_cut`: the connection ends in the middle; `is_short`: the text does,
    and nothing else tells."""

    made: MadeBill
    part: str
    gzip: bool
    is_cut: bool = False
    is_short: bool = False

    def lines(self) -> Iterator[str]:
        """To the middle of a row where the bill ends too early."""
        lines = self.made.lines(self.part)
        if not (self.is_cut or self.is_short):
            yield from lines
            return
        for _ in range(1 + self.made.count(self.part) // 2):
            yield next(lines)
        cut_line = next(lines)
        yield cut_line[: len(cut_line) // 2]


def begun(faults: PlantedFaults, made: MadeBill, part: str, *, gzip: bool) -> SimulatedDownload:
    """The download as the faults that wait have it."""
    about = (made.account, made.day, bill_of(part))
    is_cut = faults.take("cut", *about) is not None
    is_short = not is_cut and faults.take("truncated", *about) is not None
    return SimulatedDownload(made, part, gzip, is_cut, is_short)


@dataclass(frozen=True)
class GrantedDownload:
    """Whose bill a token opens, until when."""

    made: MadeBill
    part: str
    until: float


class DownloadTokens:
    """The newest MAX_TOKENS."""

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock
        self._granted: dict[str, GrantedDownload] = {}

    def grant(self, made: MadeBill, part: str) -> str:
        token = secrets.token_urlsafe(48)
        if len(self._granted) >= MAX_TOKENS:
            del self._granted[next(iter(self._granted))]
        self._granted[token] = GrantedDownload(made, part, self._clock.now() + TOKEN_S)
        return token

    def granted(self, token: str) -> GrantedDownload | None:
        """None for a token that is unknown or over."""
        found = self._granted.get(token)
        return found if found and self._clock.now() < found.until else None
