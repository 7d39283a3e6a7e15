"""Paywatch beside the peers of bench/peers/, on this disk and on one that syncs 3 ms later."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from bench import peer_servers
from bench.prepared import ROOT, Prepared
from bench.programs import echo, on_sqlite
from bench.rounds import (
    Generator,
    Rounds,
    Stage,
    progress,
    rate,
    running,
    to_echo,
    to_other,
    wanted,
)
from bench.sections.outcome import Outcome

OURS = "Paywatch"
STAGE = Stage(64, 6, 1.5)


def measure(load: Generator, prepared: Prepared) -> Outcome:
    progress("installing the peers' packages, the first time for some minutes")
    peer_servers.install()
    return _measure(load, prepared, "best peer", None)


def measure_slow(load: Generator, prepared: Prepared) -> Outcome:
    """Only where a C compiler is."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return Outcome(notes=["No C compiler is here, so the slower disk is not measured."])
    peer_servers.install()
    library = prepared.folder / "slow_disk.so"
    source = str(ROOT / "bench" / "slow_disk.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-o", str(library), source, "-ldl"], check=True)
    return _measure(load, prepared, "best peer slow", library)


def _measure(load: Generator, prepared: Prepared, key: str, preload: Path | None) -> Outcome:
    requests = prepared.v2(wanted(load, prepared, (STAGE,)))
    makers = (peer_servers.flask, peer_servers.fastapi, peer_servers.fastify)
    peers = [maker(prepared.new_folder(), requests) for maker in makers]
    ours = on_sqlite(OURS, prepared, requests)
    with running(load, echo(requests), [ours, *peers], preload) as run:
        rounds = run.stage(STAGE)
    return _outcome(key, rounds)


def _outcome(key: str, rounds: Rounds) -> Outcome:
    found = Outcome()
    best = max((n for n in rounds if n != OURS), key=lambda n: to_echo(rounds[n], rate).median)
    found.add(key, to_other(rounds, OURS, best, rate))
    found.notes.append(f"The best peer is {best}.")
    found.add_table("64 connections", rounds)
    found.bars = {"echo": 1.0, **{name: to_echo(rounds[name], rate).median for name in rounds}}
    return found
