"""No search tells more of a phone or an openid than the list shows, and many are a case.

`PAYWATCH_TEST_SEARCHES` sets how many an attack makes; 10,000 try all hidden digits of a phone."""

from __future__ import annotations

import os
import random

import pytest

from models.user import Role
from services.views.search_watch import BOUNDS
from tests.support.notify_rig import alerts
from tests.support.rig import MovedClock, product
from tests.views.test_search import NOON, OPEN_ID, PHONE, desk

__all__ = ["product"]
SEARCHES = int(os.environ.get("PAYWATCH_TEST_SEARCHES", "150"))


@pytest.mark.gen_test
async def test_a_masked_value_is_found_whole_or_by_what_is_shown(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop, Role.VIEWER)
        mine = await at.put("M-0001", open_id=OPEN_ID, phone=PHONE)
        shown = ("phone:13", "phone:138", "138****5678", "5678", PHONE, OPEN_ID, OPEN_ID[:6])
        for q in (*shown, f"openid:{OPEN_ID[:3]}", f"openid:{OPEN_ID}"):
            assert await at.find(q) == [mine], q
        finer = [PHONE[:n] for n in range(4, 11)] + [OPEN_ID[:n] for n in range(7, 28)]
        hidden = [f"{prefix}{q}" for q in finer for prefix in ("", "phone:", "openid:")]
        for q in (*hidden, "phone:1381", "phone:5678x", "2345678"):
            assert await at.find(q) == [], q


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_the_phone_in_a_name_is_not_found_by_its_hidden_digits(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop, Role.VIEWER)
        mine = await at.put("M-0001", customer=f"小明 {PHONE}", title=f"送到 {OPEN_ID}")
        for q in ("小明", "小明 138", f"客户:小明 {PHONE}", "送到 oUpF8u", f"送到 {OPEN_ID}"):
            assert await at.find(q) == [mine], q
        for q in (
            "小明 1381",
            "客户:1234",
            "客户:812",
            "小明 13812345670",
            "送到 oUpF8uM",
            "uAJO_M2",
        ):
            assert await at.find(q) == [], q


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_a_phone_that_is_shown_in_no_part_is_found_whole_only(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop)
        await at.put("M-0001", phone="8675309", open_id="short-id")
        for q in ("phone:867", "尾号 5309", "openid:short"):
            assert await at.find(q) == [], q


@pytest.mark.gen_test
async def test_a_burst_of_such_searches_is_a_case(tmp_path):
    clock, (_, most) = MovedClock(NOON), BOUNDS[0]
    async with product(tmp_path, clock=clock) as shop:
        at = await desk(shop, Role.VIEWER)
        for n in range(most - 1):
            await at.find(f"1380000{n:04}")
            await at.find(f"陈{n}")  # tells nothing of a phone
        assert await alerts(shop) == []
        await at.user.fetch(f"orders/export.csv?q={OPEN_ID}")  # a viewer may not
        await at.find(OPEN_ID)
        (case,) = await alerts(shop)
        assert (case["kind"], case["severity"], case["status"]) == ("system", "high", "open")
        assert case["evidence"]["code"] == "search_burst"
        assert case["evidence"]["values"] == {"by": "bob", "count": most, "minutes": 10}
        await at.find("尾号 5678")
        assert [case["count"] for case in await alerts(shop)] == [2]


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_each_phone_of_a_pasted_list_counts(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop, Role.VIEWER)
        for start in range(0, 60, 20):
            assert await alerts(shop) == []
            await at.find("\n".join(f"1380000{n:04}" for n in range(start, start + 20)))
        (case,) = await alerts(shop)
        assert case["evidence"]["values"]["count"] == 60


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_slow_searches_add_up_over_a_month(tmp_path, monkeypatch):
    clock = MovedClock(NOON)
    async with product(tmp_path, clock=clock) as shop:
        at = await desk(shop)
        monkeypatch.setattr("services.views.search_watch.BOUNDS", ((600_000, 60), (10**9, 12)))
        for _ in range(12):
            clock.ms += 1_200_000
            await at.find(PHONE)
        (case,) = await alerts(shop)
        assert case["evidence"]["values"]["count"] == 12


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_no_part_of_a_phone_or_an_openid_is_found_by_many_searches(tmp_path):
    """Any beginning, end or middle that is longer than what the list shows, guessed rightly."""
    draw = random.Random(7)
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop, Role.VIEWER)
        await at.put("M-0001", open_id=OPEN_ID, phone=PHONE)
        for _ in range(SEARCHES):
            whole = draw.choice((PHONE, OPEN_ID))
            shown = 5 if whole is PHONE else 7
            length = draw.randrange(shown, len(whole))
            start = draw.randrange(len(whole) - length + 1)
            part = whole[start : start + length]
            before, after = (
                draw.choice(("", "phone:", "openid:", "尾号 ")),
                draw.choice(("", "*", "%")),
            )
            assert await at.find(f"{before}{part}{after}") == [], part


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_the_hidden_digits_are_not_tried_out_without_a_case(tmp_path, monkeypatch):
    """At a pace that is no burst, with the phone's own digits tried last of all."""
    (_, burst), (month, most) = BOUNDS
    most = max(most * SEARCHES // 10_000, burst)
    monkeypatch.setattr("services.views.search_watch.BOUNDS", (BOUNDS[0], (month, most)))
    clock, hidden = MovedClock(NOON), range(SEARCHES)
    async with product(tmp_path, clock=clock) as shop:
        at = await desk(shop, Role.VIEWER)
        mine = await at.put("M-0001", phone=f"138{hidden[-1]:04}5678")
        for n in hidden:
            if n % (burst - 1) == 0:
                clock.ms += 600_000
                at.user = await shop.sign_in("bob")
            found = await at.find(f"138{n:04}5678")
            assert found == ([mine] if n == hidden[-1] else [])
            if n == most - 1:
                assert [case["evidence"]["code"] for case in await alerts(shop)] == ["search_burst"]
        assert most < SEARCHES, "the case came first"
