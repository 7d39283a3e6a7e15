"""The console's scripts as one script, and its styles as one sheet. The files of `static` stay
small and as they are; but a page that asked for each of them made two hundred requests, ten of them
one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from posixpath import dirname, join, normpath

from tornado.web import RequestHandler

from handlers.base import BaseHandler
from services.runtime.clock import SystemClock

FIRST = "main.js"
SHEETS = (
    "tokens", "base", "controls", "shell", "monitor", "chart", "feed", "alerts", "detail", "orders",
    "order", "money", "workshop", "settings", "overlay", "login", "people", "print",
)  # fmt: skip
"""The styles in their order: what comes later wins."""

LOOK_AGAIN_S = 1.0
"""Anybody may ask for these, and two hundred files are looked at."""

_IMPORT = re.compile(r"^import (?:\{([^}]*)\}|(\w+)) from '([^']+)';$", re.M)
_NAMED = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.M)
_LISTED = re.compile(r"^export \{([^}]*)\};$", re.M)
_DEFAULT = re.compile(r"^export default ", re.M)
_STRANGE = re.compile(r"^(?:import|export)\b.*", re.M)


class StrangeScript(Exception):
    """A script imports or exports in a form that ours do not use."""


def join_scripts(folder: Path) -> str:
    """One module that does what `main.js` of this folder does: each script that it imports, once,
    as a function of its own that returns its exports, after those that it imports itself. What
    libraries the page maps stay imports. Raises StrangeScript."""
    joined = _Joined(folder)
    joined.add(FIRST)
    libraries = (f"import * as {own} from '{name}';\n" for name, own in joined.libraries.items())
    return "".join([*libraries, "const scripts = {};\n", *joined.texts.values()])


@dataclass
class _Joined:
    folder: Path
    libraries: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    def add(self, name: str) -> None:
        text = (self.folder / name).read_text("utf-8")
        text = _IMPORT.sub(lambda found: self._constants(name, *found.groups("")), text)
        exports = [*_NAMED.findall(text), *_LISTED.findall(text)]
        if _DEFAULT.search(text):
            exports.append("default: standard")
        text = _LISTED.sub("", _NAMED.sub("", _DEFAULT.sub("const standard = ", text)))
        if strange := _STRANGE.search(text):
            raise StrangeScript(f"{name}: {strange[0]}")
        returned = f"return {{ {', '.join(exports)} }};"
        self.texts[name] = f"scripts['{name}'] = (() => {{\n{text}{returned}\n}})();\n"

    def _constants(self, name: str, names: str, standard: str, source: str) -> str:
        """In place of an import of the script `name`."""
        if source.startswith("."):
            wanted = normpath(join(dirname(name), source))
            if wanted not in self.texts:
                self.add(wanted)
            value = f"scripts['{wanted}']"
        else:
            value = self.libraries.setdefault(source, f"library{len(self.libraries)}")
        if standard:
            return f"const {standard} = {value}.default;"
        return f"const {{{names.replace(' as ', ': ')}}} = {value};"


def join_styles(folder: Path) -> str:
    return "".join((folder / f"{name}.css").read_text("utf-8") for name in SHEETS)


@dataclass
class JoinedFiles:
    """The two, joined again when a file has changed; that is looked for once a second at most."""

    static: Path
    monotonic: Callable[[], float] = SystemClock().monotonic
    _made: dict[str, tuple[list[tuple[Path, int]], bytes]] = field(default_factory=dict)
    _looked: dict[str, float] = field(default_factory=dict)

    def read(self, kind: str) -> bytes:
        """`kind` is js or css."""
        now = self.monotonic()
        if now - self._looked.get(kind, -LOOK_AGAIN_S) < LOOK_AGAIN_S:
            return self._made[kind][1]
        folder = self.static / kind
        found = [(path, path.stat().st_mtime_ns) for path in folder.rglob(f"*.{kind}")]
        known, text = self._made.get(kind, ([], b""))
        if found != known:
            text = (join_scripts if kind == "js" else join_styles)(folder).encode()
            self._made[kind] = found, text
        self._looked[kind] = now
        return text


class JoinedFileHandler(BaseHandler):
    """Public, as the sign-in page is. The browser asks each time whether a file has changed."""

    def get(self, kind: str) -> None:
        files: JoinedFiles = self.application.settings["joined_files"]
        self.set_header("Cache-Control", "no-cache")
        self.set_header("Content-Type", {"js": "text/javascript", "css": "text/css"}[kind])
        self.finish(files.read(kind))

    def compute_etag(self) -> str | None:
        """Of the text, unlike those of other answers."""
        return RequestHandler.compute_etag(self)
