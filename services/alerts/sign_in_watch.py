"""A case for each account whose password somebody tries from many places."""

from __future__ import annotations

from collections.abc import Sequence

from models import Alert, LoginFailure, User
from models.base import rows
from models.store import Store
from models.transaction import Batch
from payments.alert_kinds import AlertKind, Severity
from payments.causes import Cause
from services.alerts.cases import Finding, raise_all
from services.auth.login_attempts import ALL, FORGET_MS, FREE_OF_ACCOUNT
from services.runtime.clock import Clock


class SignInWatch:
    """`step` is run in one process at a time, a few times a minute."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def step(self) -> None:
        """Raise, or count, the case of each account that was tried since. Raises Busy."""
        found = await self._store.read(_read_attacked, self._clock.now_ms())
        if found:
            await self._store.write(_tell, found)


def sign_in_attack(account: str, count: int) -> Finding:
    return Finding(
        AlertKind.SYSTEM,
        _subject(account),
        None,
        Cause.SIGN_IN_ATTACK,
        None,
        count,
        values={"account": account, "count": count},
        authentic=False,
        at_least=Severity.HIGH,
    )


def _subject(account: str) -> str:
    return f"sign-in of {account}"[:64]


def _read_attacked(now: int) -> tuple[tuple[str, int], ...]:
    """The accounts with too many failures of late, and their number, as long as they grow: what
    was told since the last attempt is left out."""
    query = LoginFailure.select(LoginFailure.key, LoginFailure.count, LoginFailure.last_at).where(
        LoginFailure.count >= FREE_OF_ACCOUNT, LoginFailure.last_at > now - FORGET_MS
    )
    tried = {key.removesuffix(ALL): (n, at) for key, n, at in rows(query) if key.endswith(ALL)}
    known = {name for (name,) in rows(User.select(User.name).where(User.name.in_(list(tried))))}
    seen = Alert.select(Alert.subject, Alert.last_seen).where(
        Alert.subject.in_([_subject(name) for name in known])
    )
    told = dict(rows(seen))
    return tuple(
        (name, tried[name][0])
        for name in sorted(known & set(tried))
        if told.get(_subject(name), 0) < tried[name][1]
    )


def _tell(batch: Batch, looks: Sequence[tuple[tuple[str, int], ...]]) -> list[None]:
    raise_all(batch, [sign_in_attack(*each) for look in looks for each in look])
    return [None] * len(looks)
