"""What staff do about a complaint: nothing is sent twice, and nothing that was typed is lost."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from models.complaints import DeedKind
from models.user import Role
from services.complaints.deed_ops import AGAIN_MS, LOST_MS, SETTLED_MS, NewDeed, begin_deeds
from simulator.complaints.complaint import SimulatedComplaint
from tests.complaints.complaint_house import Desk, answered, complaint_house


def replies(complaint: SimulatedComplaint) -> list[str]:
    """What the buyer has read of the merchant."""
    return [row.text for row in complaint.rows if row.type == "MERCHANT_RESPONSE"]


async def fetched(desk: Desk, **given: object) -> SimulatedComplaint:
    complaint = await desk.complains(**given)
    await desk.look()
    return complaint


@pytest.mark.gen_test
async def test_who_saw_an_older_version_sends_nothing_and_gets_the_newer_one(
    tmp_path: Path,
) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await fetched(desk)
        desk.people["bob"] = await desk.shop.user("bob", Role.SUPPORT)
        seen = (await desk.shown(complaint))["version"]
        answered(await desk.post(complaint, "reply", text="甲的回复", version=seen))
        late = answered(await desk.post(complaint, "reply", "bob", text="乙", version=seen), 409)
        assert (late["error"], late["complaint"]["state"]) == ("conflict", "PROCESSING")
        assert late["complaint"]["version"] > seen
        assert replies(complaint) == ["甲的回复"]
        newest = late["complaint"]["version"]
        answered(await desk.post(complaint, "finish", "bob", version=newest))


@pytest.mark.gen_test
async def test_of_two_answers_at_the_same_moment_the_buyer_gets_one(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await fetched(desk)
        seen = (await desk.shown(complaint))["version"]  # one may be through before the other comes
        both = await asyncio.gather(
            *(desk.post(complaint, "reply", text=text, version=seen) for text in ("甲", "乙"))
        )
        assert sorted(answer.code for answer in both) == [200, 409]
        assert len(replies(complaint)) == 1


@pytest.mark.gen_test
async def test_an_answer_whose_outcome_is_unknown_is_looked_up_and_not_sent_again(
    tmp_path: Path,
) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await fetched(desk)
        desk.fault("complaintreply", "lost")
        lost = answered(await desk.post(complaint, "reply", text="已退款"), 504)
        assert lost["error"] == "outcome_unknown"
        (deed,) = (await desk.shown(complaint))["deeds"]
        assert (deed["status"], deed["text"], deed["by"]) == ("unknown", "已退款", "alice")
        again = answered(await desk.post(complaint, "reply", text="已退款"), 409)
        assert again["error"] == "conflict"
        await desk.later(30)
        shown = await desk.shown(complaint)
        assert (shown["deeds"][0]["status"], shown["state"]) == ("done", "PROCESSING")
        assert replies(complaint) == ["已退款"]
        assert "complaint.replied" in [kind for kind, _ in await desk.events()]


@pytest.mark.gen_test
async def test_an_answer_that_never_arrived_is_said_so_and_kept_for_another_try(
    tmp_path: Path,
) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await fetched(desk)
        desk.fault("complaintreply", "error_500")
        answered(await desk.post(complaint, "reply", text="已退款"), 504)
        complaint.rows = [row for row in complaint.rows if row.type != "MERCHANT_RESPONSE"]
        await desk.later(30)
        assert (await desk.shown(complaint))["deeds"][0]["status"] == "unknown"
        await desk.later(SETTLED_MS // 1000)
        (deed,) = (await desk.shown(complaint))["deeds"]
        assert (deed["status"], deed["code"], deed["text"]) == ("failed", "not_arrived", "已退款")
        answered(await desk.post(complaint, "reply", text="已退款"))


@pytest.mark.gen_test
async def test_an_answer_of_a_process_that_was_killed_is_looked_up(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await fetched(desk)
        for text, arrives in (("第一次", False), ("第二次", True)):
            deed = NewDeed(complaint.id, DeedKind.REPLY, {"text": text}, "alice")
            await desk.shop.running.store.write(begin_deeds, deed)
            if arrives:
                desk.wechat.complaints.reply(complaint, text, (), told=False)
            assert (await desk.post(complaint, "reply", text="再来")).code == 409
            await desk.later((LOST_MS + AGAIN_MS) // 1000)
        deeds = (await desk.shown(complaint))["deeds"]
        assert [(deed["text"], deed["status"]) for deed in deeds] == [
            ("第一次", "failed"),
            ("第二次", "done"),
        ]
        assert replies(complaint) == ["第二次"]


@pytest.mark.gen_test
async def test_wechats_refusal_is_shown_in_its_words_and_the_text_is_kept(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await fetched(desk)
        complaint.unanswered = 20
        refused = answered(await desk.post(complaint, "reply", text="在吗"), 502)
        assert refused["error"] == "wechat_refused"
        (deed,) = (await desk.shown(complaint))["deeds"]
        assert deed["status"] == "refused"
        assert "回复次数超过限制" in deed["words"]
        assert await desk.case() == ("open", "high", "complaint_reply_due")


@pytest.mark.gen_test
async def test_a_complaint_is_finished_only_after_an_answer_and_only_once(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await fetched(desk)
        early = answered(await desk.post(complaint, "finish"), 409)
        assert (early["error"], early["complaint"]["state"]) == ("not_answered", "PENDING")
        alice = desk.people["alice"]
        said = (await alice.get(f"orders/{desk.order_num}"))["say"]["zh-CN"]
        assert re.search(
            r"您 \S+ \S+ 在微信支付提交的投诉我们已经收到。最迟 \S+ \S+ 前回复您。$", said
        )
        answered(await desk.post(complaint, "reply", text="您好"))
        assert "投诉" not in (await alice.get(f"orders/{desk.order_num}"))["say"]["zh-CN"]
        desk.wechat.complaints.finish(complaint)  # somebody does it on WeChat's platform
        assert answered(await desk.post(complaint, "finish"))["complaint"]["state"] == "PROCESSED"
        assert answered(await desk.post(complaint, "finish"))["complaint"]["state"] == "PROCESSED"
        assert [r.type for r in complaint.rows].count("MERCHANT_CONFIRM_COMPLETE") == 1


@pytest.mark.gen_test
async def test_an_approval_asks_for_our_own_refund_which_waits_for_an_admin(
    tmp_path: Path,
) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await fetched(desk, problem="REFUND", refundFen=800)
        desk.people["bob"] = await desk.shop.user("bob", Role.SUPPORT)
        answered(await desk.post(complaint, "reply", "bob", text="同意退款"))
        told = answered(await desk.post(complaint, "refund-decision", "bob", action="APPROVE"))
        refund = told["refund"]
        assert (refund["status"], refund["amountFen"]) == ("REQUESTED", 800)
        assert refund["requestedBy"] == "bob"
        assert complaint.decision == "APPROVE"
        assert not desk.wechat.refunds.of_trade(desk.wechat.trades.by_order(desk.order_num))
        again = answered(await desk.post(complaint, "refund-decision", action="APPROVE"), 502)
        assert "当前单据状态不支持操作" in str(again)
        alice = desk.people["alice"]
        page = await alice.get("refunds")
        assert [each["refundNum"] for each in page["refunds"]] == [refund["refundNum"]]
        approved = await alice.post(f"refunds/{refund['refundNum']}/approve", {})
        assert approved.code == 200, approved.body


@pytest.mark.gen_test
async def test_no_buyer_is_promised_a_refund_that_cannot_be_made(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await fetched(desk, problem="REFUND", refundFen=9_999_999)
        answered(await desk.post(complaint, "reply", text="您好"))
        refused = answered(await desk.post(complaint, "refund-decision", action="APPROVE"), 409)
        assert (refused["error"], complaint.decision) == ("not_refundable", "")
        (_, deed) = (await desk.shown(complaint))["deeds"]
        assert (deed["status"], deed["code"]) == ("failed", "not_refundable")
        no_reason = await desk.post(complaint, "refund-decision", action="REJECT")
        assert answered(no_reason, 400)["error"] == "bad_request"
        told = answered(
            await desk.post(complaint, "refund-decision", action="REJECT", reason="已提供服务")
        )
        assert (told["refund"], told["complaint"]["state"]) == (None, "PROCESSED")
        assert complaint.rows[-1].text == "已提供服务"


@pytest.mark.gen_test
async def test_roles_read_answer_and_unmask_as_far_as_they_may(tmp_path: Path) -> None:
    async with complaint_house(tmp_path) as desk:
        complaint = await fetched(desk, phone="13812345678", text="请打 13812345678")
        desk.people["bob"] = await desk.shop.user("bob", Role.SUPPORT)
        desk.people["charlie"] = await desk.shop.user("charlie", Role.VIEWER)
        for name in desk.people:
            answer = await desk.people[name].get(f"complaints/{complaint.id}")
            shown = answer["complaint"]
            assert (shown["phone"], shown["text"]) == ("138****5678", "请打 138****5678")
            assert "13812345678" not in str(answer)
        assert (await desk.post(complaint, "reply", "charlie", text="x")).code == 403
        assert (await desk.people["charlie"].get("inbox"))["complaints"] == 0
        assert (await desk.post(complaint, "unmask", "bob", reason="回电话")).code == 403
        full = answered(await desk.post(complaint, "unmask", reason="回电话"))
        assert full["phone"] == "13812345678"
        answered(await desk.post(complaint, "reply", "bob", text="您好"))
        deeds = await desk.shop.audited("complaint")
        assert [(by, action) for by, action, _, _ in deeds] == [
            ("alice", "complaint.unmasked"),
            ("bob", "complaint.replied"),
        ]
        assert "13812345678" not in str(deeds) + str(await desk.events())
