"""Which jobs run beside the traffic, and how often."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from assembly.complaints import ComplaintRoom
from assembly.core import Core
from handlers.services import Services
from payments.merchant import Merchants
from services.alerts.monitor import Monitor
from services.alerts.sign_in_watch import SignInWatch
from services.bills.bills import Bills
from services.checks.clock_watch import ClockWatch
from services.checks.file_watch import FileWatch
from services.checks.future_times import FutureTimes
from services.complaints.deadlines import Deadlines
from services.live.event_chain import EventChain
from services.live.waiters import LOOK_S
from services.notify.retention import Retention
from services.notify.unverified import Unverified
from services.orders.due_times import DueTimes
from services.orders.reconciler import Reconciler
from services.refunds.approvals import Approvals
from services.runtime.chain_anchor import ChainAnchor
from services.runtime.jobs import Job, Jobs
from services.runtime.metrics import Sample
from services.settlement.outside_refunds import OutsideRefunds
from services.wechat.platform_keys import PlatformKeyring


def build_jobs(
    core: Core,
    services: Services,
    reconciler: Reconciler,
    outside: OutsideRefunds,
    bills: Bills,
    complaints: ComplaintRoom,
    unverified: Unverified,
    clock_watch: ClockWatch,
) -> Jobs:
    hears = len(core.redis_clients) > 0
    audit_log, events = services.audit_log, EventChain(core.store)
    asking = complaints.fetching
    return Jobs(
        [
            Job("events", core.bus.look, 1.0, core.bus.woken),
            Job("dashboards", services.dashboards.check, 1.0),
            Job("catch up", services.fanout.catch_up, 1.0, services.fanout.behind),
            Job("waiters", core.waiters.look, LOOK_S),
            Job("writer", core.store.supervise, 1.0),
            Job("figures", sampling(core), 1.0),
            Job("clock", clock_watch.step, 1.0),
            Job("reconcile", reconciler.step, 2.0, leased=True),
            Job("audit", ChainAnchor("audit log", audit_log, core.clock).step, 300.0, leased=True),
            Job("chain", ChainAnchor("event stream", events, core.clock).step, 300.0, leased=True),
            Job("due times", DueTimes(core.store).step, 60.0, leased=True),
            Job("future times", FutureTimes(core.store).step, 60.0, leased=True),
            Job("outside refunds", outside.step, 2.0, leased=True),
            Job("bills", bills.step, 10.0, bills.woken, leased=True),
            Job("dropped bills", bills.work_dropped, 5.0, bills.dropped),
            Job("bill differences", bills.heal, 60.0, leased=True),
            Job("complaints", asking.step, 2.0, asking.woken, leased=True),
            Job("deadlines", Deadlines(core.store, core.clock).step, 30.0, leased=True),
            Job("unverified", unverified.flush, 1.0),
            *key_jobs(core.platform_keys, core.merchants),
            Job(
                "retention",
                Retention(core.store, core.clock, core.settings.notice_days).step,
                3600.0,
            ),
            Job("outbox", services.outbox.step, 2.0, leased=True),
            Job("watch", Monitor(core.store, core.clock, core.merchants).step, 30.0, leased=True),
            *(
                [Job("file", FileWatch(core.store, core.clock).step, 1.0)]
                if core.store.path
                else []
            ),
            Job("sign-ins", SignInWatch(core.store, core.clock).step, 10.0, leased=True),
            Job("approvals", Approvals(core.store, core.clock).step, 20.0, leased=True),
            *([Job("redis", core.bus.listen, 0.0)] if hears else []),
        ],
        core.leases,
    )


def key_jobs(platform_keys: PlatformKeyring, merchants: Merchants) -> list[Job]:
    """None where no merchant has API v3."""
    if not any(merchant.api_v3_key for merchant in merchants):
        return []
    return [
        Job("keys", platform_keys.look, 5.0),
        Job("certificates", platform_keys.refresh, 5.0, leased=True),
    ]


def sampling(core: Core) -> Callable[[], Awaitable[None]]:
    async def sample() -> None:
        core.metrics.sample(
            Sample(core.store.waiting, len(core.waiters), core.bus.head, core.locks.is_away)
        )

    return sample
