"""The composition root: builds every object once and wires it. Nothing below reads a setting or
makes its own collaborator."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator

from peewee import Database
from tornado.httputil import ParseBodyConfig, ParseMultipartConfig, set_parse_body_config

from assembly.bills import build_bills
from assembly.complaints import build_complaints
from assembly.core import Core, build_core
from assembly.jobs import build_jobs
from assembly.network import ca_certs
from assembly.places import ROOT
from assembly.running import Running
from assembly.services import build_outside_refunds, build_refunds, build_services
from handlers.application import application
from handlers.front_door import FrontDoor
from payments.errors import Busy
from services.auth.passwords import Passwords
from services.checks.clock_watch import ClockWatch, wechat_clock
from services.checks.http_probe import HttpProbe
from services.notify.unverified import Unverified
from services.orders.reconciler import QUERIES_A_SECOND, Reconciler
from services.runtime.clock import Clock, SystemClock
from services.settlement.order_query import OrderQuery
from services.wechat.client import WeChatClient
from services.wechat.rate_limit import RateLimited
from settings import Settings


def build(
    settings: Settings,
    database: Database,
    clock: Clock | None = None,
    passwords: Passwords | None = None,
) -> Running:
    """Make every object. Call on the running loop; nothing runs before `Running.start`. A test
    may pass a `clock`, and `passwords` that are hashed at less cost."""
    set_parse_body_config(ParseBodyConfig(multipart=ParseMultipartConfig(enabled=False)))
    core = build_core(settings, database, clock or SystemClock(), passwords or Passwords())
    unverified, probe = Unverified(core.store, core.sealer, core.clock), HttpProbe(ca_certs())
    wechat = _paced(core)
    outside = build_outside_refunds(core, wechat)
    bills = build_bills(core, wechat, outside)
    complaints = build_complaints(core)
    services = build_services(core, unverified, bills, complaints)
    reconciler = _reconciler(core, wechat)
    ask_date = wechat_clock(probe, settings.wechat_base_url)
    clock_watch = ClockWatch(core.store, core.clock, ask_date, socket.gethostname())
    core.store.may_forget, core.store.may_expire = clock_watch.is_sure, clock_watch.may_expire
    return Running(
        FrontDoor(application(services, ROOT), services.inbound, services.site),
        services,
        core.store,
        core.bus,
        core.locks,
        build_jobs(core, services, reconciler, outside, bills, complaints, unverified, clock_watch),
        core.leases,
        reconciler,
        outside,
        bills,
        complaints,
        unverified,
        core.platform_keys,
        core.transport,
        probe,
        core.redis_clients,
        clock_watch,
    )


def _paced(core: Core) -> WeChatClient:
    """The jobs ask at a pace of their own, which buyers and staff do not share."""
    paced = RateLimited(core.transport, core.clock, QUERIES_A_SECOND)
    return WeChatClient(paced, core.clock, core.platform_keys.keys_of, core.platform_keys.renew)


def _reconciler(core: Core, wechat: WeChatClient) -> Reconciler:
    return Reconciler(
        core.store,
        core.settlement,
        wechat,
        OrderQuery(wechat, core.settlement),
        core.merchants,
        core.clock,
        build_refunds(core, wechat).ask,
    )


@contextlib.asynccontextmanager
async def reconciling(settings: Settings, database: Database) -> AsyncIterator[Running]:
    """The product over this database, for one pass of what asks WeChat: no jobs, no server."""
    running = build(settings, database)
    running.store.open()
    try:
        with contextlib.suppress(Busy):
            await running.clock_watch.step()
        yield running
    finally:
        await running.stop()
