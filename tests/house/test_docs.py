"""The documents tell what the code does: every setting, address, error, event and alert, and no
others; and the README's commands exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from tornado.web import RequestHandler

from handlers.errors import STATUS
from handlers.notifies import notify
from handlers.routes import ROUTES
from payments.alert_kinds import SEVERITY
from payments.causes import Cause
from services.checks.check_codes import CheckCode
from services.live import dashboards
from services.notify.unverified import SIGNATURE_CAUSES
from settings import VARIABLES, SettingError, read
from tests.alerts.every_cause import findings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TEXTS = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def rows(text: str, columns: int) -> Iterator[list[str]]:
    """The first cells of every row of every table."""
    for line in text.splitlines():
        if line.startswith("| "):
            yield [cell.strip() for cell in line.strip("|").split("|")][:columns]


def words_of(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


# --- settings and commands -----------------------------------------------------------------------


def documented_settings() -> dict[str, str]:
    table = rows(text_of("docs/settings.md"), 2)
    return {
        name: "".join(words_of(default)) or default
        for cell, default in table
        for name in words_of(cell)
        if name.startswith("PAYWATCH_")
    }


def test_every_setting_is_in_the_document_with_its_default_and_none_too_many() -> None:
    written = documented_settings()
    assert {
        name: default if default not in ("empty", "required") else ""
        for name, default in written.items()
    } == VARIABLES


@pytest.mark.parametrize("name", sorted(VARIABLES))
def test_a_setting_without_a_default_is_required_where_the_document_says_so(name: str) -> None:
    needed = {n: "0" * 32 for n, word in documented_settings().items() if word == "required"}
    given = {n: value for n, value in needed.items() if n != name}
    if name in needed:
        with pytest.raises(SettingError, match=name):
            read(given)
    else:
        read(given)


def test_no_document_names_a_variable_that_nobody_reads() -> None:
    known = {*VARIABLES, *(f"{name}_FILE" for name in VARIABLES), "PAYWATCH_SIMULATOR_API_KEY"}
    named = {
        n
        for p in TEXTS
        for n in re.findall(r"\bPAYWATCH_[A-Z0-9_]*[A-Z0-9]\b", p.read_text("utf-8"))
    }
    assert {name for name in named if not name.startswith("PAYWATCH_TEST_")} <= known


def commands() -> set[str]:
    return set(re.findall(r'add_parser\("([a-z-]+)"', text_of("commands/cli.py")))


def test_every_command_is_in_the_document_and_no_text_names_another() -> None:
    table = re.findall(r"^\| `paywatch ([a-z-]+)", text_of("docs/settings.md"), re.M)
    assert set(table) == commands()
    spoken = re.compile(r"(?:^\s*|`|/)paywatch ([a-z][a-z-]+)", re.M)
    assert {word for p in TEXTS for word in spoken.findall(p.read_text("utf-8"))} <= commands()


def test_every_make_target_that_a_text_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.M))
    spoken = {
        word
        for p in TEXTS
        for word in re.findall(r"(?:^|`|=\S+ )make ([a-z-]+)", p.read_text("utf-8"), re.M)
    }
    assert {"run", "test"} <= spoken <= targets


# --- addresses and errors ------------------------------------------------------------------------

SAMPLES = {"orderNum": "ORDER-0001", "id": "12", "name": "paid", "file": "js/main.js"}
SAMPLES |= {"date": "2026-11-22", "n": "3"}


def documented_addresses() -> set[tuple[str, str]]:
    """Method and path of every heading, with samples in place of the names in braces."""
    heads = re.findall(r"^### (.*)$", text_of("docs/http.md"), re.M)
    pairs = [pair for head in heads for pair in re.findall(r"([A-Z]+) (/\S*)", head)]
    return {(m, re.sub(r"{(\w+)}", lambda name: SAMPLES[name[1]], path)) for m, path in pairs}


def served() -> list[tuple[re.Pattern[str], set[str]]]:
    """Every address of the code, with its alternatives apart, and the methods that it takes."""
    # Taken from the connection directly, and served by Tornado's static_path.
    beside = [(re.compile(path), {"POST"}) for path in notify.PATHS]
    beside.append((re.compile("/static/.*"), {"GET"}))
    return beside + [
        (re.compile(pattern), methods(route.handler))
        for route in ROUTES
        for pattern in alternatives(route.path)
    ]


def methods(handler: type[Any]) -> set[str]:
    return {
        name for name in ("GET", "POST", "PATCH", "PUT", "DELETE") if own(handler, name.lower())
    }


def own(handler: type[Any], name: str) -> bool:
    return getattr(handler, name) is not getattr(RequestHandler, name)


def alternatives(path: str) -> list[str]:
    """`/x(?:/y)?` is two addresses, `/(a|b)` too."""
    if found := re.search(r"\(\?:((?:\[[^]]*\]\+|[^()])*)\)\?", path):
        return [path.replace(found[0], ""), path.replace(found[0], found[1])]
    if found := re.search(r"\(([a-z-]+(?:\|[a-z-]+)+)\)", path):
        return [path.replace(found[0], word) for word in found[1].split("|")]
    return [path]


def test_every_address_is_in_the_document() -> None:
    written = documented_addresses()
    missing = [
        f"{method} {pattern.pattern}"
        for pattern, taken in served()
        for method in taken
        if not any(m == method and pattern.fullmatch(path) for m, path in written)
    ]
    assert missing == []


def test_every_address_of_the_document_is_served() -> None:
    addresses = served()
    unserved = [
        f"{method} {path}"
        for method, path in documented_addresses()
        if not any(pattern.fullmatch(path) and method in taken for pattern, taken in addresses)
    ]
    assert unserved == []


def test_every_error_is_in_the_document_with_its_status_and_none_too_many() -> None:
    plain = {
        "bad_request": "400",
        "not_found": "404",
        "method_not_allowed": "405",
        "internal": "500",
    }
    assert set(re.findall(r'\("([a-z_]+)", "[A-Z]', text_of("handlers/base.py"))) == set(plain)
    thrown = {(error.code, str(status)) for error, status in STATUS.items()} | set(plain.items())
    table = [row for row in rows(text_of("docs/http.md"), 2) if re.fullmatch(r"\d{3}", row[-1])]
    assert {(words_of(code)[0], status) for code, status in table} == thrown


def test_prepay_names_every_error_that_its_service_promises() -> None:
    promised = re.findall(
        r"[A-Z]\w+", text_of("services/orders/prepay.py").split("Raises ")[1].split('"""')[0]
    )
    codes = {error.__name__: error.code for error in STATUS}
    section = text_of("docs/http.md").split("### POST /weixin/prepay")[1].split("###")[0]
    assert {codes[name] for name in promised} <= set(words_of(section.split("Errors:")[1]))


# --- events and alerts ---------------------------------------------------------------------------

EVENT = re.compile(
    r"(?:order|prepay|payment|notify|refund|service|alert|note|receipt|bill|complaint|system)\.[a-z_]+"
)


def names(node: ast.AST) -> Iterator[str]:
    """Every text that has the form of an event's name, but those of the audit log's deeds."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from [node.value] if EVENT.fullmatch(node.value) else []
    if not (isinstance(node, ast.Call) and getattr(node.func, "id", None) == "Deed"):
        for child in ast.iter_child_nodes(node):
            yield from names(child)


@cache
def emitted() -> set[str]:
    """Every text in the services that is the name of an event."""
    trees = (ast.parse(path.read_text("utf-8")) for path in ROOT.glob("services/**/*.py"))
    return {name for tree in trees for name in names(tree)}


def test_every_event_is_in_the_document_and_none_too_many() -> None:
    written = re.findall(r"^### ([a-z_]+\.[a-z_]+)$", text_of("docs/events.md"), re.M)
    assert set(written) == emitted()
    assert len(written) == len(set(written))


def test_the_scan_sees_every_event_that_is_made() -> None:
    """A kind that is put together from pieces would escape it: a first argument is a whole name,
    or a variable that got one."""
    made = [
        call.args[0]
        for path in ROOT.glob("services/**/*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "NewEvent"
    ]
    assert made
    for kind in made:
        assert isinstance(kind, ast.Name | ast.Attribute | ast.Constant), ast.unparse(kind)
        assert not isinstance(kind, ast.Constant) or kind.value in emitted()


def test_every_alert_is_in_the_document_with_its_severity() -> None:
    table = [row for row in rows(text_of("docs/events.md"), 2) if row[1] in set(SEVERITY.values())]
    assert {words_of(kind)[0]: severity for kind, severity in table} == {
        kind.value: severity.value for kind, severity in SEVERITY.items()
    }


def test_every_code_of_a_check_is_in_the_document() -> None:
    section = text_of("docs/http.md").split("### GET /api/v1/checkup")[1].split("\n### ")[0]
    assert words_of(section.split("The codes:")[1]) == list(CheckCode)


def test_every_cause_is_in_the_document_with_its_kind_and_its_values() -> None:
    section = text_of("docs/events.md").split("### Causes")[1].split("## The live stream")[0]
    written = {
        words_of(code)[0]: (words_of(kind)[0], set(words_of(values)))
        for code, kind, values in rows(section, 3)
        if words_of(code)
    }
    raised = {found.cause: (found.kind.value, set(found.values)) for found in findings()}
    unsigned = dict.fromkeys(SIGNATURE_CAUSES.values(), ("bad_signature", set[str]()))
    assert written == {cause.value: both for cause, both in {**raised, **unsigned}.items()}
    assert set(written) == set(Cause)


def test_whoever_is_on_duty_finds_every_alert_that_can_be_raised() -> None:
    section = text_of("docs/operate.md").split("## What an alert means")[1]
    kept = {"reconcile_gap"}  # not raised in this version
    assert {words_of(row[0])[0] for row in rows(section, 1) if words_of(row[0])} == {
        kind.value for kind in SEVERITY
    } - kept


def test_every_close_code_is_in_the_document() -> None:
    codes = {
        str(value)
        for name, value in vars(dashboards).items()
        if name.isupper() and value in range(1000, 5000) and not name.startswith("MAX")
    }
    section = text_of("docs/events.md").split("## The live stream")[1]
    assert {row[0] for row in rows(section, 1) if row[0].isdigit()} == codes


# --- the texts themselves ------------------------------------------------------------------------


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_and_its_heading(path: Path) -> None:
    for target in re.findall(r"(?<!!)\[[^]]*\]\(([^)]+)\)", path.read_text("utf-8")):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        text = (path.parent / name).read_text("utf-8")
        heads = {
            re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-")
            for h in re.findall(r"^#+ (.*)$", text, re.M)
        }
        assert not anchor or anchor in heads, target


NAMED_FILE = re.compile(r"`((?:[\w-]+/)+[\w.-]+\.(?:py|js|mjs|html))(?:[:\w.]*)`")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_exists(path: Path) -> None:
    named = NAMED_FILE.findall(path.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_class_of_the_glossary_is_in_its_file() -> None:
    table = rows(text_of("docs/architecture.md").split("## Glossary")[1], 3)
    named = [(word, words_of(file)[0]) for cell, _, file in table for word in words_of(cell)]
    assert len(named) > 15
    missing = [(n, f) for n, f in named if not re.search(rf"^class {n}\b", text_of(f), re.M)]
    assert missing == []


def test_every_line_of_python_in_the_documents_is_python() -> None:
    for path in TEXTS:
        for code in re.findall(r"^python3 -c '([^']+)'$", path.read_text("utf-8"), re.M):
            ast.parse(code)
