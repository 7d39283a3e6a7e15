"""The product beside a WeChat in which buyers complain, on a clock that a test moves; its jobs run
when the test says so. Holds no test itself."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tornado.httpclient import HTTPResponse

from payments.payment_result import CHINA
from services.complaints.deadlines import Deadlines
from simulator.complaints.complaint import SimulatedComplaint
from simulator.http.world import World
from simulator.state.clock import SimulatedClock
from simulator.state.faults import Fault
from tests.simulator.test_product import full_house
from tests.support.rig import Console, MovedClock, Product, until

MORNING = datetime(2026, 11, 2, 9, 30, tzinfo=CHINA)
"""A Monday in China."""
HOUR_MS = 3_600_000
IDLE_S = 1800
"""A session that nobody uses for so long has ended."""


def china_ms(text: str) -> int:
    """`2026-11-03 24:00` is the end of that day."""
    day, _, clock = text.partition(" ")
    start = datetime.fromisoformat(day).replace(tzinfo=CHINA)
    hours, minutes = clock.split(":")
    return int(start.timestamp() * 1000) + int(hours) * HOUR_MS + int(minutes) * 60_000


@dataclass
class Desk:
    """What a test does: as the buyer, as time, and as staff."""

    shop: Product
    clock: MovedClock
    order_num: str = ""
    people: dict[str, Console] = field(default_factory=dict)

    @property
    def wechat(self) -> World:
        assert self.shop.wechat
        return self.shop.wechat

    # --- the buyer ---------------------------------------------------------------------------

    async def paid(self) -> str:
        """An order that was paid; its number."""
        number: str = (await self.shop.order())["orderNum"]
        answer = await self.shop.prepay(number)
        assert answer.code == 200, answer.body
        trade = self.wechat.trades.by_order(number)
        assert trade
        base = self.shop.settings.wechat_base_url
        await self.shop.fetch(f"{base}/pay/{trade.prepay_id}", "POST", b"result=pay")

        async def booked() -> bool:
            return bool((await self.shop.read(number))["status"] == "PAID")

        await until(booked)
        return number

    async def complains(self, **given: Any) -> SimulatedComplaint:
        """A complaint about the order; WeChat's notify of it has come unless `told` is False."""
        self.order_num = self.order_num or await self.paid()
        body = {"orderNum": self.order_num, **given}
        made = await self.control("complaints", body)
        found = self.wechat.complaints.find(made["complaint"]["id"])
        assert found
        if given.get("told", True):
            await self.delivered(found, 1)
        return found

    async def acts(self, complaint: SimulatedComplaint, act: str, **given: Any) -> None:
        """The buyer or the platform acts; the notify of it has come."""
        before = len(complaint.deliveries)
        await self.control(f"complaints/{complaint.id}", {"act": act, **given})
        if given.get("told", True):
            await self.delivered(complaint, before + 1)

    async def delivered(self, complaint: SimulatedComplaint, count: int) -> None:
        async def come() -> bool:
            return len(complaint.deliveries) >= count

        await until(come)
        assert complaint.deliveries[-1].status == 200

    async def control(self, path: str, body: Any) -> Any:
        url = f"{self.shop.settings.wechat_base_url}/_control/{path}"
        answer = await self.shop.fetch(url, "POST", body)
        assert answer.code in (200, 201), answer.body
        return json.loads(answer.body)

    def fault(self, on: str, kind: str, **given: Any) -> None:
        self.wechat.faults.add(Fault(on, kind, **given))

    # --- time --------------------------------------------------------------------------------

    async def look(self) -> None:
        """The jobs of complaints, once each."""
        await self.shop.running.complaints.fetching.step()
        await Deadlines(self.shop.running.store, self.clock).step()

    async def at(self, moment: str) -> None:
        """It is then (China), everybody has signed in again, and the jobs have looked."""
        await self.later((china_ms(moment) - self.clock.ms) // 1000)

    async def later(self, seconds: int) -> None:
        assert seconds >= 0
        self.clock.ms += seconds * 1000
        if seconds >= IDLE_S:
            self.people = {name: await self.shop.sign_in(name) for name in self.people}
        await self.look()

    # --- staff -------------------------------------------------------------------------------

    async def page(self, query: str = "") -> Any:
        return await self.people["alice"].get(f"complaints{query}")

    async def shown(self, complaint: SimulatedComplaint) -> Any:
        """As its page shows it."""
        answer = await self.people["alice"].get(f"complaints/{complaint.id}")
        return answer["complaint"]

    async def post(
        self, complaint: SimulatedComplaint, act: str, by: str = "alice", **body: Any
    ) -> HTTPResponse:
        return await self.people[by].post(f"complaints/{complaint.id}/{act}", body)

    async def cases(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.shop.running.services.alerts.page())["alerts"]
        return [case for case in found if case["kind"] == "complaint"]

    async def case(self) -> tuple[str, str, str]:
        """Status, severity and cause of the one case."""
        (found,) = await self.cases()
        return found["status"], found["severity"], found["evidence"]["code"]

    async def events(self, after: int = 0) -> list[tuple[str, dict[str, Any]]]:
        """Those of complaints."""
        found = await self.shop.events(after)
        return [(e["kind"], e["data"]) for e in found if e["kind"].startswith("complaint.")]


def answered(response: HTTPResponse, status: int = 200) -> Any:
    assert response.code == status, response.body
    return json.loads(response.body)


@asynccontextmanager
async def complaint_house(folder: Path, at: datetime = MORNING) -> AsyncIterator[Desk]:
    """Alice is an admin, Bob support."""
    clock = MovedClock(int(at.timestamp() * 1000))
    wechats = SimulatedClock(real=lambda: clock.ms / 1000)
    async with full_house(folder, "v3", wechats_clock=wechats, clock=clock, by_hand=True) as (
        shop,
        _,
    ):
        desk = Desk(shop, clock)
        desk.people["alice"] = await shop.user()
        yield desk
