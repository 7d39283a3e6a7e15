"""`paywatch bill`: fetch a day's bills and match them, now."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from assembly.build import reconciling
from assembly.database import CommandError, ready_database
from commands.progress import ProgressLine
from payments.bills.differences import BillStatus
from payments.errors import BadRequest, Busy
from payments.money import yuan
from services.bills.bill_dates import china_date
from services.bills.bill_days import DayFigures, DayTaken, day_figures
from services.bills.bill_run import BillProgress
from services.bills.bills import Bills
from services.runtime.clock import SystemClock
from settings import Settings

USAGE, FAILED, DIFFERENT = 2, 1, 3
"""The codes at the end; of several accounts 1 wins over 3."""
HEAD = (
    *("date", "account", "status", "rows", "WeChat paid", "ours", "WeChat refunded", "ours"),
    *("fees", "net", "open", "unexplained"),
)
UNPROVEN = "The bill is from a file, not proven by WeChat; WeChat is asked for its own in a day."
STEPS = {
    "fetching": "fetching",
    "reading": "reading",
    "matching": "matching",
    "asking": "asking WeChat",
}


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--date", type=_day, help="YYYY-MM-DD in China; yesterday by default")
    command.add_argument("--account", metavar="MCH_ID", help="one account; all by default")
    words = "a trade bill that was downloaded by hand, plain or gzip"
    command.add_argument("--file", metavar="PATH", type=Path, help=words)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written like 2026-11-23.") from None


def _check_file(path: Path) -> None:
    """Ends the program where the file is not there: that is no news of the day."""
    try:
        with path.open("rb"):
            return
    except OSError as error:
        print(f"paywatch: {path} cannot be read: {error.strerror}.", file=sys.stderr)
        raise SystemExit(USAGE) from error


def run_bill(settings: Settings, given: argparse.Namespace) -> None:
    """Ends the program with 0 where everything is matched without an open difference, else with
    one of the codes above."""
    if given.file:
        _check_file(given.file)
    database = ready_database(settings.database_url)
    clock = SystemClock()
    day = given.date or china_date(clock.now_ms()) - timedelta(days=1)
    show = BillLine()
    undone: list[str] = []

    async def work() -> Sequence[DayFigures]:
        async with reconciling(settings, database) as running:
            bills = running.bills
            accounts = [given.account] if given.account else bills.accounts
            if given.file and len(accounts) > 1:
                raise BadRequest("--file is the bill of one account: name it with --account.")
            undone.extend(await work_all(bills, accounts, day, given.file, show))
            return await running.store.read(day_figures, accounts, day.isoformat())

    try:
        found = asyncio.run(work())
    except BadRequest as error:
        print(f"paywatch: {error.message}", file=sys.stderr)
        raise SystemExit(USAGE) from error
    except Busy as error:
        raise CommandError(error.message) from error
    finally:
        show.end()
    for line in table(found):
        print(line)
    for words in undone:
        print(f"paywatch: {words}", file=sys.stderr)
    if code := FAILED if undone else exit_code(found):
        sys.stdout.flush()
        raise SystemExit(code)


async def work_all(
    bills: Bills, accounts: Sequence[str], day: date, file: Path | None, show: BillLine
) -> list[str]:
    """Do the day of each account; one that cannot be done now keeps none of the others. Returns why
    not, for each of those. Raises BadRequest."""
    undone = []
    for mch_id in accounts:
        try:
            await bills.work(mch_id, day, file, partial(show, mch_id))
        except (Busy, DayTaken) as error:
            undone.append(f"{mch_id}: {error.message}")
    return undone


def exit_code(days: Sequence[DayFigures]) -> int:
    """A day that was matched once may have failed now: then it still says what it was."""
    failed = BillStatus.FAILED, BillStatus.WAITING
    if any(day.problem or day.status in failed for day in days):
        return FAILED
    return DIFFERENT if any(day.open_count for day in days) else 0


def table(days: Sequence[DayFigures]) -> list[str]:
    """One line an account, below a head."""
    lines = [list(HEAD)]
    lines += [
        [
            day.date,
            day.mch_id,
            day.status,
            str(day.rows_count),
            yuan(day.wechat_paid_fen),
            yuan(day.our_paid_fen),
            yuan(day.wechat_refunded_fen),
            yuan(day.our_refunded_fen),
            yuan(day.wechat_fee_fen),
            yuan(day.wechat_net_fen),
            str(day.open_count),
            yuan(day.unexplained_fen),
        ]
        for day in days
    ]
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    shown = [
        "  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)) for line in lines
    ]
    notes = [f"{day.mch_id}: {UNPROVEN}" for day in days if day.from_file]
    notes += [f"{day.mch_id}: {day.words}" for day in days if day.problem]
    return [line.rstrip() for line in shown] + notes


class BillLine:
    """The progress. Where standard error is no terminal, it says only that it waits."""

    def __init__(self) -> None:
        self._line = ProgressLine()
        self._waits = ""
        self.end = self._line.end

    def __call__(self, mch_id: str, now: BillProgress) -> None:
        if now.step == "waiting":
            self._wait(f"{mch_id}: waiting {now.whole} s for WeChat's rate limit for bills.")
            return
        done = f" {now.done:,}" if now.done else ""
        whole = f" of {now.whole:,}" if now.whole else ""
        self._line.say(f"{mch_id}: {STEPS[now.step]}{done}{whole} …")

    def _wait(self, words: str) -> None:
        """Once for each wait."""
        if words != self._waits:
            self.end()
            print(f"paywatch: {words}", file=sys.stderr, flush=True)
            self._waits = words
