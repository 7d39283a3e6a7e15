"""The database server crashes in the middle of traffic and comes back: what was answered SUCCESS is
paid, the rest is told to come again, and nobody needs to restart us."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from peewee import IntegrityError, OperationalError
from psycopg import errors as pg
from pymysql import err as my

from models.db_errors import DatabaseFailure, failure
from tests.support.databases import MariaDB, PostgreSQL
from tests.support.ports import free_port
from tests.support.rig import (
    SUCCESS,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
    until,
)

pytestmark = pytest.mark.one_database

ORDERS = 60


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> PostgreSQL | MariaDB:
    """One of our own: nobody else's may crash. MariaDB by its port, because PyMySQL leaves a unix
    socket that it could not connect to the collector, which warns."""
    return PostgreSQL() if request.param == "postgresql" else MariaDB(free_port())


@pytest.mark.gen_test
async def test_a_crash_of_the_database_server_loses_no_payment_that_was_answered(
    tmp_path: Path, server: PostgreSQL | MariaDB
) -> None:
    with server.database() as url:
        async with product(tmp_path, DATABASE_URL=url) as shop:
            traffic = Traffic(shop, [(await shop.order())["orderNum"] for _ in range(ORDERS)])
            work = asyncio.create_task(traffic.run())
            await until(traffic.flows)
            await asyncio.to_thread(server.crash_and_start)
            await until(traffic.all_succeeded)
            await work
            assert set(traffic.statuses) <= {200, 503}
            assert (await shop.fetch("/readyz")).code == 200
            for number, paid_by in traffic.succeeded.items():
                found = await shop.read(number)
                assert (found["status"], found["transactionId"]) == ("PAID", paid_by)
            kinds = Counter(event["kind"] for event in await shop.events())
            assert kinds["order.paid"] == ORDERS
            assert kinds.keys() <= {"order.created", "order.paid", "notify.duplicate"}
            seqs = [event["seq"] for event in await shop.events()]
            assert seqs == list(range(1, len(seqs) + 1))


class Traffic:
    """Delivers each order's notify again and again until it is answered SUCCESS, slowly enough for
    a crash to come in between."""

    def __init__(self, shop: Product, numbers: list[str]) -> None:
        self.shop = shop
        self.payments = {number: transaction() for number in numbers}
        self.succeeded: dict[str, str] = {}
        self.statuses: Counter[int] = Counter()

    async def flows(self) -> bool:
        return len(self.succeeded) > 5

    async def all_succeeded(self) -> bool:
        return len(self.succeeded) == len(self.payments)

    async def run(self) -> None:
        numbers = iter(self.payments)
        await asyncio.gather(*(self._work(numbers) for _ in range(4)))

    async def _work(self, numbers: Iterator[str]) -> None:
        for number in numbers:
            body = signed(notify_fields(number, self.payments[number]))
            while number not in self.succeeded:
                answer = await self.shop.notify(body)
                self.statuses[answer.code] += 1
                if answer.body == SUCCESS:
                    self.succeeded[number] = self.payments[number]
                await asyncio.sleep(0.05)


CAUSES = [
    (pg.DeadlockDetected(), DatabaseFailure.CONFLICT),
    (pg.SerializationFailure(), DatabaseFailure.CONFLICT),
    (my.OperationalError(1213, "Deadlock found"), DatabaseFailure.CONFLICT),
    (pg.AdminShutdown(), DatabaseFailure.LOST),
    (pg.ConnectionException(), DatabaseFailure.LOST),
    (pg.OperationalError("the connection is closed"), DatabaseFailure.LOST),
    (my.OperationalError(2013, "Lost connection"), DatabaseFailure.LOST),
    (my.InterfaceError(0, ""), DatabaseFailure.LOST),
    (pg.LockNotAvailable(), DatabaseFailure.OTHER),
    (pg.QueryCanceled(), DatabaseFailure.OTHER),
    (pg.DiskFull(), DatabaseFailure.OTHER),
    (my.OperationalError(1205, "Lock wait timeout exceeded"), DatabaseFailure.OTHER),
    (my.OperationalError(1040, "Too many connections"), DatabaseFailure.OTHER),
]


@pytest.mark.parametrize(("cause", "kind"), CAUSES, ids=[repr(cause) for cause, _ in CAUSES])
def test_what_an_error_means_is_read_from_its_cause(
    cause: Exception, kind: DatabaseFailure
) -> None:
    error = OperationalError("as Peewee says it")
    error.__cause__ = cause
    hiding = OperationalError("the rollback failed too")
    hiding.__context__ = error
    assert [failure(each) for each in (error, hiding)] == [kind, kind]


def test_a_key_that_was_taken_is_a_conflict_and_any_other_error_is_not() -> None:
    assert failure(IntegrityError("UNIQUE")) is DatabaseFailure.CONFLICT
    assert failure(OperationalError("database is locked")) is DatabaseFailure.OTHER
    assert failure(RuntimeError("a bug")) is DatabaseFailure.OTHER
