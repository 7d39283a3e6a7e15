"""The addresses of the console for refunds, receipts, asking and closing, as a story in memory, put
before a browser: for tests of the pages that want a state which the product reaches seldom."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.async_api import BrowserContext, Error, Route

AT = "2026-11-24T08:20:44.016Z"
SECOND_ADMIN_FEN = 500000


def refund(number: str, amount: int, status: str, **more: Any) -> dict[str, Any]:
    return {
        "refundNum": number,
        "orderNum": "",
        "amountFen": amount,
        "reason": "客户取消预约",
        "status": status,
        "requestedBy": "bob",
        "decidedBy": None,
        "refundId": None,
        "transactionId": "4200002025****7890",
        "failure": None,
        "createdAt": AT,
        "updatedAt": AT,
        "succeededAt": AT if status == "SUCCESS" else None,
        "receiptId": None,
        **more,
    }


def receipt(number: int, reason: str, amount: int, **more: Any) -> dict[str, Any]:
    return {
        "id": number,
        "orderNum": f"ORDER-20261124-{number:04}",
        "amountFen": amount,
        "transactionId": f"4200002025****{number:04}",
        "reason": reason,
        "state": "waiting",
        "proposal": "refund",
        "possible": ["refund", "accept"],
        "action": None,
        "proposedBy": None,
        "decidedBy": None,
        "decidedAt": None,
        "note": None,
        "refundNum": None,
        "notifyId": "01a209b415231d71a7d9d0",
        "receivedAt": AT,
        "orderStatus": "CLOSED",
        "merchant": "1900****09",
        "version": 1,
        **more,
    }


@dataclass
class Trade:
    """What the addresses answer, and what was sent to them. `fails` answers a path's next POSTs,
    one by one, in place of the usual answer."""

    refunds: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    sums: dict[str, int] = field(default_factory=dict)
    order: dict[str, Any] = field(default_factory=dict)
    merchants: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    fails: dict[str, list[tuple[int, dict[str, Any]]]] = field(default_factory=dict)

    async def before(self, context: BrowserContext) -> None:
        """Stand before the product for these addresses; an order is the product's own, changed
        by `order` and with these refunds."""
        for path in ("refunds/**", "receipts*", "receipts/**", "merchants", "confirm"):
            await context.route(f"**/api/v1/{path}", self._answer)
        await context.route("**/api/v1/orders/**", self._of_order)

    async def _of_order(self, route: Route) -> None:
        if route.request.method == "POST":
            await self._answer(route)
            return
        with suppress(Error):  # a page that is closing wants no answer
            response = await route.fetch()
            body = await response.json()
            body["order"] |= self.order
            body["timeline"] += self.events
            await route.fulfill(status=response.status, json={**body, "refunds": self.refunds})

    async def _answer(self, route: Route) -> None:
        request = route.request
        path = urlsplit(request.url).path.removeprefix("/api/v1/")
        if request.method == "POST":
            body = json.loads(request.post_data or "{}")
            self.sent.append((path, body))
            if failure := self.fails.get(path):
                status, answer = failure.pop(0)
            else:
                status, answer = self._deed(path, body)
        else:
            status, answer = 200, self._read(path, parse_qs(urlsplit(request.url).query))
        await route.fulfill(status=status, json=answer)

    def _read(self, path: str, query: dict[str, list[str]]) -> dict[str, Any]:
        if path == "merchants":
            return {"merchants": self.merchants}
        state = query.get("state", [""])[0]
        found = [r for r in self.receipts if not state or r["state"] == state]
        if before := query.get("before"):
            found = [r for r in found if r["id"] < int(before[0])][-1:]
        page = {"receipts": found, "next": None, "secondAdminFen": SECOND_ADMIN_FEN}
        return {**page, "sums": self.sums}

    def _deed(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        kind, number, *deed = path.split("/") if "/" in path else (path, "")
        if kind == "receipts":
            return 200, {"receipt": self._decide(int(number), body)}
        if kind == "refunds":
            found = next(r for r in self.refunds if r["refundNum"] == number)
            found["status"] = {"approve": "PROCESSING", "reject": "REJECTED"}.get(
                deed[0], found["status"]
            )
            return 200, {"refund": found}
        if deed == ["refunds"]:
            made = refund(body["refundNum"], body["amountFen"], "PROCESSING", reason=body["reason"])
            self.refunds.append(made)
            return 201, {"refund": made}
        return 200, {"outcome": "unpaid", "order": {}}

    def _decide(self, number: int, body: dict[str, Any]) -> dict[str, Any]:
        found = next(r for r in self.receipts if r["id"] == number)
        state = {"refund": "refunding", "accept": "accepted", "reopen": "booked"}[body["action"]]
        if found["amountFen"] >= SECOND_ADMIN_FEN and found["state"] == "waiting":
            state = "proposed"
        found |= {"state": state, "version": found["version"] + 1, "action": body["action"]}
        return found
