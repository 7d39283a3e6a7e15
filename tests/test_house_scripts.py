"""The house of the browser: which script may import which, and how long one may be."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from tests.test_house import NO_NAMES, ROOT, circle

MAX_SCRIPT = 150
JS = ROOT / "static" / "js"
FLOORS = ("", "state", "widgets", "pages")
"""A folder imports its own floor and those before it; "" is static/js itself, with words/."""
HIGHER = {"keyboard.js": "widgets", "main.js": "pages"}
"""The keys of pages and widgets, which knows a preference; and the root, above all."""
FORBIDDEN = re.compile(r"\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|eval\()")


def scripts() -> list[PurePosixPath]:
    return sorted(PurePosixPath(p.relative_to(JS).as_posix()) for p in JS.rglob("*.js"))


def script(path: PurePosixPath) -> str:
    return (JS / path).read_text("utf-8")


def script_imports(path: PurePosixPath) -> list[str]:
    found = re.findall(r"^(?:import|export)\b[^;]*?from\s+'([^']+)'", script(path), re.M)
    return found + re.findall(r"\bimport\(?\s*'([^']+)'", script(path))


def script_graph() -> dict[str, set[str]]:
    return {
        path.as_posix(): {
            (JS / path.parent / name).resolve().relative_to(JS.resolve()).as_posix()
            for name in script_imports(path)
            if name.startswith(".")
        }
        for path in scripts()
    }


def floor(path: str) -> int:
    folder = HIGHER.get(path, PurePosixPath(path).parent.as_posix().replace("words", ""))
    return FLOORS.index("" if folder == "." else folder)


def test_scripts_import_downwards_only_and_in_no_circle() -> None:
    graph = script_graph()
    missing = {name for names in graph.values() for name in names} - set(graph)
    assert missing == set()
    upward = [f"{p} → {n}" for p, names in graph.items() for n in names if floor(n) > floor(p)]
    assert (upward, circle(graph)) == ([], [])


def test_scripts_import_no_library_that_the_page_does_not_map() -> None:
    page = (ROOT / "templates" / "console.html").read_text("utf-8")
    mapped = set(re.findall(r'^\s*"([^"]+)": "', page, re.M))
    used = {name for p in scripts() for name in script_imports(p) if not name.startswith(".")}
    assert used <= mapped


def test_a_script_is_short() -> None:
    paths = [path for path in scripts() if path.parts[0] != "words"]
    lengths = {path.as_posix(): len(script(path).splitlines()) for path in paths}
    assert {path: n for path, n in lengths.items() if n > MAX_SCRIPT} == {}


def test_one_script_calls_the_server_and_none_writes_markup() -> None:
    assert [p.as_posix() for p in scripts() if re.search(r"\bfetch\(", script(p))] == ["http.js"]
    assert [p.as_posix() for p in scripts() if FORBIDDEN.search(script(p))] == []


def test_no_script_is_a_drawer_for_odds_and_ends() -> None:
    assert [p.as_posix() for p in scripts() if p.stem in NO_NAMES] == []


DEED = re.compile(r"""Deed\(\s*[\w.() "]+,\s*"([a-z_]+\.[a-z_]+)\"""")


def test_every_deed_of_the_audit_log_has_words_in_both_languages_and_a_filter() -> None:
    services = [path.read_text("utf-8") for path in (ROOT / "services").glob("**/*.py")]
    deeds = {name for text in services for name in DEED.findall(text)}
    assert len(deeds) > 25
    offered = set(re.findall(r"'([a-z_]+\.[a-z_]+)'", script(PurePosixPath("auditwords.js"))))
    assert deeds - offered == set()
    for language in ("zh", "en"):
        books = [path.read_text("utf-8") for path in (JS / "words").glob(f"{language}*.js")]
        words = set(re.findall(r"'((?:act|aud)\.[a-z_.]+)':", "".join(books)))
        assert {f"{kind}.{deed}" for deed in deeds for kind in ("act", "aud")} - words == set()
