"""`paywatch match-bill`, for our own use: the process that matches one bill and tells what it finds
on standard output, in lines of JSON. `services/bills/match_child.py` starts and reads it."""

from __future__ import annotations

import argparse
import gc
import os
from contextlib import closing
from pathlib import Path

from peewee import PeeweeException

from assembly.database import CommandError, opening
from models.bills.staging import Staging
from models.database import open_database
from models.inspection import first_line
from payments.errors import BillRefused
from services.bills.match_lines import FailedMatch, MatchLine, RefusedBill, written
from services.bills.matching import BillMatch, MatchTask

NICENESS = 10
"""Whoever takes money goes first."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--account", required=True)
    command.add_argument("--date", required=True)
    for name in ("--trade", "--flow"):
        command.add_argument(name, type=Path)


def run_match_bill(url: str, given: argparse.Namespace) -> None:
    """Always ends with a line that says how it ended. Raises CommandError."""
    os.nice(NICENESS)
    gc.disable()  # of a million rows nothing refers to itself, and to look for it takes a tenth
    task = MatchTask(given.account, given.date, given.trade, given.flow)
    try:
        with opening():
            database = open_database(url, patient=True)
            database.connect()
        with closing(database):
            for line in BillMatch(Staging(database), task).lines():
                _tell(line)
    except BillRefused as refused:
        _tell(RefusedBill(refused.fault, refused.message, refused.values))
    except CommandError as error:
        _tell(FailedMatch(str(error)))
    except PeeweeException as error:
        _tell(FailedMatch(f"The database failed while the bill was matched: {first_line(error)}"))
    except OSError as error:
        _tell(FailedMatch(f"A file cannot be read or written: {error.strerror}."))


def _tell(line: MatchLine) -> None:
    print(written(line), flush=True)
