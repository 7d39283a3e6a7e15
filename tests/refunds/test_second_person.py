"""Above the limits two people decide: people who were people before the request."""

from __future__ import annotations

import json
from typing import Any

import pytest

from models import Alert, AuditEntry, Refund, User
from models.user import Role
from services.alerts.monitor import Monitor
from services.auth.api_keys import ApiKeys
from services.refunds.approvals import Approvals
from services.runtime.clock import DAY_MS, HOUR_MS, SystemClock
from tests.orders.test_healing import change
from tests.refunds.test_receipts import decide, late, listed
from tests.refunds.test_refunds import LARGE, paid, post, wish
from tests.support.fake_refunds import FakeRefunds, refund_shop
from tests.support.notify_rig import alerts
from tests.support.rig import PASSWORD, PRICE, Console, Product, product

__all__ = ["product"]
SECOND = (403, "second_admin")


async def approve(who: Console, refund: dict[str, Any]) -> tuple[int, str]:
    """The status, and the error or the state that the refund has then."""
    code, answer = await post(who, f"refunds/{refund['refundNum']}/approve")
    return code, answer.get("error") or answer["refund"]["status"]


async def large(shop: Product, wechat: FakeRefunds, who: Console) -> dict[str, Any]:
    _, answer = await wish(who, await paid(shop, wechat, PRICE * 100), LARGE)
    assert answer["refund"]["status"] == "REQUESTED"
    refund: dict[str, Any] = answer["refund"]
    return refund


async def by_server(shop: Product, wechat: FakeRefunds, number: str, fen: int) -> dict[str, Any]:
    body = {"amountFen": fen, "reason": "不要了"}
    answer = await shop.merchant(f"orders/{number}/refunds", "POST", body)
    refund: dict[str, Any] = json.loads(answer.body)
    assert answer.code == 201, refund
    return refund


async def made(shop: Product, by: Console, name: str, role: str = "admin") -> Console:
    """A user whom a colleague makes, and who then chose a password."""
    answer = await by.post("users", {"name": name, "role": role, "password": "first password 12"})
    assert answer.code == 201, answer.body
    return await signed_in(shop, name, "first password 12")


async def signed_in(shop: Product, name: str, given: str) -> Console:
    """With the password that somebody gave, and then an own one."""
    console = await shop.sign_in(name, given)
    own = {"old": given, "new": f"own {PASSWORD}"}
    assert (await console.post("me/password", own)).code == 200
    return console


async def let_pass(shop: Product, ms: int) -> None:
    """The accounts and what is in the audit log are older by so much."""

    def older(_batch, items):
        AuditEntry.update(at=AuditEntry.at - ms).execute()
        User.update(created_at=User.created_at - ms).execute()
        return [None] * len(items)

    await shop.running.store.write(older, None)


@pytest.mark.gen_test
async def test_an_account_that_the_asker_made_is_nobody(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, carol = await shop.user(), await shop.user("carol")
        refund = await large(shop, wechat, alice)
        later = await made(shop, alice, "bob")
        assert await approve(later, refund) == SECOND
        before = await made(shop, alice, "dave")
        refund = await large(shop, wechat, alice)
        assert await approve(before, refund) == SECOND
        deeper = await made(shop, before, "erin")  # made by who was made by her
        refund = await large(shop, wechat, alice)
        assert await approve(deeper, refund) == SECOND
        assert wechat.sent == []
        assert await approve(carol, refund) == (200, "PROCESSING")


@pytest.mark.gen_test
async def test_an_account_that_the_asker_changed_is_nobody_for_a_week(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, bob = await shop.user(), await shop.user("bob")
        await shop.user("sue", Role.SUPPORT)
        await alice.post("users/bob/password", {"password": "a new password 1"})
        bob = await signed_in(shop, "bob", "a new password 1")
        await alice.post("users/sue/role", {"role": "admin"})
        sue = await shop.sign_in("sue")
        refund = await large(shop, wechat, alice)
        assert await approve(bob, refund) == SECOND
        assert await approve(sue, refund) == SECOND
        await let_pass(shop, 7 * DAY_MS - HOUR_MS)
        assert await approve(bob, refund) == SECOND
        await let_pass(shop, 2 * HOUR_MS)
        assert await approve(bob, refund) == (200, "PROCESSING")


@pytest.mark.gen_test
async def test_who_makes_an_account_does_not_approve_what_it_asks(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, carol = await shop.user(), await shop.user("carol")
        sue = await made(shop, alice, "sue", "support")
        refund = await large(shop, wechat, sue)
        assert await approve(alice, refund) == SECOND
        bob = await made(shop, alice, "bob")
        refund = await large(shop, wechat, bob)
        assert await approve(await made(shop, alice, "dave"), refund) == SECOND
        assert await approve(carol, refund) == (200, "PROCESSING")
        small = (await wish(sue, await paid(shop, wechat), 800))[1]["refund"]
        assert await approve(alice, small) == (200, "PROCESSING")  # below the limit she may


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_an_account_that_is_younger_than_the_request_is_nobody(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, carol = await shop.user(), await shop.user("carol")
        refund = await large(shop, wechat, alice)
        assert await approve(await made(shop, carol, "bob"), refund) == SECOND
        assert await approve(carol, refund) == (200, "PROCESSING")


@pytest.mark.gen_test
async def test_a_large_refund_by_the_server_needs_two_admins(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, bob = await shop.user(), await shop.user("bob")
        refund = await by_server(shop, wechat, await paid(shop, wechat, PRICE * 100), LARGE)
        assert (refund["status"], refund["firstBy"]) == ("REQUESTED", None)
        assert await approve(alice, refund) == (200, "REQUESTED")
        assert await approve(alice, refund) == SECOND
        assert await approve(await made(shop, alice, "dave"), refund) == SECOND
        assert wechat.sent == []
        assert await approve(bob, refund) == (200, "PROCESSING")
        (shown,) = (await alice.get("refunds"))["refunds"]
        assert (shown["firstBy"], shown["decidedBy"]) == ("alice", "bob")
        actions = [deed[:2] for deed in await shop.audited("refund")]
        assert actions[1:] == [("alice", "refund.approved_first"), ("bob", "refund.approved")]


@pytest.mark.gen_test
async def test_two_keys_are_no_way_around_it(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        number = await paid(shop, wechat, PRICE * 100)
        part = await by_server(shop, wechat, number, LARGE - 100_000)
        shop.api_key = await ApiKeys(shop.running.store).create("other")
        rest = await by_server(shop, wechat, number, 100_000)
        assert (part["status"], rest["status"]) == ("PROCESSING", "REQUESTED")


@pytest.mark.gen_test
async def test_the_refunds_of_a_day_have_a_limit_of_their_own(tmp_path):
    limits = {"SECOND_ADMIN_FEN": "8801", "SECOND_ADMIN_DAY_FEN": "30000"}
    async with refund_shop(tmp_path, **limits) as (shop, wechat):
        alice, bob = await shop.user(), await shop.user("bob")
        asked = [
            (await wish(alice, await paid(shop, wechat), PRICE))[1]["refund"] for _ in range(5)
        ]
        states = [refund["status"] for refund in asked]
        assert states == ["PROCESSING"] * 3 + ["REQUESTED"] * 2
        assert await approve(alice, asked[3]) == SECOND
        assert await approve(bob, asked[3]) == (200, "PROCESSING")
        for expected in ("PROCESSING", "PROCESSING", "PROCESSING", "REQUESTED"):
            refund = await by_server(shop, wechat, await paid(shop, wechat), PRICE)
            assert refund["status"] == expected
        await late(shop, wechat)  # money of the same amount, that came too late
        receipt = (await listed(alice))[0]
        _, answer = await decide(alice, receipt, "refund")
        assert answer["receipt"]["state"] == "proposed"


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_twelve_orders_below_the_limit_are_too_many_for_one_person(tmp_path):
    async with refund_shop(tmp_path, SECOND_ADMIN_FEN="8801") as (shop, wechat):
        alice = await shop.user()
        states = [
            (await wish(alice, await paid(shop, wechat), PRICE))[1]["refund"]["status"]
            for _ in range(12)
        ]
        assert states == ["PROCESSING"] * 10 + ["REQUESTED"] * 2


@pytest.mark.gen_test
async def test_a_proposal_is_confirmed_by_another_person_only(tmp_path):
    limits = {"SECOND_ADMIN_FEN": "1"}
    async with refund_shop(tmp_path, **limits) as (shop, wechat):
        alice, carol = await shop.user(), await shop.user("carol")
        await late(shop, wechat)
        (receipt,) = await listed(alice)
        _, answer = await decide(alice, receipt, "refund")
        proposed = answer["receipt"]
        for other in (await made(shop, alice, "bob"), await made(shop, carol, "dave")):
            code, refused = await decide(other, proposed, "refund")
            assert (code, refused["error"]) == SECOND
        assert (await decide(carol, proposed, "refund"))[0] == 200


@pytest.mark.gen_test
async def test_what_waits_has_a_case_until_it_is_decided(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, bob = await shop.user(), await shop.user("bob")
        sue = await shop.user("sue", Role.SUPPORT)
        look = Approvals(shop.running.store, SystemClock()).step
        refund = await large(shop, wechat, alice)
        small = (await wish(sue, await paid(shop, wechat), 800))[1]["refund"]
        waits = await by_server(shop, wechat, await paid(shop, wechat, PRICE * 100), LARGE)
        await look()
        await look()
        cases = {alert["orderNum"]: alert for alert in await alerts(shop)}
        assert set(cases) == {each["orderNum"] for each in (refund, small, waits)}
        case = cases[refund["orderNum"]]
        assert (case["kind"], case["severity"], case["count"]) == ("system", "high", 1)
        assert case["evidence"]["code"] == "approval_waits"
        assert case["evidence"]["values"] == {"amount": "5000.00", "by": "alice"}
        assert cases[waits["orderNum"]]["evidence"]["code"] == "key_refund_waits"
        await approve(bob, refund)
        await post(alice, f"refunds/{small['refundNum']}/reject", note="no")
        await look()
        statuses = {alert["orderNum"]: alert["status"] for alert in await alerts(shop)}
        assert statuses == {
            refund["orderNum"]: "resolved",
            small["orderNum"]: "resolved",
            waits["orderNum"]: "open",
        }


async def told(shop: Product) -> list[tuple[str, str, int]]:
    """Of each case its code, status and count."""
    found = await alerts(shop)
    return sorted((each["evidence"]["code"], each["status"], each["count"]) for each in found)


async def let_wait(shop: Product, ms: int) -> None:
    """As if everything had happened so much earlier."""
    await change(shop, Refund.update(created_at=Refund.created_at - ms))
    await change(shop, Alert.update(last_seen=Alert.last_seen - ms))


@pytest.mark.gen_test
async def test_what_waits_is_one_case_that_is_told_again_each_day(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice, bob = await shop.user(), await shop.user("bob")
        look = Approvals(shop.running.store, SystemClock()).step
        watch = Monitor(shop.running.store, SystemClock(), shop.settings.merchants).step
        refund = await large(shop, wechat, alice)
        await let_pass(shop, 9 * DAY_MS)
        for passed, count in ((0, 1), (DAY_MS - HOUR_MS, 1), (2 * HOUR_MS, 2), (DAY_MS, 3)):
            await let_wait(shop, passed)
            await watch()
            for _ in range(2):
                await look()
            assert await told(shop) == [("approval_waits", "open", count)]
        repeats = [each for each in await shop.events() if each["kind"] == "alert.repeated"]
        assert [each["data"]["count"] for each in repeats] == [2, 3]
        await approve(bob, refund)
        await let_wait(shop, 3 * DAY_MS)
        await look()
        assert await told(shop) == [("approval_waits", "resolved", 3)]


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_a_case_that_was_resolved_while_its_money_waits_opens_again_after_a_day(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        alice = await shop.user()
        look = Approvals(shop.running.store, SystemClock()).step
        await large(shop, wechat, alice)
        await look()
        (case,) = await alerts(shop)
        body = {"version": case["version"], "reason": "confirmed_with_customer"}
        assert (await alice.post(f"alerts/{case['id']}/resolve", body)).code == 200
        await look()
        assert await told(shop) == [("approval_waits", "resolved", 1)]
        await let_wait(shop, DAY_MS + HOUR_MS)
        await look()
        assert await told(shop) == [("approval_waits", "open", 2)]


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_the_inbox_counts_what_waits_for_the_role(tmp_path):
    async with refund_shop(tmp_path, SECOND_ADMIN_FEN="1") as (shop, wechat):
        alice = await shop.user()
        sue, vic = await shop.user("sue", Role.SUPPORT), await shop.user("vic", Role.VIEWER)
        await wish(alice, await paid(shop, wechat), 800)
        await late(shop, wechat)
        nothing = dict.fromkeys(("complaints", "differences", "webhooks", "mine"), 0)
        waits = {"approvals": 1, "receipts": 1, "alerts": 1, **nothing}
        found = await alice.get("inbox")
        oldest = found.pop("oldest")
        assert (found, set(oldest)) == (waits, {"approvals", "receipts", "alerts"})
        (receipt,) = await listed(alice)
        assert oldest["receipts"] == receipt["receivedAt"]
        (case,) = (await alice.get("alerts"))["alerts"]
        await alice.post(f"alerts/{case['id']}/acknowledge", {"version": case["version"]})
        await decide(alice, receipt, "refund")
        changed = {**waits, "approvals": 2, "receipts": 0, "mine": 1}
        assert {**(await alice.get("inbox")), "oldest": None} == {**changed, "oldest": None}
        support = {**waits, "approvals": 0, "receipts": 0, "mine": 0}
        assert {**(await sue.get("inbox")), "oldest": None} == {**support, "oldest": None}
        nothing_at_all = await vic.get("inbox")
        assert (nothing_at_all.pop("oldest"), set(nothing_at_all.values())) == ({}, {0})
