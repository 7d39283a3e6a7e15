"""The tables, and the only door to the database (`models.store`)."""

from models.alert import Alert, AlertEntry
from models.event import Counter, Event, EventHead
from models.notice import RawNotice, Receipt
from models.order import Order, PrepayAttempt
from models.product import Product
from models.user import ApiKey, IdempotentAnswer, LoginFailure, Session, User

TABLES = (
    Product,
    Order,
    PrepayAttempt,
    RawNotice,
    Receipt,
    Event,
    EventHead,
    Counter,
    Alert,
    AlertEntry,
    User,
    Session,
    LoginFailure,
    ApiKey,
    IdempotentAnswer,
)

__all__ = [
    "TABLES",
    "Alert",
    "AlertEntry",
    "ApiKey",
    "Counter",
    "Event",
    "EventHead",
    "IdempotentAnswer",
    "LoginFailure",
    "Order",
    "PrepayAttempt",
    "Product",
    "RawNotice",
    "Receipt",
    "Session",
    "User",
]
