"""A bounded look along an index for the newest orders that meet some conditions. It reads about as
much of five million orders as of ten thousand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models import Order
from models.base import chosen, plain_rows, together
from services.orders.orders import OrderView, to_view, view_columns
from services.views.order_filter import Condition

LOOK = 200
"""The rows of an index that a page looks at: of the index that reaches farthest back in time with
so many."""
FURTHER = 1_000
"""The same, of the index that is followed to the end of REACH."""
REACH = 10_000
"""The newest orders among which a page finds whatever there is, though it be more than LOOK rows of
an index."""
ALIKE = 2_000
"""Up to so many rows of an index in another order are sorted."""
OFTEN = 16
"""More are met often on the way back in time, so it is so many times shorter then."""
HIGHEST = 2_000
"""Of numbers that begin alike so many are looked at."""
_ALL = Condition(None, (None,))
_KEY = (Order.created_at, Order.id)


@dataclass(frozen=True, order=True)
class Key:
    """A place in a list; the newest is the greatest."""

    created_at: int
    id: int


_BEGINNING = Key(-1, -1)


@dataclass(frozen=True)
class Span:
    """The orders made from `since` on and before `until` (ms UTC), behind the place `behind` or,
    if `at`, from it on; and not behind the place `last`."""

    since: int | None = None
    until: int | None = None
    behind: Key | None = None
    at: bool = False
    last: Key | None = None

    def within(self, since: int | None, until: int | None) -> Span:
        """What both allow."""
        since = max((t for t in (self.since, since) if t is not None), default=None)
        until = min((t for t in (self.until, until) if t is not None), default=None)
        return replace(self, since=since, until=until)

    def of(self, made: Any) -> list[Any]:
        """As conditions that an index serves, which takes one bound on each side; `made` has the
        columns created_at and id."""
        return [*self._from(made), *self._up_to(made)]

    def _from(self, made: Any) -> list[Any]:
        if key := self.last:
            same = made.id >= key.id
            return [made.created_at >= key.created_at, (made.created_at > key.created_at) | same]
        return [] if self.since is None else [made.created_at >= self.since]

    def _up_to(self, made: Any) -> list[Any]:
        key = self.behind
        if key and (self.until is None or key.created_at < self.until):
            same = made.id <= key.id if self.at else made.id < key.id
            return [made.created_at <= key.created_at, (made.created_at < key.created_at) | same]
        return [] if self.until is None else [made.created_at < self.until]


@dataclass(frozen=True)
class Found:
    """Rows, newest first; `end` is the last one looked at where that was not the end of all."""

    views: list[OrderView]
    end: Key | None = None


@dataclass(frozen=True)
class Look:
    """For up to `limit` + 1 orders that `shows` lets through, of those in `span`; `reach` in place
    of REACH."""

    span: Span
    limit: int
    reach: int = REACH
    shows: Callable[[OrderView], bool] = lambda view: True

    def follow(self, conditions: Sequence[Condition]) -> Found:
        """Along the index of one of the conditions, or through all orders where none has one."""
        ways = [each for each in conditions if each.ways and (each.sorted or is_few(each))]
        ways = ways or [_ALL]
        way = self._farthest(ways, LOOK)
        if all(each is way for each in conditions):
            return self._shown(self._first_of(way))
        views = self._among(_ids(way, self.span, LOOK), _others(conditions, way))
        if (end := _end(way, self.span, LOOK)) is None:
            return self._shown(views)
        # A part of the index with few rows reaches farther back: the others are not known there.
        views = [view for view in views if key_of(view) >= end]
        if len(views) > self.limit:
            return self._shown(views)
        many = any(each.ways and each not in ways for each in conditions)
        last = _end(_ALL, self.span, self.reach // OFTEN if many else self.reach)
        if last is None or last < end:
            way = self._farthest(ways, FURTHER)
            further = replace(self.span, behind=end, at=False, last=last)
            views += self._among(_ids(way, further, self.reach), _others(conditions, way))
            end = last
        return self._shown(views, end)

    def highest(self, condition: Condition, column: Any, filters: Sequence[Condition]) -> Found:
        """Among the rows that begin alike, those with the highest values of this column."""
        some = Order.select(Order.id).where(condition.test).order_by(column.desc()).limit(HIGHEST)
        tests = [*self.span.of(Order), *(each.test for each in filters)]
        ids = _newest(chosen(Order.select(Order.id), some, tests), [])
        return self._shown(self._among(ids.limit(self.limit + 1), []))

    def _farthest(self, ways: list[Condition], count: int) -> Condition:
        """That whose index reaches farthest back in time with so many rows."""
        if len(ways) == 1:
            return ways[0]
        ends = [_end(way, self.span, count) or _BEGINNING for way in ways]
        return ways[ends.index(min(ends))]

    def _first_of(self, way: Condition) -> list[OrderView]:
        if way.direct and len(way.ways) == 1:
            (query,) = _streams(way, self.span, view_columns())
            return _read(query.limit(self.limit + 1))
        return self._among(_ids(way, self.span, self.limit + 1), [])

    def _among(self, ids: Any, tests: list[Any]) -> list[OrderView]:
        """Of these ids, which the database has in hand, the newest that pass the tests."""
        query = chosen(Order.select(*view_columns()), ids, tests)
        return _read(_newest(query, []).limit(self.limit + 1))

    def _shown(self, views: list[OrderView], end: Key | None = None) -> Found:
        shown = [view for view in views if self.shows(view)]
        if len(views) > self.limit:  # there is more behind the last one
            end = key_of(views[-1]) if len(shown) <= self.limit else None
        return Found(shown, end)


def key_of(view: OrderView) -> Key:
    return Key(view.created_at, view.id)


def _others(conditions: Sequence[Condition], way: Condition) -> list[Any]:
    return [each.test for each in conditions if each is not way]


def is_few(condition: Condition) -> bool:
    """Whether so few rows are alike that they can be sorted."""
    query = condition.at_most
    if query is None:
        query = Order.select(Order.id).where(*condition.ways)
    return not plain_rows(query.offset(ALIKE).limit(1))


def _ids(way: Condition, span: Span, count: int) -> Any:
    """The newest ids of a way: so many of each of its indexes' parts."""
    return together(query.limit(count) for query in _streams(way, span))


def _end(way: Condition, span: Span, count: int) -> Key | None:
    """The last of the newest `count` rows of a way; None when there are not so many."""
    query = together(query.offset(count - 1).limit(1) for query in _streams(way, span))
    return max((Key(*row) for row in plain_rows(query)), default=None)


def _streams(way: Condition, span: Span, columns: Sequence[Any] = _KEY) -> list[Any]:
    """SELECTs along the indexes of a way, newest first; an index alone answers those of a key."""
    if way.sorted:
        made = span.of(Order)
        tests = [made if each is None else [each, *made] for each in way.ways]
        return [_newest(Order.select(*columns), each) for each in tests]
    few = Order.select(*_KEY).where(way.ways[0]).limit(ALIKE).alias("alike")
    return [_newest(few.select_from(few.c.created_at, few.c.id), span.of(few.c), few.c)]


def _newest(query: Any, conditions: list[Any], made: Any = Order) -> Any:
    if conditions:
        query = query.where(*conditions)
    return query.order_by(made.created_at.desc(), made.id.desc())


def _read(query: Any) -> list[OrderView]:
    return [to_view(row) for row in plain_rows(query)]
