"""One request to see what answers at an address; bounded, through no redirect and no proxy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pycurl
from tornado.httpclient import HTTPError, HTTPRequest

from services.wechat.curl import CurlClient

CONNECT_S = 3.0
TOTAL_S = 5.0
MAX_ANSWER_BYTES = 64 * 1024


class NoAnswer(Exception):
    """There was no answer, or none in HTTP; the message has the reason."""


class BadCertificate(NoAnswer):
    """The server that answered has no valid certificate for the name."""


@dataclass(frozen=True)
class ProbeAnswer:
    """An answer. `date` is the header of that name, or empty."""

    status: int
    date: str
    body: bytes


class HttpProbe:
    """`ca_certs` is the file of trusted certificates; None is the system's."""

    def __init__(self, ca_certs: str | None) -> None:
        self._ca_certs = ca_certs
        self._client = CurlClient(force_instance=True, max_clients=2)

    async def get(self, url: str) -> ProbeAnswer:
        """Raises NoAnswer."""
        return await self._ask(url, "GET", None)

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> ProbeAnswer:
        """Raises NoAnswer."""
        return await self._ask(url, "POST", body, headers)

    async def _ask(
        self, url: str, method: str, body: bytes | None, headers: Mapping[str, str] | None = None
    ) -> ProbeAnswer:
        request = HTTPRequest(
            url,
            method=method,
            body=body,
            headers=dict(headers or {}),
            user_agent="paywatch",
            connect_timeout=CONNECT_S,
            request_timeout=TOTAL_S,
            follow_redirects=False,
            ca_certs=self._ca_certs,
            decompress_response=False,
            prepare_curl_callback=_prepare,
        )
        try:
            answer = await self._client.fetch(request, raise_error=False)
        except HTTPError as error:  # cURL's every failure
            untrusted = getattr(error, "errno", 0) == pycurl.E_PEER_FAILED_VERIFICATION
            raise (BadCertificate if untrusted else NoAnswer)(error.message) from error
        except OSError as error:
            raise NoAnswer(str(error)) from error
        return ProbeAnswer(answer.code, answer.headers.get("Date", ""), answer.body)

    def close(self) -> None:
        self._client.close()


def _prepare(curl: pycurl.Curl) -> None:
    curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTPS | pycurl.PROTO_HTTP)
    curl.setopt(pycurl.MAXFILESIZE, MAX_ANSWER_BYTES)
    curl.setopt(pycurl.PROXY, "")
    curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
