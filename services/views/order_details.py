"""Everything that is known about one order, with what there is to tell of it; personal values
masked, and in full only for who gives a reason, which is written down first."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models import Alert, Order, OrderCheck, RawNotify, Receipt, RefundCheck
from models.alert import AlertStatus
from models.base import rows
from models.complaints import Complaint
from models.money_totals import undecided
from models.notify import ReceiptState
from models.store import Store
from models.transaction import Batch
from payments.alert_kinds import AlertKind
from payments.complaints.complaint import ComplaintState
from payments.encryption import Sealer
from payments.errors import BadRequest, Busy, OrderNotFound
from payments.masking import mask_text
from payments.payment_method import read_payment_method
from payments.payment_rules import ReceiptReason
from payments.refund import ASKED_ABOUT
from payments.states import SETTLED
from services.alerts.triage import read_alerts_of_order
from services.live.feed import read_of_order, read_turns_before
from services.orders.orders import OrderView, holds_token, read_order, was_sent
from services.runtime.audit_log import Deed, record
from services.runtime.clock import Clock, rfc3339
from services.settlement.refund_store import RefundView, read_refunds_of
from services.settlement.refund_store import public as public_refund
from services.views.customer.customer_words import CustomerWords, customer_words, money_text
from services.views.explain import explain
from services.views.explain_facts import (
    Event,
    ExplainFacts,
    OpenComplaint,
    UnmatchedMoney,
    UnverifiedFact,
)
from services.views.past.facts_then import facts_then
from services.views.search import NOTIFY, public, public_notify

MAX_NOTIFIES = 50
MAX_FORGED = 20
"""The number of newest cases of forged messages that are searched for an order's number."""
MAX_ORDERS = 1000
"""The number of newest orders of one customer that are counted; `RECENT` of them are listed."""
RECENT = 10
MOST_BUYERS, BUYER_S = 8, 10.0
"""The number of buyers' pages that are read at once, and the seconds that the others wait here:
they must not fill the queue of the store, which all readers share."""


ReadOfOrder = Callable[[str], list[dict[str, Any]]]


@dataclass(frozen=True)
class OrderUnmasking:
    """A request to see the buyer's openid and phone in full: the person and the reason."""

    order_num: str
    by: str
    reason: str


@dataclass(frozen=True)
class BuyerContact:
    open_id: str | None
    phone: str | None


@dataclass(frozen=True)
class BuyerView:
    """What the buyer's page shows, as of `at` (ms): nothing that is personal."""

    order_num: str
    amount: str
    at: int
    words: CustomerWords


class OrderDetails:
    """`second_admin_fen`: from this amount on a refund needs a second admin. `unlisted` are the
    merchant numbers of accounts for which WeChat lists no refunds. `differences` reads what bills
    say otherwise about an order, `complaints` what its buyer complained of."""

    def __init__(
        self,
        store: Store,
        sealer: Sealer,
        clock: Clock,
        second_admin_fen: int,
        unlisted: frozenset[str],
        differences: ReadOfOrder,
        complaints: ReadOfOrder,
    ) -> None:
        self._store = store
        self._sealer = sealer
        self._clock = clock
        self._second_admin_fen = second_admin_fen
        self._unlisted = unlisted
        self._differences = differences
        self._complaints = complaints
        self._buyers = asyncio.Semaphore(MOST_BUYERS)

    async def order(self, order_num: str) -> dict[str, Any]:
        """Raises OrderNotFound."""
        found = await self._read(order_num, self._clock.now_ms())
        return {
            **found,
            "differences": await self._store.read(self._differences, order_num),
            "complaints": await self._store.read(self._complaints, order_num),
            "secondAdminFen": self._second_admin_fen,
        }

    async def as_of(self, order_num: str, moment: int) -> dict[str, Any]:
        """What was known of it at a moment (ms UTC), by its events up to then; buyer, payment
        method and products are as they are now. Raises OrderNotFound, also where it was made
        later, and BadRequest for a moment that is still to come."""
        now = self._clock.now_ms()
        if moment > now:
            raise BadRequest("asOf must not be in the future.")
        found = await self._read(order_num, now, moment)
        return {**found, "asOf": rfc3339(moment)}

    async def _read(self, order_num: str, now: int, moment: int | None = None) -> dict[str, Any]:
        found = await self._store.read(
            _read_everything, order_num, self._sealer, now, self._unlisted, moment
        )
        if found is None:
            raise OrderNotFound
        return found

    async def for_buyer(self, order_num: str, token: str) -> BuyerView:
        """For whoever holds the token of the order. Raises OrderNotFound (also for a wrong token),
        Busy."""
        try:
            async with asyncio.timeout(BUYER_S), self._buyers:
                found = await self._store.read(
                    _read_for_buyer,
                    order_num,
                    token,
                    self._sealer,
                    self._clock.now_ms(),
                    self._unlisted,
                )
        except TimeoutError as error:
            raise Busy("Too many pages are asking for an order; try again in a moment.") from error
        if found is None:
            raise OrderNotFound
        return found

    async def unmask(self, order_num: str, by: str, reason: str) -> BuyerContact:
        """The buyer's values in full; in the audit log before they are told. Raises OrderNotFound,
        Busy."""
        return await self._store.write(unmask_buyers, OrderUnmasking(order_num, by, reason))


def unmask_buyers(batch: Batch, items: Sequence[OrderUnmasking]) -> list[BuyerContact | Exception]:
    return [_unmask(batch, item) for item in items]


def _unmask(batch: Batch, item: OrderUnmasking) -> BuyerContact | Exception:
    row = Order.get_or_none(Order.order_num == item.order_num)
    if row is None:
        return OrderNotFound()
    detail = {"reason": mask_text(item.reason)}
    record(batch, Deed(item.by, "order.unmasked", item.order_num, detail))
    return BuyerContact(row.open_id, row.phone)


# --- reading ---------------------------------------------------------------------------------


def _read_everything(
    order_num: str, sealer: Sealer, now: int, unlisted: frozenset[str], moment: int | None
) -> dict[str, Any] | None:
    order = read_order(order_num)
    if order is None or (moment is not None and moment < order.created_at):
        return None
    timeline = read_of_order(order_num, until=moment)
    facts = _read_facts(order, timeline, sealer, now, unlisted, moment)
    if moment is not None:
        facts = facts_then(facts, moment)
    why = explain(facts)
    return {
        "order": public(facts.order),
        "timeline": timeline,
        "notifies": _read_notifies(timeline),
        "refunds": [public_refund(refund) for refund in facts.refunds],
        "alerts": list(facts.alerts),
        "why": why.public(),
        "say": customer_words(facts, why).texts(),
        "payment": _read_payment(facts.timeline, sealer),
        "customerOrders": _read_customer(order) if moment is None else None,
    }


def _read_facts(
    order: OrderView,
    timeline: list[Event],
    sealer: Sealer,
    now: int,
    unlisted: frozenset[str],
    moment: int | None = None,
) -> ExplainFacts:
    """With `moment`: those of now, but for the events and whether WeChat knew of it, which are of
    that moment."""
    order_num = order.order_num
    refunds = read_refunds_of(order_num)
    return ExplainFacts(
        order,
        now,
        (*timeline, *read_turns_before(order_num, timeline)),
        tuple(read_alerts_of_order(order_num)),
        tuple(refunds),
        tuple(_read_receipts(order_num, timeline)),
        was_sent(order_num, moment),
        *_read_check(order_num),
        None if order.status in SETTLED else _read_forged(order, sealer),
        order.mch_id not in unlisted,
        _read_refund_checks(refunds),
        _read_complaint(order_num),
    )


def _read_for_buyer(
    order_num: str, token: str, sealer: Sealer, now: int, unlisted: frozenset[str]
) -> BuyerView | None:
    order = read_order(order_num)
    if order is None or not holds_token(order, token):
        return None
    facts = _read_facts(order, read_of_order(order_num), sealer, now, unlisted)
    return BuyerView(
        order_num, money_text(order.total_fen), now, customer_words(facts, explain(facts))
    )


def _named(timeline: Iterable[Event], name: str) -> list[str]:
    """The ids that the events name, newest first, each once."""
    ids = (event["data"].get(name) for event in timeline)
    return list(dict.fromkeys(id_ for id_ in ids if id_))[:MAX_NOTIFIES]


def _read_notifies(timeline: list[Event]) -> list[dict[str, Any]]:
    """The newest notifies that the events of an order name."""
    ids = _named(timeline, "notifyId")
    query = RawNotify.select(*NOTIFY).where(RawNotify.id.in_(ids)).order_by(RawNotify.id.desc())
    return [public_notify(row) for row in query]


def _read_receipts(order_num: str, timeline: list[Event]) -> list[UnmatchedMoney]:
    refused = [event for event in timeline if event["kind"] == "notify.refused"]
    where = Receipt.transaction_id.in_(_named(refused, "transactionId"))
    query = Receipt.select(
        Receipt.id,
        Receipt.transaction_id,
        Receipt.amount_fen,
        Receipt.reason,
        Receipt.state,
        Receipt.notice_id,
        Receipt.received_at,
        Receipt.wechat_paid_at,
        Receipt.mch_id,
        Receipt.app_id,
        Receipt.currency,
        undecided().alias("undecided"),
    ).where(where, Receipt.order_num == order_num)
    return [_unmatched(*row) for row in rows(query)]


def _unmatched(
    id_: int, tx: str, fen: int, reason: str, state: str, notice_id: str, *rest: Any
) -> UnmatchedMoney:
    received_at, paid_at, mch_id, app_id, currency, is_undecided = rest
    returning = state == ReceiptState.WAITING and not is_undecided
    return UnmatchedMoney(
        id_,
        tx,
        fen,
        ReceiptReason(reason),
        ReceiptState.REFUNDING if returning else ReceiptState(state),
        notice_id,
        received_at,
        paid_at,
        (mch_id, app_id),
        currency,
    )


def _read_check(order_num: str) -> tuple[int | None, int | None]:
    """When WeChat is asked about it next, and when it said last that nothing is paid."""
    check = OrderCheck.get_or_none(OrderCheck.order_num == order_num)
    return (check.due_at, check.unpaid_at) if check else (None, None)


def _read_refund_checks(refunds: Iterable[RefundView]) -> dict[str, int]:
    """By refund number, when WeChat is asked about it next."""
    wanted = [refund.refund_num for refund in refunds if refund.status in ASKED_ABOUT]
    checks = RefundCheck.select(RefundCheck.refund_num, RefundCheck.due_at)
    return dict(rows(checks.where(RefundCheck.refund_num.in_(wanted)))) if wanted else {}


def _read_complaint(order_num: str) -> OpenComplaint | None:
    """The one about this order whose reply is due first, if one waits for it."""
    times = Complaint.select(Complaint.created_at, Complaint.reply_due_at).where(
        Complaint.order_num == order_num, Complaint.state == ComplaintState.PENDING
    )
    found = rows(times.order_by(Complaint.reply_due_at).limit(1))
    return OpenComplaint(*found[0]) if found else None


def _read_forged(order: OrderView, sealer: Sealer) -> UnverifiedFact | None:
    """The newest case of forged messages since the order was made; one whose kept text names the
    order goes first. The case itself names no order, because a forger may write any number."""
    query = (
        Alert.select()
        .where(
            Alert.status.in_((AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED)),
            Alert.kind == AlertKind.BAD_SIGNATURE,
            Alert.last_seen >= order.created_at,
        )
        .order_by(Alert.id.desc())
        .limit(MAX_FORGED)
    )
    cases = [_case(row) for row in query]
    texts = RawNotify.select(RawNotify.id, RawNotify.sealed).where(
        RawNotify.id.in_([case.notice_id for case in cases if case.notice_id])
    )
    number = re.compile(rf"(?<![0-9A-Za-z_-]){re.escape(order.order_num)}(?![0-9A-Za-z_-])")
    naming = {
        id_ for id_, sealed in rows(texts) if number.search(sealer.open(bytes(sealed), id_) or "")
    }
    named = next((case for case in cases if case.notice_id in naming), None)
    return replace(named, named=True) if named else next(iter(cases), None)


def _case(row: Alert) -> UnverifiedFact:
    notice_id = json.loads(row.evidence)["notifyId"]
    return UnverifiedFact(
        row.id, row.count, json.loads(row.actual), notice_id, rfc3339(row.last_seen), False
    )


def _read_payment(timeline: Iterable[Event], sealer: Sealer) -> dict[str, Any] | None:
    """How the booked payment was made up; None while its notify is not kept or does not say."""
    paid = next((event for event in timeline if event["kind"] == "order.paid"), None)
    notice_id = paid["data"].get("notifyId") if paid else None
    row = RawNotify.get_or_none(RawNotify.id == notice_id) if notice_id else None
    text = sealer.open(bytes(row.sealed), row.id) if row else None
    payment_method = read_payment_method(text) if text else None
    if payment_method is None:
        return None
    return {
        "cashFen": payment_method.cash_fen,
        "couponFen": payment_method.coupon_fen,
        "bank": payment_method.bank,
    }


def _read_customer(order: OrderView) -> dict[str, Any] | None:
    """The other orders of the same buyer; None when the buyer is not known."""
    if not order.open_id:
        return None
    query = (
        Order.select(Order.order_num, Order.status, Order.total_fen, Order.created_at, Order.title)
        .where(Order.open_id == order.open_id, Order.id != order.id)
        .order_by(Order.created_at.desc(), Order.id.desc())
        .limit(MAX_ORDERS + 1)
    )
    found = rows(query)
    counted = found[:MAX_ORDERS]
    return {
        "count": len(counted),
        "more": len(found) > MAX_ORDERS,
        "paidFen": sum(total_fen for _, status, total_fen, _, _ in counted if status in SETTLED),
        "recent": [
            {
                "orderNum": order_num,
                "status": status,
                "totalFen": total_fen,
                "createdAt": rfc3339(created_at),
                "title": mask_text(title),
            }
            for order_num, status, total_fen, created_at, title in counted[:RECENT]
        ],
    }
