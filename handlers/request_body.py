"""What people write into a request, and what a caller may wish for a refund, read from JSON; the
same for the console and the merchant's server."""

from __future__ import annotations

import re
from typing import Any

from payments.errors import BadRequest
from payments.money import is_amount

REFUND_NUM = re.compile(r"[0-9A-Za-z_-]{6,64}", re.ASCII)
SHORTEST_REASON, LONGEST_REASON = 2, 200
LONGEST_NOTE = 500


def read_refund_request(body: dict[str, Any]) -> dict[str, Any]:
    """The arguments of `Refunds.request`. Raises BadRequest."""
    if set(body) - {"amountFen", "reason", "refundNum"}:
        raise BadRequest("A refund takes amountFen, reason and refundNum.")
    if not is_amount(body.get("amountFen")):
        raise BadRequest("amountFen is a whole number of fen, at least 1.")
    reason = read_text(body, "reason", LONGEST_REASON)
    if reason is None:
        raise BadRequest("A refund needs its reason.")
    refund_num = body.get("refundNum")
    if refund_num is not None and not (
        isinstance(refund_num, str) and REFUND_NUM.fullmatch(refund_num)
    ):
        raise BadRequest("refundNum is 6 to 64 letters, digits, - or _.")
    return {"amount_fen": body["amountFen"], "reason": reason, "refund_num": refund_num}


def read_why(body: dict[str, Any]) -> str:
    """Why somebody must see a value in full. Raises BadRequest."""
    reason = body.get("reason")
    text = reason.strip() if isinstance(reason, str) else ""
    if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
        limits = f"{SHORTEST_REASON} to {LONGEST_REASON}"
        raise BadRequest(f"reason is a text of {limits} characters.")
    return text


def read_note(body: dict[str, Any]) -> str | None:
    """Raises BadRequest."""
    return read_text(body, "note", LONGEST_NOTE)


def read_text(body: dict[str, Any], name: str, longest: int) -> str | None:
    """A text that may be left out. Raises BadRequest."""
    value = body.get(name)
    if value is None or value == "":
        return None
    if not (isinstance(value, str) and value.strip() and len(value) <= longest):
        raise BadRequest(f"{name} is a text of 1 to {longest} characters.")
    return value
