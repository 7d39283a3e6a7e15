"""The real product on a free port with a database of its own, beside a simulated WeChat; and the
people who use it. For tests; holds none itself."""

from __future__ import annotations

import asyncio
import json
import math
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

from assembly.build import build
from assembly.database import ready_database
from assembly.running import Running
from commands.supervise import listen
from models import AuditEntry
from models.base import rows
from models.database import is_sqlite, open_database
from models.user import Role
from payments.merchant import MD5, Merchant, Merchants
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from payments.payment_result import CHINA
from payments.v2 import signing, wire
from services.auth.api_keys import ApiKeys
from services.auth.passwords import Passwords
from services.orders.products import ProductChange
from services.runtime.clock import Clock
from settings import Settings, read
from simulator.http.server import serving
from simulator.http.world import World
from simulator.options import Options
from simulator.state.trades import Trade
from tests.support.databases import database
from tests.support.patience import PATIENCE_S
from tests.support.ports import free_port

APP_ID, MCH_ID = "wx8888888888888888", "1900000109"
KEY = "TestApiV2Key0123456789abcdefGHIJ"
MERCHANT = Merchant(APP_ID, MCH_ID, KEY)
OPEN_ID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
PRICE = 8800
BILLS = ("bills", "dropped bills", "bill differences")
COMPLAINTS = ("complaints", "deadlines")
WATCH = ("watch", "clock", "approvals", "sign-ins", *BILLS, *COMPLAINTS)
"""They look at what many payments show and at the time, so on a busy machine, or with a clock that
a test moves, they would raise cases of their own, or ask WeChat for bills and complaints."""
BY_HAND = ("reconcile", "outside refunds", "outbox", "audit", *WATCH)
PASSWORD = "correct horse battery"
PATIENT = {"connect_timeout": PATIENCE_S, "request_timeout": PATIENCE_S}
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
"""The product's own hash takes a tenth of a second, which a thousand tests need not pay."""

SUCCESS = REPLIES[Outcome.BOOKED].xml
UNREADABLE = REPLIES[Outcome.UNREADABLE].xml
UNPROVEN = REPLIES[Outcome.UNPROVEN].xml
ABNORMAL = REPLIES[Outcome.AMOUNT_MISMATCH].xml


def environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    """The settings of one product in `folder`, as environment variables."""
    return {
        "PAYWATCH_LISTEN": f"127.0.0.1:{port}",
        "PAYWATCH_DATABASE_URL": f"sqlite:///{folder}/paywatch.db",
        "PAYWATCH_WECHAT_BASE_URL": "http://127.0.0.1:1",
        "PAYWATCH_WECHAT_APP_ID": APP_ID,
        "PAYWATCH_WECHAT_MCH_ID": MCH_ID,
        "PAYWATCH_WECHAT_API_V2_KEY": KEY,
        "PAYWATCH_REQUIRE_TOTP": "none",  # a test of many would have to type a code first
        **{f"PAYWATCH_{name}": value for name, value in more.items()},
    }


def china_text(at: datetime) -> str:
    """WeChat's `yyyyMMddHHmmss`."""
    return at.astimezone(CHINA).strftime("%Y%m%d%H%M%S")


def later_text(hours: int = 6) -> str:
    """WeChat's text of a time ahead, for bytes that are made once: a long run makes their order
    long after them, and a payment older than its order is another's."""
    return china_text(datetime.now(UTC) + timedelta(hours=hours))


def notify_fields(order_num: str, transaction_id: str, **changes: str | None) -> dict[str, str]:
    """The fields of a good notify of a payment just now, without a signature; None leaves one
    out."""
    fields: dict[str, str | None] = {
        "appid": APP_ID,
        "bank_type": "CMB_DEBIT",
        "cash_fee": str(PRICE),
        "fee_type": "CNY",
        "is_subscribe": "N",
        "mch_id": MCH_ID,
        "nonce_str": secrets.token_hex(16),
        "openid": OPEN_ID,
        "out_trade_no": order_num,
        "result_code": "SUCCESS",
        "return_code": "SUCCESS",
        "time_end": china_text(datetime.now(UTC)),
        "total_fee": str(PRICE),
        "trade_type": "JSAPI",
        "transaction_id": transaction_id,
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def signed(fields: Mapping[str, str], key: str = KEY, sign_type: str = MD5) -> bytes:
    return wire.write({**fields, "sign": signing.sign(fields, key, sign_type)})


def transaction() -> str:
    return "4200" + str(secrets.randbelow(10**24)).zfill(24)


@dataclass
class MovedClock:
    """Stands still until it is moved; who sleeps by it moves it."""

    ms: int

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000

    async def sleep(self, seconds: float) -> None:
        until = self.ms + math.ceil(seconds * 1000)
        await asyncio.sleep(0)
        self.ms = max(self.ms, until)


@dataclass
class Console:
    """A signed-in user's browser."""

    product: Product
    cookie: str
    xsrf: str

    async def get(self, path: str) -> Any:
        response = await self.fetch(path)
        assert response.code == 200, response.body
        return json.loads(response.body)

    async def fetch(
        self, path: str, method: str = "GET", body: Any = None, **headers: str
    ) -> HTTPResponse:
        given = {"Cookie": self.cookie, **headers}
        if method != "GET":
            given.setdefault("X-XSRFToken", self.xsrf)
        return await self.product.fetch(f"/api/v1/{path}", method, body, given)

    async def post(self, path: str, body: Any) -> HTTPResponse:
        return await self.fetch(path, "POST", body)

    async def live(self, after: int | None = None, **headers: str) -> WebSocketClientConnection:
        query = "" if after is None else f"?after={after}"
        url = self.product.origin.replace("http", "ws", 1) + "/live" + query
        given = {"Cookie": self.cookie, "Origin": self.product.origin, **headers}
        socket = await websocket_connect(HTTPRequest(url, headers=given))
        self.product.sockets.append(socket)
        return socket


@dataclass
class Product:
    """The running product, and short words for what tests do with it."""

    origin: str
    settings: Settings
    running: Running
    folder: Path
    wechat: World | None = None
    api_key: str = ""
    sockets: list[WebSocketClientConnection] = field(default_factory=list)
    http: AsyncHTTPClient = field(
        default_factory=lambda: AsyncHTTPClient(
            force_instance=True, max_clients=200, defaults=PATIENT
        )
    )

    async def fetch(
        self,
        path: str,
        method: str = "GET",
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> HTTPResponse:
        """`body` is sent as it is when it is bytes, else as JSON."""
        given = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            given.setdefault("Content-Type", "application/json")
        if body is None and method in ("POST", "PATCH", "PUT"):
            body = b""
        return await self.http.fetch(
            path if path.startswith("http") else self.origin + path,
            method=method,
            body=body,
            headers=given,
            raise_error=False,
            follow_redirects=False,
            allow_nonstandard_methods=True,
        )

    # --- WeChat ------------------------------------------------------------------------------

    async def notify(self, body: bytes, **headers: str) -> HTTPResponse:
        return await self.fetch(
            "/pay/notify", "POST", body, {"Content-Type": "text/xml", **headers}
        )

    async def pay(
        self, order_num: str, transaction_id: str | None = None, **changes: str | None
    ) -> bytes:
        """A signed notify for an order; returns the answer's bytes."""
        fields = notify_fields(order_num, transaction_id or transaction(), **changes)
        return (await self.notify(signed(fields))).body

    # --- the merchant's server -----------------------------------------------------------------

    async def merchant(
        self, path: str, method: str = "GET", body: Any = None, **headers: str
    ) -> HTTPResponse:
        """A refund gets an Idempotency-Key of its own, unless one is given."""
        given = {"Authorization": f"Bearer {self.api_key}", **headers}
        if method == "POST" and path.endswith("/refunds"):
            given.setdefault("Idempotency-Key", secrets.token_hex(8))
        return await self.fetch(f"/merchant/v1/{path}", method, body, given)

    async def order(self, **fields: Any) -> dict[str, Any]:
        """A new order of the one product, as the merchant's server gets it."""
        body = {"productId": "p1", **fields}
        headers = {"Idempotency-Key": secrets.token_hex(8)}
        response = await self.merchant("orders", "POST", body, **headers)
        assert response.code == 201, response.body
        made: dict[str, Any] = json.loads(response.body)
        return made

    async def read(self, order_num: str) -> dict[str, Any]:
        response = await self.merchant(f"orders/{order_num}")
        assert response.code == 200, response.body
        found: dict[str, Any] = json.loads(response.body)
        return found

    async def prepay(self, order_num: str, trade_type: str = "NATIVE", **more: Any) -> HTTPResponse:
        body = {"orderNum": order_num, "tradeType": trade_type, **more}
        return await self.fetch("/weixin/prepay", "POST", body)

    async def prepaid(self) -> tuple[str, Trade]:
        """A new order that WeChat knows and nobody has paid: its number, and WeChat's trade."""
        number = (await self.order())["orderNum"]
        await self.prepay(number)
        assert self.wechat
        trade = self.wechat.trades.by_order(number)
        assert trade
        return number, trade

    async def events(self, after: int = 0) -> list[dict[str, Any]]:
        """Every event above `after`."""
        found: list[dict[str, Any]] = []
        while True:
            last = found[-1]["seq"] if found else after
            page = json.loads((await self.merchant(f"events?after={last}&limit=1000")).body)
            found += page["events"]
            if not page["events"]:
                return found

    async def audited(self, about: str) -> list[tuple[str, str, str, Any]]:
        """The audit log of one noun, such as `alert`: who, what, to what, and the detail."""
        entry = AuditEntry
        query = entry.select(entry.by, entry.action, entry.subject, entry.detail).where(
            entry.action.startswith(f"{about}.")
        )
        found = await self.running.store.read(lambda: rows(query.order_by(entry.seq)))
        return [(by, action, subject, json.loads(detail)) for by, action, subject, detail in found]

    # --- people --------------------------------------------------------------------------------

    async def user(self, name: str = "alice", role: Role = Role.ADMIN) -> Console:
        """Make a user and sign in. The cast: Alice admin, Bob support, Charlie viewer."""
        await self.running.services.users.create_user(name, role, PASSWORD)
        return await self.sign_in(name)

    async def sign_in(self, name: str, password: str = PASSWORD) -> Console:
        body = {"username": name, "password": password}
        response = await self.fetch("/api/v1/login", "POST", body)
        assert response.code == 200, response.body
        cookie = response.headers.get_list("Set-Cookie")[0].split(";")[0]
        return Console(self, cookie, json.loads(response.body)["xsrf"])


@asynccontextmanager
async def product(
    folder: Path,
    *,
    wechat: bool = False,
    merchants: Merchants | None = None,
    clock: Clock | None = None,
    by_hand: bool = False,
    **more: str,
) -> AsyncIterator[Product]:
    """The product with one product (`p1`, 88 yuan) and an API key; `more` are settings without
    their prefix, `merchants` are in place of those. With `wechat`, a simulated WeChat runs beside
    it. A test may bring the `clock`. The watch looks only when the test calls its `step`; with
    `by_hand` neither is WeChat asked about open orders, nor does a message leave, nor is the audit
    log's anchor written."""
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        world = None
        if wechat:
            options = Options(host="127.0.0.1", port=0, notify_origin=origin, merchant=MERCHANT)
            base_url, world = await stack.enter_async_context(serving(options))
            more["WECHAT_BASE_URL"] = base_url
        if "DATABASE_URL" not in more:
            more["DATABASE_URL"] = stack.enter_context(database(folder))
        settings = read(environment(folder, port, **more))
        if merchants:
            settings = replace(settings, merchants=merchants)
        running = build(settings, ready_database(settings.database_url), clock, Passwords(CHEAP))
        jobs, left_out = running.jobs, BY_HAND if by_hand else WATCH
        jobs._jobs = [job for job in jobs._jobs if job.name not in left_out]
        running.store.may_forget = running.store.may_expire = lambda: True
        await running.start(listen("127.0.0.1", port))
        rig = Product(origin, settings, running, folder, world)
        try:
            await running.services.products.save(ProductChange("p1", "咨询 60 分钟", PRICE, True))
            rig.api_key = await ApiKeys(running.store).create("shop")
            yield rig
        finally:
            for opened in rig.sockets:
                opened.close()
            await rig.running.stop()  # a test may have put another in its place
            rig.http.close()


@contextmanager
def writers_locked_out(shop: Product) -> Iterator[None]:
    """Another program holds the database for itself, and lets go without a change."""
    other = open_database(shop.settings.database_url, patient=True)
    try:
        if is_sqlite(other):
            other.execute_sql("BEGIN IMMEDIATE")
        else:
            other.execute_sql("BEGIN")
            other.execute_sql("SELECT seq FROM event_head WHERE id = 1 FOR UPDATE")
        yield
        other.execute_sql("ROLLBACK")
    finally:
        other.close()


async def until(condition: Any, seconds: float = PATIENCE_S) -> Any:
    """Wait for `await condition()` to be true, looking often; its value. Bounded."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while True:
        found = await condition()
        if found or loop.time() > end:
            assert found, "it did not come about in time"
            return found
        await asyncio.sleep(0.02)
