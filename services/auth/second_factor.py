"""The second factor: a code of an authenticator app, or one of ten that were printed."""

from __future__ import annotations

import secrets
from typing import Any

from models.store import Store
from payments import qr
from payments.encryption import Sealer
from payments.errors import BadRequest
from services.auth import totp
from services.auth.credentials import BadCode, secret_hash
from services.auth.login_attempts import (
    FailedLogin,
    LoginAttempt,
    count_attempts,
    note_failures,
    of_codes,
)
from services.auth.roles import Principal
from services.auth.second_factor_ops import (
    Disabling,
    Enabling,
    Factor,
    FittingCode,
    Pending,
    disable_factors,
    enable_factors,
    keep_pending,
    read_factor,
)
from services.runtime.clock import Clock
from services.runtime.ids import sealing_nonce

RECOVERY_CODES = 10
_LETTERS, _DIGITS = "abcdefghjkmnpqrstuvwxyz", "23456789"


class SecondFactor:
    def __init__(self, store: Store, sealer: Sealer, clock: Clock) -> None:
        self._store = store
        self._sealer = sealer
        self._clock = clock

    async def prove(self, name: str, code: str, network: str) -> FittingCode:
        """The proof that lies in a code of this user, still to be used. `network` is masked.
        Raises BadCode, SlowDown, Busy."""
        factor = await self._store.read(read_factor, name)
        if factor is None or factor.secret is None:
            raise BadCode
        return await self._counted(name, code, network, factor, factor.secret)

    async def _counted(
        self, name: str, code: str, network: str, factor: Factor, sealed: bytes
    ) -> FittingCode:
        """Counted before it is tried, so that many guesses at once count too."""
        now = self._clock.now_ms()
        times = await self._store.write(count_attempts, LoginAttempt(of_codes(name), now))
        proof = self._fits(code, name, factor, sealed)
        if proof is None:
            await self._store.write(note_failures, FailedLogin(name, network, times, "code", now))
            raise BadCode
        return proof

    def _fits(self, code: str, name: str, factor: Factor, sealed: bytes) -> FittingCode | None:
        plain = code.replace(" ", "").replace("-", "").lower()
        if not (plain.isascii() and plain.isdigit()):
            code_hash = _recovery_hash(plain)
            return (
                FittingCode("recovery", code_hash=code_hash)
                if code_hash in factor.recovery
                else None
            )
        secret = self._sealer.open(sealed, _kept_as(name))
        if secret is None:
            return None
        step = totp.step_of(secret, plain, self._clock.now_ms(), factor.step)
        return None if step is None else FittingCode("code", step, self._sealed(secret, name))

    def _sealed(self, secret: str, name: str) -> bytes:
        return self._sealer.seal(secret, _kept_as(name), sealing_nonce())

    # --- the user's own page -------------------------------------------------------------------

    async def state(self, name: str) -> dict[str, Any]:
        factor = await self._store.read(read_factor, name)
        on = bool(factor and factor.secret is not None)
        return {"on": on, "recoveryCodesLeft": len(factor.recovery) if factor and on else 0}

    async def begin(self, principal: Principal) -> dict[str, Any]:
        """A new secret, shown now and kept until it is confirmed. Raises BadRequest: it is on."""
        await self._must_be_off(principal.name)
        secret = totp.new_secret()
        await self._store.write(
            keep_pending, Pending(principal.name, self._sealed(secret, principal.name))
        )
        address = totp.address(secret, principal.name)
        return {"secret": secret, "address": address, "picture": qr.picture(address)}

    async def enable(self, principal: Principal, code: str, network: str) -> list[str]:
        """Switch it on with a code of the secret that was shown. Returns the recovery codes, which
        are not kept. Raises BadCode, BadRequest (nothing was begun, or it is on), SlowDown."""
        factor = await self._must_be_off(principal.name)
        if factor.pending is None:
            raise BadRequest("No second factor waits to be confirmed; begin again.")
        proof = await self._counted(principal.name, code, network, factor, factor.pending)
        if proof.kind != "code":
            raise BadCode
        codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
        hashes = tuple(_recovery_hash(made.replace("-", "")) for made in codes)
        await self._store.write(
            enable_factors, Enabling(principal, factor.user_id, factor.pending, proof, hashes)
        )
        return codes

    async def _must_be_off(self, name: str) -> Factor:
        factor = await self._store.read(read_factor, name)
        if factor is None or factor.secret is not None:
            raise BadRequest("The second factor is on already.")
        return factor

    async def disable(self, principal: Principal, code: str, network: str) -> None:
        """Back to the password alone, which the caller has checked. Raises BadCode, SlowDown."""
        factor = await self._store.read(read_factor, principal.name)
        if factor is None or factor.secret is None:
            raise BadRequest("The second factor is off already.")
        proof = await self._counted(principal.name, code, network, factor, factor.secret)
        await self._store.write(disable_factors, Disabling(principal.name, factor.user_id, proof))


def _kept_as(name: str) -> str:
    return f"totp of {name}"


def _recovery_code() -> str:
    """79 bits, in four groups; a letter comes first, because digits alone are a code of the app."""
    rest = (secrets.choice(_LETTERS + _DIGITS) for _ in range(15))
    made = secrets.choice(_LETTERS) + "".join(rest)
    return f"{made[:4]}-{made[4:8]}-{made[8:12]}-{made[12:]}"


def _recovery_hash(plain: str) -> str:
    return secret_hash(f"recovery {plain}")
