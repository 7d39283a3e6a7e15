"""Starts the process that matches a bill, and reads what it tells."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

from payments.errors import BillRefused, PaymentError
from services.bills.match_lines import (
    FailedMatch,
    MatchedBill,
    MatchLine,
    RefusedBill,
    read_line,
)
from services.bills.matching import MatchTask

SILENCE_S = 300.0
"""A process that tells nothing for so long is ended. A page of rows whose orders a slow disk has to
read one by one takes a minute and more."""
ENDING_S = 5.0
_URL, _URL_FILE = "PAYWATCH_DATABASE_URL", "PAYWATCH_DATABASE_URL_FILE"


class MatchFailed(PaymentError):
    """The match did not come to its end, for a reason outside the bill; a repeat may succeed."""

    code = "match_failed"
    message = "The bill could not be matched."


class BillMatcher:
    """`program` is the script of `paywatch`, `database_url` where the bookings are."""

    def __init__(self, program: Path, database_url: str, silence_s: float = SILENCE_S) -> None:
        self._program = program
        self._database_url = database_url
        self._silence_s = silence_s

    async def match(self, task: MatchTask) -> AsyncGenerator[MatchLine, None]:
        """What the process tells; the last line is MatchedBill. Use it within
        `contextlib.aclosing`: when it is closed, or its task is cancelled, the process is ended.

        Raises BillRefused, before anything but progress was told, and MatchFailed, which may come
        at any line: what was told before it is true, but not all."""
        process = await self._start(task)
        try:
            while line := await self._next(process):
                if isinstance(line, RefusedBill):
                    raise BillRefused(line.fault, line.words, line.values)
                if isinstance(line, FailedMatch):
                    raise MatchFailed(line.words)
                yield line
                if isinstance(line, MatchedBill):
                    return
            raise MatchFailed(f"The process that matches bills {await _how(process)}.")
        finally:
            await _end(process)

    async def _start(self, task: MatchTask) -> Process:
        files = {"--trade": task.trade, "--flow": task.flow}
        given = [text for name, path in files.items() if path for text in (name, str(path))]
        variables = {name: value for name, value in os.environ.items() if name != _URL_FILE}
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                str(self._program),
                "match-bill",
                *("--account", task.account, "--date", task.date, *given),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=PIPE,
                env={**variables, _URL: self._database_url},
            )
        except OSError as error:  # no memory, no descriptors
            words = f"The process that matches bills cannot be started: {error.strerror}."
            raise MatchFailed(words) from error

    async def _next(self, process: Process) -> MatchLine | None:
        """The next line; None at the end. Half a line means that the process ended within it."""
        if process.stdout is None:
            raise RuntimeError("the process was started without a pipe")
        try:
            async with asyncio.timeout(self._silence_s):
                text = await process.stdout.readline()
            return read_line(text) if text.endswith(b"\n") else None
        except TimeoutError as error:
            seconds = f"{self._silence_s:g} s"
            words = f"The process that matches bills said nothing for {seconds} and was ended."
            raise MatchFailed(words) from error
        except ValueError as error:
            raise MatchFailed("The process that matches bills cannot be understood.") from error


async def _how(process: Process) -> str:
    """How a process ended that closed its pipe."""
    try:
        async with asyncio.timeout(ENDING_S):
            code = await process.wait()
    except TimeoutError:
        return "closed its output early"
    return f"was ended by signal {-code}" if code < 0 else f"ended early with status {code}"


async def _end(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    await process.wait()
