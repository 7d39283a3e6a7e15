"""The tables, and the only door to the database (`models.store`)."""

from models.alert import Alert, AlertEntry, Knob, Message
from models.audit import AuditEntry, AuditHead
from models.certificate import PlatformCertificate
from models.event import Counter, Event, EventHead
from models.lease import Lease
from models.notice import RawNotice, Receipt
from models.order import Order, OrderCheck, PrepayAttempt
from models.product import Product
from models.refund import Refund, RefundCheck
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
    RawNotice,
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
    PlatformCertificate,
    AuditEntry,
    AuditHead,
    Knob,
    Message,
)

__all__ = [
    "TABLES",
    "Alert",
    "AlertEntry",
    "ApiKey",
    "AuditEntry",
    "AuditHead",
    "Counter",
    "Event",
    "EventHead",
    "IdempotentAnswer",
    "Knob",
    "Lease",
    "LoginFailure",
    "Message",
    "Order",
    "OrderCheck",
    "PlatformCertificate",
    "PrepayAttempt",
    "Product",
    "RawNotice",
    "Receipt",
    "RecoveryCode",
    "Refund",
    "RefundCheck",
    "Session",
    "SetupToken",
    "User",
]
