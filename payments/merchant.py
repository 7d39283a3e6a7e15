"""The merchant accounts at WeChat: numbers, apps and keys. Keys never show in a repr."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

MD5 = "MD5"
HMAC_SHA256 = "HMAC-SHA256"
SIGN_TYPES = (MD5, HMAC_SHA256)


class Api(StrEnum):
    """Which of WeChat's two interfaces a merchant's calls go to."""

    V2 = "v2"
    V3 = "v3"


@dataclass(frozen=True)
class Merchant:
    """One app of one merchant account.

    `api` is for our own calls; a notify is taken on either interface that there is a key for.
    The `old_…` keys are retired: a message that they prove is still taken, nothing is sent with
    them. PEM texts are kept as text; payments/v3 reads them.
    """

    app_id: str
    mch_id: str
    api_v2_key: str = field(default="", repr=False)
    sign_type: str = HMAC_SHA256
    api: Api = Api.V2
    name: str = ""
    """The name that staff use for the account; the merchant number when it has no name."""
    old_v2_keys: tuple[str, ...] = field(default=(), repr=False)
    api_v3_key: str = field(default="", repr=False)
    old_v3_keys: tuple[str, ...] = field(default=(), repr=False)
    serial: str = ""
    """Serial number of our own certificate, in upper-case hex: names the key that signs for us."""
    private_key: str = field(default="", repr=False)
    """Our own key (apiclient_key.pem): signs v3 requests, and goes with `client_cert`."""
    public_keys: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """WeChat's public keys by `PUB_KEY_ID_…`, as PEM."""
    client_cert: str = field(default="", repr=False)
    """apiclient_cert.pem, which a refund on API v2 needs."""

    @cached_property
    def v2_keys(self) -> tuple[str, ...]:
        """Every API v2 key that may prove a message, the current one first."""
        return tuple(key for key in (self.api_v2_key, *self.old_v2_keys) if key)

    @cached_property
    def v3_keys(self) -> tuple[str, ...]:
        """Every API v3 key that may open a resource, the current one first."""
        return tuple(key for key in (self.api_v3_key, *self.old_v3_keys) if key)


@dataclass(frozen=True)
class Merchants:
    """All the apps and accounts that are ours; a notify must name one of them."""

    all: tuple[Merchant, ...]

    def __iter__(self) -> Iterator[Merchant]:
        return iter(self.all)

    @property
    def default(self) -> Merchant:
        return self.all[0]

    def find(self, app_id: str | None, mch_id: str | None) -> Merchant | None:
        return self._by_name.get((app_id, mch_id))

    @cached_property
    def _by_name(self) -> dict[tuple[str | None, str | None], Merchant]:
        return {(m.app_id, m.mch_id): m for m in self.all}

    def owners_of(self, v2_key: str) -> tuple[Merchant, ...]:
        """Those for whom this API v2 key speaks."""
        return self._by_v2_key.get(v2_key, ())

    @cached_property
    def _by_v2_key(self) -> dict[str, tuple[Merchant, ...]]:
        return {key: tuple(m for m in self.all if key in m.v2_keys) for key in self.v2_keys}

    def of_app(self, app_id: str) -> Merchant | None:
        """The account that an app belongs to."""
        return next((m for m in self.all if m.app_id == app_id), None)

    def of_account(self, mch_id: str | None) -> Merchant | None:
        """Any app of an account: for what concerns the account alone, such as its refunds."""
        return next((m for m in self.all if m.mch_id == mch_id), None)

    @property
    def apis(self) -> frozenset[Api]:
        """The interfaces that WeChat may tell us its news on."""
        v2 = {Api.V2} if self.v2_keys else set()
        return frozenset(v2 | {Api.V3 for m in self.all if m.v3_keys})

    @property
    def unlisted(self) -> frozenset[str]:
        """The merchant numbers of accounts for which WeChat lists no refunds: API v2 alone does."""
        return frozenset(m.mch_id for m in self.all if not m.api_v2_key)

    @cached_property
    def v2_keys(self) -> tuple[str, ...]:
        """Every API v2 key of ours, each once."""
        return tuple(dict.fromkeys(key for m in self.all for key in m.v2_keys))

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every API key of ours, each once, the current v2 keys first: what texts were sealed
        with before there was a key for notices."""
        return tuple(
            dict.fromkeys(
                key
                for keys in (
                    [m.api_v2_key for m in self.all],
                    [m.api_v3_key for m in self.all],
                    [key for m in self.all for key in (*m.old_v2_keys, *m.old_v3_keys)],
                )
                for key in keys
                if key
            )
        )
