"""Tornado's cURL client, closed without a trace in the log."""

from __future__ import annotations

from tornado.curl_httpclient import CurlAsyncHTTPClient


class CurlClient(CurlAsyncHTTPClient):
    def close(self) -> None:
        """While a request is under way, libcurl asks for one more timer as it closes. Tornado 6.6.1
        would run that on the closed client and log an AttributeError."""
        super().close()
        if self._timeout is not None:
            self.io_loop.remove_timeout(self._timeout)
            self._timeout = None
