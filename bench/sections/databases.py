"""PostgreSQL and MariaDB with their data on the disk and every commit durable: without Redis, with
it, and with two processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench.prepared import Prepared, RequestFile, numbers
from bench.programs import Program, echo, paywatch, redis
from bench.rounds import (
    Generator,
    Rounds,
    Stage,
    cpu,
    progress,
    rate,
    running,
    to_echo,
    to_other,
    wanted,
)
from bench.sections.outcome import Outcome, Table
from tests.support.databases import MariaDB, PostgreSQL
from tests.support.processes import insert_orders

STAGE = Stage(64, 6, 1.2)
KINDS = {"PostgreSQL": PostgreSQL, "MariaDB": MariaDB}
REDIS, TWO = "1 process, Redis", "2 processes, Redis"


def measure(load: Generator, prepared: Prepared) -> Outcome:
    requests = prepared.v2(wanted(load, prepared, (STAGE,)))
    found = Outcome()
    with ExitStack() as stack:
        url, pid = stack.enter_context(redis(prepared))
        programs: list[Program] = []
        for kind in KINDS:
            progress(f"filling {kind}")
            server = KINDS[kind](parent=prepared.folder)
            for program in _programs(stack, kind, server, requests, url):
                program.beside = (server.pid, pid)
                programs.append(program)
        with running(load, echo(requests), programs) as run:
            rounds = run.stage(STAGE)
    _figures(found, rounds)
    return found


def _programs(
    stack: ExitStack, kind: str, server: PostgreSQL | MariaDB, requests: RequestFile, redis_url: str
) -> Iterator[Program]:
    variants = {"1 process": {}, REDIS: {"REDIS_URL": redis_url}}
    variants[TWO] = {"REDIS_URL": redis_url, "PROCESSES": "2"}
    for name, settings in variants.items():
        url = stack.enter_context(_filled(server, requests.count))
        folder = requests.path.parent / f"{kind} {name}"
        yield paywatch(f"{kind}, {name}", folder, requests, DATABASE_URL=url, **settings)


@contextmanager
def _filled(server: PostgreSQL | MariaDB, count: int) -> Iterator[str]:
    with server.database() as url:
        insert_orders(url, numbers(count))
        yield url


def _figures(found: Outcome, rounds: Rounds) -> None:
    found.add("postgresql", to_echo(rounds[f"PostgreSQL, {REDIS}"], rate))
    found.add("mariadb", to_echo(rounds[f"MariaDB, {REDIS}"], rate))
    found.add("two", to_other(rounds, f"PostgreSQL, {TWO}", f"PostgreSQL, {REDIS}", cpu))
    found.add_table("64 connections; CPU of Paywatch's processes", rounds)
    rows = [
        [name, f"{sum(p.other.beside_us for p in pairs) / sum(p.echo.cpu_us for p in pairs):.2f}"]
        for name, pairs in rounds.items()
    ]
    found.tables.append(Table("the servers' own CPU", ["", "CPU ÷ echo's"], rows))
    found.bars = {"echo": 1.0, **{name: to_echo(rounds[name], rate).median for name in rounds}}
