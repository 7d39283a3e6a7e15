"""The real services on a real file, beside a WeChat that says what a test has drawn; what a deed
does to them, and all that can be seen of it afterwards. For tests; holds none itself."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from models.database import open_database
from models.store import Store
from models.user import Role
from payments.encryption import Sealer
from payments.errors import PaymentError
from payments.merchant import Api, Merchants
from payments.notify_replies import REPLIES
from payments.states import TradeType
from services.alerts.triage import Alerts, Decision
from services.auth.user_ops import NewUser, create_users
from services.checks.future_times import FutureTimes
from services.live.waiters import Waiters
from services.notify.inbound import Inbound
from services.notify.unhandled import Unhandled
from services.notify.unreadable import Unreadable
from services.notify.unverified import Unverified
from services.orders.orders import Orders
from services.orders.prepay import Prepays
from services.orders.products import ProductChange, Products
from services.refunds.receipts import Receipts
from services.refunds.refund_limits import RefundLimits
from services.refunds.refunds import Refunds
from services.runtime.audit_log import COMMAND_LINE
from services.runtime.idempotency import KeyedRequest
from services.runtime.leases import Leases
from services.runtime.locks import Locks
from services.runtime.metrics import Metrics
from services.settlement.order_query import OrderQuery
from services.settlement.outside_refunds import OutsideRefunds
from services.settlement.settlement import Settlement
from services.wechat.client import WeChatClient
from services.wechat.platform_keys import PlatformKeyring
from tests.life.order_wechat import CODE_URL, WeChat, notify_body
from tests.life.trade_house import TradeDeeds
from tests.life.trade_model import LIMIT
from tests.life.words import Deed
from tests.support.notify_rig import reply_to
from tests.support.rig import MERCHANT, OPEN_ID

PRODUCTS = {1: "one", 100: "hundred", 8800: "tea"}
"""A product for every price (fen) that an order may have."""
PEOPLE = ("alice", "amy", "bob")
LIMITS = RefundLimits(LIMIT, 10**12)  # the model knows an order's limit; a life has no days
MERCHANTS = Merchants((replace(MERCHANT, client_cert="certificate", private_key="its key"),))
NOTIFY_URLS = {Api.V2: "http://shop/pay/notify"}


@dataclass
class HandClock:
    """Moved by hand. Whatever is limited by the minute never meets its limit: for waits and
    limits every look at it is two minutes later."""

    ms: int
    looks: int = 0

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        self.looks += 1
        return self.ms / 1000 + self.looks * 120


@dataclass(frozen=True)
class Backup:
    """`came`: how many deliveries had come."""

    file: Path
    came: int
    made: dict[str, str]
    refunded: dict[str, list[dict[str, str]]]
    sent: dict[str, list[dict[str, str]]]


class House(TradeDeeds):
    """Settlement, checkout, orders, refunds, receipts, inquiry and alerts over one file; `restart`
    forgets all that was in memory."""

    def __init__(self, file: Path, clock: HandClock, merchants: Merchants = MERCHANTS) -> None:
        self.clock, self.wechat, self._file = clock, WeChat(), file
        self._merchants = merchants
        self.wechat.house = self
        self.deliveries: list[Deed] = []
        self.made: dict[str, str] = {}
        self._eyes: sqlite3.Connection | None = None

    async def start(self) -> None:
        """Build everything anew over the file, as a new process does."""
        database = open_database(f"sqlite:///{self._file}")
        self.store = store = Store(database, self.clock.now_ms)
        store.open()
        locks, gateway = Locks(None, self.clock), WeChatClient(self.wechat, self.clock)
        merchants, clock = self._merchants, self.clock
        sealer = Sealer(merchants.secrets)
        self._forgeries = forgeries = Unverified(store, sealer, clock)
        self._settlement = Settlement(store, locks, sealer, clock)
        certificates = PlatformKeyring(
            store, Leases(store, clock, "house"), self.wechat, merchants, clock, Alerts(store)
        )
        self._inquiry = OrderQuery(gateway, self._settlement)
        outside = OutsideRefunds(store, self._settlement, gateway, self._inquiry, merchants, clock)
        self._outside = outside
        self.intake = Inbound(
            self._settlement,
            outside,
            forgeries,
            Unhandled(store, sealer, clock, lambda: None),
            Unreadable(store, clock),
            Unreadable(store, clock),
            (),
            certificates,
            merchants,
            clock,
            Metrics(),
        )
        self._orders = Orders(
            store,
            self._settlement,
            gateway,
            self._inquiry,
            outside,
            merchants,
            clock,
            "http://shop",
            Waiters(),
        )
        self._checkout = Prepays(
            store,
            locks,
            self._settlement,
            gateway,
            self._inquiry,
            merchants,
            clock,
            "http://shop",
            NOTIFY_URLS,
            Metrics(),
        )
        self.refunds = Refunds(
            store, locks, self._settlement, gateway, merchants, NOTIFY_URLS, LIMITS, outside
        )
        self.receipts = Receipts(store, self.refunds, merchants, LIMITS)
        self._alerts = Alerts(store)

    async def stock(self) -> None:
        for price, name in PRODUCTS.items():
            await Products(self.store).save(ProductChange(name, name, price, True))
        for name in PEOPLE:
            await self.store.write(create_users, NewUser(name, Role.ADMIN, "", False, COMMAND_LINE))

    async def restart(self) -> None:
        """Drop every task where it stands, and begin again on the same file."""
        here = asyncio.current_task()
        left = [task for task in asyncio.all_tasks() if task is not here]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        old = self.store
        await self.start()
        await old.close()  # its threads; nothing waits in it

    def backup(self, to: Path) -> Backup:
        """A copy of the file, and of all that the shop and WeChat's sent answers knew then."""
        self.look("SELECT 1")
        copy = sqlite3.connect(to)
        assert self._eyes
        self._eyes.backup(copy)
        copy.close()
        kept = deepcopy((self.made, self.wechat.refunded, self.wechat.sent))
        return Backup(to, len(self.deliveries), *kept)

    async def restore(self, backup: Backup) -> list[Deed]:
        """Go on from an earlier copy; returns what came since, and is lost here."""
        await self.stop()
        self._eyes = None
        for end in ("-wal", "-shm"):
            Path(f"{self._file}{end}").unlink(missing_ok=True)
        shutil.copy(backup.file, self._file)
        lost, self.deliveries = self.deliveries[backup.came :], self.deliveries[: backup.came]
        kept = deepcopy((backup.made, backup.refunded, backup.sent))
        self.made, self.wechat.refunded, self.wechat.sent = kept
        await self.start()
        return lost

    # --- deeds ------------------------------------------------------------------------------------

    async def perform_all(self, deeds: Sequence[Deed]) -> list[Any]:
        await self._forgeries.flush()  # the job that ends their minutes
        self.wechat.script.clear()
        self.wechat.hanging.clear()
        deeds = [self.as_seen(deed) for deed in deeds]
        if len(deeds) == 1 and "crash" in (deeds[0].get("outcome"), deeds[0].get("state")):
            answers = [await self._until_crash(deeds[0])]
        else:
            answers = list(await asyncio.gather(*map(self.perform, deeds)))
        await self._outside.step()  # the job that asks what went back outside
        return answers

    async def _until_crash(self, deed: Deed) -> Any:
        """Die while WeChat is being asked, if it comes to that."""
        work = asyncio.create_task(self.perform(deed))
        hangs = asyncio.create_task(self.wechat.hanging.wait())
        await asyncio.wait([work, hangs], return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            hangs.cancel()
            return work.result()
        await self.restart()
        return "crash"

    async def perform(self, deed: Deed) -> Any:
        try:
            return await getattr(self, "_" + deed["do"].replace(" ", "_"))(deed)
        except PaymentError as error:
            return error.code

    def script(self, call: str, about: str, deed: Deed) -> None:
        self.wechat.script[call, about].append(deed)

    async def _create(self, deed: Deed) -> str:
        wanted = f"{deed['order']} {deed['total']} {deed['minutes']}"
        made = await self._orders.create(
            request=KeyedRequest("shop", deed["key"], wanted),
            product_id=PRODUCTS[deed["total"]],
            order_num=deed["order"],
            expires_in_minutes=deed["minutes"],
        )
        first = self.made.setdefault(deed["key"], made.order) if made.repeated else made.order
        self.made[deed["key"]] = first
        assert made.order == first
        return "repeated" if made.repeated else "created"

    async def _prepay(self, deed: Deed) -> Any:
        num, trade_type = deed["order"], TradeType(deed["type"])
        self.wechat.script["unifiedorder", num].append(deed)
        self.wechat.script["orderquery", num].append({**deed["query"], "order": num})
        open_id = OPEN_ID if trade_type is TradeType.JSAPI else None
        asked = [
            self._checkout.prepay(num, trade_type, open_id, "203.0.113.9")
            for _ in range(deed["times"])
        ]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        said = {self._prepaid(answer) for answer in answers}
        assert len(said) == 1, said
        return said.pop()

    def _prepaid(self, answer: Any) -> str:
        if isinstance(answer, PaymentError):
            return answer.code
        if isinstance(answer, BaseException):
            raise answer
        text = answer.get("codeUrl") or answer["package"]
        return str(text.removeprefix(CODE_URL).removeprefix("prepay_id="))

    async def _close(self, deed: Deed) -> str:
        num = deed["order"]
        self.wechat.script["closeorder", num].append(deed)
        if deed["outcome"] == "ORDERPAID":
            self.wechat.script["orderquery", num].append({**deed["query"], "order": num})
        return (await self._orders.close(num, "shop")).status.lower()

    async def _ask(self, deed: Deed) -> Any:
        self.wechat.script["orderquery", deed["order"]].append(deed)
        verdict = await self._inquiry.ask(MERCHANT, deed["order"])
        return REPLIES[verdict.outcome].xml if verdict else None

    async def _notify(self, deed: Deed) -> bytes:
        self.deliveries.append(deed)
        return await reply_to(self.intake.payment_v2, notify_body(deed), deed["source"])

    async def _decide(self, deed: Deed) -> str:
        kind, subject = deed["case"]
        found = "SELECT id, version FROM alerts WHERE kind = ? AND subject = ?"
        ((alert, version),) = self.look(found, kind, subject)
        decision = Decision(alert, deed["action"], version - deed["stale"], "alice")
        return str((await self._alerts.decide(decision))["status"])

    async def _wait(self, deed: Deed) -> None:
        self.clock.ms += deed["minutes"] * 60_000

    async def _jump(self, deed: Deed) -> None:
        self.clock.ms += deed["minutes"] * 60_000
        await FutureTimes(self.store).step()  # the job that finds what is dated later than now

    # --- what can be seen, by a connection of its own and by SQL of its own -----------------------

    def look(self, sql: str, *values: Any) -> list[Any]:
        if self._eyes is None:
            self._eyes = sqlite3.connect(self._file, isolation_level=None)
        return self._eyes.execute(sql, values).fetchall()

    def state(self) -> dict[str, Any]:
        """Orders, receipts, cases and the number of proven deliveries, as the model has them."""
        orders = self.look(
            "SELECT order_num, status, transaction_id, total_fen, refunded_fen FROM orders"
        )
        cases = self.look("SELECT kind, subject, order_num, count, status FROM alerts")
        return {
            "orders": {num: tuple(rest) for num, *rest in orders},
            **self.trade_state(),
            "alerts": {(kind, on): (num, n, status) for kind, on, num, n, status in cases},
            "proven": self.look("SELECT count(*) FROM raw_notices WHERE authentic")[0][0],
        }

    def events(self) -> list[tuple[int, str, str | None]]:
        return self.look("SELECT seq, kind, order_num FROM events ORDER BY seq")

    def counters(self) -> dict[str, int]:
        return dict(self.look("SELECT name, sum(value) FROM counters GROUP BY name"))

    def evidence_is_kept(self) -> bool:
        """Is every delivery that a case shows still there?"""
        ids = {row[0] for row in self.look("SELECT id FROM raw_notices")}
        shown = [json.loads(text) for (text,) in self.look("SELECT evidence FROM alerts")]
        return all(evidence["notifyId"] in {*ids, None} for evidence in shown)

    async def stop(self) -> None:
        await self.store.close()
        if self._eyes:
            self._eyes.close()
