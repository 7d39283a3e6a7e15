"""All complaints at the simulated WeChat, and what becomes of them."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from itertools import count
from typing import Any

from payments.complaints.complaint import ComplaintAction, ComplaintState, RefundAction
from payments.merchant import Merchant
from simulator.complaints.acts import ACTS, CONTINUED_SYSTEM, CREATED, CREATED_SYSTEM, SYSTEM, USER
from simulator.complaints.acts import more_of as beside
from simulator.complaints.complaint import HistoryRow, SimulatedComplaint
from simulator.complaints.media import Media
from simulator.state.clock import SimulatedClock
from simulator.state.trades import china

MAX_COMPLAINTS = 2000
MAX_ROWS = 2500
MERCHANT_REPLIES, MERCHANT_FINISHES = "merchant_replies", "merchant_finishes"
BY_MERCHANT = (MERCHANT_REPLIES, MERCHANT_FINISHES)
UNANSWERED = 20
"""So many messages a merchant may send before the buyer has answered."""

Tell = Callable[[SimulatedComplaint, str, str], None]
"""Sends the notify of an event's type and an action."""


class ComplaintRefused(Exception):
    """WeChat will not do it; the text is its own."""


class SimulatedComplaints:
    """`tell` sends a notify."""

    def __init__(self, clock: SimulatedClock, media: Media, tell: Tell) -> None:
        self.media = media
        self._clock = clock
        self._tell = tell
        self._kept: OrderedDict[str, SimulatedComplaint] = OrderedDict()
        self._numbers = count(1)

    def newest(self) -> list[SimulatedComplaint]:
        return list(reversed(self._kept.values()))

    def find(self, complaint_id: str, mch_id: str | None = None) -> SimulatedComplaint | None:
        found = self._kept.get(complaint_id)
        return found if found and mch_id in (None, found.merchant.mch_id) else None

    def of_days(self, mch_id: str, begin: str, end: str) -> list[SimulatedComplaint]:
        """Those that were made on these days (`YYYY-MM-DD`), newest first."""
        return [
            each
            for each in self.newest()
            if each.merchant.mch_id == mch_id
            and begin <= china(each.created_at).strftime("%Y-%m-%d") <= end
        ]

    # --- buyers and the platform ---------------------------------------------------------------

    def raise_(
        self, merchant: Merchant, *, told: bool = True, ago_s: float = 0.0, **given: Any
    ) -> SimulatedComplaint:
        """A new one, `ago_s` before now; `given` are fields of it."""
        at = self._clock.real() - ago_s
        number = f"{china(at):%Y%m%d%H%M%S}{secrets.randbelow(10**6):06d}{next(self._numbers):04d}"
        made = SimulatedComplaint(f"200{number}", merchant, at, **given)
        self._kept[made.id] = made
        while len(self._kept) > MAX_COMPLAINTS:
            self._kept.popitem(last=False)
        self._add(made, CREATED, USER, made.text, made.images, at=at)
        self._add(made, CREATED_SYSTEM, SYSTEM, "用户提交投诉", at=at)
        if told:
            self._tell(made, "COMPLAINT.CREATE", "CREATE_COMPLAINT")
        return made

    def act(
        self,
        complaint: SimulatedComplaint,
        name: str,
        text: str = "",
        images: int = 0,
        *,
        told: bool = True,
        ago_s: float = 0.0,
    ) -> None:
        """One of ACTS, `ago_s` before now, with a text of its own or the usual one, and drawn
        images."""
        act = ACTS[name]
        said = text or act.text
        drawn = tuple(self.media.draw() for _ in range(images))
        more = beside(name, complaint, said)
        at = self._clock.real() - ago_s
        self._add(complaint, act.type, act.operator, said, drawn, at=at, more=more)
        for field, value in act.then:
            setattr(complaint, field, value)
        if act.is_users:
            complaint.unanswered = 0
        if name == "continue":
            complaint.times += 1
            self._add(complaint, CONTINUED_SYSTEM, SYSTEM, "用户继续投诉", at=at)
        if told and act.told:
            kind = "COMPLAINT.CREATE" if name == "continue" else "COMPLAINT.STATE_CHANGE"
            self._tell(complaint, kind, act.told)

    def refunded(self, order_num: str, *, wholly: bool) -> None:
        """Money of this order went back."""
        for each in self._kept.values():
            if each.order_num != order_num or each.state is ComplaintState.PROCESSED:
                continue
            self.act(each, "full_refund" if wholly else "part_refund", told=True)
            if each.decision == RefundAction.APPROVE:
                self.act(each, "refund_received", told=True)

    # --- the merchant --------------------------------------------------------------------------

    def on_platform(
        self,
        complaint: SimulatedComplaint,
        name: str,
        text: str,
        *,
        told: bool = True,
        ago_s: float = 0.0,
    ) -> None:
        """One of BY_MERCHANT, on WeChat's platform. Raises ComplaintRefused."""
        if name == MERCHANT_REPLIES:
            self.reply(complaint, text or "您好，我们正在核实。", (), told=told, ago_s=ago_s)
        else:
            self.finish(complaint, told=told, ago_s=ago_s)

    def reply(
        self,
        complaint: SimulatedComplaint,
        text: str,
        images: tuple[str, ...],
        *,
        told: bool = True,
        ago_s: float = 0.0,
    ) -> str:
        """The number of the line. Raises ComplaintRefused."""
        if complaint.unanswered >= UNANSWERED:
            raise ComplaintRefused("回复次数超过限制，请等待用户回复")
        complaint.unanswered += 1
        complaint.user_waits = False
        if complaint.state is ComplaintState.PENDING:
            complaint.state = ComplaintState.PROCESSING
        return self._by_merchant(
            complaint,
            ComplaintAction.REPLIED,
            "MERCHANT_RESPONSE" if told else "",
            text,
            images,
            ago_s,
        )

    def reply_at_once(
        self, complaint: SimulatedComplaint, text: str, images: tuple[str, ...], number: str
    ) -> str:
        """The same number again is the same answer. Raises ComplaintRefused."""
        if not complaint.is_immediate:
            raise ComplaintRefused("该投诉单不需要即时服务")
        if number not in complaint.replies:
            complaint.replies[number] = self.reply(complaint, text, images)
        return complaint.replies[number]

    def finish(
        self, complaint: SimulatedComplaint, *, told: bool = True, ago_s: float = 0.0
    ) -> None:
        """Raises ComplaintRefused."""
        if complaint.state is ComplaintState.PENDING:
            raise ComplaintRefused("投诉单未回复，请先回复用户")
        if complaint.state is ComplaintState.PROCESSED:
            raise ComplaintRefused("投诉单已处理完成，请勿重复操作")
        complaint.state, complaint.user_waits = ComplaintState.PROCESSED, False
        action = "MERCHANT_CONFIRM_COMPLETE" if told else ""
        self._by_merchant(complaint, ComplaintAction.FINISHED, action, ago_s=ago_s)

    def decide(self, complaint: SimulatedComplaint, action: RefundAction, reason: str) -> None:
        """Raises ComplaintRefused."""
        if complaint.problem != "REFUND":
            raise ComplaintRefused("该投诉单不是申请退款类型")
        if complaint.decision or complaint.state is not ComplaintState.PROCESSING:
            raise ComplaintRefused("当前单据状态不支持操作")
        complaint.decision = action.value
        if action is RefundAction.APPROVE:
            self._by_merchant(
                complaint, ComplaintAction.APPROVED, "MERCHANT_APPROVE_REFUND", reason
            )
            return
        complaint.state = ComplaintState.PROCESSED
        self._by_merchant(complaint, ComplaintAction.REJECTED, "MERCHANT_REJECT_REFUND", reason)

    def _by_merchant(
        self,
        complaint: SimulatedComplaint,
        action: ComplaintAction,
        told: str,
        text: str = "",
        images: tuple[str, ...] = (),
        ago_s: float = 0.0,
    ) -> str:
        """Nobody is told where `told` names no action."""
        operator, at = f"商户{complaint.merchant.mch_id}", self._clock.real() - ago_s
        row = self._add(complaint, action.value, operator, text, images, at=at)
        if told:
            self._tell(complaint, "COMPLAINT.STATE_CHANGE", told)
        return row.id

    def _add(
        self,
        complaint: SimulatedComplaint,
        type_: str,
        operator: str,
        text: str = "",
        images: tuple[str, ...] = (),
        *,
        at: float | None = None,
        more: dict[str, Any] | None = None,
    ) -> HistoryRow:
        number = f"{complaint.id}{len(complaint.rows) + 1:05d}"
        when = self._clock.real() if at is None else at
        row = HistoryRow(number, when, operator, type_, text, images, more or {})
        if len(complaint.rows) < MAX_ROWS:
            complaint.rows.append(row)
        return row
