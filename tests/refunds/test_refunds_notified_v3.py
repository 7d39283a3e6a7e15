"""Refund results of API v3, with their headers, over HTTP: they move the refund at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from tests.notify.test_v3_rows import NUMBER, TX, notify_v3, status_of, v3_product
from tests.support.notify_rig import alerts
from tests.support.v3_keys import sample

pytestmark = pytest.mark.one_database

REFUND = "RF20250102000001"


@pytest.mark.parametrize(
    ("name", "status", "kinds"),
    [
        ("20_refund_success", "PARTIALLY_REFUNDED", []),
        ("21_refund_abnormal", "REFUNDING", ["refund_anomaly"]),
    ],
)
@pytest.mark.gen_test
async def test_a_refund_result_moves_its_refund_once(
    tmp_path: Path, name: str, status: str, kinds: list[str]
) -> None:
    async with v3_product(tmp_path, WECHAT_API="v3") as shop:
        await shop.pay(NUMBER, TX)
        wish = {"amountFen": 800, "reason": "不想要了", "refundNum": REFUND}
        # WeChat is away, so its answer is not known; the refund is under way all the same.
        assert (await shop.merchant(f"orders/{NUMBER}/refunds", "POST", wish)).code == 201
        assert await status_of(shop) == "REFUNDING"
        told = await notify_v3(shop, *sample(name))
        assert (told.code, told.body) == (200, REPLIES[Outcome.REFUND_TAKEN].json)
        assert await status_of(shop) == status
        assert [case["kind"] for case in await alerts(shop)] == kinds
        head = len(await shop.events())
        assert (await notify_v3(shop, *sample(name))).code == 200
        assert len(await shop.events()) == head


@pytest.mark.gen_test
async def test_a_refund_that_is_not_ours_is_409(tmp_path: Path) -> None:
    async with v3_product(tmp_path) as shop:
        told = await notify_v3(shop, *sample("20_refund_success"))
        assert (told.code, told.body) == (409, REPLIES[Outcome.REFUND_UNKNOWN].json)
        (case,) = await alerts(shop)
        assert (case["kind"], case["orderNum"]) == ("refund_anomaly", NUMBER)
