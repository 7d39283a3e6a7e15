"""The shop's own server, as the product sees it: a client of the merchant API and of prepay."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

TIMEOUT_S = 10.0
OWN_PRODUCTS = "SIM-"
"""Products whose id begins so are the simulator's own; no buyer is offered them."""
_AMOUNT = f"{OWN_PRODUCTS}AMOUNT"
AWAY_STATUSES = frozenset({502, 503})

Json = dict[str, Any]


class ShopAway(Exception):
    """The product cannot be reached, or says that it is busy or shutting down."""


@dataclass(frozen=True)
class ShopReply:
    """An answer of the product; `body` is {} where it was no JSON object."""

    status: int
    body: Json

    def __getitem__(self, name: str) -> Any:
        return self.body.get(name)

    @property
    def outcome(self) -> int | str:
        """The status; with a refusal also its code word."""
        error = self["error"]
        return f"{self.status} {error}" if error else self.status


class Shop:
    """Every call raises ShopAway; other refusals are ordinary replies."""

    def __init__(self, client: AsyncHTTPClient, origin: str, api_key: str | None) -> None:
        self._client = client
        self._origin = origin
        self._api_key = api_key
        self._pricing = asyncio.Lock()

    @property
    def has_key(self) -> bool:
        return self._api_key is not None

    async def is_ready(self) -> bool:
        try:
            return (await self._call("GET", "/readyz")).status == 200
        except ShopAway:
            return False

    async def products(self) -> list[Json]:
        """The products on sale; [] where there is none. Raises ShopAway also for a refusal: without
        a valid API key there is no shop for us."""
        reply = await self._call("GET", "/merchant/v1/products")
        if reply.status != 200:
            raise ShopAway(f"HTTP {reply.outcome}")
        products = reply["products"] or []
        return [p for p in products if p.get("active") and not p["id"].startswith(OWN_PRODUCTS)]

    async def create_order(self, order: Json, idempotency_key: str) -> ShopReply:
        headers = {"Idempotency-Key": idempotency_key}
        return await self._call("POST", "/merchant/v1/orders", order, headers)

    async def create_order_of(self, total_fen: int, order: Json, idempotency_key: str) -> ShopReply:
        """An order over any amount: of a product of our own, which costs so much just then."""
        on_sale = {"title": "模拟商品", "priceFen": total_fen, "active": True}
        async with self._pricing:
            path = f"/merchant/v1/products/{_AMOUNT}"
            priced = await self._call("PATCH", path, on_sale)
            if priced.status == 404:
                new = {"id": _AMOUNT, **on_sale}
                priced = await self._call("POST", "/merchant/v1/products", new)
            if priced.status not in (200, 201):
                return priced
            return await self.create_order({"productId": _AMOUNT, **order}, idempotency_key)

    async def order(self, order_num: str) -> ShopReply:
        return await self._call("GET", _order_path(order_num))

    async def close(self, order_num: str) -> ShopReply:
        return await self._call("POST", _order_path(order_num) + "/close", {})

    async def refund(
        self, order_num: str, amount_fen: int, reason: str, refund_num: str | None = None
    ) -> ShopReply:
        wanted: Json = {"amountFen": amount_fen, "reason": reason}
        if refund_num:
            wanted["refundNum"] = refund_num
        headers = {"Idempotency-Key": secrets.token_hex(16)}
        return await self._call("POST", _order_path(order_num) + "/refunds", wanted, headers)

    async def prepay(
        self, order_num: str, trade_type: str, open_id: str | None = None
    ) -> ShopReply:
        wanted = {"orderNum": order_num, "tradeType": trade_type}
        if open_id:
            wanted["openId"] = open_id
        return await self._call("POST", "/weixin/prepay", wanted)

    async def status(self, status_url: str) -> ShopReply:
        """The page that waits; `status_url` as given, under the origin that we were told."""
        parts = urlsplit(status_url)
        return await self._call("GET", f"{parts.path}?{parts.query}")

    async def events(self, after: int, *, limit: int, wait_s: int = 0) -> ShopReply:
        query = {"after": after, "limit": limit, **({"wait": wait_s} if wait_s else {})}
        return await self._call("GET", f"/merchant/v1/events?{urlencode(query)}")

    async def _call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        headers: dict[str, str] | None = None,
    ) -> ShopReply:
        request = HTTPRequest(
            self._origin + path,
            method=method,
            headers={**self._headers(path), **(headers or {})},
            body=None if body is None else json.dumps(body, ensure_ascii=False).encode(),
            follow_redirects=False,
            connect_timeout=TIMEOUT_S,
            request_timeout=TIMEOUT_S,
        )
        try:
            response = await self._client.fetch(request, raise_error=False)
        except (OSError, HTTPClientError) as error:
            raise ShopAway(type(error).__name__) from error
        reply = ShopReply(response.code, _object(response.body))
        if response.code == 599 or (response.code in AWAY_STATUSES and not _of_wechat(reply)):
            raise ShopAway(f"HTTP {response.code}")
        return reply

    def _headers(self, path: str) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if self._api_key and path.startswith("/merchant/"):
            headers["Authorization"] = f"Bearer {self._api_key}"
        return headers


def _order_path(order_num: str) -> str:
    return f"/merchant/v1/orders/{quote(order_num, safe='')}"


def _of_wechat(reply: ShopReply) -> bool:
    """The product is there; it is WeChat that it cannot use."""
    return str(reply["error"]).startswith("wechat_")


def _object(body: bytes) -> Json:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
