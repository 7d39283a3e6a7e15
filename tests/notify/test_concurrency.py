"""Many deliveries at once: one books, the others find the state as the first left it."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from models import Order
from models.base import rows
from services.runtime import locks
from services.settlement import waits
from tests.support.notify_rig import alerts, head, raw_notices, receipts
from tests.support.patience import PATIENCE_S
from tests.support.rig import (
    ABNORMAL,
    PRICE,
    SUCCESS,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
    until,
)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the lock and the database may take longer than WeChat would wait."""
    monkeypatch.setattr(waits, "PATIENCE_S", PATIENCE_S)
    monkeypatch.setattr(locks, "WAIT_S", PATIENCE_S)


@pytest.mark.gen_test
async def test_a_second_transaction_is_never_booked_on_a_paid_order(
    tmp_path: Path, patient: None
) -> None:
    async with product(tmp_path) as shop:
        number = (await shop.order())["orderNum"]
        txs = [transaction(), transaction()]
        bodies = [signed(notify_fields(number, tx)) for tx in txs]
        answers = await asyncio.gather(*(shop.notify(bodies[i % 2]) for i in range(64)))
        assert {answer.code for answer in answers} == {200}
        winner = (await shop.read(number))["transactionId"]
        assert winner in txs
        loser = txs[1 - txs.index(winner)]
        for i, answer in enumerate(answers):
            assert answer.body == (SUCCESS if txs[i % 2] == winner else ABNORMAL)
        await assert_paid_twice(shop, number, winner, loser)


async def assert_paid_twice(shop: Product, number: str, winner: str, loser: str) -> None:
    kinds = Counter(event["kind"] for event in await shop.events())
    assert kinds == {
        "order.created": 1,
        "order.paid": 1,
        "notify.duplicate": 31,
        "notify.refused": 32,
        "alert.raised": 1,
        "alert.repeated": 31,
    }
    (case,) = await alerts(shop)
    assert (case["kind"], case["orderNum"], case["count"]) == ("illegal_transition", number, 32)
    assert (case["expected"], case["actual"]) == (winner, loser)
    assert case["evidence"]["code"] == "paid_twice"
    assert await receipts(shop, loser) == [(number, PRICE, "paid_twice", "waiting")]
    assert await receipts(shop, winner) == []
    assert Counter(outcome for outcome, *_ in await raw_notices(shop)) == {
        "booked": 1,
        "duplicate": 31,
        "illegal_transition": 32,
    }


@pytest.mark.gen_test
async def test_one_transaction_is_never_booked_on_two_orders(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        numbers = [(await shop.order())["orderNum"] for _ in range(8)]
        tx = transaction()
        bodies = [signed(notify_fields(number, tx)) for number in numbers]
        answers = await asyncio.gather(*(shop.notify(body) for body in bodies))
        orders = [await shop.read(number) for number in numbers]
        (booked,) = [order["orderNum"] for order in orders if order["transactionId"] == tx]
        assert [order["status"] for order in orders].count("PAID") == 1
        assert [a.body for a in answers] == [
            SUCCESS if number == booked else ABNORMAL for number in numbers
        ]
        found = {case["orderNum"]: case for case in await alerts(shop)}
        assert set(found) == set(numbers) - {booked}
        for number, case in found.items():
            assert (case["kind"], case["expected"], case["actual"]) == (
                "illegal_transition",
                number,
                booked,
            )
            assert case["evidence"]["code"] == "reused_transaction"
        kept = await receipts(shop, tx)
        assert sorted(kept) == sorted((n, PRICE, "reused_id", "waiting") for n in found)


@pytest.mark.gen_test
async def test_many_orders_at_once_are_each_paid_once(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        numbers = [(await shop.order())["orderNum"] for _ in range(20)]
        bodies = [signed(notify_fields(number, transaction())) for number in numbers]
        answers = await asyncio.gather(*(shop.notify(body) for body in bodies * 5))
        assert {answer.body for answer in answers} == {SUCCESS}
        events = await shop.events()
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        paid = [event["orderNum"] for event in events if event["kind"] == "order.paid"]
        assert sorted(paid) == sorted(numbers)
        assert [e["kind"] for e in events].count("notify.duplicate") == 80


@pytest.mark.gen_test
async def test_a_poison_item_in_a_batch_sinks_nobody_else(tmp_path: Path, patient: None) -> None:
    async with product(tmp_path) as shop:
        numbers = [(await shop.order())["orderNum"] for _ in range(6)]
        seq, gate = await head(shop), threading.Event()
        store, late = shop.running.store, asyncio.get_running_loop().create_future()

        def wait(_batch: Any, items: Any) -> list[None]:
            late.get_loop().call_soon_threadsafe(late.set_result, None)
            assert gate.wait(PATIENCE_S)
            return [None] * len(items)

        def spoil(_batch: Any, _items: Any) -> list[None]:
            Order.update(title="spoiled").execute()
            raise RuntimeError("poison")

        waiting = asyncio.ensure_future(store.write(wait, 0))
        await late  # the writer is held: what follows is one batch
        bodies = [signed(notify_fields(number, transaction())) for number in numbers]
        notifies = [asyncio.ensure_future(shop.notify(body)) for body in bodies[:3]]
        poison = asyncio.ensure_future(store.write(spoil, 0))
        notifies += [asyncio.ensure_future(shop.notify(body)) for body in bodies[3:]]

        async def all_wait() -> bool:
            return store.waiting >= 1 + 3 + 1 + 3

        await until(all_wait)
        gate.set()
        answers = await asyncio.gather(*notifies)
        await waiting
        with pytest.raises(RuntimeError, match="poison"):
            await poison
        assert [answer.body for answer in answers] == [SUCCESS] * 6
        events = await shop.events(seq)
        assert sorted(event["orderNum"] for event in events) == sorted(numbers)
        assert {event["kind"] for event in events} == {"order.paid"}
        titles = await store.read(lambda: rows(Order.select(Order.title).distinct()))
        assert ("spoiled",) not in titles


@pytest.mark.gen_test
async def test_who_waits_too_long_for_the_lock_or_the_database_is_told_to_come_again(
    tmp_path: Path,
) -> None:
    async with product(tmp_path) as shop:
        number = (await shop.order())["orderNum"]
        body, gate = signed(notify_fields(number, transaction())), threading.Event()

        def hold(_batch: Any, items: Any) -> list[None]:
            assert gate.wait(20)
            return [None] * len(items)

        held = asyncio.ensure_future(shop.running.store.write(hold, 0))
        # The first has the lock and waits for the database, the second waits for the lock.
        answers = await asyncio.gather(shop.notify(body), shop.notify(body))
        gate.set()
        await held
        for answer in answers:
            assert (answer.code, answer.body) == (503, ABNORMAL)
            assert answer.headers["Retry-After"] == "5"
        assert (await shop.notify(body)).body == SUCCESS
        kinds = Counter(event["kind"] for event in await shop.events())
        assert (kinds["order.paid"], await alerts(shop)) == (1, [])


@pytest.mark.gen_test
async def test_a_mixed_batch_is_judged_in_sequence(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        number = (await shop.order())["orderNum"]
        txs = [transaction(), transaction()]
        good, second = (signed(notify_fields(number, tx)) for tx in txs)
        wrong = signed(notify_fields(number, transaction(), total_fee="1"))
        nobody = signed(notify_fields("NOBODYS-ORDER", transaction()))
        forged = signed(notify_fields(number, transaction()), "0" * 32)
        bodies = [good, second, wrong, nobody, forged] * 6
        await asyncio.gather(*(shop.notify(body) for body in bodies))
        assert (await shop.read(number))["transactionId"] in txs
        counts = {(case["kind"], case["orderNum"]): case["count"] for case in await alerts(shop)}
        assert counts == {
            ("illegal_transition", number): 6,
            ("amount_mismatch", number): 6,
            ("missing_order", "NOBODYS-ORDER"): 6,
            ("bad_signature", None): 6,
        }
        kinds = Counter(event["kind"] for event in await shop.events())
        assert kinds == {
            "order.created": 1,
            "order.paid": 1,
            "notify.duplicate": 5,
            "notify.refused": 18,
            "alert.raised": 4,
            "alert.repeated": 15 + 2,  # authentic ones each; forged ones at 2 and 4
        }
