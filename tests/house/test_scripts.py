"""The house of the browser: which script may import which, and how long one may be.

How a script is laid out and what else is wrong in it is said by `npm run check`."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import PurePosixPath

from handlers.console_files import LIBRARIES
from payments.outcomes import Outcome
from tests.house.test_house import NO_NAMES, ROOT, circle

MAX_SCRIPT, MAX_COLUMNS, MAX_ROOM = 200, 120, 20
"""Lines of a script at one element a line; columns of a line; scripts of a room."""
JS = ROOT / "static" / "js"

LOW = ". words values live sentences"
STATE = f"""{LOW} state state/alerts state/feed state/people state/money state/orders state/bills
    state/reports"""
PARTS = f"{STATE} widgets/parts"
WIDGETS = f"""{PARTS} widgets/alerts widgets/money widgets/orders widgets/feed widgets/monitor
    widgets/people widgets/settings widgets/shell widgets/simulator widgets/bills
    widgets/reports"""
ROOMS = {
    ".": "",
    "words": ". words/en words/zh",
    "words/en": "",
    "words/zh": "",
    "values": "words",
    "live": "values",
    "sentences": ". words values",
    "state": LOW,
    "state/alerts": f"{LOW} state",
    "state/feed": f"{LOW} state state/alerts",
    "state/people": f"{LOW} state state/feed",
    "state/money": f"{LOW} state state/people",
    "state/orders": f"{LOW} state",
    "state/bills": f"{LOW} state",
    "state/reports": f"{LOW} state",
    "widgets/parts": STATE,
    "widgets/alerts": PARTS,
    "widgets/money": PARTS,
    "widgets/orders": f"{PARTS} widgets/alerts widgets/money",
    "widgets/feed": PARTS,
    "widgets/monitor": f"{PARTS} widgets/feed",
    "widgets/people": PARTS,
    "widgets/settings": f"{PARTS} widgets/people",
    "widgets/shell": PARTS,
    "widgets/simulator": PARTS,
    "widgets/bills": PARTS,
    "widgets/reports": PARTS,
    "pages": WIDGETS,
    "main.js": f"{WIDGETS} pages",
    "sign-in.js": f"{WIDGETS} pages",
}
"""The rooms whose scripts a room may import beside its own; "." is static/js itself, without
main.js and sign-in.js, which start the console and the sign-in page and which nobody imports."""
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


def room(path: str) -> str:
    return path if path in ROOMS else PurePosixPath(path).parent.as_posix()


def test_scripts_import_what_their_room_may_and_in_no_circle() -> None:
    graph = script_graph()
    missing = {name for names in graph.values() for name in names} - set(graph)
    assert missing == set()
    strange = [
        f"{path} → {name}"
        for path, names in graph.items()
        for name in names
        if room(name) not in {room(path), *ROOMS[room(path)].split()}
    ]
    assert (strange, circle(graph)) == ([], [])
    assert circle({name: set(allowed.split()) for name, allowed in ROOMS.items()}) == []


def test_no_room_of_scripts_is_crowded_or_missing_in_the_table() -> None:
    sizes = Counter(room(path.as_posix()) for path in scripts())
    assert set(sizes) == set(ROOMS)
    assert {name: n for name, n in sizes.items() if n > MAX_ROOM} == {}


def test_scripts_import_no_library_that_the_page_does_not_map() -> None:
    used = {name for p in scripts() for name in script_imports(p) if not name.startswith(".")}
    assert used <= set(LIBRARIES)


def test_the_built_files_are_those_of_these_sources() -> None:
    """As static/build.mjs counts: every sheet and script, by name."""
    digest = hashlib.sha256()
    for folder in ("css", "js"):
        root = ROOT / "static" / folder
        for name in sorted(p.relative_to(root).as_posix() for p in root.rglob(f"*.{folder}")):
            digest.update(f"{folder}/{name}\n".encode())
            digest.update((root / name).read_bytes())
    manifest = json.loads((ROOT / "static" / "built" / "manifest.json").read_text("utf-8"))
    assert manifest["sources"] == digest.hexdigest(), "`make setup` joins them again"


def test_a_script_is_short_and_narrow() -> None:
    lines = {path: script(path).splitlines() for path in scripts()}
    lengths = {p.as_posix(): len(found) for p, found in lines.items() if p.parts[0] != "words"}
    assert {path: n for path, n in lengths.items() if n > MAX_SCRIPT} == {}
    others = [*(ROOT / "static" / "css").glob("*.css"), *(ROOT / "templates").iterdir()]
    lines |= {PurePosixPath(path.name): path.read_text("utf-8").splitlines() for path in others}
    wide = [(p.as_posix(), line) for p in lines for line in lines[p] if len(line) > MAX_COLUMNS]
    assert wide == []


def test_one_script_calls_the_server_and_none_writes_markup() -> None:
    assert [p.as_posix() for p in scripts() if re.search(r"\bfetch\(", script(p))] == ["http.js"]
    assert [p.as_posix() for p in scripts() if FORBIDDEN.search(script(p))] == []


def test_no_script_is_a_drawer_for_odds_and_ends() -> None:
    assert [p.as_posix() for p in scripts() if p.stem in NO_NAMES] == []


READS_PROSE = re.compile(r"evidence\??\.rule|\b(?:data|alert|finding)\??\.message")
PROSE_PATTERN = re.compile(r"/\^?[A-Za-z']+ [A-Za-z']+ [A-Za-z'].*/")


def test_no_script_reads_the_servers_sentences() -> None:
    """Neither the sentence of a case, nor by a regular expression that knows one."""
    assert [p.as_posix() for p in scripts() if READS_PROSE.search(script(p))] == []
    told = [p for p in scripts() if p.parts[0] == "sentences"]
    assert [p.as_posix() for p in told if PROSE_PATTERN.search(script(p))] == []


DEED = re.compile(r"""Deed\(\s*[\w.() "]+,\s*"([a-z_]+\.[a-z_]+)\"""")


def test_every_deed_of_the_audit_log_has_words_in_both_languages_and_a_filter() -> None:
    services = [path.read_text("utf-8") for path in (ROOT / "services").rglob("*.py")]
    deeds = {name for text in services for name in DEED.findall(text)}
    assert len(deeds) > 25
    offered = set(re.findall(r"'([a-z_]+\.[a-z_]+)'", script(PurePosixPath("sentences/audit.js"))))
    assert deeds - offered == set()
    for language in ("zh", "en"):
        books = [path.read_text("utf-8") for path in (JS / "words" / language).glob("*.js")]
        words = set(re.findall(r"'((?:act|aud)\.[a-z_.]+)':", "".join(books)))
        assert {f"{kind}.{deed}" for deed in deeds for kind in ("act", "aud")} - words == set()


def test_every_outcome_of_a_notify_that_is_kept_has_words_in_both_languages() -> None:
    unkept = {Outcome.UNREADABLE, Outcome.THROTTLED, Outcome.BUSY, Outcome.PROBE}
    for language in ("zh", "en"):
        text = "".join(p.read_text("utf-8") for p in (JS / "words" / language).glob("*.js"))
        words = set(re.findall(r"'(?:verdict|kind)\.([a-z_]+)':", text))
        assert {outcome.value for outcome in set(Outcome) - unkept} - words == set()
