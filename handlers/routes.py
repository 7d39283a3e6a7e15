"""The one table of addresses: path, handler, what it needs, and for the console who may."""

from __future__ import annotations

from typing import Any

from tornado.web import RequestHandler

from handlers import auth, health, merchant, pages
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
from handlers.services import Services
from services.auth.roles import Permission

Route = tuple[str, type[RequestHandler], dict[str, Any]]


def routes(services: Services) -> list[Route]:
    """Every address but the notify's, which handlers/notify.py takes."""
    return [
        *_edge(services),
        *_watching(services),
        *_orders(services),
        *_money(services),
        *_alerts(services),
        *_workshop(services),
        *_settings(services),
        *_people(services),
        *_pages(services),
    ]


def _for(services: Services, permission: Permission) -> dict[str, Any]:
    """What a console address is given: the door, and what a caller must be allowed."""
    return {"site": services.site, "access": services.authentication, "permission": permission}


def _edge(services: Services) -> list[Route]:
    """Buyers, the merchant's own server, and who watches the machine."""
    h, site = services, {"site": services.site}
    entry = {**site, "access": h.authentication}
    return [
        (r"/weixin/prepay", PrepayHandler, {**site, "checkout": h.prepay, "orders": h.orders}),
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


def _watching(services: Services) -> list[Route]:
    """What is happening now."""
    h, look = services, _for(services, Permission.LOOK)
    return [
        (r"/api/v1/summary", monitor.SummaryHandler, {**look, "summary": h.summary}),
        (r"/api/v1/events", monitor.EventsHandler, {**look, "feed": h.feed}),
        (r"/api/v1/merchants", monitor.MerchantsHandler, {**look, "accounts": h.merchant_list}),
    ]


def _orders(services: Services) -> list[Route]:
    """Orders, and what staff do with one."""
    h = services
    look = _for(services, Permission.LOOK)
    handle = _for(services, Permission.HANDLE)
    decide = _for(services, Permission.DECIDE)
    export = _for(services, Permission.EXPORT)
    return [
        (
            r"/api/v1/orders",
            order_search.OrdersHandler,
            {**look, "search": h.search, "accounts": h.merchant_list},
        ),
        (
            r"/api/v1/orders/export\.csv",
            order_search.OrdersFileHandler,
            {**export, "search": h.search, "accounts": h.merchant_list, "exports": h.exports},
        ),
        (
            r"/api/v1/orders/([^/]+)",
            order_details.OrderHandler,
            {**look, "dossiers": h.order_details},
        ),
        (
            r"/api/v1/orders/([^/]+)/unmask",
            order_details.OrderUnmaskHandler,
            {**_for(services, Permission.UNMASK), "dossiers": h.order_details},
        ),
        (r"/api/v1/orders/([^/]+)/query", orders.OrderQueryHandler, {**handle, "orders": h.orders}),
        (r"/api/v1/orders/([^/]+)/close", orders.OrderCloseHandler, {**decide, "orders": h.orders}),
        (
            r"/api/v1/orders/([^/]+)/service",
            orders.OrderServiceHandler,
            {**handle, "orders": h.orders, "reception": h.service_status},
        ),
        (
            r"/api/v1/orders/([^/]+)/note",
            orders.OrderNoteHandler,
            {**handle, "orders": h.orders, "reception": h.service_status},
        ),
    ]


def _money(services: Services) -> list[Route]:
    """Refunds, and money that came late or twice."""
    h = services
    look = _for(services, Permission.LOOK)
    handle = _for(services, Permission.HANDLE)
    decide = _for(services, Permission.DECIDE)
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


def _alerts(services: Services) -> list[Route]:
    """Alert cases and their evidence."""
    h = services
    look = _for(services, Permission.LOOK)
    handle = _for(services, Permission.HANDLE)
    decide = _for(services, Permission.DECIDE)
    return [
        (r"/api/v1/notifies/([0-9a-f]+)", monitor.NotifyTextHandler, {**look, "search": h.search}),
        (
            r"/api/v1/notifies/([0-9a-f]+)/unmask",
            raw_notifies.NotifyUnmaskHandler,
            {**_for(services, Permission.UNMASK), "notices": h.raw_notifies},
        ),
        (
            r"/api/v1/notifies/([0-9a-f]+)/replay",
            raw_notifies.NotifyReplayHandler,
            {**decide, "notices": h.raw_notifies},
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


def _workshop(services: Services) -> list[Route]:
    """What is sold; and the simulator, which answers 404 unless the mode is simulation."""
    manage = _for(services, Permission.MANAGE)
    sold, played = (
        {**manage, "products": services.products},
        {**manage, "simulation": services.simulator},
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


def _settings(services: Services) -> list[Route]:
    """What admins see and turn of the product itself."""
    h, manage = services, _for(services, Permission.MANAGE)
    return [
        (
            r"/api/v1/settings",
            settings.SettingsHandler,
            {
                **manage,
                "knobs": h.alert_rules,
                "outbox": h.outbox,
                "configuration": h.settings_view,
            },
        ),
        (
            r"/api/v1/settings/notify/test",
            settings.NotifyTestHandler,
            {**manage, "outbox": h.outbox},
        ),
    ]


def _people(services: Services) -> list[Route]:
    """Signing in, one's own page, the team, and the log of what people did."""
    h, entry = services, {"site": services.site, "access": services.authentication}
    look = _for(services, Permission.LOOK)
    manage = _for(services, Permission.MANAGE)
    own, factor = {**look, "profile": h.profile}, {**look, "factor": h.second_factor}
    team = {**manage, "people": h.users}
    log = {**_for(services, Permission.AUDIT), "audit": h.audit_log}
    return [
        (r"/api/v1/setup", auth.SetupHandler, {**entry, "first_admin": h.first_admin}),
        (
            r"/api/v1/checkup",
            checkup.CheckupHandler,
            {
                **manage,
                "checkup": h.cached_checks,
                "accounts": h.merchant_list,
                "notify_urls": h.notify_urls,
            },
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


def _pages(services: Services) -> list[Route]:
    """The live stream, and the pages: who may see one, and two for everybody."""
    h, entry = services, {"site": services.site, "access": services.authentication}
    public = {**entry, "first_admin": h.first_admin}
    look, audited, managed = (
        {**public, "permission": permission}
        for permission in (Permission.LOOK, Permission.AUDIT, Permission.MANAGE)
    )
    return [
        (
            r"/live",
            LiveHandler,
            {**_for(services, Permission.LOOK), "fanout": h.fanout, "sockets": h.dashboards},
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


def fallback(services: Services) -> dict[str, Any]:
    """What answers every other address."""
    return {
        "default_handler_class": pages.MissingPageHandler,
        "default_handler_args": {
            "site": services.site,
            "access": services.authentication,
            "first_admin": services.first_admin,
        },
    }
