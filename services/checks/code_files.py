"""Whether the user of the service can read the code and the libraries. A file that root wrote under
a strict umask is read at the next start only, and then nothing starts."""

from __future__ import annotations

import os
import pwd
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from services.checks.check_codes import CheckCode
from services.checks.installation import CheckResult, Grade

ROOMS = ("payments", "models", "services", "handlers", "assembly", "commands", "simulator")
PAGES = ("static", "templates")
"""What else lies in a checkout may be a key or a database, which a closed file is right for."""


@dataclass(frozen=True)
class Reader:
    """A user of the machine with the groups that it is in."""

    name: str
    uid: int
    groups: frozenset[int]

    def may_read(self, seen: os.stat_result) -> bool:
        """A file, or what is in a folder."""
        is_folder = stat.S_ISDIR(seen.st_mode)
        return self._has(seen, stat.S_IROTH) and (not is_folder or self.may_enter(seen))

    def may_enter(self, seen: os.stat_result) -> bool:
        return self._has(seen, stat.S_IXOTH)

    def _has(self, seen: os.stat_result, needed: int) -> bool:
        if seen.st_uid == self.uid:
            needed <<= 6
        elif seen.st_gid in self.groups:
            needed <<= 3
        return seen.st_mode & needed == needed


ANYBODY = Reader("a user other than root", -1, frozenset())


def current_reader() -> Reader:
    """Root may read everything, so it looks for everybody else."""
    uid = os.geteuid()
    if uid == 0:
        return ANYBODY
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"user {uid}"
    return Reader(name, uid, frozenset({os.getegid(), *os.getgroups()}))


def code_places(code: Path) -> list[Path]:
    """The folders and files of the code, and the venv that holds the libraries; the code of a wheel
    is in the venv."""
    venv = Path(sys.prefix)
    in_venv = sys.prefix != sys.base_prefix
    if in_venv and code.is_relative_to(venv):
        return [venv]
    folders = [code / name for name in (*ROOMS, *PAGES) if (code / name).is_dir()]
    modules = sorted(path for path in code.glob("*.py") if path.is_file())
    return [*folders, *modules, *([venv] if in_venv else [])]


_CODES = {
    False: (CheckCode.CODE_READABLE, CheckCode.CODE_UNREADABLE, CheckCode.CODE_CLOSED),
    True: (
        CheckCode.CODE_READABLE_BY_OTHERS,
        CheckCode.CODE_UNREADABLE_BY_OTHERS,
        CheckCode.CODE_CLOSED_TO_OTHERS,
    ),
}
"""By whether root asks for everybody else."""


def code_finding(places: list[Path], python: Path, reader: Reader) -> CheckResult:
    """A failure when `reader` is the one that runs us; a warning when root asks for others."""
    grade = Grade.WARNING if reader is ANYBODY else Grade.FAILED
    readable, unread, shut = _CODES[reader is ANYBODY]
    who = {} if reader is ANYBODY else {"reader": reader.name}
    closed = [
        path
        for place in (*places, python)
        for path in place.parents
        if not reader.may_enter(path.stat())
    ]
    if closed:
        return CheckResult("code", grade, shut, {"path": str(closed[0]), **who})
    unread_in = {place: list(unreadable(place, reader)) for place in places}
    found = [path for paths in unread_in.values() for path in paths]
    if found:
        more = f" (+{len(found) - 1})" if len(found) > 1 else ""
        named = " ".join(str(place) for place, paths in unread_in.items() if paths)
        values = {"path": str(found[0]), "more": more, "places": named}
        return CheckResult("code", grade, unread, {**values, **who})
    return CheckResult("code", Grade.OK, readable, who)


def unreadable(place: Path, reader: Reader) -> Iterator[Path]:
    """A file, or a folder and all below it; the files of a closed folder are not listed. A cache is
    left out: Python does without one that it cannot read."""
    if not reader.may_read(place.stat()):
        yield place
    elif place.is_dir():
        for entry in sorted(os.scandir(place), key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from unreadable(Path(entry.path), reader)
            elif entry.is_file() and not reader.may_read(entry.stat()):
                yield Path(entry.path)
