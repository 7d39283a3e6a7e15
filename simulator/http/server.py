"""The simulator's one table of addresses, and its life: started, running, stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from socket import socket
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from simulator.http import (
    bill_calls,
    complaint_calls,
    control,
    control_bills,
    control_books,
    control_complaints,
    control_v3,
    pages,
    wechat_calls,
)
from simulator.http.base import EdgeHandler
from simulator.http.world import World, build
from simulator.options import Options
from simulator.state.clock import SimulatedClock

MAX_REQUEST_BYTES = 2 * 1024 * 1024 + 64 * 1024
"""An image of a complaint is the largest."""
IDLE_S = 75.0

_log = logging.getLogger(__name__)


ROUTES: list[tuple[str, type[EdgeHandler]]] = [
    (r"/", pages.HomeHandler),
    (r"/pay/(unifiedorder|orderquery|closeorder|refundquery)", wechat_calls.CallHandler),
    (r"/secapi/pay/(refund)", wechat_calls.CallHandler),
    (r"/pay/(downloadbill|downloadfundflow)", bill_calls.BillV2Handler),
    (r"/v3/bill/(tradebill|fundflowbill)", bill_calls.BillV3Handler),
    (r"/v3/billdownload/file", bill_calls.BillFileHandler),
    (r"/v3/merchant-service/images/(.+)", complaint_calls.ComplaintImageHandler),
    (r"/v3/merchant-service/.*", complaint_calls.ComplaintCallHandler),
    (r"/v3/.*", wechat_calls.CallV3Handler),
    (r"/pay/by-(order|code)/([0-9A-Za-z_\-|*]{1,64})", pages.FindHandler),
    (r"/pay/(wx[0-9a-f]{1,62})", pages.PayHandler),
    (r"/_control/clock", control.ClockHandler),
    (r"/_control/trades", control.TradesHandler),
    (r"/_control/scenarios", control.ScenariosHandler),
    (r"/_control/scenarios/([a-z0-9_]{1,40})", control.PlayHandler),
    (r"/_control/runs", control.RunsHandler),
    (r"/_control/runs/([0-9a-f]{1,32})", control.RunHandler),
    (r"/_control/runs/([0-9a-f]{1,32})/stop", control.StopHandler),
    (r"/_control/faults", control.FaultsHandler),
    (r"/_control/keys", control_v3.KeysHandler),
    (r"/_control/refunds/([0-9A-Za-z_\-|*@]{1,64})", control_v3.RefundHandler),
    (r"/_control/outside-refunds", control_v3.PlatformRefundHandler),
    (r"/_control/bills/(next|all|[0-9\-]{10})", control_bills.BillsHandler),
    (r"/_control/complaints", control_complaints.BuyersComplaintsHandler),
    (r"/_control/complaints/([0-9]{1,64})", control_complaints.BuyersComplaintHandler),
    (r"/_control/books", control_books.BooksHandler),
    (r"/_control/fees", control_bills.FeesHandler),
    (r"/_control/gaps", control_bills.GapsHandler),
    (r"/_control/traffic", control.TrafficHandler),
    (r"/_control/domains", control.DomainsHandler),
    (r"/healthz", control.HealthHandler),
]


def application(world: World) -> Application:
    routes: list[Any] = [(path, handler, {"world": world}) for path, handler in ROUTES]
    here = str(Path(__file__).parent)
    return Application(routes, template_path=here, log_function=_log_request)


@asynccontextmanager
async def serving(
    options: Options, clock: SimulatedClock | None = None
) -> AsyncIterator[tuple[str, World]]:
    """Listen and work until the block ends; gives our address and the world. Raises OSError."""
    sockets, origin = _listen(options.host, options.port)
    second = ""
    if options.second_port is not None:
        more, second = _listen(options.host, options.second_port)
        sockets += more
    world = build(options, origin, clock, second)
    server = HTTPServer(
        application(world),
        max_body_size=MAX_REQUEST_BYTES,
        max_buffer_size=2 * MAX_REQUEST_BYTES,
        idle_connection_timeout=IDLE_S,
        body_timeout=IDLE_S,
    )
    server.add_sockets(sockets)
    tasks = [asyncio.create_task(world.notifier.run()), asyncio.create_task(world.timers.run())]
    if world.traffic:
        tasks.append(asyncio.create_task(world.traffic.run()))
    for task in tasks:
        task.add_done_callback(_ended)
    try:
        yield origin, world
    finally:
        server.stop()
        world.runner.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.close_all_connections()


def _listen(host: str, port: int) -> tuple[list[socket], str]:
    """The open sockets, and their origin. Raises OSError."""
    sockets = bind_sockets(port, host)
    name = f"[{host}]" if ":" in host else host
    return sockets, f"http://{name}:{sockets[0].getsockname()[1]}"


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        _log.error("a part of the simulator broke off", exc_info=error)


def _log_request(handler: RequestHandler) -> None:
    """Only what went wrong: the traffic would drown it."""
    if handler.get_status() >= 500:
        request = handler.request
        _log.error("%d %s %s", handler.get_status(), request.method, request.path)
