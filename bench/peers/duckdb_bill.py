"""DuckDB matches a trade bill of API v2 with orders and refunds in its own tables. A program of
.venv-peers with two uses:

`python -m bench.peers.duckdb_bill load DATABASE` makes the tables out of `orders.csv` and
`refunds.csv` beside it. `… match DATABASE BILL ACCOUNT SINCE UNTIL THREADS` counts the differences
of each kind and prints them as JSON, with its version, its threads and the most memory (KiB) that
it had. SINCE and UNTIL of the day are ms UTC.

THREADS is 0 for DuckDB's default, as many as cores; it may take four fifths of the memory.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
TABLES, MATCH = HERE / "duckdb_tables.sql", HERE / "duckdb_match.sql"


def load(database: duckdb.DuckDBPyConnection, folder: Path) -> None:
    os.chdir(folder)
    database.execute(TABLES.read_text())


def match(
    database: duckdb.DuckDBPyConnection, bill: str, account: str, since: int, until: int
) -> dict[str, int]:
    """The number of differences of each kind."""
    for name, value in {"account": account, "since": since, "until": until}.items():
        database.execute(f"SET VARIABLE {name} = $value", {"value": value})
    found: dict[str, int] = {}
    for statement in database.extract_statements(MATCH.read_text()):
        given = {"bill": bill} if statement.named_parameters else {}
        asked = database.execute(statement, given)
        if statement.type == duckdb.StatementType.SELECT:
            names = [name for name, *_ in asked.description]
            found |= zip(names, asked.fetchone(), strict=True)
    return found


def main(use: str, path: str, *rest: str) -> None:
    with duckdb.connect(path) as database:
        if use == "load":
            load(database, Path(path).parent)
            return
        bill, account, since, until, wanted = rest
        if int(wanted):
            database.execute(f"SET threads = {int(wanted)}")
        counts = match(database, bill, account, int(since), int(until))
        ((threads,),) = database.execute("SELECT current_setting('threads')").fetchall()
    status = Path("/proc/self/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0])
    told = {"version": duckdb.__version__, "threads": threads, "peakKib": peak, "counts": counts}
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
