"""A class name stands for one thing in the whole product."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from tests.house.test_house import TOPS, Source, sources


def class_names(source: Source) -> Iterable[str]:
    """A model's `Meta` is peewee's word and no name."""
    return (
        node.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef) and node.name != "Meta"
    )


def doubled(found: Iterable[Source]) -> dict[str, list[str]]:
    """The files of every class name that is there more than once."""
    places: dict[str, list[str]] = {}
    for source in found:
        for name in class_names(source):
            places.setdefault(name, []).append(source.path)
    return {name: paths for name, paths in places.items() if len(paths) > 1}


def test_no_class_name_stands_for_two_things() -> None:
    housed = [
        source
        for source in sources()
        if source.top in TOPS and not source.path.startswith("models/migrations/")
    ]
    assert doubled(housed) == {}


def test_a_name_in_two_files_is_found() -> None:
    first, second = "class A: ...\nclass B:\n    class Meta: ...", "class A:\n    class Meta: ..."
    found = [Source("a.py", first, ast.parse(first)), Source("b.py", second, ast.parse(second))]
    assert doubled(found) == {"A": ["a.py", "b.py"]}
