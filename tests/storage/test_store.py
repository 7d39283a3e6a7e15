"""The edges of the one door to the database: its bounds, its repeats, and what it says then."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from peewee import OperationalError

from models import Counter, Order, Product
from models.database import migrate, open_database
from models.statements import Dialect, statements_for
from models.store import MAX_BATCH, MAX_READS_WAITING, MAX_WAITING, RERUNS, Store
from models.transaction import Batch
from payments.errors import Busy
from tests.life.order_house import HandClock, House
from tests.life.order_model import ABNORMAL, SUCCESS, Deed

pytestmark = pytest.mark.one_database

NOW = 1_735_790_400_000
ORDER: Deed = {"do": "create", "order": "ORDER-0", "total": 8800, "minutes": 120, "key": "k"}
PAYMENT: Deed = {
    "do": "notify",
    "order": "ORDER-0",
    "tx": "42000",
    "total": 8800,
    "flaw": None,
    "source": "198.51.100.0/24",
}


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    """The services over an empty file, with one order."""
    database = open_database(f"sqlite:///{folder}/paywatch.db")
    migrate(database)
    database.close()
    shop = House(folder / "paywatch.db", HandClock(NOW))
    await shop.start()
    await shop.stock()
    assert await shop.perform(ORDER) == "created"
    yield shop
    await shop.stop()


@asynccontextmanager
async def held_writer(store: Store) -> AsyncIterator[None]:
    """The writer is busy until the block ends; what comes meanwhile waits."""
    gate, holds = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold(_batch: Batch, items: Any) -> list[None]:
        loop.call_soon_threadsafe(holds.set)
        assert gate.wait(30)
        return [None] * len(items)

    holding = asyncio.ensure_future(store.write(hold, 0))
    await holds.wait()
    try:
        yield
    finally:
        gate.set()
        await holding


def nothing(_batch: Batch, items: Any) -> list[Any]:
    return list(items)


# --- bounds --------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_writes_that_wait_have_a_bound_and_are_all_written_in_their_order(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as shop:
        sizes: list[int] = []

        def count(_batch: Batch, items: Any) -> list[Any]:
            sizes.append(len(items))
            return list(items)

        async with held_writer(shop.store):
            waiting = [
                asyncio.ensure_future(shop.store.write(count, i)) for i in range(MAX_WAITING - 1)
            ]
            await asyncio.sleep(0)
            with pytest.raises(Busy):
                await shop.store.write(nothing, 0)
        assert await asyncio.gather(*waiting) == list(range(MAX_WAITING - 1))
        assert max(sizes) <= MAX_BATCH
        assert await shop.store.write(nothing, 7) == 7


@pytest.mark.gen_test
async def test_what_one_turn_of_the_loop_brings_is_one_batch(tmp_path: Path) -> None:
    async with house(tmp_path) as shop:
        sizes: list[int] = []

        def count(_batch: Batch, items: Any) -> list[Any]:
            sizes.append(len(items))
            return list(items)

        for many in (1, 5, MAX_BATCH):
            asked = [shop.store.write(count, i) for i in range(many)]
            assert await asyncio.gather(*asked) == list(range(many))
        assert sizes == [1, 5, MAX_BATCH]


@pytest.mark.gen_test
async def test_a_result_that_cannot_be_handed_over_keeps_none_from_the_others(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as shop:
        shop.store.submit(nothing, 1, lambda result: result.lost)
        assert await shop.store.write(nothing, 2) == 2
        assert shop.store.waiting == 0


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.gen_test
async def test_a_writer_that_ends_loses_one_batch_and_no_more(tmp_path: Path) -> None:
    def end(_batch: Batch, _items: Any) -> list[Any]:
        raise SystemExit

    async with house(tmp_path) as shop:
        async with held_writer(shop.store):
            lost = asyncio.ensure_future(shop.store.write(end, 0))
            waiting = [
                asyncio.ensure_future(shop.store.write(nothing, i)) for i in range(2 * MAX_BATCH)
            ]
            await asyncio.sleep(0)
        await asyncio.to_thread(shop.store._writer.join)
        await shop.store.supervise()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        with pytest.raises(Busy):
            await lost
        assert [type(each) for each in found[: MAX_BATCH - 1]] == [Busy] * (MAX_BATCH - 1)
        assert found[MAX_BATCH - 1 :] == list(range(MAX_BATCH - 1, 2 * MAX_BATCH))


@pytest.mark.gen_test
async def test_reads_that_wait_have_a_bound(tmp_path: Path) -> None:
    async with house(tmp_path) as shop:
        gate = threading.Event()
        waiting = [
            asyncio.ensure_future(shop.store.read(gate.wait, 30)) for _ in range(MAX_READS_WAITING)
        ]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await shop.store.read(lambda: 1)
        gate.set()
        assert all(await asyncio.gather(*waiting))
        assert await shop.store.read(lambda: 1) == 1


@pytest.mark.gen_test
async def test_a_store_that_is_closed_takes_neither_a_write_nor_a_read(tmp_path: Path) -> None:
    async with house(tmp_path) as shop:
        await shop.store.close()
        with pytest.raises(Busy):
            await shop.store.write(nothing, 0)
        with pytest.raises(Busy):
            await shop.store.read(lambda: 1)
        await shop.start()


# --- troubles of the database --------------------------------------------------------------------


class Deadlock(Exception):
    sqlstate = "40P01"


def deadlocks(times: int) -> tuple[list[int], Callable[[Batch, Any], list[Any]]]:
    """An op that meets so many deadlocks, and the list of its runs."""
    runs: list[int] = []

    def op(_batch: Batch, items: Any) -> list[Any]:
        runs.append(len(items))
        Product.update(title="half done").execute()
        if len(runs) <= times:
            raise OperationalError("deadlock") from Deadlock()
        return list(items)

    return runs, op


@pytest.mark.gen_test
async def test_a_deadlock_is_run_again_and_its_victim_notices_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as shop:
        runs, op = deadlocks(RERUNS)
        assert await shop.store.write(op, 5) == 5
        assert len(runs) == RERUNS + 1


@pytest.mark.gen_test
async def test_a_deadlock_without_end_is_busy_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    async with house(tmp_path) as shop:
        runs, op = deadlocks(RERUNS + 1)
        with pytest.raises(Busy):
            await shop.store.write(op, 5)
        assert len(runs) == RERUNS + 1
        assert ("half done",) not in shop.look("SELECT title FROM products")


@pytest.mark.gen_test
async def test_a_read_that_the_database_refuses_is_busy_and_the_next_one_works(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as shop:
        shop.look("ALTER TABLE products RENAME TO elsewhere")
        with pytest.raises(Busy):
            await shop.store.read(lambda: Product.select().count())
        shop.look("ALTER TABLE elsewhere RENAME TO products")
        assert await shop.store.read(lambda: Product.select().count()) == 3


# --- a notify meanwhile --------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_notify_that_was_told_to_come_again_is_booked_once(tmp_path: Path) -> None:
    """WeChat waits five seconds for an answer; the database takes longer this time."""
    async with house(tmp_path) as shop:
        async with held_writer(shop.store):
            assert await shop.perform(PAYMENT) == ABNORMAL
            assert shop.state()["orders"]["ORDER-0"][0] == "INIT"
        assert await shop.perform(PAYMENT) == SUCCESS
        kinds = [kind for _, kind, _ in shop.events()]
        # It was written after all, though nobody waited for it any more.
        assert kinds == ["order.created", "order.paid", "notify.duplicate"]


@pytest.mark.gen_test
async def test_an_order_that_does_not_take_its_payment_is_never_told_as_paid(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with house(tmp_path) as shop:
        shop.look("CREATE TRIGGER deaf BEFORE UPDATE ON orders BEGIN SELECT RAISE(IGNORE); END")
        assert await shop.perform(PAYMENT) == ABNORMAL
        assert "a row changed under its lock" in caplog.text
        assert [kind for _, kind, _ in shop.events()] == ["order.created"]
        assert shop.state()["proven"] == 0
        shop.look("DROP TRIGGER deaf")
        assert await shop.perform(PAYMENT) == SUCCESS
        assert shop.state()["orders"]["ORDER-0"][0] == "PAID"


# --- statements ----------------------------------------------------------------------------------


def of_a_status(_d: Dialect) -> Any:
    return Order.select(Order.order_num).where(Order.status == "PAID")


def to_a_status(_d: Dialect) -> Any:
    return Order.update(status="PAID")


def test_a_compiled_statement_holds_no_value_that_came_from_outside(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/paywatch.db")
    database.bind([Order])
    statements = statements_for(database)
    with pytest.raises(ValueError, match="give it parameters only"):
        statements.fetch(of_a_status, ["ORDER-0"])
    with pytest.raises(ValueError, match="to_a_status holds values"):
        statements.write(to_a_status, [{}])
    literal = Dialect().literal
    assert literal("WAIT_PAY").sql == "'WAIT_PAY'"
    for word in ("", "it's", "a b", "1", "') OR ('a"):
        with pytest.raises(ValueError, match="not a plain word"):
            literal(word)


def test_rows_of_any_number_arrive_in_few_statements_and_few_texts(tmp_path: Path) -> None:
    """Up to 64 rows in two statements; each text is kept, so there must not be one a length."""
    database = open_database(f"sqlite:///{tmp_path}/paywatch.db")
    database.bind([Counter])
    database.create_tables([Counter])
    statements, texts = statements_for(database), set()
    for count in (*range(1, 65), 127, 256, 300):
        told: list[str] = []
        database.connection().set_trace_callback(told.append)
        rows = [{"name": "n", "at": count * 1000 + at, "value": at} for at in range(count)]
        statements.insert(Counter, rows)
        database.connection().set_trace_callback(None)
        inserts = [text.count("), (") + 1 for text in told if text.startswith("INSERT")]
        assert sum(inserts) == count
        assert len(inserts) <= (2 if count <= 64 else 4)
        texts |= set(inserts)
        assert Counter.select().where(Counter.at.between(count * 1000, count * 1000 + 999)).count()
    assert Counter.select().count() == sum((*range(1, 65), 127, 256, 300))
    assert len(texts) <= 24
