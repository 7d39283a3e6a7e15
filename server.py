"""The composition root: builds every object once, wires them, starts and stops them; and the
commands. Nothing below reads a setting or makes its own collaborator."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import certifi
import redis.asyncio as aioredis
from peewee import Database
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from tornado.httpserver import HTTPServer
from tornado.httputil import ParseBodyConfig, ParseMultipartConfig, set_parse_body_config
from tornado.web import Application

from commands import admin
from commands.demo import run_demo
from handlers.base import Site
from handlers.notify import Door
from handlers.pages import AssetHandler
from handlers.routes import House, fallback, routes
from models.store import Store
from models.user import Role
from payments.masking import mask_mch_id
from payments.sealing import Sealer
from services.access import Access
from services.alerts import Alerts
from services.bus import Bus
from services.checkout import Checkout
from services.clock import SystemClock
from services.events import Feed
from services.fanout import Fanout
from services.forgeries import Forgeries
from services.gateway import CurlTransport, Gateway
from services.health import Health
from services.inquiry import Inquiry
from services.jobs import Job, Jobs
from services.lock import Locks
from services.metrics import Metrics
from services.orders import Orders
from services.products import Products
from services.retention import Retention
from services.search import Search
from services.settlement import Settlement
from services.sockets import Sockets
from services.summary import Summary
from settings import SettingError, Settings, read, read_database_url, unused

VERSION = "0.1.0"
HERE = Path(__file__).parent
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

log = logging.getLogger("paywatch")


@dataclass
class Running:
    """What was built, and the order in which it starts and stops."""

    app: Application
    house: House
    store: Store
    bus: Bus
    jobs: Jobs
    forgeries: Forgeries
    transport: CurlTransport
    redis_clients: list[aioredis.Redis]
    server: HTTPServer | None = None

    async def start(self, host: str, port: int) -> None:
        self.store.open()
        await self.bus.look()
        self.jobs.start()
        door = Door(self.app, self.house.settlement, self.house.site)
        self.server = HTTPServer(door, **SERVER_LIMITS)
        self.server.listen(port, host)

    async def stop(self) -> None:
        """Take nothing new, finish what was taken, tell the dashboards, let go."""
        if self.server:
            self.server.stop()
        self.house.sockets.end_all()
        await self.jobs.stop()
        await self.forgeries.close()
        await self.store.close()
        await asyncio.sleep(0.1)  # the last answers leave
        if self.server:
            await self.server.close_all_connections()
        await self.bus.deafen()
        for client in self.redis_clients:
            await client.aclose()
        self.transport.close()
        self.house.access.close()


SERVER_LIMITS: dict[str, int | bool] = {
    "xheaders": False,
    "decompress_request": False,
    "max_header_size": 8 * 1024,
    "max_body_size": 64 * 1024,
    "max_buffer_size": 256 * 1024,
    "chunk_size": 16 * 1024,
    "idle_connection_timeout": 10,
}


def build(settings: Settings, database: Database) -> Running:
    """Make every object. Call on the running loop; nothing runs before `Running.start`."""
    set_parse_body_config(ParseBodyConfig(multipart=ParseMultipartConfig(enabled=False)))
    clock, metrics, merchants = SystemClock(), Metrics(), settings.merchants
    lock_redis, bus_redis = build_redis(settings.redis_url), build_redis(settings.redis_url)
    store = Store(database, clock.now_ms)
    locks = Locks(lock_redis, clock)
    bus = Bus(store, bus_redis)
    fanout = Fanout(store, bus)
    store.on_commit = bus.committed
    transport = CurlTransport(settings.wechat_base_url, _certificates())
    gateway = Gateway(transport)
    sealer = Sealer(settings.notice_secrets)
    forgeries = Forgeries(store, sealer, clock)
    settlement = Settlement(store, locks, merchants, forgeries, sealer, clock, metrics)
    inquiry = Inquiry(gateway, settlement)
    access, alerts = Access(store, clock), Alerts(store)
    orders = Orders(store, settlement, gateway, inquiry, merchants, clock, settings.public_origin)
    checkout = Checkout(
        store, locks, settlement, gateway, inquiry, merchants, clock, settings.notify_url
    )
    house = House(
        site=_site(settings),
        settlement=settlement,
        checkout=checkout,
        orders=orders,
        products=Products(store),
        access=access,
        feed=Feed(store),
        fanout=fanout,
        sockets=Sockets(access, clock, metrics),
        alerts=alerts,
        search=Search(store, sealer),
        summary=Summary(store, clock),
        health=Health(store, locks, bool(settings.redis_url)),
        metrics=metrics,
    )
    jobs = Jobs(
        [
            Job("events", bus.look, 1.0, bus.woken),
            Job("sockets", house.sockets.check, 1.0),
            Job("forgeries", forgeries.flush, 1.0),
            Job("retention", Retention(store, clock, settings.notice_days).step, 3600.0),
            *([Job("redis", bus.listen, 0.0)] if bus_redis else []),
        ]
    )
    locks.on_trouble = redis_trouble(alerts)
    clients = [client for client in (lock_redis, bus_redis) if client]
    return Running(_application(house), house, store, bus, jobs, forgeries, transport, clients)


def _application(house: House) -> Application:
    return Application(
        routes(house),
        site=house.site,
        template_path=str(HERE / "templates"),
        static_path=str(HERE / "static"),
        static_handler_class=AssetHandler,
        log_function=lambda handler: None,
        websocket_max_message_size=4096,
        websocket_ping_interval=20,
        websocket_ping_timeout=15,
        compiled_template_cache=True,
        serve_traceback=False,
        **fallback(house),
    )


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


def run_serve(settings: Settings) -> None:
    database = admin.ready_database(settings.database_url)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(settings, database))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # not on every platform
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(settings: Settings, database: Database) -> None:
    running = build(settings, database)
    stopped = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stopped.set)
    host, port = settings.listen_host, settings.listen_port
    try:
        await running.start(host, port)
    except OSError as error:
        await running.stop()
        raise admin.CommandError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error
    for name in unused():
        log.warning("%s is set, and this version does not use it.", name)
    log.info("Paywatch %s listens on %s:%d", VERSION, host, port)
    await stopped.wait()
    await running.stop()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="paywatch", description="Self-hosted WeChat Pay.")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("serve", help="serve (the default)")
    commands.add_parser("demo", help="serve beside a simulated WeChat with traffic")
    commands.add_parser("migrate", help="bring the database up to date")
    user = commands.add_parser("create-user", help="make a console user")
    user.add_argument("name", metavar="NAME")
    user.add_argument("--role", required=True, choices=[role.value for role in Role])
    user.add_argument("--password-stdin", action="store_true", help="read it from stdin")
    key = commands.add_parser("create-api-key", help="make a key for the merchant's own server")
    key.add_argument("name", metavar="NAME")
    product = commands.add_parser("add-product", help="make or change a product")
    for name in ("ID", "TITLE", "PRICE_FEN"):
        product.add_argument(name.lower(), metavar=name)
    return parser


def run(arguments: argparse.Namespace) -> None:
    if arguments.command == "demo":
        run_demo(run_serve)
        return
    if arguments.command in (None, "serve"):
        run_serve(read())
        return
    url = read_database_url()
    if arguments.command == "migrate":
        admin.run_migrate(url)
    elif arguments.command == "create-user":
        admin.run_create_user(url, arguments.name, arguments.role, arguments.password_stdin)
    elif arguments.command == "create-api-key":
        admin.run_create_api_key(url, arguments.name)
    elif arguments.command == "add-product":
        admin.run_add_product(url, arguments.id, arguments.title, arguments.price_fen)


def main() -> None:
    """`paywatch COMMAND`: exits 0, 2 on bad usage, 1 on failure with one line that says why."""
    arguments = _parser().parse_args()
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    os.umask(0o077)  # what we write holds payments and people
    try:
        run(arguments)
    except KeyboardInterrupt:
        sys.exit(130)
    except (SettingError, admin.CommandError) as error:
        print(f"paywatch: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
