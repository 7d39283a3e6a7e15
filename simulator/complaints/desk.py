"""WeChat's desk of complaints on API v3: lists, details, histories, answers, images, and where it
tells of them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from payments.complaints.complaint import RefundAction
from payments.complaints.images import MAX_BYTES, UPLOADS, type_of
from payments.merchant import Merchant, Merchants
from payments.v3 import signing
from payments.v3.complaint_answers import OAEP
from simulator.complaints.complaint import HistoryRow, SimulatedComplaint
from simulator.complaints.complaints import ComplaintRefused, SimulatedComplaints
from simulator.state.clock import SimulatedClock
from simulator.state.signing_keys import Keys
from simulator.v2.replies import Reply
from simulator.v3.envelope import AnswerSigner, RefusedV3, Request, check_heads, odd, proven, sent
from simulator.v3.messages import rfc3339_china
from simulator.v3.shapes import Shapes, Table, Text, Whole

Json = dict[str, Any]
MOST_DAYS = 30
REPLY = {"complainted_mchid": Text(64, needed=True), "response_content": Text(500, needed=True)}
MULTIPART = re.compile(
    rb'\r\n\r\n(?P<meta>\{.*?\})\r\n--.*?name="file";.*?\r\n\r\n(?P<file>.*)\r\n--', re.DOTALL
)


@dataclass(frozen=True)
class AnsweredComplaint:
    """The reply to a request; `call` names it for the faults, '' for an address that is none."""

    reply: Reply
    call: str
    order_num: str | None
    sealer: AnswerSigner


@dataclass(frozen=True)
class _ComplaintCall:
    request: Request
    merchant: Merchant
    named: str

    @property
    def query(self) -> dict[str, str]:
        found = parse_qs(urlsplit(self.request.uri).query)
        return {name: values[0] for name, values in found.items()}


Act = Callable[[_ComplaintCall], Json | None]


class MerchantServiceDesk:
    """`origin` is our own address, for the images. `addresses` are where each account is told."""

    def __init__(
        self,
        merchants: Merchants,
        complaints: SimulatedComplaints,
        addresses: dict[str, str],
        clock: SimulatedClock,
        keys: Keys,
        origin: str,
    ) -> None:
        self._merchants = merchants
        self._complaints = complaints
        self._addresses = addresses
        self._clock = clock
        self._keys = keys
        self._images = f"{origin}/v3/merchant-service/images/"
        one = "/v3/merchant-service/complaints-v2/([^/]+)"
        address = "/v3/merchant-service/complaint-notifications()"
        self._routes: list[tuple[str, str, str, Act]] = [
            ("GET", "/v3/merchant-service/complaints-v2()", "complaints", self._list),
            ("GET", one, "complaint", self._detail),
            ("GET", f"{one}/negotiation-historys", "complainthistory", self._history),
            ("POST", f"{one}/response", "complaintreply", self._reply),
            ("POST", f"{one}/response-immediate-service", "complaintreply", self._at_once),
            ("POST", f"{one}/complete", "complaintfinish", self._finish),
            ("POST", f"{one}/update-refund-progress", "complaintdecision", self._decide),
            ("GET", address, "", self._address),
            ("POST", address, "", self._new_address),
            ("PUT", address, "", self._changed_address),
            ("DELETE", address, "", self._no_address),
        ]

    def answer(self, request: Request) -> AnsweredComplaint:
        """One call. Never raises on what came."""
        sealer = AnswerSigner(self._keys, request)
        path = urlsplit(request.uri).path
        for method, pattern, call, act in self._routes:
            if (found := re.fullmatch(pattern, path)) and method == request.method:
                named = unquote(found[1])
                about = self._complaints.find(named)
                reply = self._answered(request, named, act, sealer)
                order_num = about.order_num if about else None
                return AnsweredComplaint(reply, call, order_num, sealer)
        unknown = RefusedV3(404, "RESOURCE_NOT_EXISTS", "请求的资源不存在")
        return AnsweredComplaint(sealer.refusal(unknown), "", None, sealer)

    def _answered(self, request: Request, named: str, act: Act, sealer: AnswerSigner) -> Reply:
        try:
            check_heads(request)
            merchant = proven(request, self._merchants, self._clock.real())
            return sealer.success(act(_ComplaintCall(request, merchant, named)))
        except RefusedV3 as refused:
            return sealer.refusal(refused)
        except ComplaintRefused as refused:
            return sealer.refusal(RefusedV3(400, "INVALID_REQUEST", str(refused)))

    # --- images ------------------------------------------------------------------------------

    def image(self, request: Request) -> Reply:
        """The bytes, unsigned as WeChat sends them."""
        sealer = AnswerSigner(self._keys, request)
        try:
            proven(request, self._merchants, self._clock.real())
        except RefusedV3 as refused:
            return sealer.refusal(refused)
        name = unquote(urlsplit(request.uri).path.rsplit("/", 1)[-1])
        content = self._complaints.media.find(name)
        if content is None:
            return sealer.refusal(RefusedV3(404, "RESOURCE_NOT_EXISTS", "图片不存在"))
        return Reply(content, headers={"Content-Type": type_of(content) or "text/html"})

    def upload(self, request: Request) -> Reply:
        """Only the description is signed."""
        sealer = AnswerSigner(self._keys, request)
        try:
            parts = MULTIPART.search(request.body)
            if parts is None:
                raise odd("", None, "请求体不是合法的multipart")
            signed = replace(request, body=parts["meta"])
            proven(signed, self._merchants, self._clock.real())
            return sealer.success({"media_id": self._uploaded(parts["meta"], parts["file"])})
        except RefusedV3 as refused:
            return sealer.refusal(refused)

    def _uploaded(self, meta: bytes, content: bytes) -> str:
        described = json.loads(meta)
        if described.get("sha256") != hashlib.sha256(content).hexdigest():
            raise odd("/meta/sha256", None, "文件摘要不一致")
        if type_of(content) not in UPLOADS or len(content) > MAX_BYTES:
            raise odd("/file", None, "仅支持2M以内的jpg、bmp、png图片")
        return self._complaints.media.keep(content)

    # --- reading -----------------------------------------------------------------------------

    def _list(self, asked: _ComplaintCall) -> Json:
        query = asked.query
        limit, offset = _whole(query, "limit", 10, 1, 50), _whole(query, "offset", 0, 0, 10**6)
        begin, end = query.get("begin_date", ""), query.get("end_date", "")
        try:
            days = (date.fromisoformat(end) - date.fromisoformat(begin)).days
        except ValueError as error:
            raise odd("/begin_date", begin[:32], "日期格式有误", "query") from error
        if not 0 <= days < MOST_DAYS:
            raise odd("/begin_date", begin, "查询日期跨度不得超过30天", "query")
        found = self._complaints.of_days(asked.merchant.mch_id, begin, end)
        data = [self._told(each) for each in found[offset : offset + limit]]
        return {"data": data, "limit": limit, "offset": offset, "total_count": len(found)}

    def _detail(self, asked: _ComplaintCall) -> Json:
        return self._told(self._found(asked))

    def _history(self, asked: _ComplaintCall) -> Json:
        """Newest first."""
        query, rows = asked.query, self._found(asked).rows[::-1]
        limit, offset = _whole(query, "limit", 100, 1, 300), _whole(query, "offset", 0, 0, 10**6)
        data = [self._row(row) for row in rows[offset : offset + limit]]
        return {"data": data, "limit": limit, "offset": offset, "total_count": len(rows)}

    def _found(self, asked: _ComplaintCall) -> SimulatedComplaint:
        found = self._complaints.find(asked.named, asked.merchant.mch_id)
        if found is None:
            raise RefusedV3(404, "RESOURCE_NOT_EXISTS", "投诉单不存在")
        return found

    def _told(self, complaint: SimulatedComplaint) -> Json:
        told: Json = {
            "complaint_id": complaint.id,
            "complaint_time": rfc3339_china(complaint.created_at),
            "complaint_detail": complaint.text,
            "complaint_state": complaint.state.value,
            "payer_phone": _sealed(complaint.phone, complaint.merchant),
            "payer_openid": complaint.open_id,
            "complaint_order_info": [
                {
                    "transaction_id": complaint.transaction_id,
                    "out_trade_no": complaint.order_num,
                    "amount": complaint.amount_fen,
                }
            ],
            "complaint_full_refunded": complaint.fully_refunded,
            "incoming_user_response": complaint.user_waits,
            "user_complaint_times": complaint.times,
            "complaint_media_list": [
                {"media_type": "USER_COMPLAINT_IMAGE", "media_url": self._urls(complaint.images)}
            ]
            if complaint.images
            else [],
            "problem_description": complaint.title,
            "problem_type": complaint.problem,
            "user_tag_list": list(complaint.tags),
            "service_order_info": [],
            "in_platform_service": complaint.in_platform,
            "need_immediate_service": complaint.is_immediate,
        }
        if complaint.refund_fen is not None:
            told["apply_refund_amount"] = complaint.refund_fen
        return told

    def _row(self, row: HistoryRow) -> Json:
        told: Json = {
            "log_id": row.id,
            "operator": row.operator,
            "operate_time": rfc3339_china(row.at),
            "operate_type": row.type,
            "operate_details": row.text,
            **row.more,
        }
        if row.images:
            urls = self._urls(row.images)
            told["complaint_media_list"] = {"media_type": "OPERATION_IMAGE", "media_url": urls}
            told["image_list"] = urls
        return told

    def _urls(self, images: tuple[str, ...]) -> list[str]:
        return [self._images + quote(image, safe="") for image in images]

    # --- what the merchant does ----------------------------------------------------------------

    def _reply(self, asked: _ComplaintCall) -> None:
        fields = self._sent(asked)
        images = self._media(fields.pop("response_images", []))
        fields.pop("jump_url", None)
        Table(REPLY).check(fields)
        self._complaints.reply(self._found(asked), fields["response_content"], images)

    def _at_once(self, asked: _ComplaintCall) -> Json:
        fields = self._sent(asked)
        number = fields.get("idempotent_id")
        if not isinstance(number, str) or not 1 <= len(number) <= 128:
            raise odd("/idempotent_id", None, "缺少必填字段idempotent_id")
        message = fields.get("message")
        blocks = message.get("blocks") if isinstance(message, dict) else None
        if not isinstance(blocks, list):
            raise odd("/message/blocks", None, "缺少必填字段blocks")
        texts = [b["text"]["text"] for b in blocks if b.get("type") == "TEXT"]
        images = self._media([b["image"]["media_id"] for b in blocks if b.get("type") == "IMAGE"])
        text = "\n".join(texts)
        Text(500, needed=True).check(text, "/message/blocks")
        log_id = self._complaints.reply_at_once(self._found(asked), text, images, number)
        return {"log_id": log_id}

    def _finish(self, asked: _ComplaintCall) -> None:
        self._sent(asked)
        self._complaints.finish(self._found(asked))

    def _decide(self, asked: _ComplaintCall) -> None:
        fields = sent(asked.request)
        shapes: Shapes = {
            "action": Text(16, needed=True),
            "launch_refund_day": Whole(least=0),
            "reject_reason": Text(200),
            "remark": Text(200),
        }
        Table(shapes).check(fields)
        action = fields["action"]
        if action not in RefundAction.__members__:
            raise odd("/action", action, "字段的值不合法")
        reason = fields.get("reject_reason") or fields.get("remark") or ""
        if action == RefundAction.REJECT and not fields.get("reject_reason"):
            raise odd("/reject_reason", None, "缺少必填字段reject_reason")
        self._complaints.decide(self._found(asked), RefundAction(action), reason)

    def _sent(self, asked: _ComplaintCall) -> Json:
        fields = sent(asked.request)
        mch_id = fields.get("complainted_mchid")
        if mch_id != asked.merchant.mch_id:
            raise odd("/complainted_mchid", str(mch_id)[:32], "被诉商户号与当前商户号不一致")
        return fields

    def _media(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or len(value) > 4:
            raise odd("/response_images", None, "最多4张图片")
        if unknown := [each for each in value if each not in self._complaints.media]:
            raise odd("/response_images", str(unknown[0])[:32], "图片不存在")
        return tuple(value)

    # --- where it is told ----------------------------------------------------------------------

    def _address(self, asked: _ComplaintCall) -> Json:
        mch_id = asked.merchant.mch_id
        if mch_id not in self._addresses:
            raise RefusedV3(404, "RESOURCE_NOT_EXISTS", "投诉通知地址不存在")
        return {"mchid": mch_id, "url": self._addresses[mch_id]}

    def _new_address(self, asked: _ComplaintCall) -> Json:
        if asked.merchant.mch_id in self._addresses:
            raise RefusedV3(400, "INVALID_REQUEST", "投诉通知地址已存在，请使用更新接口")
        return self._set_address(asked)

    def _changed_address(self, asked: _ComplaintCall) -> Json:
        self._address(asked)
        return self._set_address(asked)

    def _set_address(self, asked: _ComplaintCall) -> Json:
        """WeChat takes https only; here an address of this machine too."""
        fields = sent(asked.request)
        Table({"url": Text(255, needed=True)}).check(fields)
        parts = urlsplit(fields["url"])
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise odd("/url", fields["url"][:64], "通知地址仅支持https")
        self._addresses[asked.merchant.mch_id] = fields["url"]
        return self._address(asked)

    def _no_address(self, asked: _ComplaintCall) -> None:
        self._address(asked)
        del self._addresses[asked.merchant.mch_id]


def _whole(query: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
        raise odd(f"/{name}", text[:32], f"{name}须在{least}到{most}之间", "query")
    return int(text)


def _sealed(phone: str, merchant: Merchant) -> str:
    """For the key of the merchant's own certificate."""
    key = signing.private_key(merchant.private_key).public_key()
    return base64.b64encode(key.encrypt(phone.encode(), OAEP)).decode()
