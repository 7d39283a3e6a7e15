"""The durable notify path beside a bare Tornado echo, interleaved: parse, verify, look up, check,
book, event, one commit on the disk, answer. SQLite with synchronous=FULL, one process each.

Every round uses a fresh database and is checked before it counts: as many orders PAID as answers
SUCCESS, as many events as orders.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from assembly.database import with_store
from bench import load
from models import Order
from models.store import Store
from models.transaction import Batch
from tests.support.rig import APP_ID, MCH_ID, PRICE, environment, free_port, notify_fields, signed

HERE = Path(__file__).parent.parent
FLOOR = 0.4
"""Below this share of the echo's throughput the run fails."""
WARM_UP = 2_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count = int(given.seconds * 8_000) + WARM_UP
        print(f"Preparing {count} orders and signed notifies …", flush=True)
        template, bodies = _template(folder, count)
        rounds = [_round(folder, template, bodies, given.seconds, i) for i in range(given.rounds)]
    _report(rounds)


@dataclass(frozen=True)
class Round:
    echo: load.Result
    notify: load.Result

    @property
    def ratio(self) -> float:
        return self.notify.per_second / self.echo.per_second


def _template(folder: Path, count: int) -> tuple[Path, list[bytes]]:
    url = environment(folder / "template", 0)["PAYWATCH_DATABASE_URL"]
    numbers = [f"B{i:010d}" for i in range(count)]

    async def fill(store: Store) -> None:
        for start in range(0, count, 5_000):
            await store.write(_insert, tuple(numbers[start : start + 5_000]))

    with_store(url, fill)
    bodies = [signed(notify_fields(n, f"42000000{i:020d}")) for i, n in enumerate(numbers)]
    return folder / "template" / "paywatch.db", bodies


def _insert(batch: Batch, items: Sequence[tuple[str, ...]]) -> list[None]:
    for numbers in items:
        rows = [
            {
                "order_num": number,
                "product_id": "p1",
                "title": "咨询 60 分钟",
                "total_fen": PRICE,
                "app_id": APP_ID,
                "mch_id": MCH_ID,
                "status_token": number,
                "created_at": batch.now,
                "updated_at": batch.now,
                "expires_at": batch.now + 7_200_000,
            }
            for number in numbers
        ]
        for start in range(0, len(rows), 500):
            Order.insert_many(rows[start : start + 500]).execute()
    return [None] * len(items)


def _round(folder: Path, template: Path, bodies: list[bytes], seconds: float, turn: int) -> Round:
    results: dict[str, load.Result] = {}
    names = ("echo", "notify") if turn % 2 == 0 else ("notify", "echo")
    for name in names:
        results[name] = _measure(name, folder / f"{name}{turn}", template, bodies, seconds)
    done = Round(results["echo"], results["notify"])
    print(
        f"round {turn + 1}: echo {done.echo.per_second:6.0f}/s   "
        f"notify {done.notify.per_second:6.0f}/s   ratio {done.ratio:.2f}   "
        f"notify p50 {done.notify.percentile(50):.1f} ms  p99 {done.notify.percentile(99):.1f} ms",
        flush=True,
    )
    return done


def _measure(
    name: str, folder: Path, template: Path, bodies: list[bytes], seconds: float
) -> load.Result:
    folder.mkdir()
    shutil.copy(template, folder / "paywatch.db")
    port = free_port()
    with _serving(name, folder, port):
        source = iter(bodies)
        warm = [next(source) for _ in range(WARM_UP)]
        first = asyncio.run(load.run(port, iter(warm), 60))
        result = asyncio.run(load.run(port, source, seconds))
    if name == "notify":
        _check(folder, first, result)
    return result


@contextmanager
def _serving(name: str, folder: Path, port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "bench.echo", str(port)]
    variables = dict(os.environ)
    if name == "notify":
        command = [sys.executable, "server.py", "serve"]
        variables |= environment(folder, port)
    process = subprocess.Popen(command, cwd=HERE, env=variables, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit("The server did not start.")


def _check(folder: Path, *results: load.Result) -> None:
    """No figure without a correct database."""
    answered = sum(result.answers["200 SUCCESS"] for result in results)
    others = {word for result in results for word in result.answers} - {"200 SUCCESS"}
    database = sqlite3.connect(folder / "paywatch.db")
    (paid,) = database.execute("SELECT count(*) FROM orders WHERE status = 'PAID'").fetchone()
    (events,) = database.execute("SELECT count(*) FROM events").fetchone()
    database.close()
    if others or not paid == events == answered:
        sys.exit(f"Wrong: answered {answered}, paid {paid}, events {events}, also {others}.")


def _report(rounds: list[Round]) -> None:
    ratios = [each.ratio for each in rounds]
    tails = [each.notify.percentile(99) / each.echo.percentile(99) for each in rounds]
    print(
        f"notify / echo: median {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}); p99 / echo's p99: median "
        f"{statistics.median(tails):.2f}; {load.CONNECTIONS} connections, {len(rounds)} rounds; "
        f"load average {os.getloadavg()[0]:.1f}"
    )
    if statistics.median(ratios) < FLOOR:
        sys.exit(f"The ratio is below the floor of {FLOOR}.")


if __name__ == "__main__":
    main()
