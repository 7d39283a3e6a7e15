"""Builds the simulator's objects once, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tornado.simple_httpclient import SimpleAsyncHTTPClient

from simulator.clock import Clock
from simulator.faults import Faults
from simulator.notifier import Notifier
from simulator.options import Options
from simulator.play import Cast
from simulator.runs import Runs
from simulator.shop import Shop
from simulator.stage import Stage
from simulator.till import Till
from simulator.trades import Trades
from simulator.traffic import Traffic
from simulator.wechat import Desk

MAX_ANSWER_BYTES = 4 * 1024 * 1024
MAX_CONNECTIONS = 300


@dataclass(frozen=True)
class World:
    clock: Clock
    faults: Faults
    trades: Trades
    till: Till
    notifier: Notifier
    desk: Desk
    runs: Runs
    stage: Stage
    traffic: Traffic | None
    allow_remote: bool


def build(options: Options, origin: str, clock: Clock | None = None) -> World:
    """`origin` is the address that we listen on. Needs a running event loop."""
    clock = clock or Clock(options.speed)
    client = SimpleAsyncHTTPClient(
        force_instance=True, max_clients=MAX_CONNECTIONS, max_body_size=MAX_ANSWER_BYTES
    )
    trades, faults = Trades(), Faults()
    till = Till(options.merchant, trades, clock)
    notifier = Notifier(client, clock, faults, options.notify_origin, options.patience_s)
    shop = Shop(client, options.notify_origin, options.api_key)
    desk = Desk(options.merchant, trades, clock, origin)
    runs = Runs(clock.real)
    stage = Stage(runs, Cast(shop, till, notifier, faults, desk))
    traffic = None
    if options.rate:
        traffic = Traffic(shop, till, notifier, rate=options.rate, random=Random(options.seed))
    return World(
        clock, faults, trades, till, notifier, desk, runs, stage, traffic, options.allow_remote
    )  # fmt: skip
