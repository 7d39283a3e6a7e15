"""No search tells more of a phone or an openid than the list shows, and many are a case."""

from __future__ import annotations

import pytest

from models.user import Role
from services.views.search_watch import BOUNDS
from tests.support.notify_rig import alerts
from tests.support.rig import MovedClock, product
from tests.views.test_search import NOON, OPEN_ID, PHONE, desk

__all__ = ["product"]


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
