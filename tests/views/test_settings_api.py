"""What admins see of the settings, the alert rules that they turn, and the test of the channels."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from models import AuditEntry
from models.base import dicts
from models.user import Role
from payments.alert_kinds import SEVERITY, AlertKind
from services.alerts.rules import KNOBS
from services.runtime.clock import MINUTE_MS
from tests.alerts.test_outbox import messages, mismatch, quiet
from tests.support.hook import Ahead, webhook
from tests.support.rig import KEY, MCH_ID, PRICE, Console, Product, notify_fields, product, signed

pytestmark = pytest.mark.one_database
NOTICE_KEY = "a-notice-key-of-32-characters-00"


async def turn(who: Console, **changes: tuple[Any, int]) -> HTTPResponse:
    """Names with `__` for the dot; values with the version that was seen."""
    knobs = {
        name.replace("__", "."): {"value": value, "version": version}
        for name, (value, version) in changes.items()
    }
    return await who.post("settings", {"knobs": knobs})


async def knobs(who: Console) -> dict[str, dict[str, Any]]:
    return {knob["name"]: knob for knob in (await who.get("settings"))["knobs"]}


async def forge(shop: Product, times: int) -> None:
    for _ in range(times):
        await shop.notify(signed(notify_fields("ORDER-1", "1" * 28), "not the key" * 3))


async def deeds_on_settings(shop: Product) -> list[dict[str, Any]]:
    """What the audit log holds of settings and channels."""
    ours = ("setting.changed", "channel.tested")
    query = AuditEntry.select().where(AuditEntry.action.in_(ours))
    return await shop.running.store.read(lambda: dicts(query))


async def case(shop: Product, kind: AlertKind) -> dict[str, Any]:
    (found,) = (await shop.running.services.alerts.page(kind=kind))["alerts"]
    return dict(found)


@pytest.mark.gen_test
async def test_the_page_shows_what_was_read_and_no_byte_of_a_secret(tmp_path):
    async with webhook("?token=Sesame-open") as hook:
        more = {
            "NOTIFY_URLS": f"{hook.url} wecombot://0123456789abcdef-WXYZ",
            "NOTICE_KEY": NOTICE_KEY,
        }
        async with product(tmp_path, by_hand=True, **more) as shop:
            alice = await shop.user()
            answer = (await alice.fetch("settings")).body.decode()
            for secret in (
                KEY,
                NOTICE_KEY,
                "Secret-0123456789",
                "Sesame",
                "0123456789abcdef",
                MCH_ID,
            ):
                assert secret not in answer, secret
            page = json.loads(answer)
            (account,) = page["read"]["merchants"]
            assert (account["mchId"], page["read"]["mode"]) == ("1900****09", "production")
            keys = {key["name"]: key for key in account["keys"]}
            assert (keys["api_v2_key"]["set"], keys["api_v3_key"]["set"]) == (True, False)
            assert page["read"]["noticeKey"] is True
            assert [(c["kind"], c["hint"]) for c in page["notify"]["channels"]] == [
                ("webhook", hook.url.partition("@")[2].partition("/")[0]),
                ("wecom", "…WXYZ"),
            ]
            values = {knob["name"]: knob["value"] for knob in page["knobs"]}
            assert {kind: values[f"severity.{kind}"] for kind in SEVERITY} == SEVERITY


@pytest.mark.gen_test
async def test_a_change_counts_at_once_and_is_in_the_audit_log_with_before_and_after(tmp_path):
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        changed = await turn(alice, severity__missing_order=("critical", 0), late__p95_ms=(5000, 0))
        assert changed.code == 200
        await shop.pay("NO-SUCH-ORDER")
        assert (await case(shop, AlertKind.MISSING_ORDER))["severity"] == "critical"
        (refused,) = [e for e in await shop.events() if e["kind"] == "notify.refused"]
        assert refused["severity"] == "critical"
        assert (await alice.get("summary"))["today"]["criticalAlerts"] == 1
        deeds = await deeds_on_settings(shop)
        told = {deed["subject"]: json.loads(deed["detail"]) for deed in deeds}
        assert {deed["action"] for deed in deeds} == {"setting.changed"}
        assert told["severity.missing_order"] == {"before": "high", "after": "critical"}
        assert told["late.p95_ms"] == {"before": 3000, "after": 5000}
        assert {deed["by"] for deed in deeds} == {"alice"}


@pytest.mark.gen_test
async def test_what_is_out_of_bounds_is_refused_with_a_sentence_and_changes_nothing(tmp_path):
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        for name, value in (
            ("late.p95_ms", 499),
            ("late.p95_ms", 60_001),
            ("late.p95_ms", "3000"),
            ("late.p95_ms", True),
            ("late.p95_ms", 1.5),
            ("success.payments", 0),
            ("severity.system", "info"),
            ("severity.system", None),
            ("leave.severity", ["high"]),
            ("no.such", 1),
        ):
            body = {
                name: {"value": value, "version": 0},
                "silence.minutes": {"value": 5, "version": 0},
            }
            answer = await alice.post("settings", {"knobs": body})
            assert answer.code == 400, (name, value)
            assert name in json.loads(answer.body)["message"]
        for odd in ({}, {"knobs": {}}, {"knobs": []}, {"knobs": {"late.p95_ms": 3}}):
            assert (await alice.post("settings", odd)).code == 400
        assert {name: knob["value"] for name, knob in (await knobs(alice)).items()} == {
            name: knob.default for name, knob in KNOBS.items()
        }
        assert (await turn(alice, late__p95_ms=(0, 0))).code == 200, "0 switches a rule off"


@pytest.mark.gen_test
async def test_a_little_too_much_may_be_made_a_medium_case(tmp_path):
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        assert (await turn(alice, amount__slight_fen=(1000, 0))).code == 200
        for paid, severity in (
            (PRICE + 999, "medium"),
            (PRICE + 1000, "critical"),
            (1, "critical"),
        ):
            num = (await shop.order())["orderNum"]
            await shop.pay(num, total_fee=str(paid))
            (found,) = (await shop.running.services.alerts.page(order_num=num))["alerts"]
            assert found["severity"] == severity, paid


@pytest.mark.gen_test
async def test_bad_signatures_become_critical_at_the_chosen_number_in_ten_minutes(tmp_path):
    clock = Ahead()
    async with webhook() as hook:
        given = {"clock": clock, "NOTIFY_URLS": hook.url}
        async with product(tmp_path, by_hand=True, **given) as shop:
            alice = await shop.user()
            await forge(shop, 5)
            assert (await case(shop, AlertKind.BAD_SIGNATURE))["severity"] == "high"
            assert (await turn(alice, signature__critical_count=(3, 0))).code == 200
            clock.ms += 11 * MINUTE_MS
            await forge(shop, 3)
            assert (await case(shop, AlertKind.BAD_SIGNATURE))["severity"] == "high", "long ago"
            resolve = {"version": 1, "reason": "refunded"}
            assert (await alice.post("alerts/1/resolve", resolve)).code == 200
            await forge(shop, 2)
            assert (await case(shop, AlertKind.BAD_SIGNATURE))["severity"] == "high"
            await forge(shop, 1)
            assert (await case(shop, AlertKind.BAD_SIGNATURE))["severity"] == "critical"
            assert (await alice.get("summary"))["today"]["criticalAlerts"] == 1
            await forge(shop, 4)
            await quiet(shop)
            (text,) = hook.texts
            assert "变得更严重，第 11 次" in text


@pytest.mark.gen_test
async def test_how_grave_a_case_must_be_to_leave_the_browser_can_be_turned(tmp_path):
    async with webhook() as hook, product(tmp_path, by_hand=True, NOTIFY_URLS=hook.url) as shop:
        alice = await shop.user()
        assert (await turn(alice, leave__severity=("high", 0))).code == 200
        await shop.pay("NO-SUCH-ORDER")
        await quiet(shop)
        assert len(hook.got) == 1


@pytest.mark.gen_test
async def test_the_test_button_says_of_each_channel_whether_it_works_or_why_not(tmp_path):
    async with webhook() as good, webhook() as bad:
        urls = f"{good.url} {bad.url} json://127.0.0.1:9/x odd://key"
        async with product(tmp_path, by_hand=True, NOTIFY_URLS=urls) as shop:
            bad.answers = [404]
            alice = await shop.user()
            answer = json.loads((await alice.post("settings/notify/test", {})).body)
            said = [(c["ok"], c["reason"]) for c in answer["channels"]]
            assert said == [
                (True, None),
                (False, "http_404"),
                (False, "unreached"),
                (False, "not_understood"),
            ]
            assert "alice 从支付控制台发出的测试" in good.texts[0]
            assert await messages(shop) == [], "a test is no alert"
            deeds = await deeds_on_settings(shop)
            assert [deed["action"] for deed in deeds] == ["channel.tested"]
            assert "Secret" not in deeds[0]["detail"]


@pytest.mark.gen_test
async def test_the_page_lists_the_last_messages_and_only_admins_see_it(tmp_path):
    async with webhook() as hook, product(tmp_path, by_hand=True, NOTIFY_URLS=hook.url) as shop:
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        num = await mismatch(shop)
        await quiet(shop)
        (message,) = (await alice.get("settings"))["notify"]["messages"]
        assert (message["state"], message["alertKind"], message["channelKind"]) == (
            "sent",
            "amount_mismatch",
            "webhook",
        )
        assert num not in json.dumps(message)
        assert (await bob.fetch("settings")).code == 403
