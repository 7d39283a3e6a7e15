"""Somebody who forges without end: neither the screen nor the disk nor a payment suffers.

`PAYWATCH_TEST_FORGED` and `PAYWATCH_TEST_REAL` set the size of the flood."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tornado.simple_httpclient import HTTPStreamClosedError

from models import Alert, RawNotify
from models.base import rows
from payments.outcomes import Outcome
from services.notify.unverified import (
    CASES_A_DAY,
    MANY,
    MAX_SOURCES,
    MAX_TEXT,
    PER_MINUTE,
    Unverified,
)
from services.runtime.clock import DAY_MS, SystemClock
from tests.support.notify_rig import SEALER, alerts, head, raw_notices
from tests.support.patience import PATIENCE_S
from tests.support.rig import (
    SUCCESS,
    UNPROVEN,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
    until,
)

FORGED = int(os.environ.get("PAYWATCH_TEST_FORGED", "1000"))
REAL = int(os.environ.get("PAYWATCH_TEST_REAL", "100"))
AT_ONCE = 64
PROXY = {"TRUSTED_PROXIES": "127.0.0.1"}
EXACT = 32
"""Up to here every message is written through, so that counts are exact at once."""


def forged(order_num: str = "ORD20250102000001", **changes: str) -> bytes:
    return signed(notify_fields(order_num, "42001", **changes), "0" * 32)


async def send(shop: Product, body: bytes, address: str) -> tuple[int, bytes]:
    """Again while the answer is 503 or the connection ends first, as WeChat does: on a busy
    machine that is no fault."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with suppress(HTTPStreamClosedError):
                response = await shop.notify(body, **{"X-Forwarded-For": address})
                if response.code != 503:
                    return response.code, response.body
            await asyncio.sleep(0.2)


async def send_many(shop: Product, messages: list[tuple[bytes, str]]) -> list[tuple[int, bytes]]:
    """All of them, so many at once; the answers in their order."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(body: bytes, address: str) -> tuple[int, bytes]:
        async with gate:
            return await send(shop, body, address)

    return await asyncio.gather(*(one(*message) for message in messages))


async def cases(shop: Product) -> dict[str, int]:
    """The count of every `bad_signature` case by its source."""
    query = Alert.select(Alert.subject, Alert.count).where(Alert.kind == "bad_signature")
    return dict(await shop.running.store.read(lambda: rows(query)))


async def alert_events(shop: Product) -> dict[int, list[tuple[str, int]]]:
    """Kind and count of the alert events, by their case."""
    found: dict[int, list[tuple[str, int]]] = {}
    for event in await shop.events():
        if event["kind"].startswith("alert."):
            data = event["data"]
            found.setdefault(data["alertId"], []).append((event["kind"], data.get("count", 0)))
    return found


# --- the flood -----------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_in_a_flood_of_forgeries_every_real_payment_is_booked(tmp_path: Path) -> None:
    addresses = [f"198.51.{i}.7" for i in range(5)]
    async with product(tmp_path, **PROXY) as shop:
        orders = [(await shop.order())["orderNum"] for _ in range(REAL)]
        # The real ones come from the very networks of the forgers.
        real = [
            (signed(notify_fields(num, transaction())), addresses[i % 5])
            for i, num in enumerate(orders)
        ]
        false = [(forged(nonce_str=f"n{i}"), addresses[i % 5]) for i in range(FORGED)]
        share = max(1, FORGED // REAL)
        mixed = list(false)
        for i, message in enumerate(real):
            mixed.insert(i * (share + 1), message)
        answers = await send_many(shop, mixed)
        taken = [answer for message, answer in zip(mixed, answers, strict=True) if message in real]
        assert taken == [(200, SUCCESS)] * REAL
        refused = Counter(
            answer for message, answer in zip(mixed, answers, strict=True) if message not in real
        )
        assert set(refused) <= {(200, UNPROVEN), (429, UNPROVEN)}
        assert sum(refused.values()) == FORGED
        for num in orders:
            assert (await shop.read(num))["status"] == "PAID"
        await shop.running.jobs.stop()  # what a job is writing is written before the next line
        await shop.running.unverified.flush(final=True)
        assert await cases(shop) == {f"198.51.{i}.0/24": FORGED // 5 for i in range(5)}
        await assert_little_is_left(shop)


async def assert_little_is_left(shop: Product) -> None:
    events = await alert_events(shop)
    assert len(events) == 5
    for kinds in events.values():
        assert 1 + len(kinds) <= 10  # the row of the case, and its events
        assert kinds[0] == ("alert.raised", 1)
        assert all(kind == "alert.repeated" for kind, _ in kinds[1:])
        assert all(count & (count - 1) == 0 for _, count in kinds)
    texts = [outcome for outcome, *_ in await raw_notices(shop)]
    assert texts.count("unproven") <= 5 * EXACT.bit_length()


# --- one source ----------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_small_counts_are_exact_at_once_and_large_ones_soon(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        for count in range(1, EXACT + 1):
            await shop.notify(forged())
            assert await cases(shop) == {"127.0.0.0/24": count}
        (kinds,) = (await alert_events(shop)).values()
        powers = [("alert.repeated", 2**i) for i in range(1, EXACT.bit_length())]
        assert kinds == [("alert.raised", 1), *powers]
        for _ in range(50):
            await shop.notify(forged())

        async def counted() -> bool:
            return await cases(shop) == {"127.0.0.0/24": EXACT + 50}

        await until(counted)


@pytest.mark.gen_test
async def test_who_forges_more_than_a_hundred_a_minute_is_told_to_wait(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        order = await shop.order()
        answers = [await shop.notify(forged()) for _ in range(PER_MINUTE + 5)]
        assert [answer.code for answer in answers] == [200] * PER_MINUTE + [429] * 5
        assert {answer.body for answer in answers} == {UNPROVEN}
        assert answers[-1].headers["Retry-After"] == "60"
        assert answers[-1].headers["Content-Type"] == "text/xml; charset=utf-8"
        assert await shop.pay(order["orderNum"]) == SUCCESS  # from the same address
        metrics = (await shop.fetch("/metrics")).body.decode()
        assert 'paywatch_notifies_total{outcome="unproven"} 100.0' in metrics
        assert 'paywatch_notifies_total{outcome="throttled"} 5.0' in metrics


@pytest.mark.gen_test
async def test_a_forger_who_waits_a_minute_is_heard_again(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        await shop.running.jobs.stop()
        for _ in range(PER_MINUTE + 1):
            last = await shop.notify(forged())
        assert last.code == 429
        await shop.running.unverified.flush(final=True)  # as at the end of the minute
        assert (await shop.notify(forged())).code == 200
        assert await cases(shop) == {"127.0.0.0/24": PER_MINUTE + 2}
        (kinds,) = (await alert_events(shop)).values()
        assert kinds[-1] == ("alert.repeated", 64)


@pytest.mark.gen_test
async def test_a_flood_reopens_its_case_that_was_resolved_once(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        alice = await shop.user()
        await shop.running.jobs.stop()  # else a job may be writing what the next lines look at
        for _ in range(EXACT + 1):
            await shop.notify(forged())
        await shop.running.unverified.flush()
        (case,) = await alerts(shop)
        decision = {"version": case["version"], "reason": "blocked"}
        assert (await alice.post(f"alerts/{case['id']}/resolve", decision)).code == 200
        for _ in range(3):
            await shop.notify(forged())
            await shop.running.unverified.flush()
        (case,) = await alerts(shop)
        assert (case["status"], case["count"]) == ("open", EXACT + 4)
        (kinds,) = (await alert_events(shop)).values()
        assert [kind for kind, _ in kinds if kind == "alert.reopened"] == ["alert.reopened"]


@pytest.mark.gen_test
async def test_what_was_only_counted_is_written_when_the_service_stops(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        await shop.running.jobs.stop()  # nobody writes the counts meanwhile
        for _ in range(EXACT + 40):
            await shop.notify(forged())
        assert await cases(shop) == {"127.0.0.0/24": EXACT}
        before, heads = await head(shop), []
        shop.running.store.on_commit = heads.append
    assert heads == [before + 1]  # the case, at 64


@pytest.mark.gen_test
async def test_what_cannot_be_written_now_is_counted_later(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        await shop.running.jobs.stop()
        await shop.running.store.close()
        for _ in range(3):
            assert (await shop.notify(forged())).body == UNPROVEN
        await shop.running.unverified.close()  # the database is away: nothing is raised
        shop.running.store.open()
        await shop.running.unverified.flush()
        assert await cases(shop) == {"127.0.0.0/24": 3}
        await shop.notify(forged())
        assert await cases(shop) == {"127.0.0.0/24": 4}


@pytest.mark.gen_test
async def test_of_a_long_forged_text_only_the_beginning_is_kept(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        body = forged(attach="长" * 2700, bank_type="x" * 8000, device_info="y" * 8000)
        await shop.notify(body)
        ((_, authentic, text),) = await raw_notices(shop)
        assert not authentic
        assert len(text.encode()) <= MAX_TEXT < len(body)
        assert body.decode().startswith(text)


# --- many sources --------------------------------------------------------------------------------


class FromNoon(SystemClock):
    """Goes on from a noon, so that no day ends in the middle of a test."""

    def __init__(self) -> None:
        now = super().now_ms()
        self._ahead = now // DAY_MS * DAY_MS + DAY_MS // 2 - now

    def now_ms(self) -> int:
        return super().now_ms() + self._ahead


@pytest.mark.gen_test
async def test_so_many_new_cases_a_day_and_then_a_common_one(tmp_path: Path) -> None:
    sources, each = CASES_A_DAY + 50, 3
    async with product(tmp_path, clock=FromNoon(), **PROXY) as shop:
        messages = [(forged(), f"10.{i // 250}.{i % 250}.1") for i in range(sources)] * each
        answers = await send_many(shop, messages)
        assert set(answers) == {(200, UNPROVEN)}
        await shop.running.jobs.stop()
        await shop.running.unverified.flush(final=True)
        found = await cases(shop)
        assert len(found) == CASES_A_DAY + 1
        assert found.pop(MANY) == 50 * each
        assert set(found.values()) == {each}
        await send(shop, forged(), "203.0.113.9")  # another process would know it, too
        assert (await cases(shop))[MANY] == 50 * each + 1


@pytest.mark.gen_test
async def test_the_memory_for_sources_is_bounded(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        clock: Any = HeldClock()
        forgeries = Unverified(shop.running.store, SEALER, clock)
        names = [f"10.{i // 250}.{i % 250}.0/24" for i in range(MAX_SOURCES + 300)]
        outcomes = []
        for start in range(0, len(names), 1000):
            taken = (forgeries.take(forged(), n, 1, "wrong") for n in names[start : start + 1000])
            outcomes += await asyncio.gather(*taken)
        # Beyond the bound they are one source, which is soon told to wait.
        assert Counter(outcomes) == {
            Outcome.UNPROVEN: MAX_SOURCES + PER_MINUTE,
            Outcome.THROTTLED: 300 - PER_MINUTE,
        }
        await forgeries.flush(final=True)
        found = await cases(shop)
        assert len(found) == CASES_A_DAY + 1
        assert sum(found.values()) == len(names)
        # Who has no case of its own is written once a minute, and counted together.
        for written in (1, 1, 1):
            await forgeries.take(forged(), names[-1], 1, "wrong")
            assert (await cases(shop))[MANY] == found[MANY] + written
        await forgeries.flush()
        assert (await cases(shop))[MANY] == found[MANY] + 3
        kept = await shop.running.store.read(lambda: RawNotify.select().count())
        assert kept <= CASES_A_DAY + len(bin(found[MANY]))


@pytest.mark.gen_test
async def test_a_minute_ends_by_the_clock_and_is_announced_once(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        clock = HeldClock()
        forgeries = Unverified(shop.running.store, SEALER, clock)
        for second in range(60):
            clock.at = float(second)
            for _ in range(20):
                await forgeries.take(forged(), "10.0.0.0/24", 1, "wrong")
            await forgeries.flush()
            assert await cases(shop) == {"10.0.0.0/24": (second + 1) * 20}
        (kinds,) = (await alert_events(shop)).values()
        assert kinds[-1] == ("alert.repeated", EXACT)
        clock.at = 60.0
        await forgeries.flush()
        (kinds,) = (await alert_events(shop)).values()
        assert kinds[-1] == ("alert.repeated", 1024)
        await forgeries.flush()
        assert len(next(iter((await alert_events(shop)).values()))) == len(kinds)
        outcome = await forgeries.take(forged(), "10.0.0.0/24", 1, "wrong")
        assert outcome is Outcome.UNPROVEN
        assert await cases(shop) == {"10.0.0.0/24": 1201}


class HeldClock:
    """Moves when the test says so."""

    at = 0.0

    def now_ms(self) -> int:
        return 1_800_000_000_000

    def monotonic(self) -> float:
        return self.at
