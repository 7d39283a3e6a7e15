"""What a search costs with few orders and with many: the CPU of this process and of the database's
process for the connection, of the product's own search."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from peewee import Database

from bench.growth.cpu_clock import CpuClock
from bench.growth.data import NOW
from bench.growth.questions import nobody, questions
from bench.rounds import Wrong
from models import TABLES
from services.views.order_filter import OrderFilter
from services.views.order_list import OrderPage, find_orders

PAGE = 50
WARM, LEAST, MOST = 2, 7, 60
ENOUGH_MS = 150
"""A question is asked in turn of both databases, until it has taken so much CPU."""


@dataclass(frozen=True)
class Priced:
    """A question and its median CPU (ms) with few orders and with many."""

    name: str
    few_ms: float
    many_ms: float

    @property
    def ratio(self) -> float:
        return self.many_ms / self.few_ms


def ask_all(few: Database, many: Database) -> Iterator[Priced]:
    """Raises Wrong for a page with rows that were not asked for, or not in the order of time."""
    both = [_Side(few), _Side(many)]
    for (name, of_few), (_, of_many) in zip(*(side.questions for side in both), strict=True):
        wanted = (of_few, of_many)
        times = _times(both, wanted)
        for side, each in zip(both, wanted, strict=True):
            _check(name, each, side.ask(each)[1])
        yield Priced(name, *(statistics.median(each[WARM:]) for each in times))


def _times(both: Sequence[_Side], wanted: Sequence[OrderFilter]) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(MOST):
        for at in (0, 1) if turn % 2 else (1, 0):
            times[at].append(both[at].ask(wanted[at])[0])
        if turn >= LEAST and sum(times[0]) + sum(times[1]) > ENOUGH_MS:
            break
    return times


class _Side:
    """One database, with the process that serves this connection."""

    def __init__(self, database: Database) -> None:
        self._database, self._clock = database, CpuClock(database)
        with database.bind_ctx(TABLES):
            self.questions = list(questions())

    def ask(self, wanted: OrderFilter) -> tuple[float, OrderPage]:
        """The CPU (ms) and the page."""
        with self._database.bind_ctx(TABLES):
            begin = self._clock.now_ms()
            page = find_orders(wanted, NOW, None, PAGE)
            return self._clock.now_ms() - begin, page


def _check(name: str, wanted: OrderFilter, page: OrderPage) -> None:
    keys = [(view.created_at, view.id) for view in page.views]
    nearest_first = page.lookup is not None and page.lookup.near is not None
    if not nearest_first and keys != sorted(set(keys), reverse=True):
        raise Wrong(f"The page of “{name}” is not in the order of time.")
    if any(wanted.statuses and view.status.value not in wanted.statuses for view in page.views):
        raise Wrong(f"The page of “{name}” has other states.")
    if page.views and nobody(name):
        raise Wrong(f"The page of “{name}” has {len(page.views)} orders.")
