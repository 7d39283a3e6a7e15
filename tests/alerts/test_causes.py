"""Causes are codes: every sentence of the server may change and no word of a page does."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from copy import deepcopy
from typing import Any

import pytest

from payments.alert_kinds import AlertKind
from payments.cause_sentences import SENTENCES, sentence
from payments.causes import Cause
from payments.errors import Busy, WeChatUnreachable, WeChatUntrusted
from services.alerts.message_text import CHINESE, ToldCase, compose
from services.alerts.triage import raise_findings
from services.notify.unverified import count_forgeries
from tests.alerts.every_cause import findings, forgeries
from tests.house.test_house import ROOT
from tests.support.rig import Product, product

pytestmark = pytest.mark.one_database

PARTS = ("lead", "why", "rule", "todo")
WORDS = ROOT / "static" / "js" / "words"
PROSE = re.compile(r"[a-z]{2,}[,;:]? [a-z]+[,;:]? [a-z]+", re.I)
"""Three words in a row are a sentence; a code, an id, an amount and a name are not."""


Answers = dict[str, list[dict[str, Any]]]


async def served(shop: Product) -> Answers:
    """A case of every cause, and its events, as the console gets them."""
    await shop.running.store.write(count_forgeries, tuple(forgeries()))
    for found in findings():
        await shop.running.store.write(raise_findings, found)
    alice = await shop.user()
    alerts: list[dict[str, Any]] = []
    before = ""
    while True:
        page = await alice.get(f"alerts?limit=100{before}")
        alerts += page["alerts"]
        if not page["next"]:
            return {
                "alerts": alerts,
                "events": (await alice.get("events?after=0&limit=1000"))["events"],
            }
        before = f"&before={page['next']}"


def reworded(told: Any) -> Any:
    """The same with another sentence in the place of every one."""
    if isinstance(told, dict):
        return {name: reworded(each) for name, each in told.items()}
    if isinstance(told, list):
        return [reworded(each) for each in told]
    return f"§ {told[::-1]}" if isinstance(told, str) and PROSE.search(told) else told


def shown(told: dict[str, Any]) -> dict[str, Any]:
    """What the pages say of it, in both languages."""
    done = subprocess.run(
        ["node", ROOT / "tests" / "node" / "tell-findings.mjs"],
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=True,
    )
    words: dict[str, Any] = json.loads(done.stdout)
    return words


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    async def of_a_product() -> Answers:
        async with product(tmp_path_factory.mktemp("causes"), by_hand=True) as shop:
            return await served(shop)

    return asyncio.run(of_a_product())


def test_other_sentences_of_the_server_change_no_word_of_a_page(told: Answers) -> None:
    assert {alert["evidence"]["code"] for alert in told["alerts"]} == set(Cause)
    assert {event["data"]["code"] for event in told["events"]} == set(Cause)
    other = reworded(told)
    rules = [(a["evidence"]["rule"], b["evidence"]["rule"]) for a, b in zip(
        told["alerts"], other["alerts"], strict=True)]  # fmt: skip
    assert all(before != after for before, after in rules)
    assert shown(other) == shown(told)


def test_a_page_tells_every_cause_in_both_languages_with_its_values(told: Answers) -> None:
    for language, words in shown(told).items():
        leads: dict[str, set[str]] = {}
        for alert, said in zip(told["alerts"], words["alerts"], strict=True):
            code = alert["evidence"]["code"]
            leads.setdefault(said["lead"], set()).add(code)
            text, whole = "\n".join(said[part] for part in PARTS), "\n".join(said.values())
            assert not re.search(rf"(?m)[{{}}]|undefined|null|NaN|^({'|'.join(PARTS)})\.", whole), (
                said
            )
            assert "—" not in text, (language, code, said)
            for part in PARTS:
                han = bool(re.search("[\u4e00-\u9fff]", said[part]))
                assert han is (language == "zh-CN"), (code, said)
        assert [codes for codes in leads.values() if len(codes) > 1] == []
    short = next(a for a in told["alerts"] if a["evidence"]["code"] == Cause.AMOUNT_SHORT)
    (said,) = shown({"alerts": [short]})["zh-CN"]["alerts"]
    assert said["lead"] == "客户只付了 ¥0.01，订单应付 ¥88.00，少收 ¥87.99。"


def test_a_case_from_before_there_were_codes_is_told_by_its_kind(told: Answers) -> None:
    old = deepcopy(told)
    for alert in old["alerts"]:
        del alert["evidence"]["code"], alert["evidence"]["values"]
    for words in (shown(old), shown(reworded(old))):
        assert words == shown(old)
        for language in words.values():
            of_kind: dict[str, set[str]] = {}
            for alert, said in zip(old["alerts"], language["alerts"], strict=True):
                of_kind.setdefault(alert["kind"], set()).add(said["rule"])
                assert not re.search(r"[{}]|undefined|null", "\n".join(said.values()))
            assert {kind: len(rules) for kind, rules in of_kind.items()} == dict.fromkeys(
                of_kind, 1
            )


def test_a_failed_call_is_told_by_its_code_and_not_by_our_sentence() -> None:
    prepays = [
        {"kind": "prepay.failed", "data": {"code": error.code, "words": error.message}}
        for error in (WeChatUnreachable(), WeChatUntrusted(), Busy())
    ]
    refused = {"status": "REFUSED", "failure": "NOTENOUGH: no funds are left", "by": None}
    refund = {"kind": "refund.failed", "data": {**refused, "failureCode": "NOTENOUGH"}}
    told = {"events": [*prepays, refund]}
    words = shown(told)
    assert shown(reworded(told)) == words
    for language, each in words.items():
        for said in each["events"]:
            assert bool(re.search("[\u4e00-\u9fff]", said["saying"])) is (language == "zh-CN")


def keys(language: str) -> set[str]:
    books = [path.read_text("utf-8") for path in (WORDS / language).glob("*.js")]
    return set(re.findall(r"^  '((?:why|lead|rule|todo)\.[a-z_]+)'", "\n".join(books), re.M))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_cause_has_its_words_and_no_words_are_left_without_a_cause(language: str) -> None:
    known = keys(language)
    needed = {f"{part}.{cause}" for part in ("why", "lead") for cause in Cause}
    assert needed - known == set()
    assert {key.partition(".")[2] for key in known} <= {*Cause, *AlertKind, "other", "label"}


def test_every_cause_has_one_sentence_and_says_its_values() -> None:
    assert set(SENTENCES) == set(Cause)
    assert sentence(Cause.NOTIFIES_LATE, {"p95Ms": 4180, "limitMs": 3000}).startswith(
        "Notify p95 is 4.2 s over five minutes, the limit 3.0 s:"
    )
    with pytest.raises(KeyError):
        sentence(Cause.NOTIFIES_LATE, {"p95Ms": 4180})


def test_a_channel_tells_in_both_languages_what_is_about_no_order() -> None:
    kinds = AlertKind.SYSTEM, AlertKind.COMPLAINT, AlertKind.RECONCILE_GAP
    about_us = [found for found in findings() if found.kind in kinds]
    assert {found.cause for found in about_us} == set(CHINESE)
    for found in about_us:
        chinese, english = message(found.cause, found.values).splitlines()[:2]
        assert re.search("[\u4e00-\u9fff]", chinese), found
        assert english == found.rule
        assert not re.search(r"[{}]|None", chinese)


def test_a_channel_tells_a_case_without_a_code_by_its_subject() -> None:
    assert message(None, {}).splitlines()[:2] == ["系统 · redis", "System · redis"]
    assert message("of_tomorrow", {}).splitlines()[:2] == ["系统 · redis", "System · redis"]


def message(code: str | None, values: Any) -> str:
    case = ToldCase(1, "system", "high", None, "redis", code, values, None, "away", "raised", 1)
    return compose([case], "https://pay.example.com", simulated=False)[1]
