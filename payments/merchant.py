"""Who we are to WeChat: merchant number, app and keys. Keys never show in a repr."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MD5 = "MD5"
HMAC_SHA256 = "HMAC-SHA256"
SIGN_TYPES = (MD5, HMAC_SHA256)


@dataclass(frozen=True)
class Merchant:
    """One app of one merchant. `api_v2_key` is the 32-character API v2 key, not the v3 one."""

    app_id: str
    mch_id: str
    api_v2_key: str = field(repr=False)
    sign_type: str = HMAC_SHA256


@dataclass(frozen=True)
class Merchants:
    """All the merchants and apps that are ours; a notify must name one of them."""

    all: tuple[Merchant, ...]

    def __iter__(self) -> Iterator[Merchant]:
        return iter(self.all)

    @property
    def default(self) -> Merchant:
        return self.all[0]

    def find(self, app_id: str | None, mch_id: str | None) -> Merchant | None:
        return next((m for m in self.all if m.app_id == app_id and m.mch_id == mch_id), None)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(m.api_v2_key for m in self.all))
