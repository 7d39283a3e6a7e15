"""The parts of a bill: a head of column names, rows, a head of sums, and one line of sums.

A value has one backtick before it, a name has none: so a line that begins without one ends the
rows. Values are parted by `,` and the backtick of the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from payments.bills.faults import MAX_SHOWN, SENTENCES, BillFault, refused
from payments.bills.lines import MAX_LINE_BYTES, BillLines
from payments.errors import BillIsErrorAnswer, Malformed
from payments.v2 import wire as v2
from payments.v3 import wire as v3

MARK = "`"
SPLIT = ",`"

Names = Mapping[str, Sequence[str]]
"""A name of today, and the older ones of the same column."""


class SummaryLine(NamedTuple):
    line: int
    values: list[str]
    ended: bool
    """Whether it has its line end. If not, the bill may have been cut inside the last value."""


class BillSections:
    """Reads a bill from its head to its end. Raises BillRefused where it is cut or does not have
    this form, and BillIsErrorAnswer where WeChat's error stands in place of a bill."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._lines = BillLines(chunks)
        self._numbered = iter(self._lines)
        self._last = 1
        self.sum_names: list[str] = []
        self.sum_names_line = 0

    def head(self) -> list[str]:
        """The names of the columns. To be called first."""
        number, line = next(self._numbered, (0, ""))
        if not number:
            raise refused(BillFault.EMPTY)
        if line.lstrip()[:1] in ("<", "{"):
            raise error_answer(self._all_text(line))
        self._check_ended(number)
        return line.split(",")

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The number and the values of each row, split at every comma with a backtick: how many
        values there must be is for the caller to judge. To be read to its end before `summary`."""
        lines = self._lines
        for number, line in self._numbered:
            if not lines.ended:
                raise refused(BillFault.CUT, line=number)
            self._last = number
            if line[:1] != MARK:
                self.sum_names, self.sum_names_line = line.split(","), number
                return
            yield number, line[1:].split(SPLIT)
        raise refused(BillFault.NO_SUMMARY, line=self._last)

    def summary(self) -> SummaryLine:
        """The sums. Nothing but line ends comes after them."""
        number, line = next(self._numbered, (0, ""))
        if not number:
            raise refused(BillFault.NO_SUMMARY, line=self._last)
        ended = self._lines.ended
        values, count = line[1:].split(SPLIT), len(self.sum_names)
        if not line.startswith(MARK) or len(values) != count:
            self._check_ended(number)
            raise refused(BillFault.VALUE_COUNT, line=number, count=len(values), columns=count)
        for after, text in self._numbered:
            if text:
                raise refused(BillFault.AFTER_SUMMARY, line=after)
        return SummaryLine(number, values, ended)

    def _check_ended(self, number: int) -> None:
        if not self._lines.ended:
            raise refused(BillFault.CUT, line=number)

    def _all_text(self, first: str) -> str:
        """As much as an error of WeChat's can have."""
        text = first
        for _, line in self._numbered:
            text += f"\n{line}"
            if len(text) > MAX_LINE_BYTES:
                break
        return text


def places(head: Sequence[str], line: int, known: Names, required: Iterable[str]) -> dict[str, int]:
    """Where each known column stands, by its name of today. Others may stand anywhere.

    Raises BillRefused where a required column is missing, or a known one stands there twice."""
    found = {}
    for name, older in known.items():
        same = [at for at, word in enumerate(head) if word == name]
        same = same or [at for at, word in enumerate(head) if word in older]
        if len(same) > 1:
            raise refused(BillFault.COLUMN_TWICE, line=line, column=name)
        if same:
            found[name] = same[0]
    for name in required:
        if name not in found:
            raise refused(BillFault.COLUMN_MISSING, line=line, column=name)
    return found


def error_answer(text: str) -> BillIsErrorAnswer:
    """The error to raise for what came in place of a bill: XML of API v2 or JSON of API v3. Another
    text that begins like one of them gives an error without a code."""
    body = text.strip().encode()
    try:
        fields = v3.read(body) if body.startswith(b"{") else v2.read(body)
    except Malformed:
        fields = {}
    code = fields.get("code") or fields.get("error_code") or fields.get("err_code") or ""
    words = fields.get("message") or fields.get("return_msg") or ""
    return BillIsErrorAnswer(
        SENTENCES[BillFault.ERROR_ANSWER], str(code)[:MAX_SHOWN], str(words)[:MAX_SHOWN]
    )
