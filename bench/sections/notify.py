"""A durable notify on SQLite, with one process: v2, with Redis, v3, and the earlier build."""

from __future__ import annotations

from bench.prepared import Prepared
from bench.programs import EARLIER, earlier_build, echo, on_sqlite, redis
from bench.rounds import (
    Generator,
    Stage,
    cpu,
    p50,
    p99,
    rate,
    running,
    to_echo,
    to_other,
    wanted,
)
from bench.sections.outcome import Outcome
from tests.support.v3_keys import WITH_PUBLIC_KEY

V2, REDIS, V3 = "v2", "v2, Redis", "v3"
AT_64, AT_256 = Stage(64, 7, 1.2), Stage(256, 5, 1.2)
AT_16, AT_1 = Stage(16, 4, 1.0), Stage(1, 5, 0.8)
V3_AT_64, V3_SPARE = Stage(64, 4, 1.0), 1.4
"""A notify of API v3 takes a millisecond to sign."""


def measure(load: Generator, prepared: Prepared) -> Outcome:
    found = Outcome()
    stages = (AT_64, AT_256, AT_16, AT_1)
    count = wanted(load, prepared, stages)
    v3_count = wanted(load, prepared, (V3_AT_64,), V3_SPARE)
    with redis(prepared) as (url, pid):
        requests = prepared.v2(count)
        programs = [
            on_sqlite(V2, prepared, requests),
            on_sqlite(REDIS, prepared, requests, REDIS_URL=url),
            on_sqlite(V3, prepared, prepared.v3(v3_count), **WITH_PUBLIC_KEY),
        ]
        programs[1].beside = (pid,)
        if root := earlier_build(prepared):
            programs.append(on_sqlite(EARLIER, prepared, requests, root))
        else:
            found.notes.append(f"Commit {EARLIER} was not in the clone, so it is not measured.")
        names = [program.name for program in programs if program.name != V3]
        with running(load, echo(requests), programs) as run:
            v3 = run.stage(V3_AT_64, [V3])
            many = {**run.stage(AT_64, names), **v3}
            crowd, few, one = (
                run.stage(AT_256, [V2]),
                run.stage(AT_16, [V2]),
                run.stage(AT_1, names),
            )
    _figures(found, many, crowd, one)
    titles = ("64 connections", "256 connections", "16 connections", "1 connection")
    for title, rounds in zip(titles, (many, crowd, few, one), strict=True):
        found.add_table(title, rounds)
    return found


def _figures(found: Outcome, many: dict, crowd: dict, one: dict) -> None:  # type: ignore[type-arg]
    found.add("v2", to_echo(many[V2], rate))
    found.add("v2 cpu", to_echo(many[V2], cpu))
    found.add("v3", to_echo(many[V3], rate))
    found.add("p99 64", to_echo(many[V2], p99))
    found.add("p99 256", to_echo(crowd[V2], p99))
    found.add("p50 1", to_echo(one[V2], p50))
    found.add("p50 1 redis", to_echo(one[REDIS], p50))
    if EARLIER in many:
        found.add("earlier", to_other(many, V2, EARLIER, rate))
    found.bars = {"echo": 1.0, **{name: to_echo(many[name], rate).median for name in many}}
