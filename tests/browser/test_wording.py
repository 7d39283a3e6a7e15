"""Every finding that the product can raise, told in both languages with its real values."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.browser import browser, cast, live
from tests.support.rig import PRICE, product

FINDINGS: list[dict[str, Any]] = [
    {"kind": "amount_mismatch", "expected": PRICE, "actual": 1},
    {"kind": "amount_mismatch", "expected": PRICE, "actual": PRICE + 1},
    {"kind": "amount_mismatch", "expected": "CNY", "actual": "USD"},
    {"kind": "amount_mismatch", "expected": PRICE, "actual": None},
    {"kind": "amount_mismatch", "expected": PRICE, "actual": "12a"},
    {"kind": "negative_total", "expected": PRICE, "actual": -500},
    {"kind": "illegal_transition", "expected": "CLOSED", "actual": "PAID", "amountFen": PRICE},
    {"kind": "illegal_transition", "expected": "4200001", "actual": "4200002", "amountFen": PRICE},
    {"kind": "illegal_transition", "expected": "ORDER-1", "actual": "ORDER-2"},
    {"kind": "illegal_transition", "expected": "SUCCESS", "actual": "MAYBE"},
    {
        "kind": "illegal_transition",
        "expected": "WAIT_PAY",
        "actual": "PAID",
        "amountFen": PRICE,
        "message": "Given back: this payment was sent back to the buyer, so it pays no order.",
    },
    {"kind": "missing_order", "expected": None, "actual": "ORDER-1", "amountFen": PRICE},
    *(
        {"kind": "bad_signature", "expected": "valid", "actual": actual, "source": "10.0.0.0/24"}
        for actual in ("wrong", "missing", "stale", "unknown_serial", "sealed", "algorithm")
    ),
    {
        "kind": "bad_signature",
        "expected": "valid",
        "actual": "wrong or missing",
        "source": "wechat answer",
    },
    {
        "kind": "foreign_merchant",
        "expected": "mch_id 1900000109, appid wx8888888888888888",
        "actual": "mch_id 1900000999, appid wx8888888888888888",
    },
    {
        "kind": "foreign_merchant",
        "expected": "mch_id 1900000109, appid wx8888888888888888",
        "actual": "mch_id 1900000109, appid wx0000000000000000",
    },
    {"kind": "foreign_merchant", "expected": "1900000109", "actual": "1900000999"},
    {"kind": "refund_anomaly", "expected": 100, "actual": 200},
    {"kind": "refund_anomaly", "expected": 200, "actual": 100},
    {"kind": "refund_anomaly", "expected": None, "actual": "ABNORMAL"},
    {"kind": "refund_anomaly", "expected": "RF1", "actual": "REFUNDNOTEXIST"},
    {"kind": "refund_anomaly", "expected": "REJECTED", "actual": "SUCCESS"},
    {"kind": "refund_anomaly", "expected": "ORDER-1", "actual": "ORDER-2"},
    *(
        {"kind": "system", "expected": None, "actual": actual, "message": "English words"}
        for actual in (
            "away",
            "not usable",
            "not valid",
            "busy",
            "SIGNERROR",
            "NOAUTH",
            "APPID_NOT_EXIST",
            "MCHID_NOT_EXIST",
            "APPID_MCHID_NOT_MATCH",
            "wechat_unreachable",
            "wechat_untrusted",
        )
    ),
    {
        "kind": "system",
        "expected": None,
        "actual": "not configured",
        "message": "Account 1900****09 has open orders or refunds and is not configured, so …",
    },
    {
        "kind": "system",
        "expected": None,
        "actual": "SYSTEMERROR",
        "message": "WeChat refuses every question about open orders and refunds, 10 and more …",
    },
    {
        "kind": "system",
        "expected": None,
        "actual": "wechat_refused",
        "message": "No key of WeChat's is known for account 1900****09, so what it sends …",
    },
    *(
        {"kind": "system", "expected": None, "actual": "x", "message": f"中文：… · {said}"}
        for said in (
            "Notify p95 is 4.2 s over five minutes, the limit 3.0 s: check load",
            "No notify for 18 min; usual are about 21: check address",
            "Success is 76% over five minutes (38 paid, 12 failed), below 90%: see",
            "WeChat's platform certificate of account 1900****09 ends in 21 days, and",
            "Our API certificate of account 1900****09 ends in 21 days, and",
        )
    ),
    {"kind": "system", "expected": "SUCCESS", "actual": "PROCESSING", "message": "English words"},
    {"kind": "system", "expected": "transaction_id", "actual": None, "message": "English words"},
]
"""One of every finding that the product can raise."""
SAY = """
async (findings) => {
  const { lead, reason, ruleWords, todoWords } = await import('/static/js/sentences/explain.js');
  const { sides } = await import('/static/js/sentences/findings.js');
  const { setLang } = await import('/static/js/words/index.js');
  const flat = (x) => Array.isArray(x) ? x.map(flat).join('') : x?.props ? flat(x.props.children)
    : String(x ?? '');
  const say = (finding) => [lead, reason, ruleWords, todoWords].map((tell) => flat(tell(finding)))
    .concat(Object.values(sides(finding)));
  const told = {};
  for (const lang of ['zh-CN', 'en']) {
    setLang(lang);
    told[lang] = findings.map((finding) => say({ orderNum: 'ORDER-1', count: 3, ...finding }));
  }
  return told;
}
"""


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_every_finding_is_told_in_both_languages_with_its_values(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        page = await (await web.signed_in("alice")).new_page()
        await page.goto("/alerts")
        await live(page)
        told = await page.evaluate(SAY, FINDINGS)
        for lang, all_said in told.items():
            for finding, said in zip(FINDINGS, all_said, strict=True):
                lead, why, rule, todo, *sides = said
                text = "\n".join(said)
                assert not re.search(r"(?m)[{}]|undefined|null|^(lead|why|rule|todo)\.", text), said
                assert "English words" not in text, said
                assert "—" not in lead + why + rule + todo, (lang, finding, said)
                han = bool(re.search("[\u4e00-\u9fff]", "".join(said)))
                assert han == (lang == "zh-CN"), (lang, said)
                assert len(sides) == 2
        chinese = ["".join(said[:4]) for said in told["zh-CN"]]
        assert chinese[0].startswith("客户只付了 ¥0.01，订单应付 ¥88.00，少收 ¥87.99。")
        leads = {said[0] for said in told["zh-CN"]}
        assert len(leads) > len(FINDINGS) - 6  # forged in several ways, one sentence
