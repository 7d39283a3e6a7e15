"""Alerts that leave the browser: over a real webhook, with a real product."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from typing import Any

import pytest

from models import AlertMessage
from models.alert import MessageState
from models.base import dicts
from services.alerts.outbox import HOLD_MS, LONGEST_DELAY_MS, MAX_ATTEMPTS, SINGLE, delay_ms, take
from services.checks.installation import Grade, channels_finding
from services.runtime.clock import DAY_MS
from tests.support.hook import Ahead, Hook, webhook
from tests.support.processes import Sender, select, service
from tests.support.rig import OPEN_ID, Product, notify_fields, product, signed, until


async def mismatch(shop: Product, order_num: str | None = None, tx: str = "42" * 14) -> str:
    """A wrong amount for an order, new or known: a critical case. Its number."""
    num = order_num or (await shop.order())["orderNum"]
    await shop.pay(num, tx, total_fee="1")
    return num


async def messages(shop: Product) -> list[dict[str, Any]]:
    return await shop.running.store.read(
        lambda: dicts(AlertMessage.select().order_by(AlertMessage.id))
    )


async def quiet(shop: Product) -> None:
    """Step until nothing is due any more."""

    async def over() -> bool:
        await shop.running.services.outbox.step()
        now = shop.running.services.outbox._clock.now_ms()
        left = (MessageState.NEW, MessageState.WAITING)
        return not [m for m in await messages(shop) if m["state"] in left and m["due_at"] <= now]

    await until(over)


async def states(shop: Product) -> list[tuple[str, int, str | None]]:
    return [(m["state"], m["attempts"], m["reason"]) for m in await messages(shop)]


@pytest.mark.gen_test
async def test_repeats_make_one_message_and_a_case_that_opens_again_one_more(tmp_path):
    async with webhook() as hook, product(tmp_path, by_hand=True, NOTIFY_URLS=hook.url) as shop:
        alice = await shop.user()
        num = await mismatch(shop)
        for _ in range(30):
            await mismatch(shop, num)
        await quiet(shop)
        (text,) = hook.texts
        assert text.splitlines() == [
            "【严重】金额不一致 · Critical: Amount mismatch",
            f"订单 {num}：预期 ¥88.00，实际 ¥0.01。",
            f"Order {num}: ¥88.00 expected, ¥0.01 found.",
            f"{shop.origin}/alerts/1",
        ]
        assert OPEN_ID not in json.dumps(hook.got)
        assert (
            await alice.post("alerts/1/resolve", {"version": 1, "reason": "order_created"})
        ).code == 200
        await mismatch(shop, num)
        await quiet(shop)
        assert len(hook.texts) == 2
        assert "解决后又发生，第 32 次。" in hook.texts[1]
        assert await states(shop) == [("sent", 1, None)] * 2


@pytest.mark.gen_test
async def test_what_is_not_critical_stays_in_the_console(tmp_path):
    async with webhook() as hook, product(tmp_path, by_hand=True, NOTIFY_URLS=hook.url) as shop:
        await shop.pay("NO-SUCH-ORDER")
        await quiet(shop)
        assert (hook.got, await messages(shop)) == ([], [])


@pytest.mark.gen_test
async def test_a_channel_that_fails_three_times_gets_the_message_once_in_the_end(tmp_path):
    clock = Ahead()
    async with (
        webhook() as hook,
        product(tmp_path, by_hand=True, clock=clock, NOTIFY_URLS=hook.url) as shop,
    ):
        hook.answers = [500, 500, 500]
        await mismatch(shop)
        for attempt in range(1, 4):
            await quiet(shop)
            assert await states(shop) == [("waiting", attempt, "http_500")]
            clock.ms += LONGEST_DELAY_MS
        await quiet(shop)
        assert await states(shop) == [("sent", 4, None)]
        clock.ms += LONGEST_DELAY_MS
        await quiet(shop)
        assert len(hook.got) == 4


@pytest.mark.gen_test
async def test_a_channel_that_hangs_holds_up_neither_another_channel_nor_a_payment(tmp_path):
    async with webhook("?rto=1") as slow, webhook() as good:
        urls = f"{slow.url}\n{good.url}"
        async with product(tmp_path, by_hand=True, NOTIFY_URLS=urls) as shop:
            slow.answers = [0]
            await mismatch(shop)
            step = asyncio.create_task(quiet(shop))
            await until(lambda: arrived(slow, good))
            order = await shop.order()
            assert b"SUCCESS" in await shop.pay(order["orderNum"])
            assert not slow.let_go.is_set()
            await step
            assert sorted(await states(shop)) == [("sent", 1, None), ("waiting", 1, "slow")]


async def arrived(*hooks: Hook) -> bool:
    return all(hook.got for hook in hooks)


@pytest.mark.gen_test
async def test_what_a_process_had_in_hand_when_it_died_is_sent_by_the_next(tmp_path):
    clock = Ahead()
    async with (
        webhook() as hook,
        product(tmp_path, by_hand=True, clock=clock, NOTIFY_URLS=hook.url) as shop,
    ):
        outbox = shop.running.services.outbox
        hook.answers = [500]
        await mismatch(shop)
        await quiet(shop)
        clock.ms += LONGEST_DELAY_MS
        (held,) = await shop.running.store.write(take, tuple(outbox._by_id))
        await outbox.step()
        assert (held.attempts, len(hook.got)) == (2, 1), "nobody sends what another has in hand"
        clock.ms += HOLD_MS
        await quiet(shop)
        assert (len(hook.got), await states(shop)) == (2, [("sent", 3, None)])


@pytest.mark.gen_test
async def test_of_many_who_would_send_one_does(tmp_path):
    async with webhook() as hook, product(tmp_path, by_hand=True, NOTIFY_URLS=hook.url) as shop:
        for n in range(1, 4):
            await mismatch(shop)
            await asyncio.gather(*(shop.running.services.outbox.step() for _ in range(8)))
            await quiet(shop)
            assert len(hook.got) == n
        assert await states(shop) == [("sent", 1, None)] * 3


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_a_kill_in_the_middle_of_a_send_loses_no_message(tmp_path):
    async with webhook() as hook:
        hook.answers = [0]
        async with service(tmp_path, NOTIFY_URLS=hook.url) as running:
            url = running.variables["PAYWATCH_DATABASE_URL"]
            body = signed(notify_fields("ORDER-1", "42" * 14, appid="wx0000000000000000"))
            sender = Sender(running.port)
            status, _ = await sender.once(body)
            sender.close()
            assert status == 200
            await until(lambda: arrived(hook))
            running.send(signal.SIGKILL)
            await running.ended()
            assert select(url, "SELECT state, attempts FROM outbox") == [("waiting", 1)]
            # As if HOLD_MS had passed, and the lease of the one that died.
            select(url, "UPDATE outbox SET due_at = 0")
            select(url, "DELETE FROM leases")
            running.start()
            await until(lambda: noted(url))
            assert len(hook.got) == 2
            assert "Secret-0123456789" not in running.log.read_text()


async def noted(url: str) -> bool:
    return select(url, "SELECT state, attempts FROM outbox") == [("sent", 2)]


@pytest.mark.gen_test
async def test_without_the_extra_the_page_says_so_and_messages_wait(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    async with product(tmp_path, by_hand=True, NOTIFY_URLS="json://127.0.0.1:9") as shop:
        alice = await shop.user()
        await mismatch(shop)
        await quiet(shop)
        assert (await alice.get("settings"))["notify"]["installed"] is False
        assert await states(shop) == [("waiting", 1, "not_installed")]


@pytest.mark.gen_test
async def test_many_alerts_at_once_are_one_message_that_names_them(tmp_path):
    async with webhook() as hook, product(tmp_path, by_hand=True, NOTIFY_URLS=hook.url) as shop:
        hook.answers = [503]
        numbers = [await mismatch(shop, tx=f"42{i:026d}") for i in range(SINGLE + 9)]
        await until(lambda: told_of_all(shop, hook, numbers))
        assert all("\n" in text for text in hook.texts)
        assert len(hook.got) < len(numbers)


async def told_of_all(shop: Product, hook: Hook, numbers: list[str]) -> bool:
    await shop.running.store.write(make_due, None)
    await shop.running.services.outbox.step()
    return {state for state, _, _ in await states(shop)} == {"sent"}


def make_due(_batch: Any, items: Any) -> list[None]:
    """An op: nothing waits for its time."""
    AlertMessage.update(due_at=0).where(
        AlertMessage.state == "waiting", AlertMessage.reason.is_null(False)
    ).execute()
    return [None] * len(items)


@pytest.mark.gen_test
async def test_a_message_that_nobody_takes_is_given_up_and_told_of_once(tmp_path):
    clock = Ahead()
    urls = "json://127.0.0.1:9/a nonsense-kind://key"
    async with product(tmp_path, by_hand=True, clock=clock, NOTIFY_URLS=urls) as shop:
        await mismatch(shop)
        await mismatch(shop)
        for _ in range(MAX_ATTEMPTS):
            await quiet(shop)
            clock.ms += LONGEST_DELAY_MS * 2
        ended = sorted(await states(shop))
        reasons = ["not_understood"] * 2 + ["unreached"] * 2
        assert ended == [("failed", MAX_ATTEMPTS, reason) for reason in reasons]
        cases = (await shop.running.services.alerts.page(kind="system"))["alerts"]
        assert sorted((c["actual"], c["count"]) for c in cases) == [
            ("not_understood", 2),
            ("unreached", 2),
        ]


@pytest.mark.gen_test
async def test_what_is_a_day_old_is_dropped_and_told(tmp_path):
    clock = Ahead()
    async with (
        webhook() as hook,
        product(tmp_path, by_hand=True, clock=clock, NOTIFY_URLS=hook.url) as shop,
    ):
        hook.answers = [500]
        await mismatch(shop)
        await quiet(shop)
        clock.ms += DAY_MS
        await quiet(shop)
        assert await states(shop) == [("dropped", 1, "too_old")]
        assert len(hook.got) == 1
        (case,) = (await shop.running.services.alerts.page(kind="system"))["alerts"]
        assert case["actual"] == "too_old"


@pytest.mark.gen_test
async def test_without_a_channel_nothing_piles_up(tmp_path):
    async with product(tmp_path, by_hand=True) as shop:
        await mismatch(shop)
        await quiet(shop)
        assert await messages(shop) == []


def test_delays_grow_up_to_an_hour_and_are_not_all_the_same() -> None:
    assert [delay_ms(n, 0.5) for n in (1, 2, 3)] == [15_000, 45_000, 135_000]
    assert delay_ms(MAX_ATTEMPTS, 0.5) == LONGEST_DELAY_MS
    assert delay_ms(1, 0) < delay_ms(1, 0.5) < delay_ms(1, 1)


def test_check_names_an_address_that_apprise_does_not_understand_by_its_place_alone() -> None:
    good, bad = "json://127.0.0.1/hunter2", "odd://hunter2"
    assert channels_finding((good,)).grade is Grade.OK
    found = channels_finding((good, bad, good + "/b", bad + "/c"))
    assert (found.grade, found.words.rpartition(": ")[2]) == (Grade.WARNING, "2, 4.")
    assert "hunter2" not in found.words
