"""A terminal in which somebody types the blocks of a document."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from tests.support.patience import PATIENCE_S


class Terminal:
    """One shell in which blocks are run one after the other; the first command that fails ends it.
    Somebody sits at it, who types a line at each prompt."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        commands, self._commands = os.pipe()
        self._done, done = os.pipe()
        self._keys, keyboard = os.openpty()
        self._mark = f"\necho > /dev/fd/{done}\n"
        self._shell = subprocess.Popen(
            ["sh", "-e", f"/dev/fd/{commands}"],
            cwd=folder,
            env=dict(environment),
            stdin=keyboard,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(commands, done),
            start_new_session=True,  # so that no other terminal is there to be asked
        )
        for ours in (commands, done, keyboard):
            os.close(ours)
        assert self._shell.stdout is not None
        self._output = self._shell.stdout

    def begin(self, text: str) -> None:
        """Type a command that goes on until the terminal is closed."""
        os.write(self._commands, text.encode() + b"\n")

    def run(self, text: str, *lines: str) -> str:
        """What a block says; `lines` are typed at its prompts. Fails when a command of it fails."""
        os.write(self._commands, text.encode() + self._mark.encode())
        typed, said = list(lines), b""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            readable = select.select([self._output, self._done], [], [], 1)[0]
            if self._output in readable:
                piece = os.read(self._output.fileno(), 65536)
                said += piece
                assert piece, f"{text}\n\nfailed:\n{said.decode()}"
                if typed and piece.endswith(b": "):
                    os.write(self._keys, f"{typed.pop(0)}\n".encode())
            elif self._done in readable:
                os.read(self._done, 1)
                return said.decode()
        raise AssertionError(f"{text}\n\ndoes not end:\n{said.decode()}")

    def close(self) -> None:
        """What still runs in it is stopped as by Ctrl+C, then killed."""
        os.close(self._commands)
        for number in (signal.SIGINT, signal.SIGKILL):
            if self._shell.poll() is None:
                os.killpg(self._shell.pid, number)
                try:
                    self._shell.wait(10)
                except subprocess.TimeoutExpired:
                    continue
        self._output.close()
        os.close(self._keys)
        os.close(self._done)
