"""How a payment was made up, read from WeChat's own words about it: the buyer's money, WeChat's
coupon, the bank."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from payments.errors import PaymentError
from payments.money import parse_fen
from payments.v2 import wire

_V2 = {"total": "total_fee", "cash": "cash_fee", "coupon": "coupon_fee", "bank": "bank_type"}
_BANK = re.compile(r"[A-Z0-9_]{1,32}", re.ASCII)


@dataclass(frozen=True)
class PaymentMethod:
    """`cash_fen` is what the buyer paid, `coupon_fen` what WeChat's coupons did; `bank` is
    WeChat's code, such as CMB_DEBIT."""

    cash_fen: int
    coupon_fen: int
    bank: str | None


def read_payment_method(text: str) -> PaymentMethod | None:
    """From the text of a notify or of a query's answer; None where it does not say or does not add
    up."""
    try:
        fields = _fields(text)
    except (PaymentError, ValueError):
        return None
    total, cash = parse_fen(fields.get("total")), _cash(fields)
    if total is None or cash is None or cash > total:
        return None
    bank = fields.get("bank") or ""
    return PaymentMethod(cash, total - cash, bank if _BANK.fullmatch(bank) else None)


def _cash(fields: dict[str, str]) -> int | None:
    """Nothing where coupons paid all: WeChat writes 0 then, or leaves it out."""
    if not fields.get("cash") and fields.get("coupon") == fields.get("total"):
        return 0
    return 0 if fields.get("cash") == "0" else parse_fen(fields.get("cash"))


def _fields(text: str) -> dict[str, str]:
    if not text.lstrip().startswith("{"):
        found = wire.read_whole(text.encode())
        return {name: found.get(key, "") for name, key in _V2.items()}
    said = json.loads(text)
    amount = said.get("amount") if isinstance(said, dict) else None
    if not isinstance(amount, dict):
        return {}
    return {
        "total": str(amount.get("total")),
        "cash": str(amount.get("payer_total")),
        "bank": str(said.get("bank_type") or ""),
    }
