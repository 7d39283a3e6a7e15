"""A check is told by its code: by one English sentence on the command line, and by the console in
its own words."""

from __future__ import annotations

import json
import re
import string
import subprocess
from typing import Any

import pytest

from models import inspection
from payments.causes import Cause
from services.checks.check_codes import SENTENCES, CheckCode, check_sentence
from services.checks.installation import CheckResult, Grade
from tests.house.test_house import ROOT

pytestmark = pytest.mark.one_database

WORDS = ROOT / "static" / "js" / "words"


def names(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def result(code: CheckCode) -> CheckResult:
    """A result with a value of its own for every name that its sentence says."""
    return CheckResult("x", Grade.OK, code, {name: f"<{name}>" for name in names(SENTENCES[code])})


def shown(results: list[CheckResult], words: str) -> dict[str, list[str]]:
    """What the console says of them when the server's sentence is this one."""
    checks = [{"code": r.code, "values": dict(r.values), "words": words} for r in results]
    done = subprocess.run(
        ["node", ROOT / "tests" / "node" / "tell-findings.mjs"],
        input=json.dumps({"checks": checks}),
        capture_output=True,
        text=True,
        check=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return {language: each["checks"] for language, each in told.items()}


def test_every_code_has_one_sentence_which_says_its_values() -> None:
    assert set(SENTENCES) == set(CheckCode)
    for code in CheckCode:
        words = result(code).words
        assert words
        assert all(f"<{name}>" in words for name in names(SENTENCES[code]))
    with pytest.raises(KeyError):
        check_sentence(CheckCode.CLOCK_WRONG, {})


def test_a_refusal_is_followed_by_what_is_known_of_its_cause() -> None:
    values = {"account": "a", "api": "v2", "problem": "NOAUTH", "cause": Cause.NOT_ALLOWED.value}
    refused = CheckResult("account", Grade.FAILED, CheckCode.KEYS_REFUSED, values)
    assert "WeChat refuses (NOAUTH). The merchant may not use this kind" in refused.words
    for language, (said,) in shown([refused], "x").items():
        assert ("商户平台的产品中心" if language == "zh-CN" else "product center") in said


def test_the_console_tells_every_check_in_both_languages_whatever_the_sentence() -> None:
    results = [result(code) for code in CheckCode]
    told = shown(results, "§ quite another sentence")
    assert told == shown(results, "x")
    for language, all_said in told.items():
        for each, said in zip(results, all_said, strict=True):
            assert not re.search(r"undefined|[{}]|^check\.|§", said), (language, each.code, said)
            for name in re.findall(r"<(\w+)>", said):
                assert name in each.values
            han = bool(re.search("[\u4e00-\u9fff]", said))
            assert han is (language == "zh-CN") or said == "<problem>", (each.code, said)
    assert len(set(told["zh-CN"])) == len(results)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_code_has_words_and_no_words_are_left_without_a_code(language: str) -> None:
    book = (WORDS / language / "checks.js").read_text("utf-8")
    assert set(re.findall(r"^  'check\.([a-z_0-9]+)'", book, re.M)) == set(CheckCode)


def test_every_flaw_of_a_database_is_a_code_of_a_check() -> None:
    text = (ROOT / "models" / "inspection.py").read_text("utf-8")
    flaws = re.findall(r"Flaw\(\s*\"([a-z_0-9]+)\"", text)
    assert len(flaws) == 12
    assert set(flaws) <= set(CheckCode)
    assert inspection.Flaw("not_utf8").values == {}
