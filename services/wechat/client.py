"""The one way out: calls to WeChat over cURL, each with a bound on time, size and number."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

import pycurl
from tornado.httpclient import HTTPError, HTTPRequest

from payments.apis import APIS
from payments.bills.asking import BillOffer, WantedBill
from payments.errors import Busy, WeChatRefused, WeChatUnreachable, WeChatUntrusted
from payments.merchant import Api, Merchant
from payments.payment_result import PaymentResult
from payments.protocol import (
    KeysOf,
    Moment,
    PlatformKeys,
    Prepay,
    Proof,
    WireAnswer,
    WireRequest,
)
from payments.refund import RefundOrder, RefundResult
from payments.states import TradeType
from payments.v2 import refund as v2_refund
from payments.v3 import bill as v3_bill
from services.runtime.clock import Clock
from services.wechat.curl import (
    CONNECT_S,
    MAX_ANSWER_BYTES,
    USER_AGENT,
    CurlClient,
    failure_of,
    protect,
)

MAX_CALLS = 16
QUEUE_S = 2.0
"""How long a call waits for one of the sixteen before it is refused."""
TOTAL_S = 8.0
MAX_REFUNDS = 50
"""WeChat takes no more refunds of one transaction."""

CURL_FAILED = 599
"""Tornado's status code for every failure of cURL."""

Read = TypeVar("Read")
Send = Callable[[WireRequest], Awaitable[WireAnswer]]
"""Carries a request to WeChat and brings the answer, of whatever status. Raises
WeChatUnreachable, WeChatUntrusted, and Busy: then nothing was sent."""


Renew = Callable[[Merchant], Awaitable[None]]
"""Look for new keys of WeChat's; bounded, so it may do nothing."""


def no_keys(_merchant: Merchant) -> PlatformKeys:
    return {}


async def no_news(_merchant: Merchant) -> None:
    """Keys that are not known stay so."""


class WeChatClient:
    """WeChat's calls in our words, on whichever interface a merchant has. `send` is the network
    (tests may pass another), `keys_of` WeChat's own keys as a merchant knows them; `renew` is asked
    once when an answer names another.

    Every call raises WeChatRefused, WeChatUntrusted, WeChatUnreachable, or Busy: then nothing was
    sent.
    """

    def __init__(
        self, send: Send, clock: Clock, keys_of: KeysOf = no_keys, renew: Renew = no_news
    ) -> None:
        self._send = send
        self._clock = clock
        self._keys_of = keys_of
        self._renew = renew

    async def unified_order(
        self, merchant: Merchant, api: Api, fields: Mapping[str, Any], trade_type: TradeType
    ) -> Prepay:
        """`fields` as that `api` made them, also when the merchant has another one by now."""
        of = APIS[api]
        answer = await self._send(of.prepay_request(fields, merchant, trade_type, self._moment()))
        given = await self._proven(
            merchant, lambda proof: of.read_prepay(answer, merchant, trade_type, proof)
        )
        return replace(given, request_id=answer.request_id)

    async def query(self, merchant: Merchant, order_num: str) -> tuple[PaymentResult | None, str]:
        """The payment behind an order number (None while there is none), and the text that
        proves it."""
        of = APIS[merchant.api]
        answer = await self._send(of.query_request(merchant, order_num, self._moment()))
        notice = await self._proven(merchant, lambda proof: of.read_query(answer, merchant, proof))
        if notice is not None and notice.order_num != order_num:
            raise WeChatUntrusted("WeChat's answer is about another order than was asked about.")
        return notice, answer.text

    async def close(self, merchant: Merchant, order_num: str) -> None:
        """WeChatRefused ORDERPAID: it was paid meanwhile."""
        of = APIS[merchant.api]
        answer = await self._send(of.close_request(merchant, order_num, self._moment()))
        await self._proven(merchant, lambda proof: of.read_close(answer, merchant, proof))

    async def refund(self, merchant: Merchant, refund: RefundOrder) -> tuple[RefundResult, str]:
        """Ask for a refund, again with the same number when an answer was lost; also returns the
        text of the answer."""
        of = APIS[merchant.api]
        answer = await self._send(of.refund_request(merchant, refund, self._moment()))
        result = await self._proven(merchant, lambda proof: of.read_refund(answer, merchant, proof))
        return _about(result, refund.refund_num), answer.text

    async def pay_abnormal(
        self, merchant: Merchant, refund_num: str, refund_id: str
    ) -> tuple[RefundResult, str]:
        """Have an abnormal refund paid to the merchant's own bank account; `refund_id` is WeChat's
        number. Also raises NotOffered."""
        of = APIS[merchant.api]
        request = of.abnormal_request(merchant, refund_num, refund_id, self._moment())
        answer = await self._send(request)
        result = await self._proven(
            merchant, lambda proof: of.read_abnormal(answer, merchant, proof)
        )
        return _about(result, refund_num), answer.text

    async def query_refund(self, merchant: Merchant, refund_num: str) -> tuple[RefundResult, str]:
        """The state of a refund at WeChat. Raises WeChatRefused with REFUNDNOTEXIST when WeChat
        does not have it."""
        of = APIS[merchant.api]
        answer = await self._send(of.refund_query_request(merchant, refund_num, self._moment()))
        result = await self._proven(
            merchant, lambda proof: of.read_refund_query(answer, merchant, refund_num, proof)
        )
        return _about(result, refund_num), answer.text

    async def refunds_of(
        self, merchant: Merchant, transaction_id: str
    ) -> list[tuple[RefundResult, str]]:
        """Every refund of a transaction, whoever made it, each with the text that proves it. Only
        API v2 has such a list, so the merchant needs a key of API v2; none where WeChat says that
        there is none."""
        found: list[tuple[RefundResult, str]] = []
        while len(found) < MAX_REFUNDS:
            asked = v2_refund.refund_list_request(
                merchant, transaction_id, len(found), self._moment()
            )
            answer = await self._send(asked)
            try:
                page = v2_refund.read_refund_list(answer, merchant, transaction_id)
            except WeChatRefused as refusal:
                if refusal.wechat_code != "REFUNDNOTEXIST":
                    raise
                break
            found += [(result, answer.text) for result in page.refunds]
            if not page.refunds or len(found) >= page.total:
                break
        return found

    async def apply_for_bill(
        self, merchant: Merchant, wanted: WantedBill, origins: tuple[str, ...]
    ) -> BillOffer:
        """Where a bill is, for five minutes, at one of `origins`. On API v3 only: API v2 gives a
        bill without being asked for its place. Also raises BillNotGiven."""
        request = v3_bill.application_request(merchant, wanted, self._moment())
        answer = await self._send(request)
        return await self._proven(
            merchant, lambda proof: v3_bill.read_application(answer, proof, origins)
        )

    async def ask(
        self,
        merchant: Merchant,
        request: Callable[[Moment], WireRequest],
        read: Callable[[WireAnswer, Proof], Read],
    ) -> Read:
        """What `read` makes of the answer to this request."""
        answer = await self._send(request(self._moment()))
        return await self._proven(merchant, lambda proof: read(answer, proof))

    def _moment(self) -> Moment:
        return moment(self._clock)

    async def _proven(self, merchant: Merchant, read: Callable[[Proof], Read]) -> Read:
        """Read an answer that is in hand; again, when the key that it names is found meanwhile."""
        try:
            return read(self._proof(merchant))
        except WeChatUntrusted as error:
            if error.doubt != "unknown_serial":
                raise
        with suppress(Busy):  # something was sent, and Busy says that nothing was
            await self._renew(merchant)
        return read(self._proof(merchant))

    def _proof(self, merchant: Merchant) -> Proof:
        return Proof(self._keys_of(merchant), self._clock.now_ms() // 1000)


def _about(result: RefundResult, refund_num: str) -> RefundResult:
    if result.refund_num != refund_num:
        raise WeChatUntrusted("WeChat's answer is about another refund than was asked about.")
    return result


def nonce() -> str:
    return secrets.token_hex(16)


def moment(clock: Clock) -> Moment:
    return Moment(clock.now_ms() // 1000, nonce())


class CurlTransport:
    """Sends to one host only, never through a redirect or a proxy of the environment; a call may
    take `total_s`, and its answer have `most_bytes`."""

    def __init__(
        self,
        base_url: str,
        ca_certs: str | None,
        total_s: float = TOTAL_S,
        most_bytes: int = MAX_ANSWER_BYTES,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._total_s = total_s
        self._most_bytes = most_bytes
        self._ca_certs = ca_certs
        self._clients: dict[tuple[str, str], CurlClient] = {}
        self._places = asyncio.Semaphore(MAX_CALLS)

    async def __call__(self, request: WireRequest) -> WireAnswer:
        try:
            async with asyncio.timeout(QUEUE_S):
                await self._places.acquire()
        except TimeoutError as error:
            raise Busy("Too many calls to WeChat are running.") from error
        try:
            return await self._call(request)
        finally:
            self._places.release()

    async def _call(self, request: WireRequest) -> WireAnswer:
        try:
            client = self._client(request.client_cert, request.client_key)
            response = await client.fetch(self._http_request(request), raise_error=False)
            if response.code == CURL_FAILED and response.error:
                raise response.error
        except HTTPError as error:
            raise failure_of(getattr(error, "errno", None), request) from error
        except OSError as error:
            raise WeChatUnreachable() from error
        headers = {name.lower(): value for name, value in response.headers.get_all()}
        return WireAnswer(response.code, response.body, headers)

    def _client(self, cert: str, key: str) -> CurlClient:
        """One for each certificate that we show, and one for none: neither a connection nor a
        handle of cURL's serves two of them."""
        if (cert, key) not in self._clients:
            self._clients[cert, key] = CurlClient(force_instance=True, max_clients=MAX_CALLS)
        return self._clients[cert, key]

    def _http_request(self, request: WireRequest) -> HTTPRequest:
        return HTTPRequest(
            self._base_url + request.path,
            method=request.method,
            body=request.body if request.method in ("POST", "PUT") else None,
            headers=dict(request.headers),
            user_agent=USER_AGENT,
            connect_timeout=CONNECT_S,
            request_timeout=self._total_s,
            follow_redirects=False,
            validate_cert=True,
            ca_certs=self._ca_certs,
            decompress_response=False,
            prepare_curl_callback=lambda curl: self._prepare(curl, request),
        )

    def _prepare(self, curl: pycurl.Curl, request: WireRequest) -> None:
        protect(curl, self._base_url, request)
        curl.setopt(pycurl.MAXFILESIZE, self._most_bytes)

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
