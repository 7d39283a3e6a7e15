"""The customer's sentence: one for each state of an order, in both languages, with the time of its
fact, and with what happens next."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from payments.refund import RefundStatus
from services.runtime.clock import DAY_MS, MINUTE_MS
from services.views.customer.customer_words import LANGUAGES, customer_words
from services.views.customer.sentence_rows import CHINESE, ENGLISH, HEADS, Head
from services.views.customer.sentences import ROWS
from services.views.explain import explain
from services.views.explain_facts import ExplainFacts, OpenComplaint
from tests.support.command_process import ROOT
from tests.views.test_explain import (
    ASKED,
    AT,
    LOST,
    NOW,
    PREPAY,
    TABLE,
    M,
    R,
    S,
    event,
    money,
    order,
    refund,
)

pytestmark = pytest.mark.one_database

WAIT, PAID = order("WAIT_PAY"), order("PAID")
LATE = money(M.LATE, S.REFUNDING)
WRONG = money(M.WRONG_AMOUNT, S.WAITING)
USED, GONE = (event("prepay.failed", code=code, words="") for code in ("ORDERPAID", "ORDERCLOSED"))


def back(status: RefundStatus, **more: Any) -> ExplainFacts:
    """A payment after closing that is given back by a refund in this state."""
    money_back = LATE if status is not R.SUCCESS else money(M.LATE, S.REFUNDED)
    own = refund(status, receipt_id=LATE.id, **more)
    return ExplainFacts(order("CLOSED"), NOW, (ASKED,), refunds=(own,), receipts=(money_back,))


def said(name: str, head: Head, facts: ExplainFacts, text: str) -> Any:
    return pytest.param(head, facts, text, id=name)


SENTENCES = [
    said(
        "nobody opened the page",
        Head.UNPAID,
        ExplainFacts(order("INIT"), NOW),
        "这笔订单 ¥88.00 于 09-21 22:12 下单，还没有付款。请打开付款页面，在 09-21 22:14 "
        "前完成支付。",
    ),
    said(
        "WeChat has not answered",
        Head.CHECKING,
        ExplainFacts(WAIT, NOW, (PREPAY,), ask_at=NOW + 5 * MINUTE_MS),
        "这笔订单 ¥88.00 的付款页面 09-21 22:13 "
        "打开过，微信还没有告诉我们付款结果。如果您已经付款，请不要重复付款，我们会在 09-21 "
        "22:18 再向微信核实；还没有付款的话，请在 09-21 22:14 前完成支付。",
    ),
    said(
        "WeChat says that nobody has paid",
        Head.UNPAID,
        ExplainFacts(WAIT, NOW, (PREPAY,), unpaid_at=NOW),
        "微信 09-21 22:13 答复，还没有收到这笔订单 ¥88.00 的付款。已经付款的话，请把微信支付的账"
        "单截图发给我们；还没有付款的话，请在 09-21 22:14 前支付。",
    ),
    said(
        "WeChat did not answer the prepay",
        Head.CHECKING,
        ExplainFacts(order("INIT"), NOW, (LOST,), sent=True, ask_at=NOW - 1),
        "这笔订单 ¥88.00 的付款页面 09-21 22:13 没有打开：微信没有答复。请稍后再打开一次；如果您"
        "已经付款，请不要重复付款，我们正在向微信核实。",
    ),
    said(
        "WeChat says at the prepay that it is paid",
        Head.CHECKING,
        ExplainFacts(WAIT, NOW, (USED,)),
        "微信 09-21 22:13 说这笔订单 ¥88.00 已经付过款，我们还没有收到付款结果。请不要重复付款，"
        "我们正在向微信核实，核实后告诉您。",
    ),
    said(
        "the number cannot be paid any more",
        Head.CHECKING,
        ExplainFacts(WAIT, NOW, (GONE,)),
        "这笔订单 ¥88.00 的付款页面 09-21 22:13 没有打开，这个订单号不能再付款。请重新下单；如果"
        "您已经付过款，请把微信支付的账单截图发给我们。",
    ),
    said(
        "a wrong amount",
        Head.CHECKING,
        ExplainFacts(WAIT, NOW, (PREPAY,), receipts=(WRONG,)),
        "09-21 22:13 收到的付款与订单金额 ¥88.00 不一致，订单还没有完成。请不要重复付款，我们正在"
        "核对，处理后告诉您。",
    ),
    said(
        "paid late",
        Head.CHECKING,
        ExplainFacts(order("CLOSED"), NOW, (ASKED,), receipts=(money(M.LATE, S.WAITING),)),
        "您付的 ¥88.00 我们 09-21 22:13 收到，当时订单已经关闭。请不要重复付款，我们正在处理，决"
        "定后告诉您。",
    ),
    said(
        "paid late, the refund is not sent yet",
        Head.REFUNDING,
        back(R.APPROVED),
        "09-21 22:13 收到您付的 ¥88.00，当时订单已经关闭。退款正在办理，微信支付还没有确认。我们"
        "正在向微信核实，确认后原路退回。",
    ),
    said(
        "paid late, WeChat has the refund",
        Head.REFUNDING,
        back(R.PROCESSING),
        "09-21 22:13 收到您付的 ¥88.00，当时订单已经关闭。退款微信支付已受理，会原路退回。一般 1–"
        "3 个工作日到账，请留意微信支付的退款通知。",
    ),
    said(
        "paid late, the refund is stuck",
        Head.REFUNDING,
        back(R.ABNORMAL),
        "09-21 22:13 收到您付的 ¥88.00，当时订单已经关闭。退款没能退到您原来的付款账户。我们正在"
        "处理，会与您联系。",
    ),
    said(
        "paid late, the money is back",
        Head.REFUNDED,
        back(R.SUCCESS, succeeded_at=NOW + 10 * MINUTE_MS),
        "09-21 22:13 收到您付的 ¥88.00，当时订单已经关闭。这笔钱已于 09-21 22:23 "
        "原路退回。还需要的话，请重新下单。",
    ),
    said(
        "paid, and dated by WeChat",
        Head.PAID,
        ExplainFacts(PAID._replace(wechat_paid_at=NOW - MINUTE_MS), NOW),
        "这笔订单 ¥88.00 已于 09-21 22:12 支付成功。正在等待接待。",
    ),
    said(
        "a refund waits for an admin",
        Head.REFUNDING,
        ExplainFacts(PAID, NOW, refunds=(refund(R.REQUESTED, updated_at=NOW + DAY_MS),)),
        "退款申请 ¥8.80 已于 09-21 22:13 提交，正在审核。审核后告诉您结果。",
    ),
    said(
        "a refund is sent",
        Head.REFUNDING,
        ExplainFacts(
            order("REFUNDING"),
            NOW,
            refunds=(refund(R.APPROVED),),
            refund_asks={"RF000001": NOW + MINUTE_MS},
        ),
        "09-21 22:13 申请的退款 ¥8.80 正在办理，微信支付还没有确认。我们会在 09-21 22:14 "
        "再向微信核实，确认后原路退回，一般 1–3 个工作日到账。",
    ),
    said(
        "WeChat has the refund",
        Head.REFUNDING,
        ExplainFacts(
            order("REFUNDING"), NOW, refunds=(refund(R.PROCESSING, accepted_at=NOW + DAY_MS),)
        ),
        "退款 ¥8.80 微信支付已于 09-22 22:13 受理，会原路退回。一般 1–3 个工作日到账，请留意微信"
        "支付的退款通知。",
    ),
    said(
        "the refund is abnormal",
        Head.REFUNDING,
        ExplainFacts(order("REFUNDING"), NOW, refunds=(refund(R.ABNORMAL),)),
        "微信 09-21 22:13 说，退款 ¥8.80 没能退到您原来的付款账户。我们正在处理，会与您联系。",
    ),
    said(
        "a part is refunded",
        Head.PARTLY_REFUNDED,
        ExplainFacts(
            order("PARTIALLY_REFUNDED", refunded_fen=880),
            NOW,
            refunds=(refund(R.SUCCESS, succeeded_at=NOW + MINUTE_MS),),
        ),
        "这笔订单 ¥88.00 已退款 ¥8.80，最近一笔于 09-21 22:14 原路退回您的付款账户。在微信支付的"
        "账单里可以看到这笔退款。",
    ),
    said(
        "all is refunded, a year ago",
        Head.REFUNDED,
        ExplainFacts(
            order("REFUNDED"), NOW, refunds=(refund(R.SUCCESS, succeeded_at=NOW - 365 * DAY_MS),)
        ),
        "这笔订单 ¥88.00 已于 2025-09-21 22:13 全额退款，原路退回您的付款账户。在微信支付的账单里"
        "可以看到这笔退款。",
    ),
]


@pytest.mark.parametrize(("head", "facts", "text"), SENTENCES)
def test_each_state_has_its_sentence(head: Head, facts: ExplainFacts, text: str) -> None:
    words = customer_words(facts, explain(facts))
    assert (words.head, words.texts()[CHINESE]) == (head, f"您好，{text}")


TIMED = re.compile(r"(\d{4}-)?\d\d-\d\d \d\d:\d\d")
ALL = [facts for _, _, facts in TABLE] + [case.values[1] for case in SENTENCES]


@pytest.mark.parametrize("facts", ALL)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_sentence_stands_on_a_fact_with_its_time(facts: ExplainFacts, language: str) -> None:
    words = customer_words(facts, explain(facts))
    sentence = words.sentences[language]
    assert TIMED.search(sentence.fact), sentence
    assert not re.search(r"[{}]|—|None", "".join(sentence)), "every value is known"
    assert bool(re.search("[一-鿿]", "".join(sentence))) is (language == CHINESE)


def test_no_sentence_names_the_buyer() -> None:
    buyer = WAIT._replace(
        open_id="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        phone="13812345678",
        customer="张三",
        title="张三的茶",
    )
    texts = customer_words(facts := ExplainFacts(buyer, NOW, (PREPAY,)), explain(facts)).texts()
    assert not re.search("oUpF8|138|张三", "".join(texts.values()))


def test_an_amount_in_another_currency_is_no_other_amount() -> None:
    dollars = replace(money(M.FOREIGN_CURRENCY, S.WAITING), currency="USD")
    facts = ExplainFacts(WAIT, NOW, (PREPAY,), receipts=(dollars,))
    assert "不一致" not in customer_words(facts, explain(facts)).texts()[CHINESE]


def test_an_open_complaint_stands_beside_the_sentence_with_the_time_of_the_reply() -> None:
    plain = ExplainFacts(PAID, NOW)
    facts = replace(plain, complaint=OpenComplaint(NOW, NOW + DAY_MS))
    words = customer_words(facts, explain(facts)).texts()
    assert words[CHINESE] == (
        customer_words(plain, explain(plain)).texts()[CHINESE]
        + "您 09-21 22:13 在微信支付提交的投诉我们已经收到。最迟 09-22 22:13 前回复您。"
    )
    assert words[ENGLISH].endswith("We reply by 09-22 22:13.")
    late = replace(plain, complaint=OpenComplaint(NOW - 3 * DAY_MS, NOW))
    assert customer_words(late, explain(late)).texts()[CHINESE].endswith("我们会尽快回复您。")


def test_every_explanation_that_the_console_shows_has_a_sentence_and_every_head_its_words() -> None:
    source = (ROOT / "static" / "js" / "sentences" / "order-answer.js").read_text("utf-8")
    looks = re.search(r"const LOOKS = \{(.*?)\n\};", source, re.S)
    assert looks
    codes = set(re.findall(r"^  (\w+):", looks[1], re.M))
    assert codes == {key.partition(".")[0] for key in ROWS} - {"currency_differs"}
    assert [set(HEADS[head]) for head in Head] == [set(LANGUAGES)] * len(Head)
    assert AT.startswith("2026-09-21T14:13"), "the times above are those of China"
