"""Finding an order among a million, by each thing that people know of one:
`python -m bench.lookup [--orders N] [--url DATABASE]`.

Fills a fresh SQLite file (or the empty database at the address) and asks every kind of question
through the product's own search, on a page of 50; prints the median and the worst of five."""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any

from peewee import Database

from models import TABLES, Alert, Order, Product
from models.database import is_sqlite, migrate, open_database
from models.order import PHONE_TAIL
from services.runtime.clock import DAY_MS, MINUTE_MS, SystemClock, day_start
from services.views.order_filter import OrderFilter
from services.views.order_list import find_orders

DAYS = 365
CHUNK = 1_000
TIMES = 5
BUDGET_MS = 3_000
PRODUCTS = (
    ("consult-60", "一对一咨询（60 分钟）", 39_900, 30),
    ("consult-90", "一对一咨询（90 分钟）", 59_900, 20),
    ("talk", "《好好说话》课程", 29_800, 25),
    ("book", "练习手册", 6_800, 20),
    ("checkup", "年度健康咨询套餐", 128_000, 4),
    ("rare", "企业法务顾问年度套餐", 1_268_500, 1),
)
FAMILY, GIVEN = "王李张刘陈杨赵黄周吴徐孙马朱胡", "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英华玉"
STATUSES = ("PAID",) * 88 + ("CLOSED",) * 10 + ("REFUNDED",)
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.lookup", description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--url")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(given.url or f"sqlite:///{folder}/lookup.db", patient=True)
        migrate(database)
        with database.bind_ctx(TABLES):
            now = SystemClock().now_ms()
            started = time.monotonic()
            known = fill(database, given.orders, now)
            print(f"{given.orders:,} orders in {time.monotonic() - started:.0f} s", flush=True)
            slowest = max(ask(name, wanted, now) for name, wanted in questions(known, now))
            database.close()
    sys.exit(f"Over {BUDGET_MS} ms." if slowest > BUDGET_MS else 0)


def fill(database: Database, count: int, now: int) -> dict[str, Any]:
    """Insert the orders; what is known of one from the middle."""
    chance = random.Random(1)
    for product_id, title, price, _ in PRODUCTS:
        Product.insert(
            id=product_id, title=title, price_fen=price, created_at=now, updated_at=now
        ).execute()
    rows, known = orders(chance, count, now), {}
    while chunk := list(islice(rows, CHUNK)):
        with database.atomic():
            Order.insert_many(chunk).execute()
        if len(known) == 0 and chunk[0]["created_at"] > now - DAYS * DAY_MS // 2:
            known = next(row for row in chunk if row["status"] == "PAID")
    alert = {
        "kind": "amount_mismatch",
        "severity": "critical",
        "count": 1,
        "first_seen": now,
        "last_seen": now,
        "expected": "1",
        "actual": "2",
        "evidence": "{}",
    }
    Alert.insert(**alert, subject=known["order_num"], order_num=known["order_num"]).execute()
    if is_sqlite(database):
        database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return known


def orders(chance: random.Random, count: int, now: int) -> Iterator[dict[str, Any]]:
    """The orders of a year of trade, the oldest first."""
    weights = [weight for *_, weight in PRODUCTS]
    for i in range(count):
        made = now - DAYS * DAY_MS * (count - i) // count
        product_id, title, price, _ = chance.choices(PRODUCTS, weights)[0]
        status = (
            "WAIT_PAY" if now - made < 120 * MINUTE_MS and i % 3 == 0 else chance.choice(STATUSES)
        )
        phone = f"1{chance.choice('3589')}{chance.randrange(10**9):09}"
        paid = status not in ("WAIT_PAY", "CLOSED")
        day = time.strftime("%y%m%d%H%M%S", time.gmtime(made / 1000 + 8 * 3600))
        yield {
            "order_num": day + "".join(chance.choices(LETTERS, k=8)),
            "product_id": product_id,
            "title": title,
            "total_fen": price,
            "status": status,
            "service_status": chance.choice(("SERVED", "SERVICE_WAIT")) if paid else None,
            "app_id": "wx8888888888888888",
            "mch_id": "1900000109",
            "status_token": "t",
            "trade_type": "JSAPI",
            "open_id": "o" + "".join(chance.choices(LETTERS, k=27)),
            "phone": phone,
            "phone_tail": phone[-PHONE_TAIL:],
            "customer": chance.choice(FAMILY) + "".join(chance.choices(GIVEN, k=2)),
            "transaction_id": f"4200{chance.randrange(10**6):06}{i:018}" if paid else None,
            "created_at": made,
            "updated_at": made,
            "paid_at": made + 9_000 if paid else None,
            "expires_at": made + 120 * MINUTE_MS,
        }


def questions(known: dict[str, Any], now: int) -> Iterator[tuple[str, OrderFilter]]:
    num, tx, phone = known["order_num"], known["transaction_id"], known["phone"]
    texts = {
        "order number": num,
        "order, 12": num[:12],
        "order, 4": num[:4],
        "transaction id": tx,
        "transaction, 12": tx[:12],
        "transaction, 4 (all)": tx[:4],
        "openid": known["open_id"],
        "openid, 8": known["open_id"][:8],
        "phone": phone,
        "phone, 7": phone[:7],
        "phone, 3": phone[:3],
        "phone, last four": f"尾号 {phone[-4:]}",
        "phone, masked": f"{phone[:3]}****{phone[-4:]}",
        "product": "咨询",
        "product, rare": "法务",
        "product, id": "rare",
        "customer": known["customer"],
        "customer, a part": known["customer"][1:],
        "text that nobody has": "没有这个名字",
        "letters that nobody has": "nosuchname",
        "number that nobody has": "999999999999",
        "amount, common": "399",
        "amount, none": "123.45",
        "amount and time": "68 昨晚8点",
        "amount and day": "12685 前天",
        "time": "last night",
    }
    yield from ((f"{name}: {_shown(text)}", OrderFilter(q=text)) for name, text in texts.items())
    week = day_start(now) - 6 * DAY_MS
    yield "no text, 7 days", OrderFilter(since=week)
    yield "no text, all", OrderFilter()
    yield "pending", OrderFilter(statuses=("INIT", "WAIT_PAY"))
    yield "refunding (none)", OrderFilter(statuses=("REFUNDING",))
    yield (
        "refunded, in service (none)",
        OrderFilter(statuses=("REFUNDED",), services=("IN_SERVICE",)),
    )
    yield "in service (none)", OrderFilter(services=("IN_SERVICE",))
    yield "with alerts (one, old)", OrderFilter(with_alerts=True)
    yield "amount from to (none)", OrderFilter(min_fen=1, max_fen=2)
    yield "a merchant (none)", OrderFilter(mch_id="1900000200")
    yield "product, refunded, 30 days", OrderFilter("咨询", ("REFUNDED",), since=now - 30 * DAY_MS)
    yield "phone, 3, refunded", OrderFilter(phone[:3], ("REFUNDED",))


def _shown(text: str) -> str:
    return text if len(text) < 13 else f"{text[:10]}…"


def ask(name: str, wanted: OrderFilter, now: int) -> float:
    """The slowest answer, in ms."""
    took = []
    for _ in range(TIMES):
        started = time.perf_counter()
        found = find_orders(wanted, now, None, 50)
        took.append((time.perf_counter() - started) * 1000)
    rows, more = len(found.views), "more" if found.next_id else ""
    read = found.lookup.field.value if found.lookup else ""
    print(
        f"{name:40} {read:13} {rows:3} rows {more:5} "
        f"{statistics.median(took):7.1f} ms  worst {max(took):7.1f} ms",
        flush=True,
    )
    return max(took)


if __name__ == "__main__":
    main()
