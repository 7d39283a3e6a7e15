"""What staff ask of a list of orders: each thing that people know of one, each filter, and pairs of
them of which few or none are both. For the databases of bench/growth/data.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.growth.data import NOW
from models import Order
from models.base import rows
from services.runtime.clock import DAY_MS, day_start
from services.views.order_filter import OrderFilter, RefundState

HEAVY, USUAL = "a buyer with many orders", "a buyer"
MONTH = day_start(NOW) - 29 * DAY_MS
NONE = ("a merchant (200)", "amount and day")
DAY = day_start(NOW) - 100 * DAY_MS


def questions() -> Iterator[tuple[str, OrderFilter]]:
    """Of the bound database; what is asked has a row there where its name does not say else."""
    yield from ((name, OrderFilter(q=text)) for name, text in _texts())
    yield from _lists()
    yield from _pairs()


def nobody(name: str) -> bool:
    """Whether the name of a question says that no order is meant."""
    return "none" in name or "nobody" in name or name in NONE


def _row(nth: int) -> dict[str, Any]:
    """One of the paid orders in the middle of the year with a phone: of a heavy buyer where `nth`
    is a multiple of 40."""
    ((most,),) = rows(Order.select(Order.id).order_by(Order.id.desc()).limit(1))
    middle = most // 2 // 40 * 40 + 1 + nth
    query = Order.select().where(
        Order.id.in_(range(middle, most, 40)[:100]),
        Order.status == "PAID",
        Order.phone.is_null(False),
    )
    found: dict[str, Any] = query.order_by(Order.id).limit(1).dicts().get()
    return found


def _texts() -> Iterator[tuple[str, str]]:
    heavy, usual = _row(0), _row(7)
    number, transaction = usual["order_num"], usual["transaction_id"]
    yield "order number", number
    yield "order, 12", number[:12]
    yield "order, 4", number[:4]
    yield "order number, lower case", number.lower()
    yield "order, 12, lower case", number[:12].lower()
    yield (
        "a receipt",
        f"-88.00\n支付时间 2026-11-23 20:05:12\n交易单号\n{transaction}\n商户单号\n{number}",
    )
    yield "a receipt of nobody", f"-68.00\n支付时间 2026-11-23 20:05:12\n交易单号 {'9' * 28}"
    yield "several phones", f"{heavy['phone']}\n{usual['phone']}"
    yield "refund number of nobody", "RF-of-nobody-1"
    yield "product and amount", "咨询 68元"
    yield "product and day", "咨询 前天"
    yield "amount and payment time", "68 11月21日 01:15"
    yield "transaction id", transaction
    yield "transaction, 12", transaction[:12]
    yield "transaction, 4 (all)", transaction[:4]
    for whose, row in ((USUAL, usual), (HEAVY, heavy)):
        yield f"phone of {whose}", row["phone"]
        yield f"openid of {whose}", row["open_id"]
        yield f"last four of {whose}", f"尾号 {row['phone'][-4:]}"
        yield f"masked phone of {whose}", f"{row['phone'][:3]}****{row['phone'][-4:]}"
    yield "phone, 3, common", "138"
    yield "phone, 3, rare", "199"
    yield "phone, 3, of no one", "145"
    yield "openid, 6, nearly all", "oUpF8u"
    yield "openid, 6, rare", "oZzZz9"
    yield "product", "咨询"
    yield "product, rare", "法务"
    yield "product, id", "rare"
    yield "customer, whole", usual["customer"]
    yield "customer, one character", "王"
    yield "customer, the beginning", "客户:王伟"
    yield "customer, rare", "客户:司徒"
    yield "customer, a part", usual["customer"][1:]
    yield "text that nobody has", "没有这个名字"
    yield "letters that nobody has", "nosuchname"
    yield "number that nobody has", "999999999999"
    yield "amount, common", "399"
    yield "amount, rare", "12685"
    yield "amount, none", "123.45"
    yield "amount and time", "68 昨晚8点"
    yield "amount and day", "12685 前天"
    yield "time", "last night"


def _lists() -> Iterator[tuple[str, OrderFilter]]:
    yield "all", OrderFilter()
    yield "30 days", OrderFilter(since=MONTH)
    yield "one day", OrderFilter(since=DAY, until=DAY + DAY_MS)
    for status in ("WAIT_PAY", "PAID", "CLOSED", "REFUNDING", "REFUNDED"):
        yield status, OrderFilter(statuses=(status,))
    yield "pending", OrderFilter(statuses=("INIT", "WAIT_PAY"))
    yield "all but paid", OrderFilter(statuses=("INIT", "WAIT_PAY", "CLOSED", "REFUNDED"))
    for service in ("SERVICE_WAIT", "IN_SERVICE", "SERVED", "SERVICE_CANCELLED"):
        yield service, OrderFilter(services=(service,))
    yield "waiting or in service", OrderFilter(services=("SERVICE_WAIT", "IN_SERVICE"))
    yield "with alerts", OrderFilter(with_alerts=True)
    yield "amount, none so small", OrderFilter(min_fen=1, max_fen=2)
    yield "amount, the highest", OrderFilter(min_fen=1_000_000)
    yield "amount, a wide range", OrderFilter(min_fen=30_000, max_fen=45_000)
    yield "amount, a narrow range", OrderFilter(min_fen=39_800, max_fen=39_850)
    for end in ("109", "110", "111", "200"):
        yield f"a merchant ({end})", OrderFilter(mch_id=f"1900000{end}")
    yield "a trade type", OrderFilter(trades=("JSAPI",))
    yield "a trade type (none)", OrderFilter(trades=("MWEB",))
    for state in RefundState:
        yield f"refund {state}", OrderFilter(refunds=(state,))
    yield "refund part or full", OrderFilter(refunds=(RefundState.PART, RefundState.FULL))
    yield "refund full or waiting", OrderFilter(refunds=(RefundState.FULL, RefundState.WAITING))
    yield "paid on a day", OrderFilter(paid_since=DAY, paid_until=DAY + DAY_MS)
    yield "paid in 30 days", OrderFilter(paid_since=MONTH)


def _pairs() -> Iterator[tuple[str, OrderFilter]]:
    refunded, serving = ("REFUNDED",), ("IN_SERVICE",)
    heavy = _row(0)
    yield "refunded, in service (none)", OrderFilter(statuses=refunded, services=serving)
    yield "paid, cancelled", OrderFilter(statuses=("PAID",), services=("SERVICE_CANCELLED",))
    yield "closed, served (none)", OrderFilter(statuses=("CLOSED",), services=("SERVED",))
    yield "refunded, waiting", OrderFilter(statuses=refunded, services=("SERVICE_WAIT",))
    yield "product, refunded, 30 days", OrderFilter("咨询", refunded, since=MONTH)
    yield "rare product, refunded", OrderFilter("rare", refunded)
    yield "product, in service", OrderFilter("咨询", services=serving)
    yield "phone, 3, refunded", OrderFilter("138", refunded)
    yield "phone, 3, rare, refunded", OrderFilter("199", refunded)
    yield "phone, 3, part refunded", OrderFilter("138", ("PARTIALLY_REFUNDED",))
    yield "phone, 3, a merchant", OrderFilter("138", mch_id="1900000111")
    yield "phone of many orders, refunded", OrderFilter(heavy["phone"], refunded)
    yield "phone of many orders, refunding", OrderFilter(heavy["phone"], ("REFUNDING",))
    yield "openid of many orders, in service", OrderFilter(heavy["open_id"], services=serving)
    yield "openid, 6, refunded", OrderFilter("oUpF8u", refunded)
    yield "name, refunded", OrderFilter("王伟", refunded)
    yield "part of a name, refunded", OrderFilter("客户:伟芳", refunded)
    yield "part of nobody's name, refunded", OrderFilter("没有这个名字", refunded)
    yield "amount, refunded", OrderFilter("399", refunded)
    yield "amount, refunding", OrderFilter("399", ("REFUNDING",))
    yield "last night, refunded", OrderFilter("last night", refunded)
    yield "merchant, refunded", OrderFilter(statuses=refunded, mch_id="1900000111")
    yield "merchant, in service", OrderFilter(services=serving, mch_id="1900000109")
    yield "refunded, with alerts", OrderFilter(statuses=refunded, with_alerts=True)
    yield "closed, with alerts", OrderFilter(statuses=("CLOSED",), with_alerts=True)
    yield "product, with alerts", OrderFilter("咨询", with_alerts=True)
    yield "refunded, so small (none)", OrderFilter(statuses=refunded, min_fen=1, max_fen=2)
    yield (
        "refunded, a narrow range",
        OrderFilter(statuses=refunded, min_fen=39_800, max_fen=39_850),
    )
    yield "closed, paid (none)", OrderFilter(statuses=("CLOSED",), paid_since=MONTH)
    yield (
        "refunded, paid on a day",
        OrderFilter(statuses=refunded, paid_since=DAY, paid_until=DAY + DAY_MS),
    )
    yield "refunded, one day", OrderFilter(statuses=refunded, since=DAY, until=DAY + DAY_MS)
