"""Reads WeChat's answers about complaints. Every reader raises WeChatRefused, WeChatUntrusted or
WeChatUnreachable, as payments/v3/calls.read_answer does."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from payments.complaints.complaint import (
    COMPLAINT_ID,
    LONGEST_MEDIA_ID,
    ComplainedOrder,
    ComplaintDetail,
    ComplaintEntry,
    ComplaintState,
    ImageAddress,
    ListedComplaint,
)
from payments.errors import WeChatRefused, WeChatUnreachable, WeChatUntrusted
from payments.merchant import Merchant
from payments.protocol import Proof, WireAnswer, unexpected
from payments.v3 import calls, signing, wire
from payments.v3.notify import rfc3339_time

NOT_THERE = "COMPLAINT_NOT_EXIST"
"""The code of a refusal that says that WeChat has no such complaint."""
LONGEST = 1024 * 1024
"""Bytes of an answer: a page of a history is long."""
MOST_ROWS = 300
MOST_URLS = 20
"""Images of one entry that are kept."""
LONGEST_MORE = 8192
OPERATION_IMAGE, COMPLAINT_IMAGE = "OPERATION_IMAGE", "USER_COMPLAINT_IMAGE"
OAEP = padding.OAEP(
    padding.MGF1(hashes.SHA1()),  # noqa: S303 - WeChat's choice, and sound in this place
    hashes.SHA1(),  # noqa: S303
    None,
)
"""How WeChat encrypts a field for the key of a merchant's certificate."""
_BESIDE = (
    "user_appy_platform_service_reason",
    "user_appy_platform_service_reason_description",
    "normal_message",
    "click_message",
)
"""What an entry of the history may have beside its text."""


def read_list(answer: WireAnswer, proof: Proof) -> tuple[list[ListedComplaint], int]:
    """The complaints of a page, and how many there are in all. Those without an id that one can
    have are left out."""
    fields = calls.read_answer(answer, proof, NOT_THERE, LONGEST)
    rows = [_listed(each) for each in _objects(fields, "data")]
    return [row for row in rows if row], _count(fields, "total_count") or 0


def read_detail(
    answer: WireAnswer, proof: Proof, merchant: Merchant, complaint_id: str
) -> ComplaintDetail:
    fields = calls.read_answer(answer, proof, NOT_THERE, LONGEST)
    if wire.text(fields, "complaint_id") != complaint_id:
        raise WeChatUntrusted("WeChat's answer is about another complaint than was asked about.")
    state = wire.text(fields, "complaint_state") or ""
    if state not in ComplaintState.__members__:
        words = "WeChat's answer names no state that a complaint may have."
        raise WeChatUntrusted(words, doubt="useless")
    return ComplaintDetail(
        complaint_id=complaint_id,
        state=ComplaintState(state),
        created_at=_time(fields, "complaint_time"),
        text=wire.text(fields, "complaint_detail") or "",
        problem=_word(fields, "problem_type"),
        title=wire.text(fields, "problem_description"),
        orders=tuple(_order(each) for each in _objects(fields, "complaint_order_info")),
        images=_images(fields, COMPLAINT_IMAGE),
        user_waits=fields.get("incoming_user_response") is True,
        times=_count(fields, "user_complaint_times") or 1,
        fully_refunded=fields.get("complaint_full_refunded") is True,
        refund_fen=_count(fields, "apply_refund_amount"),
        tags=tuple(tag for tag in _texts(fields, "user_tag_list") if len(tag) <= 32),
        in_platform=fields.get("in_platform_service") is True,
        is_immediate=fields.get("need_immediate_service") is True,
        phone=opened(wire.text(fields, "payer_phone"), merchant),
        open_id=wire.text(fields, "payer_openid"),
    )


def read_history(answer: WireAnswer, proof: Proof) -> list[ComplaintEntry]:
    """A page; those without a number and a time are left out, as nothing tells them apart."""
    fields = calls.read_answer(answer, proof, NOT_THERE, LONGEST)
    rows = [_entry(each) for each in _objects(fields, "data")]
    return [row for row in rows if row]


def read_done(answer: WireAnswer, proof: Proof) -> None:
    """WeChat has taken it."""
    calls.read_answer(answer, proof, NOT_THERE)


def read_upload(answer: WireAnswer, proof: Proof) -> str:
    """The media id of an image, which never ends."""
    media_id = wire.text(calls.read_answer(answer, proof, NOT_THERE), "media_id")
    if not media_id or len(media_id) > LONGEST_MEDIA_ID:
        raise WeChatUntrusted("WeChat's answer names no image.")
    return media_id


def read_image(answer: WireAnswer) -> bytes:
    """The bytes of an image; the answer is not signed, so what it holds is nobody's word."""
    if answer.status == calls.OK:
        return answer.body
    if answer.status >= 500:
        raise WeChatUnreachable
    raise unexpected(answer.status) if answer.status < 400 else calls.words_of(answer)


def read_address(answer: WireAnswer, proof: Proof) -> str | None:
    """Where WeChat tells of complaints; None where it has no address of this account."""
    try:
        return wire.text(calls.read_answer(answer, proof, NOT_THERE), "url")
    except WeChatRefused as refusal:
        if refusal.wechat_code == NOT_THERE:
            return None
        raise


def opened(sealed: str | None, merchant: Merchant) -> str | None:
    """A value that WeChat encrypted for the key of our own certificate; None where it does not
    open, as after that key was changed."""
    try:
        box = base64.b64decode((sealed or "").encode("ascii"), validate=True)
        key = signing.private_key(merchant.private_key)
        return key.decrypt(box, OAEP).decode()[:32] or None
    except (binascii.Error, ValueError):
        return None


def _listed(row: dict[str, Any]) -> ListedComplaint | None:
    complaint_id = wire.text(row, "complaint_id") or ""
    if not COMPLAINT_ID.fullmatch(complaint_id):
        return None
    return ListedComplaint(
        complaint_id,
        wire.text(row, "complaint_state") or "",
        _count(row, "user_complaint_times") or 1,
        row.get("incoming_user_response") is True,
    )


def _order(row: dict[str, Any]) -> ComplainedOrder:
    return ComplainedOrder(
        _word(row, "transaction_id"), _word(row, "out_trade_no"), _count(row, "amount")
    )


def _entry(row: dict[str, Any]) -> ComplaintEntry | None:
    log_id, at = wire.text(row, "log_id"), rfc3339_time(wire.text(row, "operate_time"))
    if log_id is None or at is None:
        return None
    beside = {name: row[name] for name in _BESIDE if row.get(name)}
    more = json.dumps(beside, ensure_ascii=False) if beside else ""
    images = [
        *_images(row, OPERATION_IMAGE, log_id),
        *(ImageAddress(OPERATION_IMAGE, url, log_id) for url in _texts(row, "image_list")),
    ]
    once = {image.url: image for image in reversed(images)}
    return ComplaintEntry(
        log_id[:64],
        int(at.timestamp() * 1000),
        (wire.text(row, "operator") or "")[:64],
        (wire.text(row, "operate_type") or "")[:64],
        wire.text(row, "operate_details") or "",
        tuple(reversed(once.values()))[:MOST_URLS],
        more if len(more) <= LONGEST_MORE else "",
    )


def _images(row: dict[str, Any], kind: str, log_id: str | None = None) -> tuple[ImageAddress, ...]:
    """A complaint has a list of media, an entry of its history one."""
    media = row.get("complaint_media_list")
    groups = media if isinstance(media, list) else [media]
    return tuple(
        ImageAddress((wire.text(group, "media_type") or kind)[:32], url, log_id)
        for group in groups
        if isinstance(group, dict)
        for url in _texts(group, "media_url")
    )[:MOST_URLS]


def _objects(fields: wire.Fields, name: str) -> list[dict[str, Any]]:
    value = fields.get(name)
    listed = value[:MOST_ROWS] if isinstance(value, list) else []
    return [each for each in listed if isinstance(each, dict)]


def _texts(fields: wire.Fields, name: str) -> list[str]:
    value = fields.get(name)
    texts = value if isinstance(value, list) else [value]
    return [text for text in texts if isinstance(text, str) and text]


def _word(fields: wire.Fields, name: str) -> str | None:
    """A number or code, within its column."""
    value = wire.text(fields, name)
    return value[:64] if value else None


def _count(fields: wire.Fields, name: str) -> int | None:
    value = fields.get(name)
    return value if type(value) is int and 0 <= value < 10**12 else None


def _time(fields: wire.Fields, name: str) -> int:
    at = rfc3339_time(wire.text(fields, name))
    if at is None:
        raise WeChatUntrusted(f"WeChat's answer has no {name}.")
    return int(at.timestamp() * 1000)
