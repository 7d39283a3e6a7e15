"""Sorts the errors of the database by their meaning for the transaction that met them."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto

from peewee import IntegrityError

_SQLSTATE_CONFLICTS = frozenset({"40001", "40P01"})
_SQLSTATE_LOST = ("08", "57P")
_MYSQL_CONFLICTS = frozenset({1213})
_MYSQL_LOST = frozenset({0, 1053, 2006, 2013, 2014, 2055})


class DatabaseFailure(Enum):
    CONFLICT = auto()
    """Another transaction met the same rows at the same moment; a repeat may succeed at once."""
    LOST = auto()
    """The connection is gone, e.g. because the server was restarted."""
    OTHER = auto()


def failure(error: BaseException) -> DatabaseFailure:
    """Looks at the causes too: a failed rollback hides why it was needed."""
    for each in _causes(error):
        state = getattr(each, "sqlstate", None)
        number = each.args[0] if each.args and type(each.args[0]) is int else None
        driver = type(each).__module__.partition(".")[0]
        if isinstance(each, IntegrityError) or state in _SQLSTATE_CONFLICTS:
            return DatabaseFailure.CONFLICT
        if driver == "pymysql" and number in _MYSQL_CONFLICTS:
            return DatabaseFailure.CONFLICT
        if driver == "pymysql" and number in _MYSQL_LOST:
            return DatabaseFailure.LOST
        if driver == "psycopg" and (state or "").startswith(_SQLSTATE_LOST):
            return DatabaseFailure.LOST
        if driver == "psycopg" and state is None and type(each).__name__ == "OperationalError":
            return DatabaseFailure.LOST
    return DatabaseFailure.OTHER


def refused(error: BaseException) -> bool:
    """PostgreSQL answered with an error, so nothing was committed: what goes out with the commit is
    not run after one."""
    states = [
        getattr(each, "sqlstate", None)
        for each in _causes(error)
        if type(each).__module__.startswith("psycopg")
    ]
    return any(state and not state.startswith(_SQLSTATE_LOST) for state in states)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
