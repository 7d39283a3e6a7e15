"""The console's scripts and styles, as a page names them: joined by the set-up, with a hash of the
content in each name; or, by a switch, the sources one by one, for whoever works on them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

BUILT = "built"
"""The folder of `static` that `static/build.mjs` fills."""
MANIFEST = f"{BUILT}/manifest.json"
LIBRARIES = {
    "preact": "preact.js",
    "preact/hooks": "preact-hooks.js",
    "htm": "htm.js",
    "@preact/signals": "signals.js",
    "@preact/signals-core": "signals-core.js",
}
"""What the sources import by a name, and its file in static/vendor."""

_SHEET = re.compile(r"^@import '\./([\w-]+\.css)';$", re.M)


@dataclass(frozen=True)
class PageFiles:
    """The addresses of what one page loads."""

    script: str
    styles: tuple[str, ...]
    icon: str
    ahead: tuple[str, ...] = ()
    """Scripts that the first one imports: the browser may fetch them at the same time."""
    libraries: str = ""
    """The import map, which only the sources need."""


class ConsoleFiles(Protocol):
    def page(self, entry: str, language: str, others: bool) -> PageFiles:
        """`entry` is `main` or `sign-in`; with `others` the page is one of those that the console
        loads when they are opened."""


class BuiltFiles:
    """Reads the manifest once. Raises FileNotFoundError: the set-up was not run."""

    def __init__(self, static: Path) -> None:
        self._made = json.loads((static / MANIFEST).read_text("utf-8"))

    def page(self, entry: str, language: str, others: bool) -> PageFiles:
        first, *ahead = self._made["scripts"][entry]
        ahead.append(self._made["words"][language])
        if others:
            ahead.extend(self._made["others"])
        return PageFiles(
            _address(first),
            (_address(self._made["style"]),),
            self._made["icon"],
            tuple(map(_address, ahead)),
        )


def _address(name: str) -> str:
    return f"/static/{BUILT}/{name}"


class PlainFiles:
    """The sources. A new sheet is seen at the next page, as a change of a script is."""

    def __init__(self, static: Path) -> None:
        self._css = static / "css"
        found = {name: f"/static/vendor/{file}" for name, file in LIBRARIES.items()}
        self._libraries = json.dumps({"imports": found})

    def page(self, entry: str, language: str, others: bool) -> PageFiles:
        sheets = _SHEET.findall((self._css / "console.css").read_text("utf-8"))
        return PageFiles(
            f"/static/js/{entry}.js",
            tuple(f"/static/css/{name}" for name in sheets),
            "/static/icon.svg",
            libraries=self._libraries,
        )


def console_files(here: Path, plain: bool) -> ConsoleFiles:
    return PlainFiles(here / "static") if plain else BuiltFiles(here / "static")


def missing_files(here: Path, plain: bool) -> list[str]:
    """The files that are not in git, that a page needs, and that do not exist, below `here`."""
    if plain:
        wanted = [f"vendor/{file}" for file in LIBRARIES.values()]
    elif (here / "static" / MANIFEST).is_file():
        made = json.loads((here / "static" / MANIFEST).read_text("utf-8"))
        wanted = [f"{BUILT}/{name}{end}" for name in made["files"] for end in ("", ".br", ".gz")]
    else:
        wanted = [MANIFEST]
    paths = [Path("static") / name for name in wanted]
    return [path.as_posix() for path in paths if not (here / path).is_file()]
