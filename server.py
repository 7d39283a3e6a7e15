"""The composition root: builds every object once, wires them, starts and stops them; and the
commands. Nothing below reads a setting or makes its own collaborator."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import redis.asyncio as aioredis
from peewee import Database
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from tornado.httputil import ParseBodyConfig, ParseMultipartConfig, set_parse_body_config

from commands import admin, serve
from commands.check import installation
from commands.line import Root, parser, run
from commands.running import Running
from handlers.application import application
from handlers.base import Site
from handlers.notify import Door
from handlers.routes import House
from models.store import Store
from models.user import Role
from payments.encryption import Sealer
from payments.masking import mask_mch_id
from payments.merchant import Api, Merchants
from services.alerts.channels import Notifier
from services.alerts.monitor import Watch
from services.alerts.outbox import Outbox
from services.alerts.rules import Knobs
from services.alerts.triage import Alerts
from services.auth.authentication import Access
from services.auth.first_admin import FirstAdmin
from services.auth.passwords import Passwords
from services.auth.profile import Profile
from services.auth.second_factor import SecondFactor
from services.auth.users import People
from services.checks.cached_checks import Checkup
from services.checks.health import Health
from services.demo.simulator_client import Simulation
from services.live.bus import Bus
from services.live.dashboards import Sockets
from services.live.fanout import Fanout
from services.live.feed import Feed
from services.live.waiters import Waiting
from services.notify.inbound import Intake
from services.notify.raw_notifies import Notices
from services.notify.retention import Retention
from services.notify.unhandled import Ignored
from services.notify.unverified import Forgeries
from services.orders.orders import Orders
from services.orders.prepay import Checkout
from services.orders.products import Products
from services.orders.reconciler import QUERIES_A_SECOND, Reconciler
from services.orders.service_status import Reception
from services.refunds.receipts import Receipts
from services.refunds.refunds import Refunds
from services.runtime.audit_log import Audit
from services.runtime.clock import Clock, SystemClock
from services.runtime.counters import SIMULATED
from services.runtime.ids import PROCESS
from services.runtime.jobs import Job, Jobs
from services.runtime.leases import Leases
from services.runtime.locks import Locks
from services.runtime.metrics import FOLDER_VARIABLE, Metrics, Sample
from services.settlement.order_query import Inquiry
from services.settlement.settlement import Settlement
from services.views.export import Exports
from services.views.merchant_list import Accounts
from services.views.order_details import Dossiers
from services.views.search import Search
from services.views.settings_view import Configuration
from services.views.summary import Summary
from services.wechat.client import CurlTransport, Gateway
from services.wechat.platform_keys import Certificates
from services.wechat.rate_limit import Paced
from settings import SettingError, Settings

VERSION = "0.1.0"
HERE = Path(__file__).parent
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

TOTP_ROLES = {"": frozenset[Role](), "admin": frozenset({Role.ADMIN}), "all": frozenset(Role)}

log = logging.getLogger("paywatch")


@dataclass
class Ground:
    """What most of the services stand on."""

    settings: Settings
    clock: Clock
    metrics: Metrics
    store: Store
    locks: Locks
    bus: Bus
    waiting: Waiting
    alerts: Alerts
    sealer: Sealer
    leases: Leases
    transport: CurlTransport
    certificates: Certificates
    gateway: Gateway
    settlement: Settlement
    passwords: Passwords
    redis_clients: list[aioredis.Redis]

    @property
    def merchants(self) -> Merchants:
        return self.settings.merchants


def build(
    settings: Settings,
    database: Database,
    clock: Clock | None = None,
    passwords: Passwords | None = None,
) -> Running:
    """Make every object. Call on the running loop; nothing runs before `Running.start`. A test
    may pass a `clock`, and `passwords` that are hashed at less cost."""
    set_parse_body_config(ParseBodyConfig(multipart=ParseMultipartConfig(enabled=False)))
    ground = _ground(settings, database, clock or SystemClock(), passwords or Passwords())
    ground.locks.on_trouble = redis_trouble(ground.alerts)
    forgeries = Forgeries(ground.store, ground.sealer, ground.clock)
    house, reconciler = _house(ground, forgeries), _reconciler(ground)
    return Running(
        Door(application(house, HERE), house.intake, house.site), house, ground.store, ground.bus,
        _jobs(ground, house, reconciler, forgeries), ground.leases, reconciler, forgeries,
        ground.certificates, ground.transport, ground.redis_clients,
    )  # fmt: skip


def _ground(settings: Settings, database: Database, clock: Clock, passwords: Passwords) -> Ground:
    lock_redis, bus_redis = build_redis(settings.redis_url), build_redis(settings.redis_url)
    store = Store(database, clock.now_ms, SIMULATED if settings.simulated else "")
    bus = Bus(store, bus_redis)
    store.on_commit = bus.committed
    locks, sealer = Locks(lock_redis, clock), Sealer(settings.notice_secrets)
    transport = CurlTransport(settings.wechat_base_url, _certificates())
    leases, alerts = Leases(store, clock, PROCESS), Alerts(store)
    certificates = Certificates(store, leases, transport, settings.merchants, clock, alerts)
    return Ground(
        settings=settings,
        clock=clock,
        metrics=Metrics(os.environ.get(FOLDER_VARIABLE)),
        store=store,
        locks=locks,
        bus=bus,
        waiting=Waiting(),
        alerts=alerts,
        sealer=sealer,
        leases=leases,
        transport=transport,
        certificates=certificates,
        gateway=Gateway(transport, clock, certificates.keys_of, certificates.renew),
        settlement=Settlement(store, locks, sealer, clock),
        passwords=passwords,
        redis_clients=[client for client in (lock_redis, bus_redis) if client],
    )


def _house(g: Ground, forgeries: Forgeries) -> House:
    settings, store, clock = g.settings, g.store, g.clock
    inquiry, passwords = Inquiry(g.gateway, g.settlement), g.passwords
    second_factor = SecondFactor(store, g.sealer, clock)
    access = Access(store, clock, passwords, second_factor, TOTP_ROLES[settings.require_totp])
    refunds = _refunds(g, g.gateway)
    checkout = Checkout(
        store, g.locks, g.settlement, g.gateway, inquiry, g.merchants, clock,
        settings.public_origin, settings.notify_urls,
    )  # fmt: skip
    orders = Orders(
        store, g.settlement, g.gateway, inquiry, g.merchants, clock, settings.public_origin,
        g.waiting,
    )  # fmt: skip
    return House(
        site=_site(settings),
        intake=Intake(
            g.settlement, forgeries, Ignored(store, g.sealer, clock), g.certificates, g.merchants,
            clock, g.metrics,
        ),
        checkout=checkout,
        orders=orders,
        products=Products(store),
        access=access,
        feed=Feed(store, g.waiting, clock),
        fanout=Fanout(store, g.bus, g.waiting),
        sockets=Sockets(access, clock, g.metrics),
        alerts=g.alerts,
        search=Search(store, g.sealer, clock),
        dossiers=Dossiers(store, g.sealer, clock, settings.second_admin_fen),
        summary=Summary(store, clock),
        health=Health(store, g.locks, bool(settings.redis_url)),
        metrics=g.metrics,
        waiting=g.waiting,
        refunds=refunds,
        receipts=Receipts(store, refunds, g.merchants, settings.second_admin_fen),
        reception=Reception(store),
        accounts=Accounts(g.merchants),
        exports=Exports(store, clock),
        knobs=Knobs(store),
        outbox=Outbox(
            store, clock, Notifier(settings.notify_channels), settings.public_origin,
            simulated=settings.simulated,
        ),
        configuration=_configuration(settings),
        notices=Notices(store, g.sealer, g.settlement, g.merchants),
        simulation=Simulation(
            store, g.transport, settings.wechat_base_url, orders, checkout, clock
        ),
        audit=Audit(store),
        passwords=passwords,
        people=People(store, passwords, clock),
        profile=Profile(store, access, passwords, clock),
        second_factor=second_factor,
        first_admin=FirstAdmin(store, passwords),
        checkup=Checkup(lambda: installation(settings, build_redis, _certificates()), clock),
        notify_urls=[settings.notify_urls[api] for api in sorted(g.merchants.apis)],
    )  # fmt: skip


def _jobs(g: Ground, house: House, reconciler: Reconciler, forgeries: Forgeries) -> Jobs:
    hears = len(g.redis_clients) > 0
    return Jobs(
        [
            Job("events", g.bus.look, 1.0, g.bus.woken),
            Job("sockets", house.sockets.check, 1.0),
            Job("writer", g.store.supervise, 1.0),
            Job("figures", sampling(g), 1.0),
            Job("reconcile", reconciler.step, 2.0, leased=True),
            Job("forgeries", forgeries.flush, 1.0),
            *key_jobs(g.certificates, g.merchants),
            Job("retention", Retention(g.store, g.clock, g.settings.notice_days).step, 3600.0),
            Job("outbox", house.outbox.step, 2.0, leased=True),
            Job("watch", Watch(g.store, g.clock, g.merchants).step, 30.0, leased=True),
            *([Job("redis", g.bus.listen, 0.0)] if hears else []),
        ],
        g.leases,
    )


def _reconciler(g: Ground) -> Reconciler:
    """It asks at a pace of its own, which buyers and staff do not share."""
    paced = Paced(g.transport, g.clock, QUERIES_A_SECOND)
    gateway = Gateway(paced, g.clock, g.certificates.keys_of, g.certificates.renew)
    return Reconciler(
        g.store, g.settlement, gateway, Inquiry(gateway, g.settlement), g.merchants, g.clock,
        _refunds(g, gateway).ask,
    )  # fmt: skip


@contextlib.asynccontextmanager
async def reconciling(settings: Settings, database: Database) -> AsyncIterator[Reconciler]:
    """The product over this database, for one pass of its reconciler: no jobs, no server."""
    running = build(settings, database)
    running.store.open()
    try:
        yield running.reconciler
    finally:
        await running.stop()


def key_jobs(certificates: Certificates, merchants: Merchants) -> list[Job]:
    """None where no merchant has API v3."""
    if not any(merchant.api_v3_key for merchant in merchants):
        return []
    return [
        Job("keys", certificates.look, 5.0),
        Job("certificates", certificates.refresh, 5.0, leased=True),
    ]


def sampling(g: Ground) -> Callable[[], Awaitable[None]]:
    async def sample() -> None:
        g.metrics.sample(Sample(g.store.waiting, len(g.waiting), g.bus.head, g.locks.is_away))

    return sample


def redis_trouble(alerts: Alerts) -> Callable[[bool], None]:
    """One `system` case says that Redis is away; the payments do not wait for it."""
    telling: set[asyncio.Task[None]] = set()

    def tell(down: bool) -> None:
        if down:
            rule = "Redis is away; payments go on without its lock."
            task = asyncio.create_task(alerts.system("redis", rule, "away"))
            telling.add(task)
            task.add_done_callback(telling.discard)

    return tell


def _refunds(g: Ground, gateway: Gateway) -> Refunds:
    """API v2 tells of a refund at an address of its own."""
    urls = g.settings.notify_urls
    told_at = {**urls, Api.V2: f"{urls[Api.V2]}/refund"}
    return Refunds(
        g.store, g.locks, g.settlement, gateway, g.merchants, g.clock, told_at,
        g.settings.second_admin_fen,
    )  # fmt: skip


def _site(settings: Settings) -> Site:
    return Site(
        origin=settings.public_origin,
        https=settings.public_origin.startswith("https://"),
        trusted_proxies=settings.trusted_proxies,
        shop_origins=settings.shop_origins,
        simulated=settings.simulated,
        version=VERSION,
        merchant=mask_mch_id(settings.merchants.default.mch_id),
        metrics_token=settings.metrics_token,
    )


def _configuration(settings: Settings) -> Configuration:
    """What may be shown of the settings; addresses without user and password."""
    database = urlsplit(settings.database_url)
    apis = settings.merchants.apis
    return Configuration(
        mode=settings.mode,
        origin=settings.public_origin,
        version=VERSION,
        database=f"{database.scheme}://{database.hostname or ''}{database.path}",
        redis=bool(settings.redis_url),
        processes=settings.processes,
        wechat=settings.wechat_base_url,
        told_at=tuple(url for api, url in settings.notify_urls.items() if api in apis),
        shop_origins=settings.shop_origins,
        second_admin_fen=settings.second_admin_fen,
        notice_days=settings.notice_days,
        notice_key=len(settings.notice_secrets) > len(settings.merchants.secrets),
        metrics_token=bool(settings.metrics_token),
        trusted_proxies=len(settings.trusted_proxies),
        merchants=settings.merchants,
    )


def build_redis(url: str) -> aioredis.Redis | None:
    """redis-py's own defaults wait seconds for a server that is gone; a payment cannot."""
    if not url:
        return None
    client: aioredis.Redis = aioredis.from_url(
        url,
        socket_timeout=0.3,
        socket_connect_timeout=0.3,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=15,
        max_connections=32,
    )
    return client


def _certificates() -> str | None:
    return None if SYSTEM_CERTIFICATES.exists() else certifi.where()


# --- commands ----------------------------------------------------------------------------------


def run_serve(
    settings: Settings, listen_fd: int | None = None, tether_fd: int | None = None
) -> None:
    """Serve until SIGTERM or SIGINT; see commands/serve.py."""
    serve.run_serve(settings, build, Path(__file__), VERSION, listen_fd, tether_fd)


def main() -> None:
    """`paywatch COMMAND`: exits 0, 2 on bad usage, 1 on failure with one line that says why."""
    given = parser(VERSION).parse_args()
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    os.umask(0o077)  # what we write holds payments and people
    try:
        run(given, Root(run_serve, build_redis, _certificates(), reconciling))
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # as in `paywatch check | head`; Python flushes once more at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (SettingError, admin.CommandError) as error:
        print(f"paywatch: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
