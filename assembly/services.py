"""Builds every service that the edge calls."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from assembly.bills import bill_folder
from assembly.checks import installation
from assembly.complaints import ComplaintRoom, build_complaint_desk
from assembly.core import Core
from assembly.version import VERSION
from handlers.services import Services
from handlers.site import Site
from models.user import Role
from payments.causes import Cause
from payments.masking import mask_mch_id
from payments.merchant import Api
from services.alerts.channels import Channels
from services.alerts.outbox import Outbox
from services.alerts.rules import AlertRules
from services.auth.authentication import Authentication
from services.auth.first_admin import FirstAdmin
from services.auth.known_devices import KnownDevices
from services.auth.profile import Profile
from services.auth.second_factor import SecondFactor
from services.auth.users import Users
from services.bills.bills import Bills
from services.checks.cached_checks import CachedChecks
from services.checks.first_steps import FirstSteps
from services.checks.health import Health
from services.complaints.complaint_views import read_complaints_of
from services.demo.simulator_client import SimulatorClient
from services.live.dashboards import Dashboards
from services.live.fanout import Fanout
from services.live.feed import Feed
from services.notify.inbound import Inbound
from services.notify.raw_notifies import RawNotifies
from services.notify.unhandled import Unhandled
from services.notify.unreadable import Unreadable
from services.notify.unverified import Unverified
from services.orders.orders import Orders
from services.orders.prepay import Prepays
from services.orders.products import Products
from services.orders.service_status import ServiceStatuses
from services.recon.bill_csv import BillCsv
from services.recon.bill_views import BillViews
from services.recon.dropped_bills import DroppedBills
from services.recon.order_differences import read_differences_of
from services.recon.recon_desk import ReconDesk
from services.refunds.keyed_refunds import KeyedRefunds
from services.refunds.receipts import Receipts
from services.refunds.refund_limits import RefundLimits
from services.refunds.refunds import Refunds
from services.reports.report_files import ReportFiles
from services.reports.reports import Reports
from services.runtime.audit_log import AuditLog
from services.settlement.order_query import OrderQuery
from services.settlement.outside_refunds import OutsideRefunds
from services.views.export import Exports
from services.views.inbox import Inbox
from services.views.merchant_list import MerchantList
from services.views.order_details import OrderDetails
from services.views.search import Search
from services.views.settings_view import SettingsView
from services.views.summary import Summary
from services.wechat.client import WeChatClient
from settings import Settings

TOTP_ROLES = {"none": frozenset[Role](), "admin": frozenset({Role.ADMIN}), "all": frozenset(Role)}


def build_services(
    core: Core, unverified: Unverified, bills: Bills, complaints: ComplaintRoom
) -> Services:
    settings, store, clock = core.settings, core.store, core.clock
    order_query, passwords = OrderQuery(core.wechat, core.settlement), core.passwords
    second_factor = SecondFactor(store, core.sealer, clock)
    authentication = Authentication(
        store,
        clock,
        passwords,
        second_factor,
        TOTP_ROLES[settings.require_totp],
        KnownDevices(settings.notice_secrets[0]),
    )
    refunds = build_refunds(core, core.wechat)
    outside = build_outside_refunds(core, core.wechat)
    bill_views = BillViews(store, core.merchants, clock)
    prepays, orders = _prepays(core, order_query), _orders(core, order_query, outside)
    return Services(
        site=_site(settings),
        inbound=_inbound(core, unverified, outside, complaints.fetching.woken.set),
        prepays=prepays,
        orders=orders,
        products=Products(store),
        authentication=authentication,
        feed=Feed(store, core.waiters, clock),
        fanout=Fanout(store, core.bus, core.waiters, clock),
        dashboards=Dashboards(authentication, clock, core.metrics),
        alerts=core.alerts,
        search=Search(store, core.sealer, clock),
        order_details=_order_details(core),
        summary=Summary(store, clock),
        inbox=Inbox(store),
        first_steps=_first_steps(core),
        health=Health(store, core.locks, bool(settings.redis_url)),
        metrics=core.metrics,
        waiters=core.waiters,
        refunds=refunds,
        keyed_refunds=KeyedRefunds(store, refunds, refund_limits(settings)),
        receipts=Receipts(store, refunds, core.merchants, refund_limits(settings)),
        service_statuses=ServiceStatuses(store),
        merchant_list=MerchantList(core.merchants),
        bill_views=bill_views,
        bill_csv=BillCsv(store),
        recon_desk=ReconDesk(store, bills, bill_views),
        dropped_bills=DroppedBills(bill_folder(settings.database_url)),
        complaint_views=complaints.views,
        complaint_desk=build_complaint_desk(core, complaints, refunds),
        reports=Reports(store, core.merchants, clock),
        report_files=ReportFiles(clock),
        exports=Exports(store, clock),
        alert_rules=AlertRules(store),
        outbox=_outbox(core),
        settings_view=_configuration(settings),
        raw_notifies=RawNotifies(store, core.sealer, core.settlement, core.merchants),
        simulator_client=SimulatorClient(
            store, core.transport, settings.wechat_base_url, orders, prepays, clock
        ),
        audit_log=AuditLog(store),
        passwords=passwords,
        users=Users(store, passwords, clock),
        profile=Profile(store, authentication, passwords, clock),
        second_factor=second_factor,
        first_admin=FirstAdmin(store, passwords),
        cached_checks=CachedChecks(lambda: installation(settings), clock),
        notify_urls=[settings.notify_urls[api] for api in sorted(core.merchants.apis)],
    )


def _order_details(core: Core) -> OrderDetails:
    return OrderDetails(
        core.store,
        core.sealer,
        core.clock,
        core.settings.second_admin_fen,
        core.merchants.unlisted,
        read_differences_of,
        read_complaints_of,
    )


def _first_steps(core: Core) -> FirstSteps:
    has_channel = bool(core.settings.notify_channels)
    return FirstSteps(core.store, has_account=bool(core.merchants.all), has_channel=has_channel)


def _inbound(
    core: Core,
    unverified: Unverified,
    outside: OutsideRefunds,
    on_complaint: Callable[[], None],
) -> Inbound:
    return Inbound(
        core.settlement,
        outside,
        unverified,
        Unhandled(core.store, core.sealer, core.clock, on_complaint),
        Unreadable(core.store, core.clock),
        Unreadable(core.store, core.clock, Cause.NOTIFIES_TOO_LARGE),
        core.settings.notice_secrets,
        core.platform_keys,
        core.merchants,
        core.clock,
        core.metrics,
    )


def _prepays(core: Core, order_query: OrderQuery) -> Prepays:
    return Prepays(
        core.store,
        core.locks,
        core.settlement,
        core.wechat,
        order_query,
        core.merchants,
        core.clock,
        core.settings.public_origin,
        core.settings.notify_urls,
        core.metrics,
    )


def _orders(core: Core, order_query: OrderQuery, outside: OutsideRefunds) -> Orders:
    return Orders(
        core.store,
        core.settlement,
        core.wechat,
        order_query,
        outside,
        core.merchants,
        core.clock,
        core.settings.public_origin,
        core.waiters,
    )


def _outbox(core: Core) -> Outbox:
    return Outbox(
        core.store,
        core.clock,
        Channels(core.settings.notify_channels),
        core.settings.public_origin,
        simulated=core.settings.simulated,
    )


def build_refunds(core: Core, wechat: WeChatClient) -> Refunds:
    """API v2 tells of a refund at an address of its own."""
    urls = core.settings.notify_urls
    told_at = {**urls, Api.V2: f"{urls[Api.V2]}/refund"}
    return Refunds(
        core.store,
        core.locks,
        core.settlement,
        wechat,
        core.merchants,
        told_at,
        refund_limits(core.settings),
        build_outside_refunds(core, wechat),
    )


def build_outside_refunds(core: Core, wechat: WeChatClient) -> OutsideRefunds:
    return OutsideRefunds(
        core.store,
        core.settlement,
        wechat,
        OrderQuery(wechat, core.settlement),
        core.merchants,
        core.clock,
    )


def refund_limits(settings: Settings) -> RefundLimits:
    return RefundLimits(settings.second_admin_fen, settings.second_admin_day_fen)


def _site(settings: Settings) -> Site:
    return Site(
        origin=settings.public_origin,
        https=settings.public_origin.startswith("https://"),
        trusted_proxies=settings.trusted_proxies,
        shop_origins=settings.shop_origins,
        simulated=settings.simulated,
        version=VERSION,
        merchant=mask_mch_id(settings.merchants.default.mch_id),
        metrics_token=settings.metrics_token,
        plain_scripts=settings.plain_scripts,
    )


def _configuration(settings: Settings) -> SettingsView:
    """The settings that may be shown; addresses without user and password."""
    database = urlsplit(settings.database_url)
    apis = settings.merchants.apis
    return SettingsView(
        mode=settings.mode,
        origin=settings.public_origin,
        version=VERSION,
        database=f"{database.scheme}://{database.hostname or ''}{database.path}",
        redis=bool(settings.redis_url),
        processes=settings.processes,
        wechat=settings.wechat_base_url,
        told_at=tuple(url for api, url in settings.notify_urls.items() if api in apis),
        shop_origins=settings.shop_origins,
        second_admin_fen=settings.second_admin_fen,
        second_admin_day_fen=settings.second_admin_day_fen,
        notice_days=settings.notice_days,
        notice_key=len(settings.notice_secrets) > len(settings.merchants.secrets),
        metrics_token=bool(settings.metrics_token),
        trusted_proxies=len(settings.trusted_proxies),
        merchants=settings.merchants,
    )
