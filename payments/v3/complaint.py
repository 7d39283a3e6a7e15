"""The calls of complaints on API v3 (WeChat: 消费者投诉 2.0), as values; what comes back is read by
payments/v3/complaint_answers.py. Every one raises WeChatUntrusted (`own_key`) when we have no key:
then nothing is sent."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from payments.complaints.complaint import RefundAction, RefundDecision, ReplyText
from payments.errors import WeChatUntrusted
from payments.merchant import Merchant
from payments.protocol import Moment, WireRequest, sendable
from payments.v3 import calls, wire
from payments.v3.places import place_of

PURPOSE = "A complaint"
LIST_PAGE = 50
HISTORY_PAGE = 50
"""WeChat would give 300 at once, which is a long answer."""
NOTIFICATIONS = calls.path("merchant-service", "complaint-notifications")
IMAGES = calls.path("merchant-service", "images") + "/"
_LINE = 4096
_IMAGE = re.compile(r"(?:[0-9A-Za-z_~=+-]|%(?!2[eE])[0-9A-Fa-f]{2})+", re.ASCII)
"""The last part of an image's address: no other step, and none back."""


def sendable_text(text: str) -> str:
    """A text of several lines as API v3 takes it: without characters of four bytes, as emoji
    have."""
    return "\n".join(sendable(line, _LINE) for line in text.strip().splitlines())


def list_request(
    merchant: Merchant, begin: str, end: str, offset: int, moment: Moment
) -> WireRequest:
    """A page of the complaints of these days (`YYYY-MM-DD`, both included, at most 30)."""
    query = {
        "limit": LIST_PAGE,
        "offset": offset,
        "begin_date": begin,
        "end_date": end,
        "complainted_mchid": merchant.mch_id,
    }
    return _get(merchant, f"{_address()}?{urlencode(query)}", moment)


def detail_request(merchant: Merchant, complaint_id: str, moment: Moment) -> WireRequest:
    return _get(merchant, _address(complaint_id), moment)


def history_request(
    merchant: Merchant, complaint_id: str, offset: int, moment: Moment
) -> WireRequest:
    query = urlencode({"limit": HISTORY_PAGE, "offset": offset})
    return _get(merchant, f"{_address(complaint_id, 'negotiation-historys')}?{query}", moment)


def reply_request(
    merchant: Merchant, complaint_id: str, reply: ReplyText, moment: Moment
) -> WireRequest:
    fields: dict[str, Any] = {"complainted_mchid": merchant.mch_id, "response_content": reply.text}
    if reply.images:
        fields["response_images"] = list(reply.images)
    return _post(merchant, _address(complaint_id, "response"), fields, moment)


def immediate_reply_request(
    merchant: Merchant, complaint_id: str, reply: ReplyText, number: str, moment: Moment
) -> WireRequest:
    """The answer to a buyer whom WeChat promised one at once. The same `number` again is the same
    answer."""
    blocks: list[dict[str, Any]] = [{"type": "TEXT", "text": {"text": reply.text}}]
    blocks += [{"type": "IMAGE", "image": {"media_id": image}} for image in reply.images]
    fields = {
        "complainted_mchid": merchant.mch_id,
        "message": {"blocks": blocks, "sender_identity": "MANUAL"},
        "idempotent_id": number,
    }
    return _post(merchant, _address(complaint_id, "response-immediate-service"), fields, moment)


def finish_request(merchant: Merchant, complaint_id: str, moment: Moment) -> WireRequest:
    fields = {"complainted_mchid": merchant.mch_id}
    return _post(merchant, _address(complaint_id, "complete"), fields, moment)


def decision_request(
    merchant: Merchant, complaint_id: str, decision: RefundDecision, moment: Moment
) -> WireRequest:
    """What the buyer is told about the refund. WeChat refunds nothing because of it."""
    fields: dict[str, Any] = {"action": decision.action.value}
    if decision.action is RefundAction.APPROVE:
        fields["launch_refund_day"] = 0
    if decision.reason:
        name = "remark" if decision.action is RefundAction.APPROVE else "reject_reason"
        fields[name] = decision.reason
    return _post(merchant, _address(complaint_id, "update-refund-progress"), fields, moment)


def image_request(
    merchant: Merchant, url: str, origins: tuple[str, ...], moment: Moment
) -> WireRequest:
    """The image at an address of WeChat's. Raises WeChatUntrusted for one that is of another host
    than those that we call, or is no image's: nothing is sent there."""
    _, path = place_of(url, origins, "media_url")
    if not _IMAGE.fullmatch(path.removeprefix(IMAGES)):
        raise WeChatUntrusted("WeChat's media_url is no image's address; nothing was sent there.")
    made = _get(merchant, path, moment)
    return replace(made, headers={**made.headers, "Accept": "*/*"})


def upload_request(
    merchant: Merchant, content: bytes, name: str, kind: str, moment: Moment
) -> WireRequest:
    """An image that a reply is to show: `name` of ASCII letters, `kind` its content type."""
    calls.check_key(merchant, PURPOSE)
    meta = wire.write({"filename": name, "sha256": hashlib.sha256(content).hexdigest()})
    boundary = f"paywatch{moment.nonce}"
    head = (
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="meta";\r\n'
        "Content-Type: application/json\r\n\r\n"
    ).encode()
    file = (
        f"\r\n--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{name}";\r\n'
        f"Content-Type: {kind}\r\n\r\n"
    ).encode()
    body = b"".join((head, meta, file, content, f"\r\n--{boundary}--\r\n".encode()))
    address = calls.path("merchant-service", "images", "upload")
    multipart = f"multipart/form-data; boundary={boundary}"
    return calls.upload(merchant, address, meta, body, multipart, moment)


def address_request(merchant: Merchant, moment: Moment) -> WireRequest:
    """Where WeChat tells of the complaints of this account."""
    return _get(merchant, NOTIFICATIONS, moment)


def new_address_request(merchant: Merchant, url: str, moment: Moment) -> WireRequest:
    return _post(merchant, NOTIFICATIONS, {"url": url}, moment)


def changed_address_request(merchant: Merchant, url: str, moment: Moment) -> WireRequest:
    calls.check_key(merchant, PURPOSE)
    return calls.put(merchant, NOTIFICATIONS, {"url": url}, moment)


def _address(*below: str) -> str:
    return calls.path("merchant-service", "complaints-v2", *below)


def _get(merchant: Merchant, address: str, moment: Moment) -> WireRequest:
    calls.check_key(merchant, PURPOSE)
    return calls.get(merchant, address, moment)


def _post(merchant: Merchant, address: str, fields: wire.Fields, moment: Moment) -> WireRequest:
    calls.check_key(merchant, PURPOSE)
    return calls.post(merchant, address, fields, moment)
