"""The CPU of this process and of the database's process for a connection."""

from __future__ import annotations

import time
from pathlib import Path

from peewee import Database

from models.database import is_sqlite


class CpuClock:
    def __init__(self, database: Database) -> None:
        self._served: Path | None = None
        if not is_sqlite(database):
            (pid,) = database.execute_sql("SELECT pg_backend_pid()").fetchone()
            self._served = Path(f"/proc/{pid}/schedstat")

    def now_ms(self) -> float:
        own = time.process_time_ns()
        return (own + (int(self._served.read_text().split()[0]) if self._served else 0)) / 1e6
