"""Requests of a signed-in user's console, in files for bench/load.py."""

from __future__ import annotations

import http.client
import json
from collections.abc import Sequence
from pathlib import Path

from bench.bills.data import order_num
from bench.prepared import RequestFile
from bench.rounds import Wrong
from tests.support.rig import PASSWORD

LIST, SUMMARY, ORDER = "GET /api/v1/orders", "GET /api/v1/summary", "GET /api/v1/orders/{n}"
ORDERS = 5_000
"""So many different orders are looked at, spread over the day."""


def page_requests(folder: Path, port: int, count: int) -> dict[str, RequestFile]:
    """By their names; `count` are the rows of the day. The server on this port has the user alice.
    Raises Wrong where it does not answer as a page needs."""
    cookie = _sign_in(port)
    numbers = [order_num(i * (count // 10) // ORDERS * 10) for i in range(ORDERS)]
    paths = {
        LIST: ["/api/v1/orders"],
        SUMMARY: ["/api/v1/summary"],
        ORDER: [f"/api/v1/orders/{number}" for number in numbers],
    }
    _look(port, cookie, [some[-1] for some in paths.values()])
    return {
        name: _written(folder / f"page-{at}.requests", port, cookie, some)
        for at, (name, some) in enumerate(paths.items())
    }


def _sign_in(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    body = json.dumps({"username": "alice", "password": PASSWORD})
    connection.request("POST", "/api/v1/login", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    if answer.status != 200:
        raise Wrong(f"Signing in was answered {answer.status}.")
    return (answer.getheader("Set-Cookie") or "").split(";")[0]


def _look(port: int, cookie: str, paths: Sequence[str]) -> None:
    """Each answer is whole: fifty orders, the day's sums, the order that was asked for."""
    connection, found = http.client.HTTPConnection("127.0.0.1", port), []
    for path in paths:
        connection.request("GET", path, headers={"Cookie": cookie})
        found.append(json.loads(connection.getresponse().read()))
    orders, summary, order = found
    number = order.get("order", {}).get("orderNum")
    if len(orders["orders"]) != 50 or "today" not in summary or not paths[-1].endswith(number):
        raise Wrong(f"The pages were answered {found}.")


def _written(path: Path, port: int, cookie: str, paths: Sequence[str]) -> RequestFile:
    """All of one length, because the numbers of orders are."""
    requests = [
        f"GET {each} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n\r\n".encode()
        for each in paths
    ]
    path.write_bytes(b"".join(requests))
    return RequestFile(path, len(requests[0]), len(requests))
