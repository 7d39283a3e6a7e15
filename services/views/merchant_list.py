"""Our merchant accounts as staff see and choose them: names and masked numbers, no keys."""

from __future__ import annotations

from typing import Any

from payments.errors import BadRequest
from payments.masking import mask_mch_id
from payments.merchant import Merchant, Merchants


class MerchantList:
    def __init__(self, merchants: Merchants) -> None:
        self._by_key: dict[str, list[Merchant]] = {}
        for merchant in merchants:
            self._by_key.setdefault(_key(merchant), []).append(merchant)

    def all(self) -> list[dict[str, Any]]:
        """In the order of the settings; `key` is what a filter takes."""
        return [
            {
                "key": key,
                "mchId": mask_mch_id(apps[0].mch_id),
                "name": apps[0].name or mask_mch_id(apps[0].mch_id),
                "appIds": [merchant.app_id for merchant in apps],
                "api": apps[0].api.value,
            }
            for key, apps in self._by_key.items()
        ]

    def mch_id(self, chosen: str) -> str:
        """The merchant number of a key, or of itself. Raises BadRequest."""
        if chosen in self._by_key:
            return self._by_key[chosen][0].mch_id
        for apps in self._by_key.values():
            if apps[0].mch_id == chosen:
                return chosen
        raise BadRequest("merchant must be the key of a configured account.")


def _key(merchant: Merchant) -> str:
    """Its name; the single account of the environment has none."""
    return merchant.name or "1"
