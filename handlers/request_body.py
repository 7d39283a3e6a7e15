"""Reads the parts of a JSON body: texts, secrets, codes, a refund, a product. They are the same for
the console and the merchant's server. A wrong value raises BadRequest."""

from __future__ import annotations

import re
from typing import Any

from payments.buyers.names import plain_name
from payments.buyers.phones import plain_phone
from payments.errors import BadRequest
from payments.money import is_amount
from services.orders.products import ProductChange

ORDER_NUM = re.compile(r"[0-9A-Za-z_-]{6,32}", re.ASCII)
OPEN_ID = re.compile(r"[0-9A-Za-z_-]{1,128}", re.ASCII)
ORDER_NUM_RULE = "orderNum must be 6 to 32 letters, digits, - or _."
OPEN_ID_RULE = "openId must be the buyer's openid for this app: 1 to 128 of A-Z a-z 0-9 _ -."
REFUND_NUM = re.compile(r"[0-9A-Za-z_-]{6,64}", re.ASCII)
REFUND_ID = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
SHORTEST_REASON, LONGEST_REASON = 2, 200
LONGEST_NOTE = 500
LONGEST_SECRET = 128
LONGEST_CODE = 32
PRODUCT_ID = re.compile(r"[0-9A-Za-z_-]{1,32}", re.ASCII)
PRODUCT_FIELDS = ("id", "title", "priceFen", "active")


def read_refund_request(body: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `Refunds.request`. Raises BadRequest."""
    if set(body) - {"amountFen", "reason", "refundNum"}:
        raise BadRequest("A refund may have only amountFen, reason and refundNum.")
    amount = _read_amount(body)
    refund_num = body.get("refundNum")
    if refund_num is not None and not (
        isinstance(refund_num, str) and REFUND_NUM.fullmatch(refund_num)
    ):
        raise BadRequest("refundNum must be 6 to 64 letters, digits, - or _.")
    return {**amount, "refund_num": refund_num}


def read_outside_refund(body: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `Refunds.enter_outside`. Raises BadRequest."""
    if set(body) - {"amountFen", "refundId", "reason"}:
        raise BadRequest("An outside refund may have only amountFen, refundId and reason.")
    amount = _read_amount(body)
    refund_id = body.get("refundId")
    if refund_id is not None and not (
        isinstance(refund_id, str) and REFUND_ID.fullmatch(refund_id)
    ):
        raise BadRequest("refundId is WeChat's number of the refund: 1 to 64 letters and digits.")
    return {**amount, "refund_id": refund_id}


def _read_amount(body: dict[str, Any]) -> dict[str, Any]:
    """Amount and reason, which every refund has."""
    if not is_amount(body.get("amountFen")):
        raise BadRequest("amountFen must be a whole number of fen, at least 1.")
    reason = read_text(body, "reason", LONGEST_REASON)
    if reason is None:
        raise BadRequest("A refund needs a reason.")
    return {"amount_fen": body["amountFen"], "reason": reason}


def read_why(body: dict[str, Any]) -> str:
    """The reason for which a user must see a value in full. Raises BadRequest."""
    reason = body.get("reason")
    text = reason.strip() if isinstance(reason, str) else ""
    if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
        limits = f"{SHORTEST_REASON} to {LONGEST_REASON}"
        raise BadRequest(f"reason must be a text of {limits} characters.")
    return text


def read_note(body: dict[str, Any]) -> str | None:
    """Raises BadRequest."""
    return read_text(body, "note", LONGEST_NOTE)


def read_text(body: dict[str, Any], name: str, longest: int) -> str | None:
    """A text that may be left out; an empty one counts as left out. Raises BadRequest."""
    return None if body.get(name) == "" else _text(body, name, longest)


def read_line(body: dict[str, Any], name: str, longest: int) -> str | None:
    """A code or number on one line. It may be left out, but not be empty. Raises BadRequest."""
    value = _text(body, name, longest)
    if value is not None and value != plain_name(value):
        raise BadRequest(f"{name} must have no control characters.")
    return value


def read_name(body: dict[str, Any], name: str, longest: int) -> str | None:
    """A name or title, kept as it was sent but for control characters, which are dropped. It may be
    left out, but not be empty. Raises BadRequest."""
    value = body.get(name)
    plain = plain_name(value) if isinstance(value, str) else value
    return _text({name: plain}, name, longest)


def read_phone(body: dict[str, Any], longest: int) -> str | None:
    """A phone number in the form in which it is kept. Raises BadRequest."""
    value = read_name(body, "phone", longest)
    return None if value is None else plain_phone(value)


def _text(body: dict[str, Any], name: str, longest: int) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not (isinstance(value, str) and value.strip() and len(value) <= longest):
        raise BadRequest(f"{name} must be a text of 1 to {longest} characters.")
    return value


def read_secret(body: dict[str, Any], name: str) -> str:
    """Raises BadRequest."""
    value = body.get(name)
    if not isinstance(value, str) or len(value) > LONGEST_SECRET:
        raise BadRequest(f"{name} must be a text of at most {LONGEST_SECRET} characters.")
    return value


def read_code(body: dict[str, Any]) -> str:
    """A one-time code, or one of the printed ones. Raises BadRequest."""
    value = body.get("code")
    if not isinstance(value, str) or len(value) > LONGEST_CODE:
        raise BadRequest(f"code must be a text of at most {LONGEST_CODE} characters.")
    return value


def read_product(body: dict[str, Any], product_id: str | None, *, new: bool) -> ProductChange:
    """Check a product that came as JSON. Raises BadRequest."""
    if set(body) - set(PRODUCT_FIELDS):
        raise BadRequest("A product may have only id, title, priceFen and active.")
    if not product_id or not PRODUCT_ID.fullmatch(product_id):
        raise BadRequest("id must be 1 to 32 letters, digits, - or _.")
    price, active = body.get("priceFen"), body.get("active")
    if price is not None and not is_amount(price):
        raise BadRequest("priceFen must be a whole number of fen, at least 1.")
    if active is not None and not isinstance(active, bool):
        raise BadRequest("active must be true or false.")
    title = read_name(body, "title", 255)
    return ProductChange(product_id, title, price, active, must_exist=not new, must_be_new=new)
