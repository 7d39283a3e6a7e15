"""What a statement may depend on, and its text as Peewee makes it, with the parameters by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from peewee import SQL, Field, ValuesList, fn

NAMED = re.compile(":([a-z_]+):")
LIST = "list"
"""The name of the one list of a SELECT."""
_INSERT = re.compile(r"(.*?) VALUES \((:[a-z_]+:(?:, :[a-z_]+:)*)\)(.*)", re.DOTALL)
_ARRAYS = {"BOOL": "boolean", "BLOB": "bytea"} | dict.fromkeys(
    ("INT", "BIGINT", "AUTO", "BIGAUTO"), "bigint"
)

Row = Mapping[str, Any]
"""The parameters of a statement, by name."""


@dataclass
class Dialect:
    """One compilation. `n`: the number of rows or values that the text is for, where it has them
    one by one. `fields`: the columns of the parameters that are lists."""

    n: int = 1
    locks_rows: bool = False
    is_mysql: bool = False
    fields: dict[str, Field] = field(default_factory=dict)

    def among(self, column: Field) -> Any:
        """A condition: the column is one of the values of the one list of a SELECT."""
        return column.in_([SQL("?")] * self.n)

    def chained(self, column: Field, name: str) -> Any:
        """The SHA-256, hexadecimal, of the column's text with the parameter behind it. SQLite calls
        ours (`models.database`)."""
        return fn.sha256(column.concat(self[name]))

    def __getitem__(self, name: str) -> SQL:
        """The parameter `name`. Peewee orders columns as it likes, so rows are given by name."""
        return SQL(f":{name}:")

    def rows(self, *columns: Field) -> tuple[Any, dict[str, SQL]]:
        """Rows of parameters to join an UPDATE with, and their columns by name; no source where the
        compilation joins them itself."""
        self._take(columns)
        source = ValuesList([[self[name] for name in self.fields]] * self.n).alias("given")
        return source, self._given()

    def _take(self, columns: tuple[Field, ...]) -> None:
        self.fields = {column.name: column for column in columns}

    def _given(self) -> dict[str, SQL]:
        return {name: SQL(f'"given"."column{i}"') for i, name in enumerate(self.fields, 1)}

    def literal(self, word: str) -> SQL:
        """A word of our own code inside the text; never one that came from outside."""
        if not word.replace("_", "").isalpha():
            raise ValueError(f"not a plain word: {word!r}")
        return SQL(f"'{word}'")


class PostgreSQLDialect(Dialect):
    """Lists travel as arrays, so that one text serves every length."""

    def among(self, column: Field) -> Any:
        self.fields = {LIST: column}
        return column == fn.ANY(SQL(array_of(LIST, column)))

    def chained(self, column: Field, name: str) -> Any:
        text = column.concat(SQL(f"CAST(:{name}: AS text)"))
        return fn.encode(fn.sha256(fn.convert_to(text, SQL("'UTF8'"))), SQL("'hex'"))

    def rows(self, *columns: Field) -> tuple[Any, dict[str, SQL]]:
        self._take(columns)
        names = ", ".join(f'"column{i}"' for i in range(1, len(columns) + 1))
        return SQL(f'{unnested(self.fields)} AS "given"({names})'), self._given()


class MySQLDialect(Dialect):
    """Values are written into the text, so that it may have any number of them."""

    def among(self, column: Field) -> Any:
        return column.in_([self[LIST]])

    def chained(self, column: Field, name: str) -> Any:
        return fn.SHA2(fn.CONCAT(column, self[name]), SQL("256"))

    def rows(self, *columns: Field) -> tuple[Any, dict[str, SQL]]:
        self._take(columns)
        return None, {name: SQL(f"`given`.`given_{name}`") for name in self.fields}


Build = Callable[[Dialect], Any]
"""Builds a query of parameters only."""


def array_of(name: str, column: Field) -> str:
    """A parameter that is an array of values for this column."""
    return f"CAST(:{name}: AS {array_type(column)}[])"


def array_type(column: Field) -> str:
    return _ARRAYS.get(column.field_type, "text")


def unnested(fields: Mapping[str, Field]) -> str:
    """Arrays side by side as rows."""
    return f"unnest({', '.join(array_of(name, column) for name, column in fields.items())})"


def text_of(build: Build, query: Any) -> str:
    """The query's text; it may hold no value, which would be kept with it."""
    sql, parameters = query.sql()
    if parameters:
        raise ValueError(f"{build.__name__} holds values; give it parameters only")
    return str(sql)


@dataclass(frozen=True)
class Insertion:
    """The text of an INSERT around its rows; `names` are the parameters of one, in their order."""

    head: str
    names: tuple[str, ...]
    tail: str


def insertion_of(build: Build, query: Any) -> Insertion:
    found = _INSERT.fullmatch(text_of(build, query))
    if not found:
        raise ValueError(f"{build.__name__} is no INSERT of one row")
    return Insertion(found[1], tuple(NAMED.findall(found[2])), found[3])
