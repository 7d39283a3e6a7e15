"""The one way out: calls to WeChat over cURL, each with a bound on time, size and number."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import pycurl
from tornado.curl_httpclient import CurlAsyncHTTPClient
from tornado.httpclient import HTTPError, HTTPRequest

from payments.errors import Busy, WeChatUnreachable, WeChatUntrusted
from payments.merchant import Merchant
from payments.notice import Notice
from payments.states import TradeType
from payments.v2 import prepay, trade
from payments.v2.calls import WireRequest

MAX_CALLS = 16
QUEUE_S = 2.0
"""How long a call waits for one of the sixteen before it is refused."""
CONNECT_S = 2.0
TOTAL_S = 8.0
MAX_ANSWER_BYTES = 64 * 1024

UNPROVEN_HOST = (
    pycurl.E_PEER_FAILED_VERIFICATION,
    pycurl.E_SSL_CACERT_BADFILE,
    pycurl.E_SSL_ISSUER_ERROR,
    pycurl.E_SSL_INVALIDCERTSTATUS,
)
"""cURL hung up before it sent anything: who is there does not prove to be WeChat."""

Send = Callable[[WireRequest], Awaitable[bytes]]
"""Carries a request to WeChat and brings the body of the answer. Raises WeChatUnreachable,
WeChatUntrusted, and Busy: then nothing was sent."""


class Gateway:
    """WeChat's calls in our words. `send` is the network; tests may pass another."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def unified_order(
        self, merchant: Merchant, fields: dict[str, str], trade_type: TradeType
    ) -> prepay.Prepay:
        """Raises WeChatRefused, WeChatUntrusted, WeChatUnreachable; Busy: nothing was sent."""
        body = await self._send(prepay.request(fields, merchant))
        return prepay.read(body, merchant, trade_type)

    async def query(self, merchant: Merchant, order_num: str) -> tuple[Notice | None, str]:
        """The payment behind an order number (None while there is none), and the text that
        proves it. Raises as `unified_order`."""
        request = trade.query_request(merchant, order_num, nonce())
        body = await self._send(request)
        notice = trade.read_query(body, merchant)
        if notice is not None and notice.order_num != order_num:
            raise WeChatUntrusted("WeChat's answer is about another order than was asked about.")
        return notice, body.decode("utf-8", "replace")

    async def close(self, merchant: Merchant, order_num: str) -> None:
        """Raises as `unified_order`; WeChatRefused ORDERPAID: it was paid meanwhile."""
        trade.read_close(
            await self._send(trade.close_request(merchant, order_num, nonce())), merchant
        )


def nonce() -> str:
    return secrets.token_hex(16)


class CurlTransport:
    """Sends to one host only, never through a redirect or a proxy of the environment."""

    def __init__(self, base_url: str, ca_certs: str | None) -> None:
        self._base_url = base_url.rstrip("/")
        self._ca_certs = ca_certs
        https = urlsplit(base_url).scheme == "https"
        self._protocol = pycurl.PROTO_HTTPS if https else pycurl.PROTO_HTTP
        self._client = CurlAsyncHTTPClient(force_instance=True, max_clients=MAX_CALLS)
        self._places = asyncio.Semaphore(MAX_CALLS)

    async def __call__(self, request: WireRequest) -> bytes:
        try:
            async with asyncio.timeout(QUEUE_S):
                await self._places.acquire()
        except TimeoutError as error:
            raise Busy("Too many calls to WeChat are running.") from error
        try:
            return await self._call(request)
        finally:
            self._places.release()

    async def _call(self, request: WireRequest) -> bytes:
        try:
            response = await self._client.fetch(self._http_request(request))
        except HTTPError as error:
            number = getattr(error, "errno", None)
            if number == pycurl.E_FILESIZE_EXCEEDED:
                raise WeChatUntrusted("WeChat's answer is larger than any answer is.") from error
            if number in UNPROVEN_HOST:
                words = "The certificate of WeChat's address is not valid; nothing was sent."
                raise WeChatUntrusted(words, doubt="certificate") from error
            # cURL's every failure is a 599; a 5xx leaves the outcome as open as no answer.
            if error.code >= 500:
                raise WeChatUnreachable() from error
            raise WeChatUntrusted("WeChat's address answered with an unexpected status.") from error
        except OSError as error:
            raise WeChatUnreachable() from error
        return response.body

    def _http_request(self, request: WireRequest) -> HTTPRequest:
        return HTTPRequest(
            self._base_url + request.path,
            method="POST",
            body=request.body,
            headers={"Content-Type": "text/xml; charset=utf-8"},
            user_agent="paywatch",
            connect_timeout=CONNECT_S,
            request_timeout=TOTAL_S,
            follow_redirects=False,
            validate_cert=True,
            ca_certs=self._ca_certs,
            decompress_response=False,
            prepare_curl_callback=self._prepare,
        )

    def _prepare(self, curl: pycurl.Curl) -> None:
        curl.setopt(pycurl.PROTOCOLS, self._protocol)
        curl.setopt(pycurl.MAXFILESIZE, MAX_ANSWER_BYTES)
        curl.setopt(pycurl.PROXY, "")
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)

    def close(self) -> None:
        self._client.close()
