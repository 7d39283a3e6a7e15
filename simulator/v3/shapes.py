"""The allowed fields of a JSON object of API v3, as a table; and WeChat's refusal of an object that
breaks it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from payments.money import MAX_FEN
from simulator.v3.envelope import RefusedV3, odd

_UNSUPPORTED = re.compile("[\U00010000-\U0010ffff]")
"""API v3 takes characters of one to three bytes only (WeChat: 基本规则)."""


@dataclass(frozen=True)
class Text:
    """1 to `longest` characters, or bytes in UTF-8 where WeChat's manual counts those, of a certain
    form where one is given."""

    longest: int
    needed: bool = False
    form: Callable[[str], bool] | None = None
    in_bytes: bool = False

    def check(self, value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise odd(path, _shown(value), "输入源“/body”映射到字段的类型须为字符串")
        if not 1 <= len(value.encode() if self.in_bytes else value) <= self.longest:
            raise odd(path, _shown(value), f"字段的长度须在1到{self.longest}之间")
        if _UNSUPPORTED.search(value):
            raise odd(path, _shown(value), "字段含有不支持的字符，仅支持1至3字节的UTF-8字符")
        if self.form and not self.form(value):
            raise odd(path, _shown(value), "字段的格式有误")


@dataclass(frozen=True)
class Whole:
    """A whole number, 1 and more unless said otherwise; JSON's true is none."""

    needed: bool = False
    least: int = 1

    def check(self, value: Any, path: str) -> None:
        if type(value) is not int:
            raise odd(path, _shown(value), "字段的类型须为整数")
        if not self.least <= value <= MAX_FEN:
            raise odd(path, _shown(value), f"字段的值不得小于{self.least}")


@dataclass(frozen=True)
class Flag:
    needed: bool = False

    def check(self, value: Any, path: str) -> None:
        if not isinstance(value, bool):
            raise odd(path, _shown(value), "字段的类型须为布尔值")


@dataclass(frozen=True)
class Row:
    """A list of objects of one shape."""

    of: Table
    needed: bool = False

    def check(self, value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise odd(path, _shown(value), "字段的类型须为数组")
        for number, item in enumerate(value):
            self.of.check(item, f"{path}/{number}")


@dataclass(frozen=True)
class Table:
    """An object with these names and no others."""

    fields: Shapes = field(default_factory=dict)
    needed: bool = False

    def check(self, value: Any, path: str = "") -> None:
        """Raises RefusedV3 (PARAM_ERROR) with the name of the first odd field."""
        if not isinstance(value, dict):
            raise odd(path, _shown(value), "字段的类型须为对象")
        if unknown := sorted(set(value) - set(self.fields)):
            words = "参数中含有非法的额外参数"
            raise RefusedV3(
                400,
                "PARAM_ERROR",
                words,
                {"field": f"{path}/{unknown[0]}", "issue": words, "location": "body"},
            )
        for name, shape in self.fields.items():
            if name in value:
                shape.check(value[name], f"{path}/{name}")
            elif shape.needed:
                raise odd(f"{path}/{name}", None, f"缺少必填字段{name}")


Shape = Text | Whole | Flag | Row | Table
Shapes = Mapping[str, Shape]


def _shown(value: Any) -> Any:
    """At most a little of what came."""
    return value if isinstance(value, int | float) else str(value)[:64]
