"""What the calls to WeChat over cURL share: how a handle is protected, and what its errors mean;
and Tornado's cURL client, closed without a trace in the log."""

from __future__ import annotations

from urllib.parse import urlsplit

import pycurl
from tornado.curl_httpclient import CurlAsyncHTTPClient

from payments.errors import PaymentError, WeChatUnreachable, WeChatUntrusted
from payments.protocol import WireRequest

CONNECT_S = 2.0
MAX_ANSWER_BYTES = 64 * 1024
"""No answer is longer, but a bill."""
USER_AGENT = "paywatch"

UNPROVEN_HOST = (
    pycurl.E_PEER_FAILED_VERIFICATION,
    pycurl.E_SSL_CACERT_BADFILE,
    pycurl.E_SSL_ISSUER_ERROR,
    pycurl.E_SSL_INVALIDCERTSTATUS,
)
"""cURL closed the connection before it sent anything, because the certificate of the server does
not prove that it is WeChat."""
UNUSABLE = (pycurl.E_SSL_CERTPROBLEM, pycurl.E_BAD_FUNCTION_ARGUMENT)
"""cURL did not begin: our own certificate is not valid, or does not belong to its key."""
TOO_LARGE = "WeChat's answer is larger than any answer is."


def protect(curl: pycurl.Curl, origin: str, request: WireRequest) -> None:
    """Let a handle speak the protocol of `origin` only, through no proxy of the environment, and
    show our certificate where the request has one."""
    https = urlsplit(origin).scheme == "https"
    curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTPS if https else pycurl.PROTO_HTTP)
    curl.setopt(pycurl.PROXY, "")
    curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
    if request.client_cert:
        curl.setopt(pycurl.SSLCERT_BLOB, request.client_cert.encode())
        curl.setopt(pycurl.SSLKEY_BLOB, request.client_key.encode())


def failure_of(number: int | None, request: WireRequest) -> PaymentError:
    """The error for a call that cURL ended with this number of its own."""
    if number == pycurl.E_FILESIZE_EXCEEDED:
        return WeChatUntrusted(TOO_LARGE)
    if request.client_cert and number in UNUSABLE:
        words = "Our own certificate cannot be used; nothing was sent."
        return WeChatUntrusted(words, doubt="client_certificate")
    if number in UNPROVEN_HOST:
        words = "The certificate of WeChat's address is not valid; nothing was sent."
        return WeChatUntrusted(words, doubt="certificate")
    return WeChatUnreachable()


class CurlClient(CurlAsyncHTTPClient):
    def close(self) -> None:
        """While a request is under way, libcurl asks for one more timer as it closes. Tornado 6.6.1
        would run that on the closed client and log an AttributeError."""
        super().close()
        if self._timeout is not None:
            self.io_loop.remove_timeout(self._timeout)
            self._timeout = None
