"""The table of errors: each class of error, and the HTTP status of its answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from payments import errors
from services.alerts.money_thread import NotRefunded
from services.alerts.rules import AlertRuleConflict
from services.alerts.triage import AlertConflict, AlertNotFound
from services.auth.credentials import (
    BadCode,
    BadCredentials,
    CodeNeeded,
    ConfirmPassword,
    PasswordChangeNeeded,
    SecondFactorNeeded,
    SlowDown,
    Unauthenticated,
    Unauthorized,
)
from services.auth.first_admin import BadSetupToken, SetupIsDone
from services.auth.password_strength import WeakPassword
from services.auth.user_ops import LastAdmin, OwnAccount, UserExists, UserNotFound
from services.complaints.complaint_desk import NoSuchImage, OutcomeUnknown
from services.complaints.deed_ops import ComplaintConflict, ComplaintNotFound, NotAnswered
from services.demo.simulator_client import NotInSimulator, SimulatorAway, SimulatorRefused
from services.live.feed import Resync
from services.notify.raw_notifies import NotifyNotFound, NotReplayable
from services.orders.products import ProductConflict, ProductTaken
from services.orders.service_status import ServiceConflict
from services.recon.bill_views import BillDayNotFound
from services.recon.difference_ops import DifferenceConflict, DifferenceNotFound
from services.refunds.receipt_ops import NotDecidable, ReceiptConflict, ReceiptNotFound
from services.refunds.refund_limits import RefundLimit
from services.refunds.refund_ops import (
    RefundConflict,
    RefundHeld,
    RefundNotFound,
    SecondAdminNeeded,
)


class Forbidden(errors.PaymentError):
    code = "forbidden"
    message = "Your role may not do this."


class BadXsrf(errors.PaymentError):
    code = "xsrf"
    message = "The X-XSRFToken header is missing or wrong; reload the page."


class WrongHost(errors.PaymentError):
    code = "wrong_host"


class NotFound(errors.PaymentError):
    code = "not_found"
    message = "This address, number or id does not exist."


@contextmanager
def order_or_404() -> Iterator[None]:
    """Turns OrderNotFound into `not_found`, the error of staff and of the merchant's server; the
    buyer's addresses answer `order_not_found`."""
    try:
        yield
    except errors.OrderNotFound:
        raise NotFound("There is no such order.") from None


STATUS: dict[type[errors.PaymentError], int] = {
    errors.BadRequest: 400,
    WeakPassword: 400,
    errors.OrderNotFound: 404,
    errors.ProductNotFound: 409,
    errors.OrderExists: 409,
    errors.AlreadyPaid: 409,
    errors.OrderIsClosed: 409,
    errors.PrepayConflict: 409,
    errors.IdempotencyMismatch: 409,
    errors.InProgress: 409,
    errors.NotRefundable: 409,
    errors.RefundExists: 409,
    errors.NotOffered: 409,
    errors.WeChatRefused: 502,
    errors.WeChatUntrusted: 502,
    errors.WeChatUnreachable: 504,
    errors.Busy: 503,
    Unauthenticated: 401,
    BadCredentials: 401,
    Unauthorized: 401,
    SlowDown: 429,
    Forbidden: 403,
    BadXsrf: 403,
    WrongHost: 421,
    NotFound: 404,
    AlertNotFound: 404,
    AlertConflict: 409,
    NotRefunded: 409,
    NotifyNotFound: 404,
    NotReplayable: 409,
    ConfirmPassword: 403,
    SecondAdminNeeded: 403,
    RefundNotFound: 404,
    RefundConflict: 409,
    RefundLimit: 409,
    RefundHeld: 409,
    ReceiptNotFound: 404,
    ReceiptConflict: 409,
    NotDecidable: 409,
    BillDayNotFound: 404,
    DifferenceNotFound: 404,
    DifferenceConflict: 409,
    ComplaintNotFound: 404,
    ComplaintConflict: 409,
    NotAnswered: 409,
    NoSuchImage: 404,
    OutcomeUnknown: 504,
    ServiceConflict: 409,
    ProductConflict: 409,
    ProductTaken: 409,
    SimulatorAway: 502,
    SimulatorRefused: 409,
    NotInSimulator: 404,
    Resync: 409,
    AlertRuleConflict: 409,
    CodeNeeded: 401,
    BadCode: 401,
    PasswordChangeNeeded: 403,
    SecondFactorNeeded: 403,
    UserNotFound: 404,
    UserExists: 409,
    LastAdmin: 409,
    OwnAccount: 409,
    SetupIsDone: 404,
    BadSetupToken: 403,
}


def status_of(error: errors.PaymentError) -> int:
    return STATUS.get(type(error), 500)


def retry_after(error: errors.PaymentError) -> int | None:
    """The seconds of the Retry-After header, or None for no such header."""
    if isinstance(error, SlowDown):
        return int(error.detail.get("seconds", 1))
    return 1 if isinstance(error, (errors.Busy, errors.InProgress)) else None
