"""What cannot be known of an account for which WeChat lists no refunds, and who is told so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payments.merchant import Api
from services.views.explain import explain
from services.views.explain_facts import ExplainFacts
from tests.refunds.test_refunds import wish
from tests.simulator.test_product import full_house
from tests.support.rig import MCH_ID, PRICE, product
from tests.support.v3_keys import WITH_PUBLIC_KEY
from tests.views.test_explain import NOW, R, order, refund, why

pytestmark = pytest.mark.one_database

OUR_PART = (refund(R.SUCCESS),)
UNKNOWN = {"code": "outside_refunds_unknown"}


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (ExplainFacts(order("PARTIALLY_REFUNDED"), NOW, refunds=OUR_PART), True),
        (ExplainFacts(order("REFUNDING"), NOW, refunds=(refund(R.PROCESSING),)), True),
        (ExplainFacts(order("PAID"), NOW, refunds=(refund(R.REFUSED),)), False),
        (ExplainFacts(order("PAID"), NOW, refunds=(refund(R.SUCCESS, receipt_id=7),)), False),
        (ExplainFacts(order("PAID"), NOW), False),
        (ExplainFacts(order("REFUNDED", refunded_fen=PRICE), NOW, refunds=OUR_PART), False),
    ],
    ids=["a part", "on its way", "not taken", "of a receipt", "none", "all"],
)
def test_beside_a_refund_of_ours_others_are_unknown_where_wechat_lists_none(
    facts: ExplainFacts, told: bool
) -> None:
    """Without one of ours WeChat's word REFUND is a case."""
    assert UNKNOWN not in explain(facts).notes
    assert (UNKNOWN in explain(replace(facts, lists_refunds=False)).notes) is told


@pytest.mark.gen_test
async def test_the_page_of_an_account_without_an_api_v2_key_says_what_is_unknown(tmp_path):
    async with full_house(tmp_path, Api.V3) as (shop, _):
        details = shop.running.services.order_details
        assert details._unlisted == frozenset(), "it has a key of API v2"
        alice, (number, trade) = await shop.user(), await shop.prepaid()
        shop.wechat.payment_desk.pay(trade)
        await alice.post(f"orders/{number}/query", {})
        await wish(alice, number, 100)
        assert UNKNOWN not in (await why(alice, number))["notes"]
        details._unlisted = frozenset({shop.settings.merchants.default.mch_id})
        assert UNKNOWN in (await why(alice, number))["notes"]


@pytest.mark.gen_test
async def test_an_account_of_api_v3_alone_is_one_without_a_list(tmp_path):
    settings = {**WITH_PUBLIC_KEY, "WECHAT_API_V2_KEY": ""}
    async with product(tmp_path, by_hand=True, **settings) as shop:
        assert shop.running.services.order_details._unlisted == {MCH_ID}
