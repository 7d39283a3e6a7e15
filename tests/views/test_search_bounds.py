"""However many orders there are, a search reads a bounded number of rows, and its pages together
show every order that it names once. On every database."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from peewee import Database, chunked

from bench.growth import data
from bench.growth.questions import questions
from models import TABLES, Alert, Order, Product, Refund
from models.base import dicts
from models.database import open_database
from models.order import PHONE_TAIL
from services.runtime.clock import DAY_MS
from services.views import index_look
from services.views.list_position import ListPosition
from services.views.order_filter import OrderFilter, RefundState
from services.views.order_list import OrderPage, find_orders
from tests.support.databases import KIND, database, empty_database
from tests.views.rows_read import rows_read

PHONE, OPEN_ID = "13800001111", "oUpF8uHEAVY0000000000000000"
MANY, LIMIT = 20_000, 10
LOOK, REACH, ALIKE = 20, 100, 40
MOST_READ = 1_500
"""Rows of tables and indexes that a search may read, of all statements together. Those that only
count over an index read up to REACH, the others LOOK rows of each part of an index."""


@contextmanager
def filled(folder: Path, count: int) -> Iterator[Database]:
    """A bound database with so many invented orders."""
    with (
        empty_database(folder, "sqlite") as url,
        closing(open_database(url, patient=True)) as found,
        found.bind_ctx(TABLES),
    ):
        data.fill(found, count)
        if KIND == "sqlite":
            yield found
            return
        tables = {table: dicts(table.select()) for table in (Product, Order)}
        for table in (Alert, Refund):
            tables[table] = [_without_id(row) for row in dicts(table.select())]
    with (
        database(folder) as url,
        closing(open_database(url, patient=True)) as found,
        found.bind_ctx(TABLES),
    ):
        for table, rows in tables.items():
            for some in chunked(rows, 500):
                table.insert_many(some).execute()
        analyze = (
            "VACUUM ANALYZE" if KIND == "postgresql" else "ANALYZE TABLE orders, alerts, refunds"
        )
        found.execute_sql(analyze)
        yield found


def _without_id(row: dict[str, Any]) -> dict[str, Any]:
    """PostgreSQL must count itself where more are to come."""
    return {name: value for name, value in row.items() if name != "id"}


# --- what is read --------------------------------------------------------------------------------


def test_a_search_reads_a_bounded_number_of_rows(tmp_path, monkeypatch):
    for name, value in {"LOOK": LOOK, "ALIKE": ALIKE, "HIGHEST": ALIKE}.items():
        monkeypatch.setattr(index_look, name, value)
    with filled(tmp_path, MANY) as found:
        for name, wanted in questions():
            pages: list[OrderPage] = []

            def ask(wanted: OrderFilter = wanted, pages: list[OrderPage] = pages) -> None:
                pages.append(find_orders(wanted, data.NOW, None, LIMIT, REACH))

            read = rows_read(found, ask)
            assert read <= MOST_READ, (name, read)
            if place := pages[0].next:
                read = rows_read(
                    found, lambda at=place, w=wanted: find_orders(w, data.NOW, at, LIMIT, REACH)
                )
                assert read <= MOST_READ, (name, "the next page", read)


# --- what is found -------------------------------------------------------------------------------

Row = dict[str, Any]
DAY = data.NOW - 120 * DAY_MS
CASES: dict[str, tuple[OrderFilter, Callable[[Row], bool]]] = {
    "all": (OrderFilter(), lambda row: True),
    "two states": (
        OrderFilter(statuses=("REFUNDED", "CLOSED")),
        lambda row: row["status"] in ("REFUNDED", "CLOSED"),
    ),
    "a state and two of the service": (
        OrderFilter(statuses=("PAID",), services=("SERVICE_WAIT", "SERVICE_CANCELLED")),
        lambda row: (
            row["status"] == "PAID"
            and row["service_status"] in ("SERVICE_WAIT", "SERVICE_CANCELLED")
        ),
    ),
    "phone": (OrderFilter(PHONE), lambda row: row["phone"] == PHONE),
    "phone, closed": (
        OrderFilter(PHONE, ("CLOSED",)),
        lambda row: row["phone"] == PHONE and row["status"] == "CLOSED",
    ),
    "first three, refunded": (
        OrderFilter("138", ("REFUNDED", "CLOSED")),
        lambda row: (
            (row["phone"] or "").startswith("138") and row["status"] in ("REFUNDED", "CLOSED")
        ),
    ),
    "last four": (OrderFilter("尾号 1111"), lambda row: row["phone_tail"] == "1111"),
    "masked": (
        OrderFilter("138****1111", services=("SERVED",)),
        lambda row: row["phone"] == PHONE and row["service_status"] == "SERVED",
    ),
    "openid": (
        OrderFilter(OPEN_ID, ("CLOSED",)),
        lambda row: row["open_id"] == OPEN_ID and row["status"] == "CLOSED",
    ),
    "openid, six": (
        OrderFilter("oUpF8u", ("CLOSED",)),
        lambda row: row["open_id"].startswith("oUpF8u") and row["status"] == "CLOSED",
    ),
    "amounts": (
        OrderFilter(min_fen=6_000, max_fen=60_000, statuses=("CLOSED",)),
        lambda row: 6_000 <= row["total_fen"] <= 60_000 and row["status"] == "CLOSED",
    ),
    "high amounts": (OrderFilter(min_fen=100_000), lambda row: row["total_fen"] >= 100_000),
    "an amount of a merchant": (
        OrderFilter("399", mch_id="1900000110"),
        lambda row: row["total_fen"] in (39_900, 399) and row["mch_id"] == "1900000110",
    ),
    "paid lately, cancelled": (
        OrderFilter(paid_since=DAY, services=("SERVICE_CANCELLED", "SERVED")),
        lambda row: (
            (row["wechat_paid_at"] or 0) >= DAY
            and row["service_status"] in ("SERVICE_CANCELLED", "SERVED")
        ),
    ),
    "with alerts": (OrderFilter(with_alerts=True), lambda row: row["alerted"]),
    "with alerts, lately": (
        OrderFilter(with_alerts=True, since=DAY),
        lambda row: row["alerted"] and row["created_at"] >= DAY,
    ),
    "paid by a code": (
        OrderFilter(trades=("NATIVE", "MWEB"), statuses=("PAID",)),
        lambda row: row["trade_type"] in ("NATIVE", "MWEB") and row["status"] == "PAID",
    ),
    "nothing refunded": (
        OrderFilter(refunds=(RefundState.NONE,), trades=("JSAPI",)),
        lambda row: row["status"] == "PAID" and not row["waits"] and row["trade_type"] == "JSAPI",
    ),
    "part refunded": (
        OrderFilter(refunds=(RefundState.PART,)),
        lambda row: 0 < row["refunded_fen"] < row["total_fen"],
    ),
    "refunded, part or whole": (
        OrderFilter(refunds=(RefundState.PART, RefundState.FULL)),
        lambda row: row["refunded_fen"] > 0,
    ),
    "a refund waits": (OrderFilter(refunds=(RefundState.WAITING,)), lambda row: row["waits"]),
    "a refund waits, or is done": (
        OrderFilter(refunds=(RefundState.FULL, RefundState.WAITING)),
        lambda row: row["waits"] or row["status"] == "REFUNDED",
    ),
    "product, until a day": (
        OrderFilter("商品:咨询", ("CLOSED",), until=DAY),
        lambda row: (
            row["product_id"] in ("p0", "p1")
            and row["status"] == "CLOSED"
            and row["created_at"] < DAY
        ),
    ),
}
FEW = {"LOOK": 3, "ALIKE": 2, "OFTEN": 2}
PAGED: tuple[tuple[dict[str, int], int, int], ...] = (
    (FEW, 7, 3),
    ({"LOOK": 40, "ALIKE": 90}, 90, 1),
    ({}, 999, 8),
)
"""The bounds of a search, how far it looks, and how many are on a page."""


def test_the_pages_of_a_search_show_each_of_its_orders_once(tmp_path, monkeypatch):
    with filled(tmp_path, 400):
        rows = _mix()
        for bounds, reach, limit in PAGED if KIND == "sqlite" else PAGED[:1]:
            with monkeypatch.context() as patch:
                for name, value in bounds.items():
                    patch.setattr(index_look, name, value)
                for name, (wanted, meets) in CASES.items():
                    expected = [row["id"] for row in rows if meets(row)]
                    assert expected, name
                    found = _all_pages(wanted, limit, reach)
                    assert found == expected, (name, bounds)


def test_the_pages_of_a_text_keep_to_one_way_to_read_it(tmp_path, monkeypatch):
    """Four digits are an amount, or the end of a phone; the first that finds something is meant."""
    for name, value in FEW.items():
        monkeypatch.setattr(index_look, name, value)
    with filled(tmp_path, 400):
        dear = Order.update(total_fen=111_100, phone=None, phone_tail=None, status="PAID")
        paid = Order.status.in_(("PAID", "REFUNDED"))
        dear.where(paid, Order.id.in_(range(4, 400, 10))).execute()
        rows = _mix()
        ends = [row for row in rows if row["phone_tail"] == "1111"]
        for status in ("CLOSED", "REFUNDED"):  # of these the amount has none, but does not know
            expected = [row["id"] for row in ends if row["status"] == status]
            for limit in (1, 5):
                assert _all_pages(OrderFilter("1111", (status,)), limit, 7) == expected
        # It has one, but farther back than the first page looks, which finds a phone.
        monkeypatch.setattr(index_look, "LOOK", 30)
        oldest = next(row["id"] for row in reversed(rows) if row["phone_tail"] != "1111")
        closed = Order.update(total_fen=111_100, status="CLOSED", paid_at=None)
        closed.where(Order.id == oldest).execute()
        expected = [row["id"] for row in ends if row["status"] == "CLOSED"]
        assert _all_pages(OrderFilter("1111", ("CLOSED",)), 1, 7) == expected


def test_dense_and_sparse_values_together_lose_no_order(tmp_path, monkeypatch):
    """Whatever the bounds are, paging gives each order of a search once, newest first, though of
    the values that are searched together some have many orders and others few."""
    with filled(tmp_path, UNEVEN) as found:
        for seed in range(4 if KIND == "sqlite" else 2):
            drawn = random.Random(seed)
            _make_uneven(found, drawn)
            rows = _listed()
            for _ in range(20):
                for name, among in BOUNDS.items():
                    monkeypatch.setattr(index_look, name, drawn.choice(among))
                wanted = _asked(drawn)
                expected = [row["id"] for row in rows if _meets(row, wanted)]
                found_ids = _all_pages(wanted, drawn.choice(LIMITS), drawn.choice(REACHES))
                assert found_ids == expected, (seed, wanted)


UNEVEN, KINDS = 80, 9
BOUNDS = {"LOOK": (2, 3, 5), "FURTHER": (2, 10), "ALIKE": (2, 200), "OFTEN": (2, 4)}
REACHES, LIMITS = (4, 20, 200), (1, 2, 4)
CHOICES = {
    "status": ("PAID", "REFUNDING", "PARTIALLY_REFUNDED", "REFUNDED"),
    "service_status": ("SERVICE_WAIT", "IN_SERVICE", "SERVED", "SERVICE_CANCELLED"),
    "product_id": ("p0", "p1", "p2", "p3"),
    "mch_id": ("1900000109", "1900000110"),
}
TEXT, NAMED = "商品:咨询", ("p0", "p1")


def _make_uneven(found: Database, drawn: random.Random) -> None:
    """A few kinds of orders, some frequent and some rare; so a value may be frequent, and yet rare
    beside another one."""
    kinds = [{name: drawn.choice(each) for name, each in CHOICES.items()} for _ in range(KINDS)]
    weights = [drawn.random() ** 4 + 0.02 for _ in kinds]
    with found.atomic():
        for (order_id,) in Order.select(Order.id).order_by(Order.id).tuples():
            made = data.NOW - drawn.randrange(1, UNEVEN) * DAY_MS
            paid = {"paid_at": made, "transaction_id": str(order_id)}
            (kind,) = drawn.choices(kinds, weights)
            Order.update(**kind, **paid, created_at=made).where(Order.id == order_id).execute()


def _asked(drawn: random.Random) -> OrderFilter:
    return OrderFilter(
        drawn.choice(("", TEXT)),
        tuple(drawn.sample(CHOICES["status"], drawn.choice((0, 2, 3)))),
        tuple(drawn.sample(CHOICES["service_status"], drawn.choice((0, 2)))),
        until=drawn.choice((None, data.NOW - UNEVEN // 3 * DAY_MS)),
        mch_id=drawn.choice((None, *CHOICES["mch_id"])),
    )


def _meets(row: Row, wanted: OrderFilter) -> bool:
    return (
        row["product_id"] in (NAMED if wanted.q else CHOICES["product_id"])
        and row["status"] in (wanted.statuses or CHOICES["status"])
        and row["service_status"] in (wanted.services or CHOICES["service_status"])
        and row["mch_id"] in ((wanted.mch_id,) if wanted.mch_id else CHOICES["mch_id"])
        and row["created_at"] < (wanted.until or data.NOW)
    )


def test_a_page_has_whatever_there_is_among_the_newest_orders(tmp_path, monkeypatch):
    monkeypatch.setattr(index_look, "LOOK", 2)
    newest = 150
    with filled(tmp_path, 400):
        rows = _mix()
        for name, (wanted, meets) in CASES.items():
            within = [row for row in rows if row["created_at"] < (wanted.until or data.NOW)]
            expected = [row["id"] for row in within[:newest] if meets(row)]
            page = find_orders(wanted, data.NOW, None, newest, newest)
            assert [view.id for view in page.views][: len(expected)] == expected, name


def _mix() -> list[Row]:
    """Give a fifth of the orders to one buyer, some an alert, and all times that do not follow the
    ids and of which several are the same. All orders as they are then listed."""
    heavy = Order.update(phone=PHONE, phone_tail=PHONE[-PHONE_TAIL:], open_id=OPEN_ID)
    heavy.where(Order.id.in_(range(2, 400, 5))).execute()
    for row in dicts(Order.select(Order.id, Order.created_at)):
        day = row["created_at"] // DAY_MS * DAY_MS - row["id"] * 7 % 30 * DAY_MS
        Order.update(created_at=day).where(Order.id == row["id"]).execute()
    for (number,) in Order.select(Order.order_num).where(Order.id.in_(range(9, 400, 23))).tuples():
        Alert.insert(
            kind="amount_mismatch",
            subject=number,
            severity="critical",
            order_num=number,
            first_seen=1,
            last_seen=1,
            expected="1",
            actual="2",
            evidence="{}",
        ).execute()
    Order.update(trade_type="NATIVE").where(Order.id.in_(range(1, 400, 3))).execute()
    _part_and_waiting()
    return _listed()


def _part_and_waiting() -> None:
    """Some paid orders of which a part went back, and some refunds that are not done."""
    part = Order.update(status="PARTIALLY_REFUNDED", refunded_fen=1)
    part.where(Order.service_status == "SERVED", Order.id.in_(range(5, 400, 19))).execute()
    states = ("REQUESTED", "PROCESSING", "REJECTED", "SUCCESS")
    some = Order.paid_at.is_null(False) & Order.id.in_(range(3, 400, 17))
    paid = dicts(Order.select().where(some))
    Refund.delete().execute()
    for at, row in enumerate(paid):
        Refund.insert(
            refund_num=f"R{at}",
            order_num=row["order_num"],
            app_id=row["app_id"],
            mch_id=row["mch_id"],
            transaction_id=row["transaction_id"],
            total_fen=row["total_fen"],
            amount_fen=1,
            reason="x",
            status=states[at % 4],
            requested_by="bob",
            created_at=1,
            updated_at=1,
        ).execute()


def _listed() -> list[Row]:
    alerted = {number for (number,) in Alert.select(Alert.order_num).tuples()}
    open_states = Refund.status.in_(("REQUESTED", "PROCESSING"))
    waiting = {number for (number,) in Refund.select(Refund.order_num).where(open_states).tuples()}
    rows = [
        {**row, "alerted": row["order_num"] in alerted, "waits": row["order_num"] in waiting}
        for row in dicts(Order.select())
    ]
    return sorted(rows, key=lambda row: (row["created_at"], row["id"]), reverse=True)


def _all_pages(wanted: OrderFilter, limit: int, reach: int) -> list[int]:
    seen: list[int] = []
    place: ListPosition | None = None
    while True:
        page = find_orders(wanted, data.NOW, place, limit, reach)
        assert len(page.views) <= limit
        seen += [view.id for view in page.views]
        if page.next is None:
            return seen
        assert page.next != place
        place = page.next
