"""What one settling batch asks of a database server: a number of round trips that does not grow
with the batch, and the same rows whatever the size is."""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models import AuditEntry, Counter, Event, Order, RawNotify
from models import store as door
from models.base import rows
from models.database import open_database
from models.store import Store
from models.transaction import Batch, NewEvent
from payments.errors import Busy
from payments.merchant import Merchants
from payments.outcomes import Outcome
from payments.v2 import notify
from services.settlement.settlement import settle
from services.settlement.snapshots import Incoming
from tests.support import databases
from tests.support.rig import APP_ID, MCH_ID, MERCHANT, PRICE, notify_fields, signed

pytestmark = pytest.mark.one_database

NOW = 1_735_790_400_000
SIZES = (1, 2, 3, 17, 64, 200)
BOUNDS = {"postgresql": 3, "mariadb": 11}
"""PostgreSQL: questions; writes; counters, events and commit. MariaDB: one for each statement."""
ODD = 'it\'s 100% \\ "雪"\n\t:list: $1 %s'
"""Characters that a text of SQL, JSON or an array has a meaning for."""


class Wire:
    """A unix socket in front of a server's, which counts the client's questions that are waited
    for: PostgreSQL's messages Sync and Query, and MariaDB's first packet of each command."""

    def __init__(self, path: Path, server: str, kind: str) -> None:
        self.trips = 0
        self._server, self._kind = server, kind
        self._said, self._greeted = b"", False
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(path))
        self._door.listen()
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def _carry(self) -> None:
        client, _ = self._door.accept()
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._server)
            while True:
                for end in select.select([client, server], [], [])[0]:
                    data = end.recv(2**20)
                    if not data:
                        return
                    if end is client:
                        self._count(data)
                    (server if end is client else client).sendall(data)

    def _count(self, data: bytes) -> None:
        self._said += data
        while len(self._said) >= 5:
            if self._kind == "mariadb":
                length, asks = 4 + int.from_bytes(self._said[:3], "little"), not self._said[3]
            elif self._greeted:
                length, asks = 1 + int.from_bytes(self._said[1:5]), self._said[:1] in b"SQ"
            else:  # the first message has no letter
                length, asks = int.from_bytes(self._said[:4]), False
            if len(self._said) < length:
                return
            self._said, self._greeted = self._said[length:], True
            self.trips += asks

    def close(self) -> None:
        self._thread.join(10)
        self._door.close()


@contextmanager
def wired(kind: str, folder: Path) -> Iterator[tuple[Store, Wire]]:
    """A store whose writer's connection is counted."""
    with databases.database(folder, kind) as url:
        address, _, place = url.partition("?")
        server = place.partition("=")[2]
        if kind == "postgresql":
            wire = Wire(folder / ".s.PGSQL.5432", f"{server}/.s.PGSQL.5432", kind)
            database = open_database(f"{address}?host={folder}")
        else:
            wire = Wire(folder / "s", server, kind)
            database = open_database(f"{address}?unix_socket={folder}/s")
        store = Store(database, lambda: NOW)
        try:
            yield store, wire
        finally:
            database.close()
            wire.close()


def stock(numbers: list[str]) -> None:
    of_all = {
        "product_id": "p1",
        "title": ODD,
        "customer": ODD,
        "total_fen": PRICE,
        "app_id": APP_ID,
        "mch_id": MCH_ID,
        "created_at": NOW,
        "updated_at": NOW,
        "expires_at": NOW + 7_200_000,
    }
    Order.insert_many([{"order_num": n, "status_token": n, **of_all} for n in numbers]).execute()


def incoming(number: str, **changes: str | None) -> Incoming:
    told = notify_fields(number, f"4200{number}", **changes)
    result = notify.read(signed(told), Merchants((MERCHANT,)))
    return Incoming(result, bytes(range(256)), ODD, NOW, f"{NOW}-{number}")


def settled(store: Store, items: list[Incoming]) -> list[Any]:
    """The results of one batch, written in this thread."""
    results, _ = store._attempt([door._Work(settle, item, lambda _result: None) for item in items])
    return results


@pytest.mark.parametrize("kind", BOUNDS)
def test_the_round_trips_of_a_batch_do_not_grow_with_it(kind: str, tmp_path: Path) -> None:
    with wired(kind, tmp_path) as (store, wire):
        trips, total = {}, 0
        for size in (SIZES[0], *SIZES):  # the first one prepares its texts, too
            numbers = [f"R{size}-{total + i}" for i in range(size)]
            total += size
            stock(numbers)
            items = [incoming(number) for number in numbers]
            before = wire.trips
            verdicts = settled(store, items)
            trips[size] = wire.trips - before
            assert {verdict.outcome for verdict in verdicts} == {Outcome.BOOKED}
        assert trips == dict.fromkeys(SIZES, BOUNDS[kind])
        assert [seq for (seq,) in rows(Event.select(Event.seq).order_by(Event.seq))] == list(
            range(1, total + 1)
        )
        assert rows(Counter.select(Counter.value).where(Counter.name == "paid_count")) == [(total,)]


@pytest.mark.parametrize("kind", ["sqlite", *BOUNDS])
def test_every_character_and_null_comes_through(kind: str, tmp_path: Path) -> None:
    with databases.database(tmp_path, kind) as url:
        database = open_database(url)
        store = Store(database, lambda: NOW)
        numbers = ["ODD-1", "ODD-2"]
        stock(numbers)
        settled(store, [incoming("ODD-1"), incoming("ODD-2", trade_type=None, time_end="soon")])
        kept = RawNotify.select(RawNotify.source, RawNotify.sealed).tuples()
        assert {(source, bytes(sealed)) for source, sealed in kept} == {(ODD, bytes(range(256)))}
        paid = Order.select(Order.status, Order.trade_type, Order.wechat_paid_at.is_null())
        found = sorted(rows(paid), key=lambda row: row[1] or "")
        assert [(status, trade) for status, trade, _ in found] == [
            ("PAID", None),
            ("PAID", "JSAPI"),
        ]
        assert [bool(unknown) for *_, unknown in found] == [True, False]
        assert AuditEntry.select().count() == 0
        database.close()


@pytest.mark.parametrize("kind", ["sqlite", *BOUNDS])
def test_an_order_that_is_gone_from_under_its_lock_takes_the_batch_back(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The condition of the UPDATE decides, also where its count is read later."""
    with databases.database(tmp_path, kind) as url:
        database = open_database(url)
        store = Store(database, lambda: NOW)
        stock(["LATE-1"])
        fetch_all = store._statements.fetch_all

        def closed_meanwhile(*asked: Any) -> Any:
            found = fetch_all(*asked)
            Order.update(status="CLOSED").execute()
            return found

        monkeypatch.setattr(store._statements, "fetch_all", closed_meanwhile)
        with pytest.raises(RuntimeError, match="changed under its lock"):
            settled(store, [incoming("LATE-1")])
        assert rows(Order.select(Order.status)) == [("INIT",)]
        assert RawNotify.select().count() == Event.select().count() == 0
        monkeypatch.setattr(store._statements, "fetch_all", fetch_all)
        assert [v.outcome for v in settled(store, [incoming("LATE-1")])] == [Outcome.BOOKED]
        database.close()


@pytest.mark.parametrize("kind", BOUNDS)
def test_one_item_that_the_database_refuses_sinks_no_other(kind: str, tmp_path: Path) -> None:
    with databases.database(tmp_path, kind) as url:
        database = open_database(url)
        store = Store(database, lambda: NOW)
        stock(["FINE-1", "FINE-2"])
        twice = [incoming("FINE-1"), incoming("FINE-2")]
        object.__setattr__(twice[1], "source", "x" * 100)  # longer than its column
        first, second = settled(store, twice)
        assert first.outcome is Outcome.BOOKED
        assert isinstance(second, Exception)
        assert sorted(rows(Order.select(Order.order_num, Order.status))) == [
            ("FINE-1", "PAID"),
            ("FINE-2", "INIT"),
        ]
        database.close()


def tell(batch: Batch, kinds: Sequence[str]) -> list[str]:
    for kind in kinds:
        batch.emit(NewEvent(kind, None, {}))
    return list(kinds)


@pytest.mark.parametrize("kind", BOUNDS)
def test_a_refusal_of_what_goes_out_with_the_commit_is_no_doubt(kind: str, tmp_path: Path) -> None:
    """Nothing was committed then, so each is tried alone and nobody is told to come again."""
    with databases.database(tmp_path, kind) as url:
        database = open_database(url)
        store = Store(database, lambda: NOW)
        texts = ["order.fine", "x" * 40, "order.well"]  # the second is longer than its column
        results, head = store._attempt([door._Work(tell, text, lambda _: None) for text in texts])
        assert results[::2] == texts[::2]
        assert isinstance(results[1], Exception)
        assert not isinstance(results[1], Busy)
        assert head == 2
        assert rows(Event.select(Event.seq, Event.kind).order_by(Event.seq)) == [
            (1, "order.fine"),
            (2, "order.well"),
        ]
        database.close()


@contextmanager
def that_may_stop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Store, int]]:
    """A store on PostgreSQL and the number of its server process. When that is stopped by a signal
    the connection lives, and none of the server's own limits runs."""
    monkeypatch.setattr("models.database.STATEMENT_S", 1)
    with databases.database(folder, "postgresql") as url:
        database = open_database(url)
        store = Store(database, lambda: NOW)
        ((pid,),) = database.execute_sql("SELECT pg_backend_pid()").fetchall()
        stock(["STILL-1"])
        patience = threading.Timer(30, os.kill, (pid, signal.SIGCONT))
        patience.start()
        try:
            yield store, pid
            assert patience.is_alive()  # else it was waited for
        finally:
            patience.cancel()
            with suppress(ProcessLookupError):  # it has found that nobody listens
                os.kill(pid, signal.SIGCONT)
            database.close()


def booked_once() -> bool:
    paid = Event.select().where(Event.kind == "order.paid")
    return rows(Order.select(Order.status)) == [("PAID",)] and paid.count() == 1


def test_a_postgresql_that_stands_still_is_given_up_for_a_new_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with that_may_stop(tmp_path, monkeypatch) as (store, pid):
        os.kill(pid, signal.SIGSTOP)
        (verdict,) = settled(store, [incoming("STILL-1")])
        assert verdict.outcome is Outcome.BOOKED
        assert booked_once()


def test_a_postgresql_that_stands_still_at_the_commit_leaves_a_doubt_and_books_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with that_may_stop(tmp_path, monkeypatch) as (store, pid):
        commit = store._database.commit

        def stopped() -> None:
            os.kill(pid, signal.SIGSTOP)
            commit()

        monkeypatch.setattr(store._database, "commit", stopped)
        with pytest.raises(Busy, match="lost in the commit"):
            settled(store, [incoming("STILL-1")])
        monkeypatch.setattr(store._database, "commit", commit)
        os.kill(pid, signal.SIGCONT)  # now it may commit, or find that nobody listens
        (verdict,) = settled(store, [replace(incoming("STILL-1"), id="the next delivery")])
        assert verdict.outcome in (Outcome.BOOKED, Outcome.DUPLICATE)
        assert booked_once()
