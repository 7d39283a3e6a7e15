"""A process that has imported the product once and forks a child for each command of `paywatch`:
the child costs a tenth of a process that imports everything again.

The child has its own arguments, environment, folder and standard streams, and ends as the real one
does. One thing differs: all children bear the name of this process (`PROCESS`), so a command that
takes leases is run as a process of its own.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import commands.cli as loaded_once  # noqa: F401 - what `server` loads for each command
import server

ROOT = Path(__file__).parent.parent.parent
LONGEST_REQUEST = 64 * 1024


# --- in the process of the tests -----------------------------------------------------------------


class CommandProcess:
    """Our end of one such process, which ends when we do."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )

    def run(
        self,
        arguments: tuple[str, ...],
        folder: Path,
        variables: Mapping[str, str],
        stdin: bytes,
        seconds: int,
    ) -> tuple[int, str, str]:
        """The exit status, standard output and standard error of one command; after so many
        `seconds` it is ended, with status -14."""
        asked = {
            "arguments": arguments,
            "folder": str(folder),
            "variables": dict(variables),
            "seconds": seconds,
        }
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            given.write(stdin)
            given.seek(0)
            streams = [given.fileno(), out.fileno(), err.fileno()]
            status = self._ask(json.dumps(asked).encode(), streams)
            out.seek(0)
            err.seek(0)
            return status, out.read().decode(), err.read().decode()

    def _ask(self, request: bytes, streams: list[int]) -> int:
        ours, theirs = os.pipe()
        with open(ours, "rb") as answer:  # noqa: PTH123 - a descriptor
            try:
                socket.send_fds(self._control, [request], [theirs, *streams])
            finally:
                os.close(theirs)
            return int(answer.read())


@cache
def command_process() -> CommandProcess:
    """The one of this test process."""
    return CommandProcess()


# --- in that process -----------------------------------------------------------------------------


def serve(control: socket.socket) -> None:
    """Returns in each child that has become a command; ends this process when the tests end."""
    gc.freeze()  # a child that ends then looks through its own objects, not through all of these
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, LONGEST_REQUEST, 4)
        if not request:
            sys.exit(0)
        if os.fork() == 0:
            control.close()
            if _is_command(descriptors):
                return _become(json.loads(request))
        for descriptor in descriptors:
            os.close(descriptor)
        _bury()


def _is_command(descriptors: list[int]) -> bool:
    """In a child: fork once more. True in the command; the other waits for it and tells how it
    ended."""
    answer, *streams = descriptors
    pid = os.fork()
    if pid == 0:
        for number, descriptor in enumerate(streams):
            os.dup2(descriptor, number)
        for descriptor in descriptors:
            os.close(descriptor)
        return True
    _, status = os.waitpid(pid, 0)
    os.write(answer, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _become(asked: dict[str, Any]) -> None:
    signal.alarm(asked["seconds"])
    os.environ.clear()
    os.environ.update(asked["variables"])
    time.tzset()
    os.chdir(asked["folder"])
    sys.argv = ["paywatch", *asked["arguments"]]
    encoding = os.environ.get("PYTHONIOENCODING", "utf-8")
    sys.stdin = open(0, encoding=encoding, closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding=encoding, closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding, "backslashreplace", closefd=False)  # noqa: SIM115


def _bury() -> None:
    """Those that have told how a command ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
    server.main()
