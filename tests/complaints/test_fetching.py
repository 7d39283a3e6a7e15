"""Every complaint is found once: whatever notify is lost or comes twice, and after a crash."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest

from commands.demo_history import past
from commands.demo_wechat import tell_wechat
from models import Complaint
from models.base import rows
from services.complaints.look_ops import AT_ONCE, CLAIM_MS, claim_looks, read_due
from tests.complaints.complaint_house import Desk, answered, complaint_house
from tests.support.rig import MCH_ID


@pytest.mark.gen_test
async def test_a_notify_that_comes_twice_raises_one_complaint(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        desk.fault("complaint_notify", "duplicate", copies=3)
        complaint = await desk.complains()
        await desk.delivered(complaint, 3)
        await desk.look()
        await desk.acts(complaint, "platform_says")
        await desk.look()
        assert len((await desk.page())["complaints"]) == 1
        kinds = [kind for kind, _ in await desk.events()]
        assert kinds == ["complaint.raised", "complaint.updated"]
        assert len(await desk.cases()) == 1


@pytest.mark.gen_test
async def test_a_crash_between_the_notify_and_its_fetch_loses_nothing(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        await desk.complains()
        store = desk.shop.running.store
        (look,) = await store.read(read_due, desk.clock.ms, (MCH_ID,))
        assert await store.write(claim_looks, look)  # and the process that has it is killed
        assert not await store.write(claim_looks, look)
        await desk.look()
        assert (await desk.page())["complaints"] == []
        assert (await desk.case())[2] == "complaint_told"
        await desk.later(CLAIM_MS // 1000)
        assert len((await desk.page())["complaints"]) == 1


@pytest.mark.gen_test
async def test_complaints_whose_notifies_are_lost_are_found_by_asking(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        made = [await desk.complains(told=False, hoursAgo=hours) for hours in (0, 30, 20 * 24)]
        for _ in range(2):
            await desk.look()
        found = (await desk.page())["complaints"]
        assert [each["id"] for each in found] == [each.id for each in made]
        (listed,) = (await desk.page())["lists"]
        assert (listed["account"], listed["problem"]) == (MCH_ID, None)
        await desk.acts(made[0], "revoke", told=False)
        await desk.later(600)
        await desk.look()
        assert (await desk.shown(made[0]))["state"] == "PROCESSED"


@pytest.mark.gen_test
async def test_a_long_list_is_read_page_by_page_and_a_long_history_whole(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await desk.complains(told=False)
        for _ in range(60):
            await desk.complains(told=False)
        for _ in range(120):
            desk.wechat.complaints.act(complaint, "platform_urges", told=False)
        for _ in range(61 // AT_ONCE + 3):
            await desk.later(4)
        assert len((await desk.page("?limit=100"))["complaints"]) == 61
        assert len((await desk.shown(complaint))["history"]) == 122
        first = await desk.page("?limit=40")
        second = await desk.page(f"?limit=40&before={first['next']}")
        ids = [each["id"] for each in first["complaints"] + second["complaints"]]
        assert (len(set(ids)), second["next"]) == (61, None)


@pytest.mark.gen_test
async def test_while_wechat_does_not_answer_it_is_said_that_nothing_is_known(
    tmp_path: Path,
) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await desk.complains()
        await desk.look()
        for on in ("complaint", "complaints"):
            desk.fault(on, "lost", times=None)
        await desk.acts(complaint, "say")
        await desk.later(600)
        shown = await desk.shown(complaint)
        assert shown["fetchProblem"]["code"] == "wechat_unreachable"
        (listed,) = (await desk.page())["lists"]
        assert listed["problem"]["code"] == "wechat_unreachable"
        refreshed = answered(await desk.post(complaint, "refresh"), 504)
        assert refreshed["error"] == "wechat_unreachable"
        assert len((await desk.shown(complaint))["history"]) == 2
        for _ in range(3):
            assert await unread_cases(desk) == []
            await desk.later(600)
        (case,) = await unread_cases(desk)
        assert (case["status"], case["evidence"]["code"]) == ("open", "complaints_unread")
        desk.wechat.faults.clear()
        await desk.later(3600)
        shown = await desk.shown(complaint)
        assert (shown["fetchProblem"], len(shown["history"])) == (None, 3)
        assert (await desk.page())["lists"][0]["problem"] is None
        (case,) = await unread_cases(desk)
        assert case["history"][-1]["action"] == "over"


async def unread_cases(desk: Desk) -> list[Any]:
    page = await desk.shop.running.services.alerts.page(kind="system")
    return [case for case in page["alerts"] if "complaints" in case["evidence"]["code"]]


@pytest.mark.gen_test
async def test_the_payer_is_in_no_column_that_reads_without_our_key(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await desk.complains(phone="13812345678")
        await desk.look()
        columns = await desk.shop.running.store.read(lambda: rows(Complaint.select()))
        assert "13812345678" not in str(columns)
        assert complaint.open_id not in str(columns)
        assert (await desk.shown(complaint))["phone"] == "138****5678"


@pytest.mark.gen_test
async def test_complaints_are_found_by_number_and_word_and_stand_on_their_order(
    tmp_path: Path,
) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await desk.complains(text="咨询没有开始，电话 13812345678", problem="REFUND")
        other = await desk.complains(text="100%_假货")
        await desk.look()
        await desk.look()

        async def found(q: str) -> list[str]:
            return [each["id"] for each in (await desk.page(f"?q={q}"))["complaints"]]

        assert await found(complaint.id) == [complaint.id]
        assert set(await found(desk.order_num)) == {complaint.id, other.id}
        assert await found("%E6%B2%A1%E6%9C%89%E5%BC%80%E5%A7%8B") == [complaint.id]
        assert await found("%25_") == [other.id]
        assert await found("13812345678") == await found("381") == []
        assert len((await desk.page("?status=PENDING"))["complaints"]) == 2
        assert (await desk.page("?status=PROCESSED"))["complaints"] == []
        assert (await desk.page("?account=1"))["complaints"] == []
        order = await desk.people["alice"].get(f"orders/{desk.order_num}")
        assert {each["id"] for each in order["complaints"]} == {complaint.id, other.id}
        assert "complaint.raised" in [event["kind"] for event in order["timeline"]]


@pytest.mark.gen_test
async def test_the_demo_has_complaints_at_every_stage(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        orders = past(desk.clock.ms, (("p1", "咨询", 8800),), 0.5, Random(3))
        port = int(urlsplit(desk.shop.settings.wechat_base_url).port or 0)
        await asyncio.to_thread(tell_wechat, port, orders)
        for _ in range(3):
            await desk.later(4)
        found = (await desk.page())["complaints"]
        assert [each["state"] for each in found] == [
            "PENDING",
            "PENDING",
            "PENDING",
            "PROCESSING",
            "PROCESSING",
            "PROCESSED",
        ]
        assert len({each["orderNum"] for each in found}) == 6
        assert {case["orderNum"] for case in await desk.cases()} <= {o.order_num for o in orders}
