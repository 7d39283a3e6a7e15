"""What people decide about an alert, and what happens when two decide at once."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from models.user import Role
from tests.support.rig import ABNORMAL, Console, Product, product


async def mismatch(shop: Product, order_num: str | None = None) -> str:
    """A wrong amount for an order, new or known; its number."""
    num = order_num or (await shop.order())["orderNum"]
    assert await shop.pay(num, "4200000000000001", total_fee="1") == ABNORMAL
    return num


async def decide(user: Console, action: str, version: int, **more: Any) -> HTTPResponse:
    return await user.post(f"alerts/1/{action}", {"version": version, **more})


def alert_in(response: HTTPResponse) -> dict[str, Any]:
    assert response.code in (200, 409), response.body
    found: dict[str, Any] = json.loads(response.body)["alert"]
    return found


@pytest.mark.gen_test
async def test_a_case_goes_from_open_over_acknowledged_to_resolved_and_back(tmp_path):
    async with product(tmp_path) as shop:
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        await mismatch(shop)
        steps = [
            (bob, "acknowledge", {}, "acknowledged", "bob"),
            (bob, "note", {"note": "客户已联系\n等回复"}, "acknowledged", "bob"),
            (alice, "assign", {"assignee": "bob"}, "acknowledged", "bob"),
            (alice, "resolve", {"reason": "order_created", "note": "by hand"}, "resolved", "bob"),
            (alice, "note", {"note": "late word"}, "resolved", "bob"),
            (alice, "reopen", {"note": "not so"}, "open", None),
        ]
        for version, (who, action, more, status, assignee) in enumerate(steps, 1):
            answer = await decide(who, action, version, **more)
            assert answer.code == 200
            alert = alert_in(answer)
            assert (alert["status"], alert["assignee"]) == (status, assignee), action
            assert alert["version"] == version + 1
        history = [(e["action"], e["by"], e["note"]) for e in alert["history"]]
        assert history == [
            ("raised", None, None),
            ("acknowledged", "bob", None),
            ("note", "bob", "客户已联系\n等回复"),
            ("assigned", "alice", None),
            ("resolved", "alice", "order_created: by hand"),
            ("note", "alice", "late word"),
            ("reopened", "alice", "not so"),
        ]
        kinds = [event["kind"] for event in await shop.events()]
        assert kinds[2:] == [
            "alert.raised",
            "alert.acknowledged",
            "note.added",
            "alert.assigned",
            "alert.resolved",
            "note.added",
            "alert.reopened",
        ]


@pytest.mark.gen_test
async def test_of_two_at_once_one_decides_and_the_other_sees_what_came_of_it(tmp_path):
    async with product(tmp_path) as shop:
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        await mismatch(shop)
        answers = await asyncio.gather(*(decide(who, "acknowledge", 1) for who in (alice, bob) * 4))
        assert sorted(answer.code for answer in answers) == [200] + [409] * 7
        (won,) = (alert_in(answer) for answer in answers if answer.code == 200)
        for answer in answers:
            body = json.loads(answer.body)
            assert body["alert"] == won
            if answer.code == 409:
                assert set(body) == {"error", "message", "requestId", "alert"}
                assert body["error"] == "conflict"
        kinds = [event["kind"] for event in await shop.events()]
        assert kinds.count("alert.acknowledged") == 1


@pytest.mark.gen_test
async def test_a_decision_needs_a_state_in_which_it_makes_sense(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        await mismatch(shop)
        assert alert_in(await decide(alice, "reopen", 1))["status"] == "open"
        assert (await decide(alice, "reopen", 1)).code == 409
        assert (await decide(alice, "acknowledge", 1)).code == 200
        assert (await decide(alice, "acknowledge", 2)).code == 409
        assert (await decide(alice, "resolve", 2)).code == 200
        for action in ("resolve", "assign", "acknowledge"):
            assert (await decide(alice, action, 3, assignee="bob")).code == 409, action
        assert (await alice.post("alerts/99/note", {"version": 1, "note": "x"})).code == 404


@pytest.mark.gen_test
async def test_an_odd_decision_is_refused(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        await mismatch(shop)
        odd: list[tuple[str, Any]] = [
            ("note", {"version": 1}),
            ("note", {"version": 1, "note": ""}),
            ("note", {"version": 1, "note": "x" * 501}),
            ("note", {"version": 1, "note": 5}),
            ("note", {"version": 1, "note": "\ud800"}),
            ("note", {"version": 1, "note": "a\0b"}),
            ("assign", {"version": 1}),
            ("assign", {"version": 1, "assignee": ["bob"]}),
            ("assign", {"version": 1, "assignee": "nobody of ours"}),
            ("resolve", {}),
            ("resolve", {"version": "1"}),
            ("resolve", {"version": True}),
            ("resolve", {"version": 1.0}),
            ("resolve", {"version": None}),
            ("resolve", {"version": 1, "reason": {"a": 1}}),
        ]
        for action, body in odd:
            answer = await alice.post(f"alerts/1/{action}", body)
            assert answer.code == 400, (action, body)
        for version in (0, -1, 2, 10**30):
            assert (await decide(alice, "resolve", version)).code == 409, version
        alert = (await alice.get("alerts/1"))["alert"]
        assert (alert["version"], len(alert["history"])) == (1, 1)


@pytest.mark.gen_test
async def test_a_repeat_is_counted_and_does_not_disturb_a_decision(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        num = await mismatch(shop)
        await mismatch(shop, num)
        alert = alert_in(await decide(alice, "acknowledge", 1))
        assert alert["count"] == 2
        await mismatch(shop, num)
        again = (await alice.get("alerts/1"))["alert"]
        assert (again["count"], again["status"], again["version"]) == (3, "acknowledged", 2)
        assert again["firstSeen"] == alert["firstSeen"] < again["lastSeen"]
        assert (await decide(alice, "resolve", 2)).code == 200


@pytest.mark.gen_test
async def test_a_repeat_after_resolve_reopens_the_same_case(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        num = await mismatch(shop)
        await decide(alice, "resolve", 1)
        assert (await alice.get("summary"))["today"]["openAlerts"] == 0
        await mismatch(shop, num)
        (alert,) = (await alice.get("alerts"))["alerts"]
        assert (alert["id"], alert["status"], alert["count"]) == (1, "open", 2)
        assert (alert["assignee"], alert["version"]) == (None, 3)
        assert [e["action"] for e in alert["history"]] == ["raised", "resolved", "reopened"]
        assert (await shop.events())[-1]["kind"] == "alert.reopened"
        assert (await decide(alice, "resolve", 2)).code == 409
        today = (await alice.get("summary"))["today"]
        assert (today["openAlerts"], today["criticalAlerts"]) == (1, 1)


@pytest.mark.gen_test
async def test_a_phone_that_staff_or_a_shop_wrote_down_is_shown_masked(tmp_path):
    async with product(tmp_path) as shop:
        alice, charlie = await shop.user("alice"), await shop.user("charlie", Role.VIEWER)
        order = await shop.order(customer="张三 13812345678", title="茶 13912345678")
        await shop.pay(order["orderNum"], total_fee="1")
        await decide(alice, "note", 1, note="call 13812345678, openid oUpF8uMuAJO_M2pxb1Q9zNjWeS6o")
        seen = [await charlie.get(path) for path in ("alerts", "orders", "events?limit=100")]
        seen.append(await charlie.get(f"orders/{order['orderNum']}"))
        told = json.dumps(seen, ensure_ascii=False)
        assert "张三 138****5678" in told
        for secret in ("13812345678", "13912345678", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"):
            assert secret not in told


@pytest.mark.gen_test
async def test_several_cases_are_decided_at_once_each_for_itself(tmp_path):
    async with product(tmp_path) as shop:
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        for _ in range(3):
            await mismatch(shop)
        assert alert_in(await decide(bob, "acknowledge", 1))["assignee"] == "bob"
        chosen = [{"id": id_, "version": 1} for id_ in (1, 2, 3, 99)]
        told = await alice.post("alerts/bulk/acknowledge", {"alerts": chosen})
        results = json.loads(told.body)["results"]
        assert [(r["id"], r.get("error")) for r in results] == [
            (1, "conflict"),
            (2, None),
            (3, None),
            (99, "not_found"),
        ]
        assert [r["alert"] and r["alert"]["assignee"] for r in results] == [
            "bob",
            "alice",
            "alice",
            None,
        ]
        given = {"alerts": [{"id": 2, "version": 2}], "assignee": "bob"}
        assert (await alice.post("alerts/bulk/assign", given)).code == 200
        assert (await alice.get("alerts/2"))["alert"]["assignee"] == "bob"
        odd: list[Any] = [
            {},
            {"alerts": []},
            {"alerts": "1"},
            {"alerts": [1]},
            {"alerts": [{"id": 1}]},
            {"alerts": [{"id": True, "version": 1}]},
            {"alerts": chosen * 26},
            {"alerts": chosen[:1] * 2},
        ]
        for body in odd:
            assert (await alice.post("alerts/bulk/resolve", body)).code == 400, body
        unknown = {"alerts": [{"id": 2, "version": 3}], "assignee": "charlie"}
        assert (await alice.post("alerts/bulk/assign", unknown)).code == 400


@pytest.mark.gen_test
async def test_the_list_shows_the_cases_of_a_kind_a_severity_or_a_person(tmp_path):
    async with product(tmp_path) as shop:
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        await mismatch(shop)
        await shop.pay("NOSUCHORDER1")
        await decide(bob, "acknowledge", 1)
        for query, ids in {
            "severity=critical": [1],
            "severity=high": [2],
            "kind=missing_order": [2],
            "assignee=bob": [1],
            "assignee=~nobody": [2],
            "assignee=~me": [],
            "status=unresolved&severity=critical&assignee=bob": [1],
        }.items():
            found = (await alice.get(f"alerts?{query}"))["alerts"]
            assert [alert["id"] for alert in found] == ids, query
        mine = (await bob.get("alerts?assignee=~me"))["alerts"]
        assert [alert["id"] for alert in mine] == [1]


@pytest.mark.gen_test
async def test_only_who_may_handle_a_case_is_offered_and_can_be_given_one(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        await shop.user("bob", Role.SUPPORT)
        await shop.user("charlie", Role.VIEWER)
        assert (await alice.get("people"))["people"] == [
            {"name": "alice", "role": "admin"},
            {"name": "bob", "role": "support"},
        ]
        await mismatch(shop)
        assert (await decide(alice, "assign", 1, assignee="charlie")).code == 400
        assert (await decide(alice, "assign", 1, assignee="bob")).code == 200


@pytest.mark.gen_test
async def test_an_outcome_that_says_nothing_needs_a_note_and_decisions_are_audited(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        num = await mismatch(shop)
        for reason in ("false_alarm", "other"):
            for note in ({}, {"note": "test"}):
                assert (await decide(alice, "resolve", 1, reason=reason, **note)).code == 400
        call = "电话 13812345678 核对过"
        assert (await decide(alice, "resolve", 1, reason="false_alarm", note=call)).code == 200
        masked = "false_alarm: 电话 138****5678 核对过"
        assert await shop.audited("alert") == [
            (
                "alice",
                "alert.resolved",
                num,
                {"alertId": 1, "kind": "amount_mismatch", "note": masked},
            ),
        ]


@pytest.mark.gen_test
async def test_a_case_about_money_names_its_receipt(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        await mismatch(shop)
        await shop.pay((await shop.order())["orderNum"], total_fee="-1")
        with_money, without = await alice.get("alerts/1"), await alice.get("alerts/2")
        assert with_money["receipt"] == {
            "id": 1,
            "state": "waiting",
            "reason": "wrong_amount",
            "amountFen": 1,
            "currency": "CNY",
            "transactionId": "4200000000000001",
            "refundNum": None,
            "refundStatus": None,
        }
        assert without["receipt"] is None
