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

NO_CODE = {"data", "node_modules", "build", "dist", "__pycache__"}
"""Beside them folders whose name begins with a dot; a venv is looked at by itself. Python does
without a cache that it cannot read."""


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


def code_folders(code: Path) -> list[Path]:
    """Those of the code and of the venv that holds the libraries, and the code in a wheel."""
    venv = Path(sys.prefix)
    if sys.prefix == sys.base_prefix:
        return [code]
    return [venv] if code.is_relative_to(venv) else [code, venv]


_CODES = {
    False: (CheckCode.CODE_READABLE, CheckCode.CODE_UNREADABLE, CheckCode.CODE_CLOSED),
    True: (
        CheckCode.CODE_READABLE_BY_OTHERS,
        CheckCode.CODE_UNREADABLE_BY_OTHERS,
        CheckCode.CODE_CLOSED_TO_OTHERS,
    ),
}
"""By whether root asks for everybody else."""


def code_finding(folders: list[Path], python: Path, reader: Reader) -> CheckResult:
    """A failure when `reader` is the one that runs us; a warning when root asks for others."""
    grade = Grade.WARNING if reader is ANYBODY else Grade.FAILED
    readable, unread, shut = _CODES[reader is ANYBODY]
    who = {} if reader is ANYBODY else {"reader": reader.name}
    closed = [
        path
        for root in (*folders, python)
        for path in root.parents
        if not reader.may_enter(path.stat())
    ]
    if closed:
        return CheckResult("code", grade, shut, {"path": str(closed[0]), **who})
    found = [path for folder in folders for path in unreadable(folder, reader)]
    if found:
        more = f" (+{len(found) - 1})" if len(found) > 1 else ""
        values = {"path": str(found[0]), "more": more, "folders": " ".join(map(str, folders))}
        return CheckResult("code", grade, unread, {**values, **who})
    return CheckResult("code", Grade.OK, readable, who)


def unreadable(folder: Path, reader: Reader) -> Iterator[Path]:
    """The files of a folder that this reader cannot enter are not listed."""
    if not reader.may_read(folder.stat()):
        yield folder
        return
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.startswith(".") and entry.name not in NO_CODE:
                yield from unreadable(Path(entry.path), reader)
        elif entry.is_file() and not reader.may_read(entry.stat()):
            yield Path(entry.path)
