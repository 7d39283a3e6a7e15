"""The one table of addresses: path, handler, and for the console the permission that a user needs.
WeChat's own addresses are in handlers/notifies/notify.py."""

from __future__ import annotations

from dataclasses import dataclass

from handlers import auth, health, merchant_api, pages
from handlers.base import RoutedHandler
from handlers.buyers import prepay
from handlers.console import (
    alerts,
    audit,
    bills,
    checkup,
    complaint_images,
    complaints,
    monitor,
    order_details,
    order_search,
    orders,
    products,
    profile,
    raw_notifies,
    receipts,
    refunds,
    reports,
    settings,
    simulator,
    users,
)
from handlers.live import LiveHandler
from services.auth.roles import Permission


@dataclass(frozen=True)
class Route:
    """One address. Raises ValueError when the handler needs a permission and none is given."""

    path: str
    handler: type[RoutedHandler]
    permission: Permission | None = None

    def __post_init__(self) -> None:
        if self.handler.needs_permission and self.permission is None:
            raise ValueError(f"The route {self.path} names no permission.")


_LOOK, _HANDLE, _DECIDE = Permission.LOOK, Permission.HANDLE, Permission.DECIDE
_EXPORT, _UNMASK = Permission.EXPORT, Permission.UNMASK
_MANAGE, _AUDIT = Permission.MANAGE, Permission.AUDIT

ROUTES = (
    # Buyers.
    Route(r"/weixin/prepay", prepay.PrepayHandler),
    Route(r"/pay/orders/([^/]+)/status", prepay.StatusHandler),
    Route(r"/merchant/v1/products", merchant_api.MerchantProductsHandler),
    Route(r"/merchant/v1/products/([^/]+)", merchant_api.MerchantProductHandler),
    Route(r"/merchant/v1/orders", merchant_api.MerchantOrdersHandler),
    Route(r"/merchant/v1/orders/([^/]+)", merchant_api.MerchantOrderHandler),
    Route(r"/merchant/v1/orders/([^/]+)/close", merchant_api.MerchantOrderCloseHandler),
    Route(r"/merchant/v1/orders/([^/]+)/refunds", merchant_api.MerchantOrderRefundsHandler),
    Route(r"/merchant/v1/bills/([0-9-]{10})", merchant_api.MerchantBillHandler),
    Route(r"/merchant/v1/events", merchant_api.MerchantEventsHandler),
    Route(r"/healthz", health.AliveHandler),
    Route(r"/readyz", health.ReadyHandler),
    Route(r"/metrics", health.MetricsHandler),
    # What happens now.
    Route(r"/api/v1/summary", monitor.SummaryHandler, _LOOK),
    Route(r"/api/v1/inbox", monitor.InboxHandler, _LOOK),
    Route(r"/api/v1/first-steps", monitor.FirstStepsHandler, _MANAGE),
    Route(r"/api/v1/events", monitor.EventsHandler, _LOOK),
    Route(r"/api/v1/merchants", monitor.MerchantsHandler, _LOOK),
    # Orders, and what staff do with one.
    Route(r"/api/v1/orders", order_search.OrdersHandler, _LOOK),
    Route(r"/api/v1/orders/export\.csv", order_search.OrdersFileHandler, _EXPORT),
    Route(r"/api/v1/orders/([^/]+)", order_details.OrderHandler, _LOOK),
    Route(r"/api/v1/orders/([^/]+)/unmask", order_details.OrderUnmaskHandler, _UNMASK),
    Route(r"/api/v1/orders/([^/]+)/query", orders.OrderQueryHandler, _HANDLE),
    Route(r"/api/v1/orders/([^/]+)/close", orders.OrderCloseHandler, _DECIDE),
    Route(r"/api/v1/orders/([^/]+)/service", orders.OrderServiceHandler, _HANDLE),
    Route(r"/api/v1/orders/([^/]+)/note", orders.OrderNoteHandler, _HANDLE),
    # Refunds, and money that came late or twice.
    Route(r"/api/v1/orders/([^/]+)/refunds", refunds.OrderRefundsHandler, _HANDLE),
    Route(r"/api/v1/orders/([^/]+)/outside-refunds", refunds.OutsideRefundsHandler, _DECIDE),
    Route(r"/api/v1/refunds", refunds.RefundsHandler, _LOOK),
    Route(r"/api/v1/refunds/([^/]+)/(approve|reject)", refunds.RefundChoiceHandler, _DECIDE),
    Route(r"/api/v1/refunds/([^/]+)/ask", refunds.RefundAskHandler, _HANDLE),
    Route(r"/api/v1/refunds/([^/]+)/end", refunds.RefundEndHandler, _DECIDE),
    Route(r"/api/v1/refunds/([^/]+)/abnormal", refunds.RefundAbnormalHandler, _DECIDE),
    Route(r"/api/v1/receipts", receipts.ReceiptsHandler, _LOOK),
    Route(r"/api/v1/receipts/([0-9]{1,15})/decide", receipts.ReceiptDecisionHandler, _DECIDE),
    # Bills.
    Route(r"/api/v1/bills", bills.BillMonthHandler, _LOOK),
    Route(r"/api/v1/bills/([0-9-]{10})", bills.BillDayHandler, _LOOK),
    Route(r"/api/v1/bills/([0-9-]{10})\.csv", bills.BillCsvHandler, _LOOK),
    Route(r"/api/v1/bills/([0-9-]{10})/fetch", bills.BillFetchHandler, _HANDLE),
    Route(r"/api/v1/bills/([0-9-]{10})/file", bills.DroppedBillHandler, _HANDLE),
    Route(r"/api/v1/differences/([0-9]{1,15})/resolve", bills.DifferenceResolveHandler, _DECIDE),
    # Complaints.
    Route(r"/api/v1/complaints", complaints.ComplaintsHandler, _LOOK),
    Route(r"/api/v1/complaints/uploads", complaint_images.ComplaintUploadHandler, _HANDLE),
    Route(r"/api/v1/complaints/([^/]+)", complaints.ComplaintHandler, _LOOK),
    Route(r"/api/v1/complaints/([^/]+)/reply", complaints.ComplaintReplyHandler, _HANDLE),
    Route(r"/api/v1/complaints/([^/]+)/finish", complaints.ComplaintFinishHandler, _HANDLE),
    Route(
        r"/api/v1/complaints/([^/]+)/refund-decision", complaints.ComplaintDecisionHandler, _HANDLE
    ),
    Route(r"/api/v1/complaints/([^/]+)/refresh", complaints.ComplaintRefreshHandler, _HANDLE),
    Route(r"/api/v1/complaints/([^/]+)/unmask", complaints.ComplaintUnmaskHandler, _UNMASK),
    Route(
        r"/api/v1/complaints/([^/]+)/media/([0-9]{1,15})",
        complaint_images.ComplaintMediaHandler,
        _LOOK,
    ),
    # Reports.
    Route(r"/api/v1/reports", reports.ReportsHandler, _LOOK),
    Route(r"/api/v1/reports\.csv", reports.ReportCsvHandler, _LOOK),
    Route(r"/api/v1/reports\.xlsx", reports.ReportXlsxHandler, _LOOK),
    Route(r"/api/v1/reports/choices", reports.ReportChoicesHandler, _LOOK),
    # Raw notifies and alert cases.
    Route(r"/api/v1/notifies/([0-9a-f]+)", raw_notifies.NotifyTextHandler, _LOOK),
    Route(r"/api/v1/notifies/([0-9a-f]+)/unmask", raw_notifies.NotifyUnmaskHandler, _UNMASK),
    Route(r"/api/v1/notifies/([0-9a-f]+)/replay", raw_notifies.NotifyReplayHandler, _DECIDE),
    Route(r"/api/v1/alerts", alerts.AlertsHandler, _LOOK),
    Route(r"/api/v1/people", alerts.PeopleHandler, _HANDLE),
    Route(r"/api/v1/alerts/bulk/(acknowledge)", alerts.AlertsDecisionHandler, _HANDLE),
    Route(r"/api/v1/alerts/bulk/(resolve|reopen|assign)", alerts.AlertsDecisionHandler, _DECIDE),
    Route(r"/api/v1/alerts/([0-9]{1,15})", alerts.AlertHandler, _LOOK),
    Route(r"/api/v1/alerts/([0-9]{1,15})/(acknowledge|note)", alerts.AlertDecisionHandler, _HANDLE),
    Route(
        r"/api/v1/alerts/([0-9]{1,15})/(resolve|reopen|assign)",
        alerts.AlertDecisionHandler,
        _DECIDE,
    ),
    # Products; and the simulator, which answers 404 unless the mode is simulation.
    Route(r"/api/v1/products", products.ProductsHandler, _MANAGE),
    Route(r"/api/v1/products/([^/]+)", products.ProductHandler, _MANAGE),
    Route(r"/api/v1/simulator", simulator.SimulatorHandler, _MANAGE),
    Route(r"/api/v1/simulator/orders", simulator.TrialOrderHandler, _MANAGE),
    Route(r"/api/v1/simulator/([^/]+)", simulator.ScenarioHandler, _MANAGE),
    Route(r"/api/v1/simulator/runs/([0-9a-f]+)", simulator.SimulatorRunHandler, _MANAGE),
    Route(r"/api/v1/simulator/runs/([0-9a-f]+)/stop", simulator.SimulatorStopHandler, _MANAGE),
    # Settings.
    Route(r"/api/v1/settings", settings.SettingsHandler, _MANAGE),
    Route(r"/api/v1/settings/notify/test", settings.NotifyTestHandler, _MANAGE),
    # Sign-in, one's own page, the team, the audit log.
    Route(r"/api/v1/setup", auth.SetupHandler),
    Route(r"/api/v1/checkup", checkup.CheckupHandler, _MANAGE),
    Route(r"/api/v1/login", auth.LoginHandler),
    Route(r"/api/v1/logout", auth.LogoutHandler, _LOOK),
    Route(r"/api/v1/confirm", auth.ConfirmHandler, _LOOK),
    Route(r"/api/v1/me", profile.MeHandler, _LOOK),
    Route(r"/api/v1/me/preferences", profile.PreferencesHandler, _LOOK),
    Route(r"/api/v1/me/password", profile.PasswordHandler, _LOOK),
    Route(r"/api/v1/me/sessions", profile.SessionsHandler, _LOOK),
    Route(r"/api/v1/me/sessions/end-others", profile.EndOthersHandler, _LOOK),
    Route(r"/api/v1/me/totp", profile.TotpHandler, _LOOK),
    Route(r"/api/v1/me/totp/enable", profile.TotpEnableHandler, _LOOK),
    Route(r"/api/v1/me/totp/disable", profile.TotpDisableHandler, _LOOK),
    Route(r"/api/v1/users", users.UsersHandler, _MANAGE),
    Route(r"/api/v1/users/([^/]+)/role", users.UserRoleHandler, _MANAGE),
    Route(r"/api/v1/users/([^/]+)/password", users.UserPasswordHandler, _MANAGE),
    Route(
        r"/api/v1/users/([^/]+)/(disable|enable|end-sessions|remove-totp)",
        users.UserActionHandler,
        _MANAGE,
    ),
    Route(r"/api/v1/audit", audit.AuditHandler, _AUDIT),
    Route(r"/api/v1/audit/verify", audit.AuditVerifyHandler, _AUDIT),
    # The live stream and the pages.
    Route(r"/live", LiveHandler, _LOOK),
    Route(r"/login", pages.LoginPageHandler),
    Route(r"/setup", pages.SetupPageHandler),
    Route(r"/", pages.PageHandler, _LOOK),
    Route(r"/alerts(?:/[0-9]+)?", pages.PageHandler, _LOOK),
    Route(r"/orders(?:/[^/]+)?", pages.PageHandler, _LOOK),
    Route(r"/receipts", pages.PageHandler, _LOOK),
    Route(r"/recon(?:/[0-9-]+)?", pages.PageHandler, _LOOK),
    Route(r"/reports", pages.PageHandler, _LOOK),
    Route(r"/me", pages.PageHandler, _LOOK),
    Route(r"/audit", pages.PageHandler, _AUDIT),
    Route(r"/team", pages.PageHandler, _MANAGE),
    Route(r"/products", pages.PageHandler, _MANAGE),
    Route(r"/settings", pages.PageHandler, _MANAGE),
    Route(r"/simulator", pages.SimulatorPageHandler, _MANAGE),
)
