"""The chain of all events: whatever is done to the stream behind its back is found."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from assembly.database import with_store
from models import Event, EventHead
from models.event import EventText, chained, digest_of
from models.transaction import Batch, NewEvent
from services.live import event_chain
from services.live.event_chain import EventChain
from tests.support.rig import Product, product
from tests.support.shell import Shell, failed

SWAP = (
    "update events set seq = -1 where seq = 5; update events set seq = 5 where seq = 6;"
    " update events set seq = 6 where seq = -1;"
)
FORGED = "insert into events select 12, kind, severity, order_num, at, data, chain from events"
HARMS = [
    ("update events set data = '{\"amountFen\":1}' where seq = 3;", "Event 3 was changed"),
    ("update events set kind = 'order.closed' where seq = 5;", "events 5 to 7 was changed"),
    ("update events set order_num = 'ORDER-9' where seq = 6;", "events 5 to 7 was changed"),
    ("update events set order_num = null where seq = 7;", "events 5 to 7 was changed"),
    ("update events set severity = 'low' where seq = 1;", "Event 1 was changed"),
    ("update events set at = at - 1 where seq = 11;", "Event 11 was changed"),
    (SWAP, "events 5 to 7 was changed"),
    ("update events set chain = null where seq = 4;", "events 4 to 7 was changed"),
    ("update events set chain = null where seq = 11;", "Event 11 is not the one"),
    ("delete from events where seq = 6;", "Event 6 is missing"),
    ("delete from events where seq = 1;", "Event 1 is missing"),
    ("delete from events where seq = 11;", "Event 11 is missing"),
    ("delete from events;", "Event 1 is missing"),
    ("delete from events where seq = 11; update event_head set seq = 10;", "Event 10 is not"),
    (f"{FORGED} where seq = 11;", "Event 12 is behind the end"),
]
KEEP = (
    "create table kept as select * from events; create table kept_head as select * from event_head;"
)
RESTORE = """
delete from events; insert into events select * from kept; drop table kept;
delete from event_head; insert into event_head select * from kept_head; drop table kept_head;
"""


def tell(batch: Batch, counts: Sequence[int]) -> list[None]:
    """So many events in one transaction."""
    for number in range(sum(counts)):
        batch.emit(NewEvent("note.added", f"ORDER-{number}", {"text": "第一单\n两行"}))
    return [None] * len(counts)


async def stream_of(shop: Product, *counts: int) -> EventChain:
    for count in counts:
        await shop.running.store.write(tell, count)
    return EventChain(shop.running.store)


def read() -> tuple[list[Event], EventHead]:
    return list(Event.select().order_by(Event.seq)), EventHead.get_by_id(1)


@pytest.mark.gen_test
async def test_the_last_event_of_a_transaction_holds_the_end_of_the_chain(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        store = shop.running.store
        before, _ = await store.read(read)
        await stream_of(shop, 1, 3)
        found, head = await store.read(read)
    one, *three = found[len(before) :]
    first = digest_of([EventText(one.kind, one.severity, one.order_num, one.at, one.data)])
    assert one.chain == chained(before[-1].chain if before else "", first)
    assert [event.chain for event in three[:-1]] == [None, None]
    texts = [EventText(e.kind, e.severity, e.order_num, e.at, e.data) for e in three]
    assert three[-1].chain == chained(one.chain, digest_of(texts))
    assert (head.seq, head.chain) == (three[-1].seq, three[-1].chain)


@pytest.mark.gen_test
async def test_a_stream_that_nobody_touched_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where events of one transaction are read in two pieces, and while others are written."""
    monkeypatch.setattr(event_chain, "CHUNK", 2)
    seen: list[tuple[int, int]] = []
    async with product(tmp_path, by_hand=True) as shop:
        chain = await stream_of(shop, 3, 1, 5)
        writes = [shop.running.store.write(tell, 2) for _ in range(5)]
        found, *_ = await asyncio.gather(
            chain.verify(lambda done, whole: seen.append((done, whole))), *writes
        )
        assert found.flaw == ""
        assert seen[-1] == (found.events, found.events)
        whole = await chain.verify()
        assert (whole.flaw, whole.events, whole.end) == ("", *await chain.anchor())
        assert await chain.keeps(whole.events, whole.end)
        assert not await chain.keeps(whole.events + 1, whole.end)
        assert not await chain.keeps(whole.events, "0" * 64)


@pytest.mark.gen_test
async def test_many_events_of_one_transaction_are_chained_a_thousand_at_a_time(
    tmp_path: Path,
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        before, _ = await shop.running.store.read(read)
        chain = await stream_of(shop, 2500)
        found, _ = await shop.running.store.read(read)
        held = [event.seq - len(before) for event in found[len(before) :] if event.chain]
        assert held == [1000, 2000, 2500]
        assert (await chain.verify()).flaw == ""


def test_no_two_lists_of_events_have_one_text() -> None:
    plain = EventText("order.paid", "info", "O-1", 7, "{}")
    others = [
        [plain._replace(order_num=None)],
        [plain._replace(order_num="null")],
        [plain._replace(order_num='O-1"\n7\n{}\norder.paid\ninfo\n"O-1')],
        [plain, plain],
        [],
    ]
    digests = [digest_of(events) for events in ([plain], *others)]
    assert len(set(digests)) == len(digests)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_what_is_done_to_the_stream_behind_its_back_is_found(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        (head, _) = await EventChain(shop.running.store).anchor()
        chain = await stream_of(shop, *[1] * (4 - head), 3, 1, 1, 1, 1)
        path = tmp_path / "paywatch.db"
        for harm, flaw in HARMS:
            with closing(sqlite3.connect(path)) as database:
                database.executescript(f"{KEEP} {harm}")
                verdict = await chain.verify()
                assert flaw in verdict.flaw, harm
                database.executescript(RESTORE)
            assert (await chain.verify()).flaw == ""


@pytest.mark.one_database
def test_a_database_that_is_not_there_is_not_whole(shell: Shell) -> None:
    path = shell.folder / "paywatch.db"
    for command in ("verify-events", "verify-audit"):
        assert "There is no database" in failed(shell.command(command))
        assert not path.exists()


@pytest.mark.one_database
def test_the_command_says_whether_the_stream_is_whole(shell: Shell) -> None:
    shell.command("migrate")
    with_store(f"sqlite:///{shell.folder}/paywatch.db", lambda store: store.write(tell, 1))
    status, out, err = shell.command("verify-events")
    assert (status, err) == (0, "")
    found = re.fullmatch(
        r"The stream of events is whole: (\d+) events, the last hash is ([0-9a-f]{64})\.\n", out
    )
    assert found, out
    anchor = f"{found[1]}:{found[2]}"
    assert shell.command("verify-events", "--anchor", anchor)[0] == 0
    other = f"{found[1]}:{'0' * 64}"
    assert "made anew" in failed(shell.command("verify-events", "--anchor", other))
    later = f"{int(found[1]) + 1}:{'0' * 64}"
    said = failed(shell.command("verify-events", "--anchor", later))
    assert f"ends with event {found[1]}, before" in said
    with closing(sqlite3.connect(shell.folder / "paywatch.db")) as database, database:
        database.execute("update events set data = '{}' where seq = 1")
    assert "Event 1 was changed" in failed(shell.command("verify-events"))
