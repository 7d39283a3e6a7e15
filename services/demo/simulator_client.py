"""The simulated WeChat's levers: scenarios that prove the product, and orders to try it with.
Simulation mode only, and never at a host that is not this machine."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from models.store import Store
from models.transaction import Batch
from payments.errors import PaymentError, WeChatUnreachable, WeChatUntrusted
from payments.protocol import WireRequest
from payments.states import TradeType
from services.orders.create_order import new_order_num
from services.orders.orders import Orders
from services.orders.prepay import Prepays
from services.runtime.audit_log import Deed, record
from services.runtime.clock import Clock
from services.runtime.counters import SIMULATED
from services.runtime.idempotency import KeyedRequest
from services.wechat.client import Send

LONGEST_REFUSAL = 200
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SimulatorAway(PaymentError):
    """No simulator answers at the address that the message names."""

    code = "simulator_away"


class SimulatorRefused(PaymentError):
    """The simulator will not do it; the message is its own."""

    code = "simulator_refused"


class NotInSimulator(PaymentError):
    code = "not_found"
    message = "The simulator does not have this name; it may have been restarted."


class SimulatorClient:
    """`send` carries a request to `base_url`, the address of WeChat in the settings.
    Every call raises SimulatorAway, SimulatorRefused, NotInSimulator, Busy."""

    def __init__(
        self,
        store: Store,
        send: Send,
        base_url: str,
        orders: Orders,
        prepays: Prepays,
        clock: Clock,
    ) -> None:
        self._store = store
        self._send = send
        self._base_url = base_url.rstrip("/")
        self._orders = orders
        self._prepays = prepays
        self._clock = clock

    async def scenarios(self) -> dict[str, Any]:
        """The scenarios that can be played here, their expected ends, and the limits of their
        options."""
        found = await self._call("GET", "/_control/scenarios")
        playable = [scenario for scenario in found["scenarios"] if scenario["playable"]]
        return {"scenarios": playable, "limits": found["limits"], "address": self._base_url}

    async def play(self, name: str, wishes: dict[str, Any], by: str) -> dict[str, Any]:
        """Start a scenario; the run, which fills while it is read."""
        run = await self._call("POST", f"/_control/scenarios/{name}", wishes)
        await self._store.write(record_deed, Deed(by, "scenario.played", name, wishes))
        return run

    async def run(self, run_id: str) -> dict[str, Any]:
        return await self._call("GET", f"/_control/runs/{run_id}")

    async def stop(self, run_id: str, by: str) -> dict[str, Any]:
        run = await self._call("POST", f"/_control/runs/{run_id}/stop", {})
        await self._store.write(record_deed, Deed(by, "scenario.stopped", run["name"]))
        return run

    async def try_product(self, product_id: str, by: str) -> dict[str, str]:
        """An order of this product that waits to be paid, and the address of its buyer's page.
        Raises also what the making of an order and its prepay raise."""
        number = f"{SIMULATED}{new_order_num(self._clock.now_ms())}"
        await self._orders.create(
            request=KeyedRequest("console", secrets.token_hex(16), ""),
            product_id=product_id,
            order_num=number,
        )
        await self._prepays.prepay(number, TradeType.NATIVE, None, "127.0.0.1")
        await self._store.write(record_deed, Deed(by, "product.tried", product_id))
        return {"orderNum": number, "payUrl": f"{self._base_url}/pay/by-order/{number}"}

    async def _call(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        words = f"The simulator does not answer at {self._base_url}."
        away = SimulatorAway(words, address=self._base_url)
        if urlsplit(self._base_url).hostname not in LOOPBACK:
            raise away
        sent = json.dumps(body).encode() if body is not None else b""
        headers = {"Content-Type": "application/json"}
        try:
            answer = await self._send(WireRequest(path, sent, method, headers))
            found = json.loads(answer.body)
        except (WeChatUnreachable, WeChatUntrusted, ValueError) as error:
            raise away from error
        if not isinstance(found, dict) or answer.status >= 500:
            raise away
        if answer.status == 404:
            raise NotInSimulator
        if answer.status >= 400:
            raise SimulatorRefused(str(found.get("message"))[:LONGEST_REFUSAL])
        return found


def record_deed(batch: Batch, deeds: Sequence[Deed]) -> list[None]:
    record(batch, *deeds)
    return [None] * len(deeds)
