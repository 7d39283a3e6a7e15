"""The proofs of identity, and the errors when one fails."""

from __future__ import annotations

import hashlib
import hmac
import re

from payments.errors import BadRequest, PaymentError
from services.runtime.audit_log import PROGRAMS

_NAME = re.compile(r"[0-9A-Za-z._@-]{1,64}", re.ASCII)


class Unauthenticated(PaymentError):
    code = "unauthenticated"
    message = "Please sign in."


class BadCredentials(PaymentError):
    code = "bad_credentials"
    message = "The user name or the password is wrong."


class CodeNeeded(PaymentError):
    """The password is right, and the account has a second factor."""

    code = "code_needed"
    message = "Send the code of your authenticator app too."


class BadCode(PaymentError):
    code = "bad_code"
    message = "The code is wrong, too old, or was used before."


class ConfirmPassword(PaymentError):
    code = "confirm_password"
    message = "Please give your password again."


class PasswordChangeNeeded(PaymentError):
    code = "password_change"
    message = "Somebody else chose your password: choose your own first."


class SecondFactorNeeded(PaymentError):
    code = "totp_required"
    message = "Your role needs a second factor: set it up first."


class SlowDown(PaymentError):
    """Too many failures; `detail["seconds"]` to wait."""

    code = "slow_down"
    message = "Too many sign-ins failed; wait for the time in Retry-After."


class Unauthorized(PaymentError):
    code = "unauthorized"
    message = "A valid API key is needed: Authorization: Bearer <key>."


def check_name(name: str, what: str) -> None:
    """Raises BadRequest; `what` is whose name it is to be."""
    if not _NAME.fullmatch(name):
        raise BadRequest(f"{what} must have 1 to 64 letters, digits or any of . _ @ -")
    if name in PROGRAMS:
        raise BadRequest("This name is reserved for Paywatch itself; choose another.")


def secret_hash(secret: str) -> str:
    """The hash that is kept of a secret of many random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same_token(ours: str, theirs: str) -> bool:
    return hmac.compare_digest(ours.encode(), theirs.encode())
