"""Every state of an order and every kind of news: what is answered, what becomes of the order,
which case is raised, whether money waits on a receipt, and what the stream tells of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from models.database import migrate, open_database
from payments.states import OrderStatus
from tests.life.order_house import HandClock, House
from tests.life.order_model import ABNORMAL, SUCCESS, UNPROVEN, UNREADABLE, Deed

pytestmark = pytest.mark.one_database

NOW = 1_735_790_400_000
PRICE = 8800
SOURCE = "198.51.100.0/24"
FIRST, NEW, ELSEWHERE = "42-FIRST", "42-NEW", "42-ELSEWHERE"
"""Transactions: the order's own where it is paid, an unseen one, one booked on another order."""


class End(NamedTuple):
    answer: Any
    events: str = ""
    """Without their first word; of what was refused come `refused` and `raised`."""
    status: str = "same"
    alert: str | None = None
    """The kinds of the cases, in the sequence in which they are raised."""
    receipt: bool = False


def refused(alert: str, receipt: bool = False, answer: bytes = ABNORMAL) -> End:
    return End(answer, "notify.refused alert.raised", alert=alert, receipt=receipt)


def notify(tx: str = NEW, off: int = 0, flaw: str | None = None) -> Deed:
    return {"do": "notify", "tx": tx, "total": PRICE + off, "flaw": flaw, "source": SOURCE}


def ask(state: str, tx: str = NEW, off: int = 0) -> Deed:
    return {"do": "ask", "state": state, "tx": tx, "total": PRICE + off}


def prepay(outcome: str) -> Deed:
    return {
        "do": "prepay",
        "type": "NATIVE",
        "outcome": outcome,
        "query": ask("SUCCESS"),
        "meanwhile": None,
        "times": 1,
        "gives": "wx-new",
    }


def close(outcome: str, query: Deed | None = None) -> Deed:
    return {"do": "close", "outcome": outcome, "query": query or ask("SUCCESS")}


PAID = End(SUCCESS, "order.paid", "PAID")
HEALED = End(SUCCESS, "order.paid order.healed", "PAID")
AGAIN = End(SUCCESS, "notify.duplicate")


def went_back(end: End) -> End:
    """WeChat says so, and lists no refund: a person is told as well."""
    cases = f"{end.alert} refund_anomaly" if end.alert else "refund_anomaly"
    return end._replace(events=end.events + " alert.raised", alert=cases)


FAILED = End(SUCCESS, "payment.failed")
FORGED = End(UNPROVEN, "alert.raised", alert="bad_signature")
ILLEGAL, MISMATCH = refused("illegal_transition", True), refused("amount_mismatch", True)
KNOWN_MISMATCH, NEGATIVE = refused("amount_mismatch"), refused("negative_total")
FOREIGN, LACKING = refused("foreign_merchant"), refused("system", answer=UNREADABLE)
NOTHING, GONE, LATE = End(None), End("order_closed"), End("already_paid")
OPEN_TO_CLOSED = End("closed", "order.closed", "CLOSED")

# news → an order that may be paid (INIT, WAIT_PAY), one that is CLOSED, one that was paid
TABLE: dict[str, tuple[Deed, End, End, End]] = {
    "a payment that fits": (notify(), PAID, ILLEGAL, ILLEGAL),
    "its first payment": (notify(FIRST), PAID, ILLEGAL, AGAIN),
    "a payment booked elsewhere": (notify(ELSEWHERE), ILLEGAL, ILLEGAL, ILLEGAL),
    "one fen more": (notify(off=1), MISMATCH, MISMATCH, MISMATCH),
    "one fen less": (notify(off=-1), MISMATCH, MISMATCH, MISMATCH),
    "its first payment, one fen more": (notify(FIRST, 1), MISMATCH, MISMATCH, KNOWN_MISMATCH),
    "dollars": (notify(flaw="dollars"), MISMATCH, MISMATCH, MISMATCH),
    "a negative total": (notify(off=-2 * PRICE), NEGATIVE, NEGATIVE, NEGATIVE),
    "negative cash": (notify(flaw="negative cash"), NEGATIVE, NEGATIVE, NEGATIVE),
    "its first payment, negative": (notify(FIRST, flaw="negative cash"), *[NEGATIVE] * 3),
    "a failed payment": (notify(flaw="failed"), FAILED, FAILED, FAILED),
    "another app's": (notify(flaw="other app"), *[refused("foreign_merchant", True)] * 3),
    "another merchant's": (notify(flaw="other merchant"), FOREIGN, FOREIGN, FOREIGN),
    "no result": (notify(flaw="no result"), LACKING, LACKING, LACKING),
    "no transaction": (notify(flaw="no transaction"), LACKING, LACKING, LACKING),
    "a forgery": (notify(flaw="bad sign"), FORGED, FORGED, FORGED),
    "an unsigned notify": (notify(flaw="no sign"), FORGED, FORGED, FORGED),
    "an unreadable notify": (notify(flaw="unreadable"), *[End(UNREADABLE)] * 3),
    "WeChat, asked, says paid": (ask("SUCCESS"), HEALED, ILLEGAL, ILLEGAL),
    "WeChat, asked, says paid as known": (ask("SUCCESS", FIRST), HEALED, ILLEGAL, AGAIN),
    "WeChat, asked, says one fen more": (ask("SUCCESS", off=1), MISMATCH, MISMATCH, MISMATCH),
    "WeChat, asked, says refunded": (
        ask("REFUND", FIRST),
        *map(went_back, (HEALED, ILLEGAL, AGAIN)),
    ),
    "WeChat, asked, says not paid": (ask("NOTPAY"), NOTHING, NOTHING, NOTHING),
    "WeChat, asked, says closed": (ask("CLOSED"), NOTHING, NOTHING, NOTHING),
    "WeChat, asked, says failed": (ask("PAYERROR"), NOTHING, NOTHING, NOTHING),
    "WeChat, asked, knows nothing": (ask("ORDERNOTEXIST"), *[End("wechat_refused")] * 3),
    "WeChat, asked, is away": (ask("timeout"), *[End("wechat_unreachable")] * 3),
    "WeChat, asked, proves nothing": (ask("garbled"), *[End("wechat_untrusted")] * 3),
    "a request to close": (close("ok"), OPEN_TO_CLOSED, End("closed"), LATE),
}

# news → INIT, that WeChat never heard of, and WAIT_PAY; CLOSED and paid are as in the line above
ASKING: dict[str, tuple[Deed, End, End, End, End]] = {
    "prepay": (
        prepay("ok"),
        End("wx-new", "prepay.created", "WAIT_PAY"),
        End("wx-old"),
        GONE,
        LATE,
    ),
    "prepay, refused": (
        prepay("NOTENOUGH"),
        End("wechat_refused", "prepay.failed"),
        End("wx-old"),
        GONE,
        LATE,
    ),
    "prepay, WeChat is away": (
        prepay("timeout"),
        End("wechat_unreachable", "prepay.failed"),
        End("wx-old"),
        GONE,
        LATE,
    ),
    "prepay, unproven": (
        prepay("garbled"),
        End("wechat_untrusted", "prepay.failed"),
        End("wx-old"),
        GONE,
        LATE,
    ),
    "prepay, paid at WeChat": (
        prepay("ORDERPAID"),
        End("already_paid", "prepay.failed order.paid order.healed", "PAID"),
        End("wx-old"),
        GONE,
        LATE,
    ),
    "prepay, paid at WeChat, which then says not paid": (
        {**prepay("ORDERPAID"), "query": ask("NOTPAY")},
        End("wechat_refused", "prepay.failed"),
        End("wx-old"),
        GONE,
        LATE,
    ),
    "close, paid at WeChat": (
        close("ORDERPAID"),
        OPEN_TO_CLOSED,
        End("already_paid", "order.paid order.healed", "PAID"),
        End("closed"),
        LATE,
    ),
    "close, paid at WeChat with too little": (
        close("ORDERPAID", ask("SUCCESS", off=-1)),
        OPEN_TO_CLOSED,
        MISMATCH._replace(answer="wechat_refused"),
        End("closed"),
        LATE,
    ),
    "close, unknown to WeChat": (
        close("ORDERNOTEXIST"),
        OPEN_TO_CLOSED,
        OPEN_TO_CLOSED,
        End("closed"),
        LATE,
    ),
    "close, closed at WeChat": (
        close("ORDERCLOSED"),
        OPEN_TO_CLOSED,
        OPEN_TO_CLOSED,
        End("closed"),
        LATE,
    ),
    "close, refused": (
        close("SYSTEMERROR"),
        OPEN_TO_CLOSED,
        End("wechat_refused"),
        End("closed"),
        LATE,
    ),
    "close, WeChat is away": (
        close("timeout"),
        OPEN_TO_CLOSED,
        End("wechat_unreachable"),
        End("closed"),
        LATE,
    ),
}


def end_of(name: str, before: OrderStatus) -> tuple[Deed, End]:
    deed, *ends = TABLE.get(name) or ASKING[name]
    if name in TABLE:
        ends.insert(0, ends[0])
    if deed["do"] == "prepay" and before == "REFUNDED":
        return deed, GONE  # nothing is left to be paid
    place = {"INIT": 0, "WAIT_PAY": 1, "CLOSED": 2}.get(before, 3)
    return deed, ends[place]


@contextmanager
def house(folder: Path) -> Iterator[tuple[House, asyncio.Runner]]:
    file = folder / "paywatch.db"
    database = open_database(f"sqlite:///{file}")
    migrate(database)
    database.close()
    with asyncio.Runner() as runner:
        shop = House(file, HandClock(NOW))
        runner.run(shop.start())
        runner.run(shop.stock())
        yield shop, runner
        runner.run(shop.stop())


def made(shop: House, runner: asyncio.Runner, num: str, before: OrderStatus) -> None:
    """An order in the state `before`; what no deed reaches yet is put into the table."""
    new = {"do": "create", "order": num, "total": PRICE, "minutes": 120, "key": num}
    assert runner.run(shop.perform_all([new])) == ["created"]
    if before in ("INIT", "CLOSED"):
        shop.look("UPDATE orders SET status = ? WHERE order_num = ?", before, num)
        return
    old = {**prepay("ok"), "order": num, "gives": "wx-old"}
    assert runner.run(shop.perform_all([old])) == ["wx-old"]
    if before != "WAIT_PAY":
        paid = "UPDATE orders SET status = ?, transaction_id = ?, paid_at = 1 WHERE order_num = ?"
        shop.look(paid, before, f"{FIRST} {num}", num)


@pytest.mark.parametrize("before", list(OrderStatus))
def test_news_of_every_kind_ends_for_every_state_as_the_table_says(
    tmp_path: Path, before: OrderStatus
) -> None:
    with house(tmp_path) as (shop, runner):
        made(shop, runner, "ELSEWHERE", OrderStatus.INIT)
        shop.look("UPDATE orders SET status = 'PAID', transaction_id = ?, paid_at = 1", ELSEWHERE)
        for i, name in enumerate([*TABLE, *ASKING]):
            deed, end = end_of(name, before)
            num = f"ORDER-{i:03}"
            made(shop, runner, num, before)
            shop.look("DELETE FROM alerts WHERE kind = 'bad_signature'")
            tx = ELSEWHERE if deed.get("tx") == ELSEWHERE else f"{deed.get('tx')} {num}"
            drawn = {**deed, "order": num, "tx": tx}
            if "query" in deed:
                drawn["query"] = {**deed["query"], "tx": f"{NEW} {num}"}
            assert lived(shop, runner, drawn) == end_as_seen(end, before), name


def lived(shop: House, runner: asyncio.Runner, deed: Deed) -> tuple[Any, ...]:
    """Do it, and say what is to be seen of it."""
    num, head = deed["order"], len(shop.events())
    cases = {on: case[1] for on, case in shop.state()["alerts"].items()}
    (answer,) = runner.run(shop.perform_all([deed]))
    state = shop.state()
    raised = [on[0] for on, case in state["alerts"].items() if case[1] != cases.get(on, 0)]
    receipts = [fen for (_, on), (fen, *_) in state["receipts"].items() if on == num]
    told = " ".join(kind for _, kind, _ in shop.events()[head:])
    return answer, told, state["orders"][num][0], raised, len(receipts)


def end_as_seen(end: End, before: OrderStatus) -> tuple[Any, ...]:
    status = before.value if end.status == "same" else end.status
    return end.answer, end.events, status, (end.alert or "").split(), int(end.receipt)
