"""The merchant's server finds out that its position is of another stream of events."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from models import Event, EventHead
from tests.live.test_status_wait import waiting
from tests.support.rig import Product, product


async def events(shop: Product, query: str) -> tuple[int, dict[str, Any]]:
    answer = await shop.merchant(f"events?{query}")
    return answer.code, json.loads(answer.body)


async def restore(shop: Product, head: int, epoch: str = "of the backup") -> None:
    """The database is that of an older backup."""

    def set_back(_batch, items):
        Event.delete().where(Event.seq > head).execute()
        EventHead.update(seq=head, epoch=epoch).execute()
        return [None] * len(items)

    await shop.running.store.write(set_back, None)


@pytest.mark.gen_test
async def test_a_position_beyond_the_restored_head_is_told_at_once(tmp_path):
    async with product(tmp_path) as shop:
        for _ in range(5):
            await shop.order()
        code, page = await events(shop, "after=4")
        assert (code, page["head"], len(page["epoch"])) == (200, 5, 16)
        await restore(shop, 2)
        code, answer = await events(shop, "after=5&wait=20")
        assert set(answer) == {"error", "message", "requestId", "head", "epoch"}
        assert (code, answer["error"]) == (409, "resync")
        assert (answer["head"], answer["epoch"]) == (2, "of the backup")
        assert (await events(shop, "after=2"))[1]["events"] == []  # where to go on from


@pytest.mark.gen_test
async def test_another_epoch_is_told_also_when_the_number_is_known(tmp_path):
    async with product(tmp_path) as shop:
        await shop.order()
        epoch = (await events(shop, "after=0"))[1]["epoch"]
        assert (await events(shop, f"after=0&epoch={epoch}"))[0] == 200
        await restore(shop, 1)
        for _ in range(3):
            await shop.order()  # the stream is longer than it was
        code, answer = await events(shop, f"after=1&epoch={epoch}")
        assert (code, answer["error"], answer["head"]) == (409, "resync", 4)
        code, page = await events(shop, "after=1")
        assert (code, len(page["events"]), page["epoch"]) == (200, 3, "of the backup")


@pytest.mark.gen_test
async def test_who_waits_while_the_database_is_replaced_is_told(tmp_path):
    async with product(tmp_path) as shop:
        await shop.order()
        await shop.order()
        asked = asyncio.create_task(events(shop, "after=2&wait=20"))
        await waiting(shop, 1)
        await restore(shop, 1)
        code, answer = await asked
        assert (code, answer["error"], answer["head"]) == (409, "resync", 1)


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_the_head_itself_and_an_empty_stream_are_positions(tmp_path):
    async with product(tmp_path) as shop:
        assert (await events(shop, "after=0"))[1]["events"] == []
        assert (await events(shop, "after=1"))[1]["error"] == "resync"
        await shop.order()
        assert (await events(shop, "after=1"))[0] == 200
        alice = await shop.user()
        assert await alice.get("events?after=9") == {"events": [], "head": 1}  # the console's own
