"""The tables, and the only door to the database (`models.store`)."""

from models.alert import Alert, AlertEntry, AlertMessage, AlertSetting
from models.audit import AuditEntry, AuditHead
from models.bills import BillDay, BillDifference
from models.certificate import PlatformCertificate
from models.complaints import (
    Complaint,
    ComplaintDeed,
    ComplaintImage,
    ComplaintLine,
    ComplaintLook,
    ComplaintPoll,
)
from models.event import Counter, Event, EventHead
from models.lease import Lease
from models.notify import RawNotify, Receipt
from models.order import Order, OrderCheck, PrepayAttempt
from models.product import Product
from models.refund import OutsideLook, Refund, RefundCheck
from models.reports import ReportSum
from models.user import (
    ApiKey,
    IdempotentAnswer,
    LoginFailure,
    RecoveryCode,
    Session,
    SetupToken,
    User,
)

TABLES = (
    Product,
    Order,
    PrepayAttempt,
    OrderCheck,
    RawNotify,
    Receipt,
    Event,
    EventHead,
    Counter,
    Alert,
    AlertEntry,
    User,
    Session,
    RecoveryCode,
    SetupToken,
    LoginFailure,
    ApiKey,
    IdempotentAnswer,
    Lease,
    Refund,
    RefundCheck,
    OutsideLook,
    PlatformCertificate,
    AuditEntry,
    AuditHead,
    AlertSetting,
    AlertMessage,
    BillDay,
    BillDifference,
    ReportSum,
    Complaint,
    ComplaintDeed,
    ComplaintImage,
    ComplaintLine,
    ComplaintLook,
    ComplaintPoll,
)

__all__ = [
    "TABLES",
    "Alert",
    "AlertEntry",
    "AlertMessage",
    "AlertSetting",
    "ApiKey",
    "AuditEntry",
    "AuditHead",
    "BillDay",
    "BillDifference",
    "Complaint",
    "ComplaintDeed",
    "ComplaintImage",
    "ComplaintLine",
    "ComplaintLook",
    "ComplaintPoll",
    "Counter",
    "Event",
    "EventHead",
    "IdempotentAnswer",
    "Lease",
    "LoginFailure",
    "Order",
    "OrderCheck",
    "OutsideLook",
    "PlatformCertificate",
    "PrepayAttempt",
    "Product",
    "RawNotify",
    "Receipt",
    "RecoveryCode",
    "Refund",
    "RefundCheck",
    "ReportSum",
    "Session",
    "SetupToken",
    "User",
]
