"""Every service that a handler may call, each under its own name."""

from __future__ import annotations

from dataclasses import dataclass

from handlers.site import Site
from services.alerts.outbox import Outbox
from services.alerts.rules import AlertRules
from services.alerts.triage import Alerts
from services.auth.authentication import Authentication
from services.auth.first_admin import FirstAdmin
from services.auth.passwords import Passwords
from services.auth.profile import Profile
from services.auth.second_factor import SecondFactor
from services.auth.users import Users
from services.checks.cached_checks import CachedChecks
from services.checks.first_steps import FirstSteps
from services.checks.health import Health
from services.complaints.complaint_desk import ComplaintDesk
from services.complaints.complaint_views import ComplaintViews
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
from services.recon.bill_csv import BillCsv
from services.recon.bill_views import BillViews
from services.recon.dropped_bills import DroppedBills
from services.recon.recon_desk import ReconDesk
from services.refunds.keyed_refunds import KeyedRefunds
from services.refunds.receipts import Receipts
from services.refunds.refunds import Refunds
from services.reports.report_files import ReportFiles
from services.reports.reports import Reports
from services.runtime.audit_log import AuditLog
from services.runtime.metrics import Metrics
from services.views.export import Exports
from services.views.inbox import Inbox
from services.views.merchant_list import MerchantList
from services.views.order_details import OrderDetails
from services.views.search import Search
from services.views.settings_view import SettingsView
from services.views.summary import Summary


@dataclass(frozen=True)
class Services:
    """Built once by assembly/services.py; every handler is given it."""

    site: Site
    inbound: Inbound
    prepays: Prepays
    orders: Orders
    products: Products
    authentication: Authentication
    feed: Feed
    fanout: Fanout
    dashboards: Dashboards
    alerts: Alerts
    search: Search
    order_details: OrderDetails
    summary: Summary
    inbox: Inbox
    first_steps: FirstSteps
    health: Health
    metrics: Metrics
    waiters: Waiters
    refunds: Refunds
    keyed_refunds: KeyedRefunds
    receipts: Receipts
    service_statuses: ServiceStatuses
    merchant_list: MerchantList
    bill_views: BillViews
    bill_csv: BillCsv
    recon_desk: ReconDesk
    dropped_bills: DroppedBills
    complaint_views: ComplaintViews
    complaint_desk: ComplaintDesk
    reports: Reports
    report_files: ReportFiles
    exports: Exports
    audit_log: AuditLog
    passwords: Passwords
    users: Users
    profile: Profile
    second_factor: SecondFactor
    first_admin: FirstAdmin
    cached_checks: CachedChecks
    notify_urls: list[str]
    alert_rules: AlertRules
    outbox: Outbox
    settings_view: SettingsView
    raw_notifies: RawNotifies
    simulator_client: SimulatorClient
