"""Sessions: signed-in browsers, by the hash of their cookie. They live by use and die by time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from models import Session, User
from models.base import rows
from models.transaction import Batch
from models.user import Role
from payments.payment_rules import CLOCKS_APART_MS
from services.auth import login_attempts, second_factor_ops
from services.auth.credentials import BadCredentials
from services.auth.login_attempts import LoginAttempt
from services.auth.roles import Owed, Principal
from services.auth.second_factor_ops import FittingCode
from services.runtime.audit_log import Deed, record
from services.runtime.clock import HOUR_MS, MINUTE_MS, rfc3339

ABSOLUTE_MS = 12 * HOUR_MS
IDLE_MS = 30 * MINUTE_MS
TOUCH_MS = MINUTE_MS
MOST_SHOWN = 100


@dataclass(frozen=True)
class Account:
    """The facts of a user who signs in."""

    id: int
    name: str
    password_hash: str
    role: Role
    password_once: bool
    totp: bytes | None


@dataclass(frozen=True)
class BrowserPlace:
    """Where a browser is: its network, for counting; and what it calls itself."""

    network: str
    agent: str = ""
    device: str = ""
    """The token by which an account may know the browser."""

    @property
    def masked(self) -> str:
        return mask_network(self.network)


def mask_network(network: str) -> str:
    """`203.0.113.0/24` is shown as `203.0.***`, and of IPv6 the first two groups."""
    address = network.partition("/")[0]
    if ":" in address:
        return ":".join(address.split(":")[:2]) + ":***"
    parts = address.split(".")
    return ".".join([*parts[:2], "***"]) if len(parts) == 4 else "***"


def owed(account: Any, required: frozenset[Role]) -> Owed | None:
    """The duty of this user, if any; until it is done, other addresses refuse them."""
    if account.password_once:
        return Owed.PASSWORD
    has_factor = account.totp is not None
    return Owed.TOTP if Role(account.role) in required and not has_factor else None


# --- reads ---------------------------------------------------------------------------------------


def read_account(name: str) -> Account | None:
    user = User.get_or_none(User.name == name, ~User.disabled)
    return _account(user) if user else None


def _account(user: User) -> Account:
    secret = None if user.totp_secret is None else bytes(user.totp_secret)
    role = Role(user.role)
    return Account(user.id, user.name, user.password_hash, role, user.password_once, secret)


def read_session(
    token_hash: str, now: int, required: frozenset[Role]
) -> tuple[Principal, int] | None:
    """The user of the session, and the time of its last use."""
    row = (
        Session.select(Session, User)
        .join(User)
        .where(Session.token_hash == token_hash, *_alive(now))
        .first()
    )
    if row is None:
        return None
    account = _account(row.user)
    principal = Principal(
        account.name,
        account.role,
        token_hash,
        row.xsrf,
        row.confirmed_at,
        row.created_at,
        owed(account, required),
    )
    return principal, row.seen_at


def _alive(now: int) -> tuple[object, ...]:
    return (*open_now(now), ~User.disabled)


def open_now(now: int) -> tuple[object, ...]:
    """The condition for an open session: not ended, not too old, not idle, and not used later than
    now, as a clock that was ahead says."""
    return (
        Session.ended_at.is_null(),
        Session.created_at > now - ABSOLUTE_MS,
        Session.seen_at > now - IDLE_MS,
        Session.seen_at <= now + CLOCKS_APART_MS,
    )


def read_alive(sessions: tuple[str, ...], now: int) -> dict[str, int]:
    query = (
        Session.select(Session.token_hash, Session.seen_at)
        .join(User)
        .where(Session.token_hash.in_(sessions), *_alive(now))
    )
    return dict(rows(query))


def read_sessions_of(name: str, this: str, now: int) -> list[dict[str, Any]]:
    """The open sessions of a user, the one that asks first, then by their last use; a session's
    own hash is never told."""
    query = (
        Session.select()
        .join(User)
        .where(User.name == name, *_alive(now))
        .order_by(Session.seen_at.desc())
        .limit(MOST_SHOWN)
    )
    found = sorted(query, key=lambda row: row.token_hash != this)
    return [
        {
            "openedAt": rfc3339(row.created_at),
            "seenAt": rfc3339(row.seen_at),
            "network": row.network,
            "agent": row.agent,
            "this": row.token_hash == this,
        }
        for row in found
    ]


# --- ops -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Opening:
    """A session for a user whose password, and second factor, was right."""

    account: Account
    principal: Principal
    place: BrowserPlace
    proof: FittingCode | None
    attempt: LoginAttempt


def open_sessions(batch: Batch, openings: Sequence[Opening]) -> list[Exception | None]:
    Session.delete().where(Session.created_at < batch.now - ABSOLUTE_MS).execute()
    return [_open_session(batch, opening) for opening in openings]


def _open_session(batch: Batch, opening: Opening) -> Exception | None:
    name = opening.account.name
    account = read_account(name)
    if account is None or account.password_hash != opening.account.password_hash:
        return BadCredentials()  # the password was reset while this one was being tried
    if account.totp is not None and opening.proof is None:
        return BadCredentials()  # the second factor was switched on meanwhile
    if opening.proof and (error := second_factor_ops.use(batch.now, account.id, opening.proof)):
        return error
    Session.create(
        token_hash=opening.principal.session,
        user=account.id,
        xsrf=opening.principal.xsrf,
        created_at=opening.principal.opened_at,
        seen_at=batch.now,
        confirmed_at=batch.now,
        network=opening.place.masked,
        agent=opening.place.agent[:160],
    )
    login_attempts.forgive(opening.attempt)
    login_attempts.forget_attempts(login_attempts.of_codes(name))
    factor = opening.proof.kind if opening.proof else "password"
    detail = {"network": opening.place.masked, "factor": factor}
    record(batch, Deed(name, "session.opened", name, detail))
    return None


def confirm_sessions(batch: Batch, confirmed: Sequence[tuple[str, str]]) -> list[None]:
    for session, attempt in confirmed:
        Session.update(confirmed_at=batch.now).where(Session.token_hash == session).execute()
        login_attempts.forget_attempts(attempt)
    return [None] * len(confirmed)


def sign_out(batch: Batch, principals: Sequence[Principal]) -> list[None]:
    end_sessions(batch, [principal.session for principal in principals])
    for principal in principals:
        record(batch, Deed(principal.name, "session.closed", principal.name))
    return [None] * len(principals)


def end_sessions(batch: Batch, sessions: Sequence[str]) -> list[None]:
    Session.update(ended_at=batch.now).where(
        Session.token_hash.in_(list(sessions)), Session.ended_at.is_null()
    ).execute()
    return [None] * len(sessions)


def end_sessions_of(now: int, user_id: int, but: Iterable[str] = ()) -> int:
    """Inside a transaction: all sessions of a user, but some. Returns how many were open."""
    mine = (Session.user == user_id, Session.token_hash.not_in(list(but)))
    count = Session.select().where(*mine, *open_now(now)).count()
    Session.update(ended_at=now).where(*mine, Session.ended_at.is_null()).execute()
    return int(count)


def touch_sessions(batch: Batch, sessions: Sequence[str]) -> list[None]:
    Session.update(seen_at=batch.now).where(Session.token_hash.in_(list(sessions))).execute()
    return [None] * len(sessions)
