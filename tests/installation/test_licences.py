"""Licences: the README names that of every package of the running service as the package itself
does, and each browser library comes with its licence text."""

from __future__ import annotations

import json
import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution

import pytest

from tests.support.shell import ROOT

PHRASES = {
    "MIT": ("Permission is hereby granted, free of charge",),
    "BSD-3-Clause": ("Redistribution and use in source and binary", "Neither the name"),
}
"""What only the text of this licence says."""
SPDX = {"MIT License": "MIT", "Apache 2": "Apache-2.0"}
"""What packages write in place of the licence's SPDX name."""


def listed() -> dict[str, str]:
    """The licence of each package and library that the README names."""
    section = (ROOT / "README.md").read_text("utf-8").split("\n## Licences\n")[1]
    lines = re.findall(r"^- \*\*(.+?)\*\*: (.*(?:\n  .*)*)", section, re.M)
    pairs = [(name, licence) for licence, line in lines for name in re.findall(r"`(.+?)`", line)]
    assert len(pairs) == len(dict(pairs)), "one package has two licences"
    return dict(pairs)


def locked() -> dict[str, bool]:
    """Every locked package of the running service, and whether each Python and system needs it."""
    text = (ROOT / "requirements" / "run.lock").read_text("utf-8")
    return {name: not mark for name, mark in re.findall(r"^([\w.-]+)==\S+ (;)?", text, re.M)}


def libraries() -> list[str]:
    """Those that browsers get; esbuild only joins them."""
    named = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
    return [name for name in named if name != "esbuild"]


def licence_of(package: Distribution) -> str:
    """The SPDX expression of its metadata, the name there, or what its licence text is."""
    stated = package.metadata
    told = stated.get("License-Expression") or stated.get("License")
    if told:
        name = told.splitlines()[0].strip()
        return SPDX.get(name, name)
    text = " ".join(
        file.read_text() for file in package.files or [] if file.parent.name == "licenses"
    )
    return next(name for name, words in PHRASES.items() if all(word in text for word in words))


def test_the_readme_lists_every_package_and_library_and_no_other() -> None:
    assert sorted(listed()) == sorted({*locked(), *libraries()})


@pytest.mark.parametrize("name", locked())
def test_the_readme_gives_the_licence_that_the_package_states(name: str) -> None:
    try:
        package = distribution(name)
    except PackageNotFoundError:
        assert not locked()[name]
    else:
        assert listed()[name] == licence_of(package)


@pytest.mark.parametrize("name", libraries())
def test_a_browser_library_comes_with_its_licence_text(name: str) -> None:
    manifest = json.loads((ROOT / "node_modules" / name / "package.json").read_text("utf-8"))
    assert listed()[name] == manifest["license"]
    beside = ROOT / "static" / "vendor" / f"{name.split('/')[-1]}.LICENSE.txt"
    assert beside.read_bytes() == (ROOT / "node_modules" / name / "LICENSE").read_bytes()
