"""The life of a complaint over three days, and its deadlines."""

from __future__ import annotations

from pathlib import Path

import pytest

from payments.complaints.deadlines import finish_due, last_day, reply_due
from tests.complaints.complaint_house import answered, china_ms, complaint_house


@pytest.mark.parametrize(
    ("came", "reply", "finish"),
    [
        ("2026-11-02 00:00", "2026-11-03 24:00", "2026-11-05 24:00"),
        ("2026-11-02 09:30", "2026-11-03 24:00", "2026-11-05 24:00"),
        ("2026-11-02 23:59", "2026-11-03 24:00", "2026-11-05 24:00"),
        ("2026-12-31 08:00", "2027-01-01 24:00", "2027-01-03 24:00"),
        ("2028-02-28 07:59", "2028-02-29 24:00", "2028-03-02 24:00"),
    ],
)
def test_deadlines_are_whole_days_of_china(came: str, reply: str, finish: str) -> None:
    since = china_ms(came)
    assert reply_due(since) == china_ms(reply)
    assert finish_due(since) == china_ms(finish)
    assert last_day(reply_due(since)) == reply[:10]


@pytest.mark.gen_test
async def test_a_complaint_that_is_answered_in_time_ends_each_case_by_itself(
    tmp_path: Path,
) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await desk.complains(text="没有收到咨询服务")
        assert await desk.case() == ("open", "high", "complaint_told")
        await desk.look()
        assert await desk.case() == ("open", "high", "complaint_reply_due")
        (item,) = (await desk.page())["complaints"]
        assert (item["state"], item["orderNum"]) == ("PENDING", desk.order_num)
        assert (item["replyDueAt"], item["finishDueAt"]) == (
            "2026-11-03T16:00:00.000Z",
            "2026-11-05T16:00:00.000Z",
        )
        await desk.at("2026-11-03 18:00")
        reply = await desk.post(
            complaint, "reply", text="已安排客服联系您", version=item["version"]
        )
        assert answered(reply)["complaint"]["state"] == "PROCESSING"
        assert (await desk.case())[0] == "resolved"
        await desk.at("2026-11-04 12:00")
        assert (await desk.case())[0] == "resolved"
        await desk.at("2026-11-05 09:00")
        assert await desk.case() == ("open", "high", "complaint_finish_due")
        done = answered(await desk.post(complaint, "finish"))["complaint"]
        assert done["state"] == "PROCESSED"
        (case,) = await desk.cases()
        assert case["status"] == "resolved"
        assert [e["note"] for e in case["history"] if e["action"] == "resolved"] == ["over", "over"]
        await desk.look()
        assert [kind for kind, _ in await desk.events()] == [
            "complaint.raised",
            "complaint.replied",
            "complaint.updated",
            "complaint.finished",
            "complaint.updated",
        ]


@pytest.mark.gen_test
async def test_what_nobody_does_is_told_before_each_deadline_and_after_it(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        await desk.complains()
        told = []
        for moment in (
            "2026-11-02 10:00",
            "2026-11-03 19:59",
            "2026-11-03 20:00",
            "2026-11-04 00:00",
            "2026-11-05 23:59",
            "2026-11-06 00:00",
        ):
            await desk.at(moment)
            told.append((await desk.case())[1:])
        assert told == [
            ("high", "complaint_reply_due"),
            ("high", "complaint_reply_due"),
            ("critical", "complaint_reply_due"),
            ("critical", "complaint_overdue"),
            ("critical", "complaint_overdue"),
            ("critical", "complaint_overdue"),
        ]
        (case,) = await desk.cases()
        assert case["evidence"]["values"]["day"] == "2026-11-05"
        assert case["count"] == 5
        waits = await desk.people["alice"].get("inbox")
        assert (waits["complaints"], waits["oldest"]["complaints"]) == (
            1,
            "2026-11-02T01:30:00.000Z",
        )


@pytest.mark.gen_test
async def test_a_complaint_that_is_continued_has_new_deadlines(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await desk.complains()
        await desk.look()
        answered(await desk.post(complaint, "reply", text="您好"))
        answered(await desk.post(complaint, "finish"))
        await desk.at("2026-11-06 15:00")
        await desk.acts(complaint, "continue", text="还是没有解决")
        await desk.look()
        shown = await desk.shown(complaint)
        assert (shown["state"], shown["times"], shown["userWaits"]) == ("PENDING", 2, True)
        assert shown["replyDueAt"] == "2026-11-07T16:00:00.000Z"
        assert await desk.case() == ("open", "high", "complaint_reply_due")
        assert "还是没有解决" in [line["text"] for line in shown["history"]]


@pytest.mark.gen_test
async def test_a_buyer_who_writes_again_is_told_and_waits_for_an_answer(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await desk.complains()
        await desk.look()
        answered(await desk.post(complaint, "reply", text="您好"))
        await desk.later(60)
        await desk.acts(complaint, "say", text="什么时候退款？", images=2)
        await desk.look()
        assert await desk.case() == ("open", "high", "complaint_user_waits")
        shown = await desk.shown(complaint)
        assert shown["userWaits"]
        assert shown["history"][-1]["media"] == [1, 2]
        answered(await desk.post(complaint, "reply", text="今天之内"))
        assert (await desk.case())[0] == "resolved"


@pytest.mark.gen_test
async def test_every_kind_of_line_that_wechat_has_is_kept_as_it_was_written(tmp_path: Path) -> None:
    acts = "say click platform_says platform_urges ask_help ask_platform leave_platform"
    more = "platform_finished order_cancelled order_completed full_refund part_refund satisfaction"
    async with complaint_house(tmp_path) as desk:
        complaint = await desk.complains()
        for act in (*acts.split(), *more.split(), "entrusted_refund", "refund_received"):
            await desk.acts(complaint, act, told=False)
        await desk.look()
        shown = await desk.shown(complaint)
        assert [line["action"] for line in shown["history"]] == [r.type for r in complaint.rows]
        assert [line["text"] for line in shown["history"]] == [r.text for r in complaint.rows]
        beside = {line["action"]: line["more"] for line in shown["history"] if line["more"]}
        assert set(beside) == {"USER_CLICK_RESPONSE", "USER_APPLY_PLATFORM_SERVICE"}
        assert shown["fullyRefunded"]


@pytest.mark.gen_test
async def test_while_the_platform_is_in_it_the_complaint_says_so(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await desk.complains()
        await desk.acts(complaint, "ask_platform")
        await desk.look()
        assert (await desk.shown(complaint))["inPlatform"]
        await desk.later(60)
        await desk.acts(complaint, "platform_finished")
        await desk.look()
        assert not (await desk.shown(complaint))["inPlatform"]


@pytest.mark.gen_test
async def test_a_buyer_who_was_promised_an_answer_at_once_gets_it_there(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await desk.complains(immediate=True)
        await desk.look()
        assert (await desk.shown(complaint))["immediate"]
        answered(await desk.post(complaint, "reply", text="您好，请稍等"))
        assert list(complaint.replies.values()) == [complaint.rows[-1].id]
        assert complaint.rows[-1].text == "您好，请稍等"
