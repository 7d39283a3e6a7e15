"""docs/simulator.md tells every scenario, fault, address and option of the simulator, no other."""

from __future__ import annotations

import re

from tornado.web import RequestHandler

from simulator.bills.bill_faults import BILL_FAULTS, ON_ROWS
from simulator.http.server import ROUTES
from simulator.options import DEFAULT_RATE, Options
from simulator.scenarios.catalogue import SCENARIOS
from simulator.state.faults import KINDS
from tests.house.test_docs import rows, text_of, words_of
from tests.simulator.test_faults import ANSWERS

TEXT = text_of("docs/simulator.md")


def section(head: str) -> str:
    return TEXT.split(f"\n## {head}\n")[1].split("\n## ")[0]


def first_words(head: str) -> list[str]:
    """The names in the first column of the tables under a heading."""
    return [words_of(row[0])[0] for row in rows(section(head), 1) if words_of(row[0])]


def test_every_scenario_is_in_the_document_with_what_it_expects() -> None:
    table = [row for row in rows(section("Scenarios"), 3) if words_of(row[0])]
    assert table == [
        [f"`{name}`", f"{s.title} · {s.title_zh}", s.expects] for name, s in SCENARIOS.items()
    ]


def test_every_fault_is_in_the_document() -> None:
    known = {kind for kinds in KINDS.values() for kind in kinds}
    assert set(first_words("Faults")) == known
    said = {
        words_of(row[0])[0]: row[2]
        for row in rows(section("Faults"), 3)
        if row[2:]
        if words_of(row[0])
    }
    assert {kind: said[kind] for kind in ANSWERS} == {
        kind: f"`{code}`" for kind, (_, code) in ANSWERS.items()
    }


def test_every_fault_of_a_bill_is_in_the_document_with_its_difference() -> None:
    table = [row for row in rows(section("Bills"), 3) if words_of(row[0])]
    assert [words_of(row[0])[0] for row in table] == list(BILL_FAULTS)
    said = {words_of(row[0])[0]: (words_of(row[2]) or [None])[0] for row in table}
    assert {kind: said[kind] for kind in ON_ROWS} == ON_ROWS


def test_every_option_is_in_the_document() -> None:
    options = re.findall(r'add\("(--[a-z-]+)"', text_of("simulator/options.py"))
    assert first_words("Start it") == options
    defaults = {
        words_of(row[0])[0]: row[1] for row in rows(section("Start it"), 2) if words_of(row[0])
    }
    assert defaults["--rate"] == f"`{DEFAULT_RATE}`"
    assert defaults["--listen"] == f"`{Options.host}:{Options.port}`"


def test_every_lever_is_in_the_document() -> None:
    written = {word for word in first_words("Control") if word[0] in "GP"}
    assert {re.sub(r"{\w+}", "{}", word) for word in written} == {
        f"{method} {re.sub(r'[(].*[)]', '{}', path)}"
        for path, handler in ROUTES
        if path.startswith(("/_control", "/healthz"))
        for method in ("GET", "POST")
        if getattr(handler, method.lower()) is not getattr(RequestHandler, method.lower())
    }
