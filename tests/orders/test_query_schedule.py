"""How often an order is asked about, and how fast: tables of the rules, without a product."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import (
    Busy,
    PaymentError,
    WeChatRefused,
    WeChatUnreachable,
    WeChatUntrusted,
)
from payments.protocol import WireAnswer, WireRequest
from services.orders.query_schedule import (
    FIRST_LOOK_MS,
    LONGEST_MS,
    SHORTEST_MS,
    SPREAD_MS,
    gap_ms,
    wait_ms,
)
from services.runtime.clock import HOUR_MS, MINUTE_MS
from services.wechat.call_failures import NO_WORD
from services.wechat.circuit_breaker import PROBE_S, CircuitBreaker, Streak
from services.wechat.rate_limit import RateLimited
from tests.support.rig import MovedClock

pytestmark = pytest.mark.one_database

SLACK_MS = 10_000
"""Steps come every two seconds, and take some."""


@given(st.integers(0, 48 * HOUR_MS))
def test_a_payment_is_found_soon_whenever_it_is_made(age: int) -> None:
    gap = gap_ms(age)
    assert SHORTEST_MS * 0.9 <= gap <= LONGEST_MS
    assert gap + SLACK_MS <= 5 * MINUTE_MS
    if age + gap <= 10 * MINUTE_MS:
        assert gap + SLACK_MS <= 90_000


def test_the_first_look_is_within_a_minute() -> None:
    assert FIRST_LOOK_MS + SPREAD_MS + SLACK_MS <= MINUTE_MS


@pytest.mark.parametrize(("expired", "longest"), [(False, LONGEST_MS), (True, HOUR_MS)])
def test_the_wait_after_errors_doubles_up_to_a_bound(expired: bool, longest: int) -> None:
    for tries in (0, 1, 2, 10, 1000):
        most = min(MINUTE_MS // 2 << min(tries, 20), longest)
        assert most * 0.9 <= wait_ms(tries, expired) <= most


def test_looks_that_were_due_together_do_not_stay_together() -> None:
    assert len({gap_ms(HOUR_MS) for _ in range(50)}) > 10


@pytest.mark.gen_test
async def test_the_pace_holds_in_any_second_and_wastes_none() -> None:
    clock, begun = MovedClock(0), []

    async def send(_: WireRequest) -> WireAnswer:
        begun.append(clock.ms)
        return WireAnswer(200, b"")

    paced = RateLimited(send, clock, 5)
    for _ in range(12):
        await paced(WireRequest("POST", "/", b""))
    assert begun == [0] * 5 + [1000] * 5 + [2000] * 2
    clock.ms += 700
    await asyncio.gather(*(paced(WireRequest("POST", "/", b"")) for _ in range(5)))
    assert begun[12:15] == [2700] * 3
    assert set(begun[15:]) == {3000}


def test_an_outage_ends_with_the_first_answer_and_a_probe_goes_out_meanwhile() -> None:
    clock = MovedClock(0)
    outages = CircuitBreaker(clock)
    for count in range(1, NO_WORD + 1):
        assert outages.admits("1", "a")
        assert outages.failed("1", "a", WeChatUnreachable()).unanswered == count
    assert (outages.admits("1", "a"), outages.outages(), outages.probes()) == (False, ["1"], [])
    assert outages.admits("2", "a")  # another account's
    clock.ms += int(PROBE_S * 1000)
    assert outages.probes() == [("1", "")]
    assert [outages.admits("1", "b") for _ in range(3)] == [True, False, False]
    assert outages.failed("1", "b", Busy()).unanswered == NO_WORD
    assert outages.failed("1", "b", WeChatRefused("SYSTEMERROR", "")).unanswered == NO_WORD + 1
    clock.ms += int(PROBE_S * 1000)
    assert outages.probes() == [("1", "b")]
    outages.answered("1", "b")
    assert (outages.is_on("1"), outages.admits("1", "a"), outages.outages()) == (False, True, [])


@pytest.mark.parametrize(
    "error",
    [WeChatRefused("APPID_MCHID_NOT_MATCH", ""), WeChatRefused("FAIL", ""),
     WeChatUntrusted(doubt="foreign")],
)  # fmt: skip
def test_an_answer_ends_an_outage_whatever_it_says(error: PaymentError) -> None:
    outages = CircuitBreaker(MovedClock(0))
    for _ in range(NO_WORD):
        outages.failed("1", "a", WeChatUntrusted())
    assert outages.is_on("1")
    assert outages.failed("1", "a", error) == Streak(0, 1)
    assert outages.failed("1", "b", error) == Streak(0, 1)
    for count in range(2, 3 * NO_WORD):
        assert outages.failed("1", "a", error) == Streak(0, count)
    assert not outages.is_on("1")
    outages.answered("1", "b")
    assert outages.failed("1", "a", error).refused == 3 * NO_WORD
    outages.answered("1", "a")
    assert outages.failed("1", "a", error).refused == 1
