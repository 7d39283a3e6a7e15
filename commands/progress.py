"""The progress of a long command, on one line of a terminal."""

from __future__ import annotations

import sys


class ProgressLine:
    """Nothing is said where standard error is no terminal."""

    def __init__(self) -> None:
        self._shown = False

    def say(self, text: str) -> None:
        """In place of what was said before."""
        if sys.stderr.isatty():
            print(f"\r{text:<70}", end="", file=sys.stderr, flush=True)
            self._shown = True

    def end(self) -> None:
        """What is printed next begins on a line of its own."""
        if self._shown:
            print(file=sys.stderr)
            self._shown = False
