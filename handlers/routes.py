"""The one table of addresses: path, handler, what it needs, and for the console who may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tornado.web import RequestHandler

from handlers import auth, health, merchant, pages
from handlers.base import Site
from handlers.console import (
    alerts,
    audit,
    checkup,
    monitor,
    order_details,
    order_search,
    orders,
    products,
    profile,
    raw_notifies,
    receipts,
    refunds,
    settings,
    simulator,
    users,
)
from handlers.live import LiveHandler
from handlers.prepay import PrepayHandler, StatusHandler
from services.alerts.outbox import Outbox
from services.alerts.rules import AlertRules
from services.alerts.triage import Alerts
from services.auth.authentication import Authentication
from services.auth.first_admin import FirstAdmin
from services.auth.passwords import Passwords
from services.auth.profile import Profile
from services.auth.roles import Permission
from services.auth.second_factor import SecondFactor
from services.auth.users import Users
from services.checks.cached_checks import CachedChecks
from services.checks.health import Health
from services.demo.simulator_client import SimulatorClient
from services.live.dashboards import Dashboards
from services.live.fanout import Fanout
from services.live.feed import Feed
from services.live.waiters import Waiters
from services.notify.inbound import Inbound
from services.notify.raw_notifies import RawNotifies
from services.orders.orders import Orders
from services.orders.prepay import Prepays
from services.orders.products import Products
from services.orders.service_status import ServiceStatuses
from services.refunds.receipts import Receipts
from services.refunds.refunds import Refunds
from services.runtime.audit_log import AuditLog
from services.runtime.metrics import Metrics
from services.views.export import Exports
from services.views.merchant_list import MerchantList
from services.views.order_details import OrderDetails
from services.views.search import Search
from services.views.settings_view import SettingsView
from services.views.summary import Summary


@dataclass(frozen=True)
class House:
    """Every service that the edge calls, built once by server.py."""

    site: Site
    intake: Inbound
    checkout: Prepays
    orders: Orders
    products: Products
    access: Authentication
    feed: Feed
    fanout: Fanout
    sockets: Dashboards
    alerts: Alerts
    search: Search
    dossiers: OrderDetails
    summary: Summary
    health: Health
    metrics: Metrics
    waiting: Waiters
    refunds: Refunds
    receipts: Receipts
    reception: ServiceStatuses
    accounts: MerchantList
    exports: Exports
    audit: AuditLog
    passwords: Passwords
    people: Users
    profile: Profile
    second_factor: SecondFactor
    first_admin: FirstAdmin
    checkup: CachedChecks
    notify_urls: list[str]
    knobs: AlertRules
    outbox: Outbox
    configuration: SettingsView
    notices: RawNotifies
    simulation: SimulatorClient


Route = tuple[str, type[RequestHandler], dict[str, Any]]


def routes(house: House) -> list[Route]:
    """Every address but the notify's, which handlers/notify.py takes."""
    return [
        *_edge(house),
        *_watching(house),
        *_orders(house),
        *_money(house),
        *_alerts(house),
        *_workshop(house),
        *_settings(house),
        *_people(house),
        *_pages(house),
    ]


def _for(house: House, permission: Permission) -> dict[str, Any]:
    """What a console address is given: the door, and what a caller must be allowed."""
    return {"site": house.site, "access": house.access, "permission": permission}


def _edge(house: House) -> list[Route]:
    """Buyers, the merchant's own server, and who watches the machine."""
    h, site = house, {"site": house.site}
    entry = {**site, "access": h.access}
    return [
        (r"/weixin/prepay", PrepayHandler, {**site, "checkout": h.checkout, "orders": h.orders}),
        (r"/pay/orders/([^/]+)/status", StatusHandler, {**site, "orders": h.orders}),
        (r"/merchant/v1/products", merchant.ProductsHandler, {**entry, "products": h.products}),
        (
            r"/merchant/v1/products/([^/]+)",
            merchant.ProductHandler,
            {**entry, "products": h.products},
        ),
        (r"/merchant/v1/orders", merchant.OrdersHandler, {**entry, "orders": h.orders}),
        (r"/merchant/v1/orders/([^/]+)", merchant.OrderHandler, {**entry, "orders": h.orders}),
        (
            r"/merchant/v1/orders/([^/]+)/close",
            merchant.OrderCloseHandler,
            {**entry, "orders": h.orders},
        ),
        (
            r"/merchant/v1/orders/([^/]+)/refunds",
            merchant.OrderRefundsHandler,
            {**entry, "refunds": h.refunds},
        ),
        (r"/merchant/v1/events", merchant.MerchantEventsHandler, {**entry, "feed": h.feed}),
        (r"/healthz", health.AliveHandler, site),
        (r"/readyz", health.ReadyHandler, {**site, "health": h.health}),
        (r"/metrics", health.MetricsHandler, {**site, "metrics": h.metrics}),
    ]


def _watching(house: House) -> list[Route]:
    """What is happening now."""
    h, look = house, _for(house, Permission.LOOK)
    return [
        (r"/api/v1/summary", monitor.SummaryHandler, {**look, "summary": h.summary}),
        (r"/api/v1/events", monitor.EventsHandler, {**look, "feed": h.feed}),
        (r"/api/v1/merchants", monitor.MerchantsHandler, {**look, "accounts": h.accounts}),
    ]


def _orders(house: House) -> list[Route]:
    """Orders, and what staff do with one."""
    h = house
    look = _for(house, Permission.LOOK)
    handle = _for(house, Permission.HANDLE)
    decide = _for(house, Permission.DECIDE)
    export = _for(house, Permission.EXPORT)
    return [
        (
            r"/api/v1/orders",
            order_search.OrdersHandler,
            {**look, "search": h.search, "accounts": h.accounts},
        ),
        (
            r"/api/v1/orders/export\.csv",
            order_search.OrdersFileHandler,
            {**export, "search": h.search, "accounts": h.accounts, "exports": h.exports},
        ),
        (r"/api/v1/orders/([^/]+)", order_details.OrderHandler, {**look, "dossiers": h.dossiers}),
        (
            r"/api/v1/orders/([^/]+)/unmask",
            order_details.OrderUnmaskHandler,
            {**_for(house, Permission.UNMASK), "dossiers": h.dossiers},
        ),
        (r"/api/v1/orders/([^/]+)/query", orders.OrderQueryHandler, {**handle, "orders": h.orders}),
        (r"/api/v1/orders/([^/]+)/close", orders.OrderCloseHandler, {**decide, "orders": h.orders}),
        (
            r"/api/v1/orders/([^/]+)/service",
            orders.OrderServiceHandler,
            {**handle, "orders": h.orders, "reception": h.reception},
        ),
        (
            r"/api/v1/orders/([^/]+)/note",
            orders.OrderNoteHandler,
            {**handle, "orders": h.orders, "reception": h.reception},
        ),
    ]


def _money(house: House) -> list[Route]:
    """Refunds, and money that came late or twice."""
    h = house
    look = _for(house, Permission.LOOK)
    handle = _for(house, Permission.HANDLE)
    decide = _for(house, Permission.DECIDE)
    return [
        (
            r"/api/v1/orders/([^/]+)/refunds",
            refunds.OrderRefundsHandler,
            {**handle, "refunds": h.refunds},
        ),
        (r"/api/v1/refunds", refunds.RefundsHandler, {**look, "refunds": h.refunds}),
        (
            r"/api/v1/refunds/([^/]+)/(approve|reject)",
            refunds.RefundChoiceHandler,
            {**decide, "refunds": h.refunds},
        ),
        (
            r"/api/v1/refunds/([^/]+)/ask",
            refunds.RefundAskHandler,
            {**handle, "refunds": h.refunds},
        ),
        (r"/api/v1/receipts", receipts.ReceiptsHandler, {**look, "receipts": h.receipts}),
        (
            r"/api/v1/receipts/([0-9]{1,15})/decide",
            receipts.ReceiptDecisionHandler,
            {**decide, "receipts": h.receipts},
        ),
    ]


def _alerts(house: House) -> list[Route]:
    """Alert cases and their evidence."""
    h = house
    look = _for(house, Permission.LOOK)
    handle = _for(house, Permission.HANDLE)
    decide = _for(house, Permission.DECIDE)
    return [
        (r"/api/v1/notifies/([0-9a-f]+)", monitor.NotifyTextHandler, {**look, "search": h.search}),
        (
            r"/api/v1/notifies/([0-9a-f]+)/unmask",
            raw_notifies.NotifyUnmaskHandler,
            {**_for(house, Permission.UNMASK), "notices": h.notices},
        ),
        (
            r"/api/v1/notifies/([0-9a-f]+)/replay",
            raw_notifies.NotifyReplayHandler,
            {**decide, "notices": h.notices},
        ),
        (r"/api/v1/alerts", alerts.AlertsHandler, {**look, "alerts": h.alerts}),
        (r"/api/v1/people", alerts.PeopleHandler, {**handle, "alerts": h.alerts}),
        (
            r"/api/v1/alerts/bulk/(acknowledge)",
            alerts.AlertsDecisionHandler,
            {**handle, "alerts": h.alerts},
        ),
        (
            r"/api/v1/alerts/bulk/(resolve|reopen|assign)",
            alerts.AlertsDecisionHandler,
            {**decide, "alerts": h.alerts},
        ),
        (r"/api/v1/alerts/([0-9]{1,15})", alerts.AlertHandler, {**look, "alerts": h.alerts}),
        (
            r"/api/v1/alerts/([0-9]{1,15})/(acknowledge|note)",
            alerts.AlertDecisionHandler,
            {**handle, "alerts": h.alerts},
        ),
        (
            r"/api/v1/alerts/([0-9]{1,15})/(resolve|reopen|assign)",
            alerts.AlertDecisionHandler,
            {**decide, "alerts": h.alerts},
        ),
    ]


def _workshop(house: House) -> list[Route]:
    """What is sold; and the simulator, which answers 404 unless the mode is simulation."""
    manage = _for(house, Permission.MANAGE)
    sold, played = (
        {**manage, "products": house.products},
        {**manage, "simulation": house.simulation},
    )
    return [
        (r"/api/v1/products", products.ProductsHandler, sold),
        (r"/api/v1/products/([^/]+)", products.ProductHandler, sold),
        (r"/api/v1/simulator", simulator.SimulatorHandler, played),
        (r"/api/v1/simulator/orders", simulator.TrialHandler, played),
        (r"/api/v1/simulator/([^/]+)", simulator.ScenarioHandler, played),
        (r"/api/v1/simulator/runs/([0-9a-f]+)", simulator.RunHandler, played),
        (r"/api/v1/simulator/runs/([0-9a-f]+)/stop", simulator.StopHandler, played),
    ]


def _settings(house: House) -> list[Route]:
    """What admins see and turn of the product itself."""
    h, manage = house, _for(house, Permission.MANAGE)
    return [
        (
            r"/api/v1/settings",
            settings.SettingsHandler,
            {**manage, "knobs": h.knobs, "outbox": h.outbox, "configuration": h.configuration},
        ),
        (
            r"/api/v1/settings/notify/test",
            settings.NotifyTestHandler,
            {**manage, "outbox": h.outbox},
        ),
    ]


def _people(house: House) -> list[Route]:
    """Signing in, one's own page, the team, and the log of what people did."""
    h, entry = house, {"site": house.site, "access": house.access}
    look = _for(house, Permission.LOOK)
    manage = _for(house, Permission.MANAGE)
    own, factor = {**look, "profile": h.profile}, {**look, "factor": h.second_factor}
    team = {**manage, "people": h.people}
    log = {**_for(house, Permission.AUDIT), "audit": h.audit}
    return [
        (r"/api/v1/setup", auth.SetupHandler, {**entry, "first_admin": h.first_admin}),
        (
            r"/api/v1/checkup",
            checkup.CheckupHandler,
            {**manage, "checkup": h.checkup, "accounts": h.accounts, "notify_urls": h.notify_urls},
        ),
        (r"/api/v1/login", auth.LoginHandler, entry),
        (r"/api/v1/logout", auth.LogoutHandler, look),
        (r"/api/v1/confirm", auth.ConfirmHandler, look),
        (r"/api/v1/me", profile.MeHandler, own),
        (r"/api/v1/me/preferences", profile.PreferencesHandler, own),
        (r"/api/v1/me/password", profile.PasswordHandler, own),
        (r"/api/v1/me/sessions", profile.SessionsHandler, own),
        (r"/api/v1/me/sessions/end-others", profile.EndOthersHandler, own),
        (r"/api/v1/me/totp", profile.TotpHandler, factor),
        (r"/api/v1/me/totp/enable", profile.TotpEnableHandler, factor),
        (r"/api/v1/me/totp/disable", profile.TotpDisableHandler, factor),
        (r"/api/v1/users", users.UsersHandler, team),
        (r"/api/v1/users/([^/]+)/role", users.UserRoleHandler, team),
        (r"/api/v1/users/([^/]+)/password", users.UserPasswordHandler, team),
        (
            r"/api/v1/users/([^/]+)/(disable|enable|end-sessions|remove-totp)",
            users.UserDeedHandler,
            team,
        ),
        (r"/api/v1/audit", audit.AuditHandler, log),
        (r"/api/v1/audit/verify", audit.AuditVerifyHandler, log),
    ]


def _pages(house: House) -> list[Route]:
    """The live stream, and the pages: who may see one, and two for everybody."""
    h, entry = house, {"site": house.site, "access": house.access}
    public = {**entry, "first_admin": h.first_admin}
    look, audited, managed = (
        {**public, "permission": permission}
        for permission in (Permission.LOOK, Permission.AUDIT, Permission.MANAGE)
    )
    return [
        (
            r"/live",
            LiveHandler,
            {**_for(house, Permission.LOOK), "fanout": h.fanout, "sockets": h.sockets},
        ),
        (r"/login", pages.LoginPageHandler, public),
        (r"/setup", pages.SetupPageHandler, public),
        (r"/", pages.PageHandler, look),
        (r"/alerts(?:/[0-9]+)?", pages.PageHandler, look),
        (r"/orders(?:/[^/]+)?", pages.PageHandler, look),
        (r"/receipts", pages.PageHandler, look),
        (r"/me", pages.PageHandler, look),
        (r"/audit", pages.PageHandler, audited),
        (r"/team", pages.PageHandler, managed),
        (r"/products", pages.PageHandler, managed),
        (r"/settings", pages.PageHandler, managed),
        (r"/simulator", pages.SimulatorPageHandler, managed),
    ]


def fallback(house: House) -> dict[str, Any]:
    """What answers every other address."""
    return {
        "default_handler_class": pages.MissingPageHandler,
        "default_handler_args": {
            "site": house.site,
            "access": house.access,
            "first_admin": house.first_admin,
        },
    }
