"""Builds the simulator's objects once, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tornado.simple_httpclient import SimpleAsyncHTTPClient

from payments.merchant import Merchants
from payments.refund import RefundStatus
from simulator.bills.bill_room import BillRoom, bill_room
from simulator.bills.books import Books
from simulator.complaints.complaints import SimulatedComplaints
from simulator.complaints.desk import MerchantServiceDesk
from simulator.complaints.room import complaint_room
from simulator.delivery.notifier import Notifier
from simulator.delivery.notify_body import NotifyWriter
from simulator.delivery.payment import PaymentDesk
from simulator.options import Options
from simulator.scenarios.actions import Cast
from simulator.scenarios.records import Runs
from simulator.scenarios.runner import ScenarioRunner
from simulator.shop.client import Shop
from simulator.shop.customers import opening
from simulator.shop.traffic import Traffic
from simulator.state.clock import SimulatedClock
from simulator.state.domains import Domains
from simulator.state.faults import Faults
from simulator.state.refunds import SimulatedRefund, SimulatedRefunds
from simulator.state.signing_keys import Keys
from simulator.state.timers import Timers
from simulator.state.trades import Trades
from simulator.v2.desk import Desk
from simulator.v2.messages import NotifiesV2
from simulator.v2.trade_ops import TradeOps
from simulator.v3.desk import DeskV3
from simulator.v3.messages import NotifiesV3

MAX_ANSWER_BYTES = 4 * 1024 * 1024
MAX_CONNECTIONS = 300


@dataclass(frozen=True)
class World:
    clock: SimulatedClock
    faults: Faults
    trades: Trades
    payment_desk: PaymentDesk
    notifier: Notifier
    timers: Timers
    keys: Keys
    refunds: SimulatedRefunds
    desk: Desk
    desk_v3: DeskV3
    runs: Runs
    runner: ScenarioRunner
    traffic: Traffic | None
    allow_remote: bool
    domains: Domains
    bills: BillRoom
    complaints: SimulatedComplaints
    complaint_desk: MerchantServiceDesk


def build(
    options: Options, origin: str, clock: SimulatedClock | None = None, second: str = ""
) -> World:
    """`origin` is the address that we listen on, `second` the other one, if any. Needs a running
    event loop."""
    clock = clock or SimulatedClock(options.speed)
    client = SimpleAsyncHTTPClient(
        force_instance=True, max_clients=MAX_CONNECTIONS, max_body_size=MAX_ANSWER_BYTES
    )
    merchants = Merchants(options.merchants)
    trades, faults, timers = Trades(), Faults(), Timers(clock)
    keys = Keys(options.material, clock, public_key=bool(merchants.default.public_keys))
    notifies_v3 = NotifiesV3(keys, clock.real)
    notify_writer = NotifyWriter(NotifiesV2(), notifies_v3)
    payment_desk = PaymentDesk(merchants.default, trades, clock, notify_writer)
    notifier = Notifier(
        client,
        clock,
        faults,
        options.notify_origin,
        options.patience_s,
        spoiled=notifies_v3.spoiled,
    )

    complaints, complaint_desk = complaint_room(
        merchants, notifier.begin, notifies_v3, clock, keys, origin
    )

    def tell(refund: SimulatedRefund) -> None:
        if refund.wanted.notify_url:
            notifier.begin(notify_writer.refunded(refund))
        if refund.status is RefundStatus.SUCCESS:
            complaints.refunded(refund.trade.order_num, wholly=refunds.left(refund.trade) == 0)

    books = Books()
    refunds = SimulatedRefunds(trades, clock, faults, timers, tell, books.refunded)
    bills = bill_room(merchants, books, trades, refunds, payment_desk.pay, clock, origin)
    trade_ops = TradeOps(trades, refunds, clock)
    desk = Desk(merchants, trade_ops, refunds, clock, origin)
    desk_v3 = DeskV3(merchants, trade_ops, refunds, clock, keys, origin)
    desk_v3.on_echo = lambda merchant, message, url: notifier.send_soon(
        url, *notifies_v3.echo(merchant, message)
    )
    shop = Shop(client, options.notify_origin, options.api_key)
    runs = Runs(clock.real)
    runner = ScenarioRunner(
        runs, Cast(shop, payment_desk, notifier, faults, refunds, trade_ops.queried, bills.gaps)
    )
    return World(
        clock,
        faults,
        trades,
        payment_desk,
        notifier,
        timers,
        keys,
        refunds,
        desk,
        desk_v3,
        runs,
        runner,
        _traffic(options, shop, payment_desk, notifier),
        options.allow_remote,
        Domains(second),
        bills,
        complaints,
        complaint_desk,
    )


def _traffic(
    options: Options, shop: Shop, payment_desk: PaymentDesk, notifier: Notifier
) -> Traffic | None:
    """The buyers, if there are to be any."""
    if not options.rate:
        return None
    traffic = Traffic(shop, payment_desk, notifier, rate=options.rate, random=Random(options.seed))
    if options.opening:
        traffic.open_with(opening(Random(options.seed)))
    return traffic
