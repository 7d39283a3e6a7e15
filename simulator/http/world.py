"""Builds the simulator's objects once, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tornado.simple_httpclient import SimpleAsyncHTTPClient

from payments.merchant import Merchants
from simulator.delivery.notifier import Notifier
from simulator.delivery.notify_body import Teller
from simulator.delivery.payment import Till
from simulator.options import Options
from simulator.scenarios.actions import Cast
from simulator.scenarios.records import Runs
from simulator.scenarios.runner import Stage
from simulator.shop.client import Shop
from simulator.shop.customers import opening
from simulator.shop.traffic import Traffic
from simulator.state.clock import Clock
from simulator.state.faults import Faults
from simulator.state.refunds import Refund, Refunds
from simulator.state.signing_keys import Keys
from simulator.state.timers import Later
from simulator.state.trades import Trades
from simulator.v2.desk import Desk
from simulator.v2.messages import VoiceV2
from simulator.v2.trade_ops import Ledger
from simulator.v3.desk import DeskV3
from simulator.v3.messages import VoiceV3

MAX_ANSWER_BYTES = 4 * 1024 * 1024
MAX_CONNECTIONS = 300


@dataclass(frozen=True)
class World:
    clock: Clock
    faults: Faults
    trades: Trades
    till: Till
    notifier: Notifier
    later: Later
    keys: Keys
    refunds: Refunds
    desk: Desk
    desk_v3: DeskV3
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
    merchants = Merchants(options.merchants)
    trades, faults, later = Trades(), Faults(), Later(clock)
    keys = Keys(options.material, clock, public_key=bool(merchants.default.public_keys))
    voice = VoiceV3(keys, clock.real)
    teller = Teller(VoiceV2(), voice)
    till = Till(merchants.default, trades, clock, teller)
    notifier = Notifier(
        client,
        clock,
        faults,
        options.notify_origin,
        options.patience_s,
        spoiled=voice.spoiled,
    )

    def tell(refund: Refund) -> None:
        if refund.wanted.notify_url:
            notifier.begin(teller.refunded(refund))

    refunds = Refunds(trades, clock, faults, later, tell)
    ledger = Ledger(trades, refunds, clock)
    desk = Desk(merchants, ledger, refunds, clock, origin)
    desk_v3 = DeskV3(merchants, ledger, refunds, clock, keys, origin)
    shop = Shop(client, options.notify_origin, options.api_key)
    runs = Runs(clock.real)
    stage = Stage(runs, Cast(shop, till, notifier, faults, refunds, ledger.queried))
    traffic = None
    if options.rate:
        traffic = Traffic(shop, till, notifier, rate=options.rate, random=Random(options.seed))
        if options.opening:
            traffic.open_with(opening(Random(options.seed)))
    return World(
        clock,
        faults,
        trades,
        till,
        notifier,
        later,
        keys,
        refunds,
        desk,
        desk_v3,
        runs,
        stage,
        traffic,
        options.allow_remote,
    )
