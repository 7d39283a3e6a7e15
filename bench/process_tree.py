"""CPU time and memory of process trees, from /proc: what a server costs does not depend on who else
uses the machine, as its requests a second do."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def processes(roots: Iterable[int]) -> list[int]:
    """These processes and all below them."""
    found: list[int] = []
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            with suppress(FileNotFoundError, ProcessLookupError):  # the thread has just ended
                waiting += [int(child) for child in path.read_text().split()]
    return found


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time of all threads, in seconds, and of the children that have ended: their
    parents keep it."""
    return sum(_ticks(pid) for pid in pids) / _TICKS


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return sum(map(int, fields[11:15]))


def resident_bytes(pids: Iterable[int]) -> int:
    """The memory that these processes hold (RSS). Pages of files are in it, also those of libraries
    that other processes have in memory too."""
    return sum(_pages(pid)[1] for pid in pids) * _PAGE


def file_bytes(pids: Iterable[int]) -> int:
    """The part of it that is pages of files: the program, its libraries, shared memory."""
    return sum(_pages(pid)[2] for pid in pids) * _PAGE


def _pages(pid: int) -> list[int]:
    """See proc_pid_statm(5)."""
    return [int(value) for value in Path(f"/proc/{pid}/statm").read_text().split()]
