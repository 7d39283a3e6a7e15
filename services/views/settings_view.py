"""The settings as an admin may see them, without any key or password."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from payments.masking import mask_mch_id
from payments.merchant import Merchant, Merchants


@dataclass(frozen=True)
class SettingsView:
    """Plain facts, put together by the root; `database` and `wechat` are without a password."""

    mode: str
    origin: str
    version: str
    database: str
    redis: bool
    processes: int
    wechat: str
    told_at: tuple[str, ...]
    shop_origins: tuple[str, ...]
    second_admin_fen: int
    second_admin_day_fen: int
    notice_days: int
    notice_key: bool
    metrics_token: bool
    trusted_proxies: int
    merchants: Merchants

    def all(self) -> dict[str, Any]:
        return {
            "mode": self.mode,
            "origin": self.origin,
            "version": self.version,
            "database": self.database,
            "redis": self.redis,
            "processes": self.processes,
            "wechat": self.wechat,
            "notifyUrls": list(self.told_at),
            "shopOrigins": list(self.shop_origins),
            "secondAdminFen": self.second_admin_fen,
            "secondAdminDayFen": self.second_admin_day_fen,
            "noticeDays": self.notice_days,
            "noticeKey": self.notice_key,
            "metricsToken": self.metrics_token,
            "trustedProxies": self.trusted_proxies,
            "merchants": _accounts(self.merchants),
        }


def _accounts(merchants: Merchants) -> list[dict[str, Any]]:
    """One entry an account, with the apps that belong to it."""
    apps: dict[str, list[Merchant]] = {}
    for merchant in merchants:
        apps.setdefault(merchant.mch_id, []).append(merchant)
    return [_account(of_account) for of_account in apps.values()]


def _account(apps: list[Merchant]) -> dict[str, Any]:
    one = apps[0]
    return {
        "name": one.name or None,
        "mchId": mask_mch_id(one.mch_id),
        "appIds": [merchant.app_id for merchant in apps],
        "api": one.api.value,
        "signType": one.sign_type,
        "keys": [
            _key("api_v2_key", one.api_v2_key),
            _key("api_v3_key", one.api_v3_key),
            _key("merchant_key", one.private_key),
            _named("merchant_serial", [one.serial]),
            _named("public_key", [name for name, _ in one.public_keys]),
            _key("client_cert", one.client_cert),
        ],
        "oldKeys": len(one.old_v2_keys) + len(one.old_v3_keys),
    }


def _key(name: str, secret: str) -> dict[str, Any]:
    """A fingerprint tells two keys apart and gives away neither."""
    mark = hashlib.sha256(secret.encode()).hexdigest()[:8] if secret else None
    return {"name": name, "set": bool(secret), "mark": mark}


def _named(name: str, given: list[str]) -> dict[str, Any]:
    """A number that names a key is no secret; its last four are enough to compare."""
    last = [f"…{each[-4:]}" for each in given if each]
    return {"name": name, "set": bool(last), "mark": " ".join(last) or None}
