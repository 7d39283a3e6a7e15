"""The process that matches a bill: what it tells its parent, and how it may end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from commands.serve import SCRIPT
from payments.bills.differences import DifferenceKind
from payments.errors import BillRefused
from services.bills.match_child import BillMatcher, MatchFailed
from services.bills.match_lines import (
    FailedMatch,
    FoundDifference,
    MatchedBill,
    MatchLine,
    MatchProgress,
    MovedBooking,
    RefusedBill,
    ToldDifference,
    read_line,
    written,
)
from services.bills.matching import MatchTask
from services.bills.pairing.found import MOST_LINES
from tests.bills.made_bills import PAYMENT, REFUND, bill_of
from tests.bills.matching.matched_books import ACCOUNT, OTHER, OTHER_TX, Books, brief, opened_books
from tests.support.patience import PATIENCE_S
from tests.support.simulator_rig import until

FOUND = FoundDifference(DifferenceKind.FEE_DIFFERS, "4200", "O1", ours=6, evidence={"row": {}})


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with opened_books(tmp_path) as found:
        found.paid()
        found.refunded()
        yield found


async def all_lines(matcher: BillMatcher, task: MatchTask) -> list[MatchLine]:
    async with aclosing(matcher.match(task)) as lines:
        return [line async for line in lines]


def script(folder: Path, text: str) -> Path:
    """A program in the place of ours."""
    path = folder / "program.py"
    path.write_text(f"import os, signal, sys, time\n{text}\n")
    return path


def children() -> set[int]:
    text = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text()
    return {int(number) for number in text.split()}


@pytest.mark.parametrize(
    "line",
    [
        FOUND,
        MovedBooking(DifferenceKind.MISSING_AT_WECHAT, "4200", None, 1),
        ToldDifference(7),
        MatchProgress("reading", 1, 2),
        MatchedBill(rows=1, flow_net_fen=-1),
        RefusedBill("cut", "Line 3 is not whole; the bill was cut there.", {"line": 3}),
        FailedMatch("数据库"),
    ],
)
def test_a_line_is_read_as_it_was_written(line: MatchLine) -> None:
    assert read_line(written(line)) == line
    assert "\n" not in written(line)


@pytest.mark.parametrize(
    "text", ["", "x", "{}", "[]", '["told"]', '["told", 1, 2]', '["x", 1]', '["moved","x","y",1,2]']
)
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any sentence
        read_line(text)


@pytest.mark.gen_test
async def test_the_process_tells_what_a_match_tells(books: Books) -> None:
    task = books.task(bill_of(PAYMENT, REFUND, OTHER))
    lines = await all_lines(BillMatcher(SCRIPT, books.url), task)
    told = [brief(line) for line in lines if isinstance(line, FoundDifference)]
    assert told == [("missing_here", OTHER_TX, None, 1000, 1000)]
    assert isinstance(lines[-1], MatchedBill)
    assert [line for line in lines if not isinstance(line, MatchProgress)] == books.match(
        bill_of(PAYMENT, REFUND, OTHER)
    )


@pytest.mark.gen_test
async def test_a_bill_that_was_cut_is_refused_with_its_line_and_nothing_is_told(
    books: Books,
) -> None:
    whole = bill_of(OTHER, REFUND, {**PAYMENT, "手续费": "9.99"})
    with pytest.raises(BillRefused) as refused:
        await all_lines(BillMatcher(SCRIPT, books.url), books.task(whole[: len(whole) // 2]))
    assert (refused.value.fault, refused.value.values["line"]) == ("cut", 3)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"商户号": "1900000110"}, "other_account"),
        ({"交易时间": "2025-01-05 01:00:00"}, "other_day"),
    ],
)
def test_a_bill_of_another_account_or_day_is_refused(
    books: Books, changes: dict[str, str], fault: str
) -> None:
    with pytest.raises(BillRefused) as refused:
        books.match(bill_of({**PAYMENT, **changes}, {**OTHER, **changes}))
    assert refused.value.fault == fault


@pytest.mark.gen_test
async def test_a_database_that_cannot_be_opened_is_told_in_words(tmp_path: Path) -> None:
    matcher = BillMatcher(SCRIPT, f"sqlite:///{tmp_path}")
    with pytest.raises(MatchFailed, match="database"):
        await all_lines(matcher, MatchTask(ACCOUNT, "2025-01-02", None))


@pytest.mark.gen_test
async def test_a_file_that_is_not_there_is_told_in_words(books: Books) -> None:
    task = MatchTask(ACCOUNT, "2025-01-02", books.folder / "none.csv")
    with pytest.raises(MatchFailed, match="No such file"):
        await all_lines(BillMatcher(SCRIPT, books.url), task)


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("os.kill(os.getpid(), signal.SIGKILL)", "signal 9"),
        ("sys.exit(3)", "status 3"),
        ("print('[\"told\", 1]', flush=True); sys.exit(0)", "status 0"),
        ("print('[\"told\", 1', end='', flush=True)", "status 0"),
        ("print('hello', flush=True)", "understood"),
        ("time.sleep(600)", "nothing for 0.2 s"),
    ],
)
@pytest.mark.gen_test
async def test_a_process_that_ends_or_falls_silent_is_told_in_words(
    tmp_path: Path, program: str, words: str
) -> None:
    before = children()
    silence_s = 0.2 if "sleep" in program else PATIENCE_S
    matcher = BillMatcher(script(tmp_path, program), "sqlite:///x", silence_s)
    with pytest.raises(MatchFailed, match=words):
        await all_lines(matcher, MatchTask(ACCOUNT, "2025-01-02", None))
    assert children() == before


@pytest.mark.gen_test
async def test_a_match_that_is_cancelled_leaves_no_process(tmp_path: Path) -> None:
    before = children()
    matcher = BillMatcher(script(tmp_path, "time.sleep(600)"), "sqlite:///x")
    running = asyncio.create_task(all_lines(matcher, MatchTask(ACCOUNT, "2025-01-02", None)))
    await until(lambda: children() != before)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert children() == before


@pytest.mark.gen_test
async def test_a_match_that_is_left_early_leaves_no_process(tmp_path: Path) -> None:
    before = children()
    program = "print('[\"told\",1]', flush=True)\ntime.sleep(600)"
    matcher = BillMatcher(script(tmp_path, program), "sqlite:///x")
    async with aclosing(matcher.match(MatchTask(ACCOUNT, "2025-01-02", None))) as lines:
        async for line in lines:
            assert line == ToldDifference(1)
            break
    assert children() == before


def test_the_command_is_not_for_people(shell) -> None:
    status, out, _ = shell.command("--help")
    assert status == 0
    assert "match-bill" not in out


@pytest.mark.gen_test
async def test_a_row_that_stands_there_ten_thousand_times_is_told_in_one_line(books: Books) -> None:
    task = books.task(bill_of(*[PAYMENT] * 12_000, REFUND, OTHER))
    lines = await all_lines(BillMatcher(SCRIPT, books.url), task)
    (found,) = [line for line in lines if getattr(line, "kind", "") == DifferenceKind.DUPLICATE_ROW]
    assert (found.kind, found.wechat) == (DifferenceKind.DUPLICATE_ROW, 11_999 * 8800)
    assert found.evidence["row"]["lines"] == list(range(2, 2 + MOST_LINES))
