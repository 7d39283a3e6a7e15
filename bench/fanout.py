"""The live stream under load: many dashboards in one process, the product in another, and so many
events a second: what the product's process costs, and how late an event comes.

    python -m bench.fanout --dashboards 1000 --events 1000 --seconds 20

Every event at every dashboard is counted, and no figure is printed if one is missing. A part of the
events are real notifies, whose answers are timed with and without dashboards.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench import paced
from bench.fanout_product import order_num
from bench.process_tree import cpu_seconds, resident_bytes
from tests.support.ports import free_port
from tests.support.rig import environment, notify_fields, signed

HERE = Path(__file__).parent.parent
NOTIFIES = 50
"""So many of the events a second are real notifies (all, where there are fewer events)."""
WARM_UP_S, SETTLE_S = 2.0, 1.5


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fanout", description=__doc__)
    parser.add_argument("--dashboards", type=int, default=1000)
    parser.add_argument("--events", type=float, default=1000)
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    for name, value in measure(given.dashboards, given.events, given.seconds).items():
        print(f"{name:32} {value:10.3f}")


def measure(dashboards: int, events_per_second: float, seconds: float) -> dict[str, float]:
    """Run for about twice `seconds`: half of the time without dashboards, a part before and a part
    after them. Ends the program if an event is missing or a notify is not answered SUCCESS.

    `cpu_share` is the product's process alone, as a part of one core; `_unwatched` is the same
    load without a dashboard. Latency is from just before the commit of an event to its arrival.
    """
    _allow_many_connections()
    notifies = min(NOTIFIES, events_per_second)
    bodies = _bodies(int(notifies * (seconds + WARM_UP_S) * 2))
    with tempfile.TemporaryDirectory() as name:
        given = (Path(name), dashboards, len(bodies))
        with _product(*given) as product:
            load = Load(product, iter(bodies), notifies, events_per_second)
            load.run(WARM_UP_S)
            before = load.run(seconds / 2)
            memory = resident_bytes([product.pid])
            with _dashboards(product, dashboards) as watching:
                memory = resident_bytes([product.pid]) - memory
                load.run(WARM_UP_S)
                watching.count()
                watched = load.run(seconds)
                found = watching.count()
            after = load.run(seconds / 2)
    _check(found, watched, dashboards)
    unwatched = Slice.joined(before, after)
    return {
        **_costs(found, watched, unwatched, dashboards),
        "kib_per_dashboard": memory / dashboards / 1024,
        "notify_p50_ms": watched.percentile(50),
        "notify_p99_ms": watched.percentile(99),
        "notify_p50_unwatched_ms": unwatched.percentile(50),
        "notify_p99_unwatched_ms": unwatched.percentile(99),
        "notify_p99_ratio": watched.percentile(99) / unwatched.percentile(99),
    }


def _costs(
    found: dict[str, float], watched: Slice, unwatched: Slice, dashboards: int
) -> dict[str, float]:
    return {
        "events_per_second": found["events"] / dashboards / watched.seconds,
        "frames_per_second": found["frames"] / dashboards / watched.seconds,
        "cpu_share": watched.cpu / watched.seconds,
        "cpu_share_unwatched": unwatched.cpu / unwatched.seconds,
        "cpu_us_per_client_frame": watched.cpu / found["frames"] * 1e6,
        "bytes_per_client_frame": found["bytes"] / found["frames"],
        "latency_p50_ms": found["p50"],
        "latency_p99_ms": found["p99"],
    }


def _bodies(count: int) -> list[bytes]:
    return [
        signed(notify_fields(order_num(number), f"42000000{number:020d}"))
        for number in range(count)
    ]


class Slice:
    """The answers of one stretch of time, and the CPU seconds of the product in it."""

    def __init__(self, seconds: float, cpu: float, times: list[float], head: int) -> None:
        self.seconds, self.cpu, self.head = seconds, cpu, head
        self._times = sorted(times)

    @staticmethod
    def joined(one: Slice, two: Slice) -> Slice:
        return Slice(one.seconds + two.seconds, one.cpu + two.cpu, one._times + two._times, 0)

    def percentile(self, percent: float) -> float:
        return self._times[min(len(self._times) - 1, int(len(self._times) * percent / 100))]


class Product:
    """The product's process, and what it was told."""

    def __init__(self, process: subprocess.Popen[str], port: int, cookies: list[str]) -> None:
        self._process = process
        self.pid, self.port, self.cookies = process.pid, port, cookies

    def write_events(self, a_second: float) -> None:
        _tell(self._process, str(a_second))


class Load:
    """Events and notifies at an even pace."""

    def __init__(
        self, product: Product, bodies: Iterator[bytes], notifies: float, events: float
    ) -> None:
        self._product, self._bodies = product, bodies
        self._notifies, self._events = notifies, events

    def run(self, seconds: float) -> Slice:
        """The load for so long, and then a silence in which everything arrives."""
        self._product.write_events(self._events - self._notifies)
        begin, cpu = time.monotonic(), cpu_seconds([self._product.pid])
        answers = asyncio.run(paced.send(self._product.port, self._bodies, self._notifies, seconds))
        taken = time.monotonic() - begin
        cpu = cpu_seconds([self._product.pid]) - cpu
        self._product.write_events(0)
        time.sleep(SETTLE_S)
        if answers.refused:
            sys.exit(f"{answers.refused} notifies were not answered SUCCESS.")
        return Slice(taken, cpu, answers.times, 0)


class Dashboards:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def count(self) -> dict[str, float]:
        """What came since the last call."""
        found: dict[str, float] = json.loads(_ask(self._process, ""))
        return found


@contextmanager
def _product(folder: Path, dashboards: int, orders: int) -> Iterator[Product]:
    port = free_port()
    words = ["-m", "bench.fanout_product", str(port), str(dashboards), str(orders)]
    with _process(words, environment(folder, port)) as process:
        yield Product(process, port, json.loads(_answer(process)))


@contextmanager
def _dashboards(product: Product, count: int) -> Iterator[Dashboards]:
    given = {
        "port": product.port,
        "origin": f"http://127.0.0.1:{product.port}",
        "dashboards": count,
        "cookies": product.cookies,
    }
    with _process(["-m", "bench.dashboards"], {}) as process:
        _ask(process, json.dumps(given))
        time.sleep(SETTLE_S)
        yield Dashboards(process)


@contextmanager
def _process(words: list[str], variables: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A Python program that stops at the end of its input."""
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=HERE,
        env={**os.environ, **variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        with suppress(BrokenPipeError):
            process.stdin.close()  # type: ignore[union-attr]
        process.wait(20)


def _tell(process: subprocess.Popen[str], line: str) -> None:
    if process.stdin:
        process.stdin.write(line + "\n")
        process.stdin.flush()


def _ask(process: subprocess.Popen[str], line: str) -> str:
    _tell(process, line)
    return _answer(process)


def _answer(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        sys.exit(f"{process.args} ended by itself.")
    return line


def _check(found: dict[str, float], watched: Slice, dashboards: int) -> None:
    """The dashboards check the order and the gaps; here, that all got the same number."""
    if found["events"] % dashboards or not found["events"]:
        sys.exit(f"Some dashboards miss events: {found['events']} over {dashboards}.")


def _allow_many_connections() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(65_536, most), most))


if __name__ == "__main__":
    main()
