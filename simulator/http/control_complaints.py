"""The levers of complaints: raise one, and have its buyer, the platform or the system act."""

from __future__ import annotations

from typing import Any

from simulator.complaints.acts import ACTS
from simulator.complaints.complaint import SimulatedComplaint
from simulator.complaints.complaints import BY_MERCHANT, ComplaintRefused
from simulator.http.base import Declined, EdgeHandler
from simulator.state.clock import rfc3339
from simulator.state.trades import Trade

PROBLEMS = ("REFUND", "SERVICE_NOT_WORK", "OTHERS")
MAX_IMAGES, MAX_TEXT, MAX_HOURS = 4, 300, 29 * 24
_RAISED: dict[str, tuple[type, Any]] = {
    "orderNum": (str, None),
    "text": (str, "付款后一直没有收到服务，联系商家也没有回复。"),
    "title": (str, "商品或服务有问题"),
    "problem": (str, "OTHERS"),
    "phone": (str, "13800138000"),
    "images": (int, 0),
    "hoursAgo": (int, 0),
    "refundFen": (int, None),
    "immediate": (bool, False),
    "told": (bool, True),
}
_ACTED: dict[str, tuple[type, Any]] = {
    "act": (str, ""),
    "text": (str, ""),
    "images": (int, 0),
    "hoursAgo": (int, 0),
    "told": (bool, True),
}


class BuyersComplaintsHandler(EdgeHandler):
    """GET lists them, newest first; POST raises one about a paid order, the newest unless
    `orderNum` says which."""

    def get(self) -> None:
        found = self.world.complaints.newest()[:200]
        self.answer({"complaints": [complaint_json(each) for each in found]})

    def post(self) -> None:
        wanted = _read(self.sent_object(), _RAISED)
        trade = self._trade(wanted["orderNum"])
        if wanted["problem"] not in PROBLEMS:
            raise Declined(400, "bad_request", f"problem is one of {', '.join(PROBLEMS)}.")
        complaints, paid = self.world.complaints, trade.transactions[0]
        is_refund = wanted["problem"] == "REFUND"
        made = complaints.raise_(
            trade.merchant,
            told=wanted["told"],
            ago_s=wanted["hoursAgo"] * 3600.0,
            text=wanted["text"],
            title=wanted["title"],
            problem=wanted["problem"],
            phone=wanted["phone"],
            open_id=paid.open_id,
            order_num=trade.order_num,
            transaction_id=paid.id,
            amount_fen=trade.total_fen,
            refund_fen=(wanted["refundFen"] or trade.total_fen) if is_refund else None,
            images=tuple(complaints.media.draw() for _ in range(wanted["images"])),
            is_immediate=wanted["immediate"],
        )
        self.answer({"complaint": complaint_json(made)}, 201)

    def _trade(self, order_num: str | None) -> Trade:
        trades = self.world.trades
        if order_num is not None:
            found = trades.by_order(order_num)
        else:
            found = next((trade for trade in trades.newest(200) if trade.is_paid), None)
        if found is None or not found.is_paid:
            raise Declined(404, "not_found", "There is no such paid order.")
        return found


class BuyersComplaintHandler(EdgeHandler):
    """GET shows one with its history; POST {"act", "text"?, "images"?, "hoursAgo"?, "told"?} has
    somebody act."""

    def get(self, complaint_id: str) -> None:
        self.answer({"complaint": complaint_json(self._found(complaint_id), rows=True)})

    def post(self, complaint_id: str) -> None:
        found, wanted = self._found(complaint_id), _read(self.sent_object(), _ACTED)
        act, text, complaints = wanted["act"], wanted["text"], self.world.complaints
        when = {"told": wanted["told"], "ago_s": wanted["hoursAgo"] * 3600.0}
        if act not in (*ACTS, *BY_MERCHANT):
            words = f"act is one of {', '.join((*ACTS, *BY_MERCHANT))}."
            raise Declined(400, "bad_request", words)
        try:
            if act in ACTS:
                complaints.act(found, act, text, wanted["images"], **when)
            else:
                complaints.on_platform(found, act, text, **when)
        except ComplaintRefused as refused:
            raise Declined(409, "refused", str(refused)) from refused
        self.get(complaint_id)

    def _found(self, complaint_id: str) -> SimulatedComplaint:
        found = self.world.complaints.find(complaint_id)
        if found is None:
            raise Declined(404, "not_found", "There is no such complaint.")
        return found


def _read(given: dict[str, Any], fields: dict[str, tuple[type, Any]]) -> dict[str, Any]:
    """Raises Declined for what is not known, or not of its type."""
    if set(given) - set(fields):
        raise Declined(400, "bad_request", f"Only {', '.join(fields)}.")
    wanted = {}
    for name, (kind, default) in fields.items():
        value = given.get(name, default)
        if name in given and type(value) is not kind:
            raise Declined(400, "bad_request", f"{name} is a {kind.__name__}.")
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise Declined(400, "bad_request", f"{name} has at most {MAX_TEXT} characters.")
        if type(value) is int and value < 0:
            raise Declined(400, "bad_request", f"{name} is 0 or more.")
        wanted[name] = value
    if wanted["images"] > MAX_IMAGES:
        raise Declined(400, "bad_request", f"images is at most {MAX_IMAGES}.")
    if wanted["hoursAgo"] > MAX_HOURS:
        raise Declined(400, "bad_request", f"hoursAgo is at most {MAX_HOURS}.")
    return wanted


def complaint_json(complaint: SimulatedComplaint, *, rows: bool = False) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": complaint.id,
        "mchId": complaint.merchant.mch_id,
        "orderNum": complaint.order_num,
        "state": complaint.state.value,
        "text": complaint.text,
        "problem": complaint.problem,
        "createdAt": rfc3339(complaint.created_at),
        "userWaits": complaint.user_waits,
        "times": complaint.times,
        "inPlatform": complaint.in_platform,
        "decision": complaint.decision or None,
        "delivered": sum(delivery.ok for delivery in complaint.deliveries),
    }
    if rows:
        shown["history"] = [
            {"id": row.id, "at": rfc3339(row.at), "type": row.type, "text": row.text}
            for row in complaint.rows
        ]
    return shown
