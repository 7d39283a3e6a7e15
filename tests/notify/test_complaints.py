"""`COMPLAINT.*` notifies: each complaint is a case at once, and WeChat is told 200."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from tests.notify.test_v3_rows import notify_v3, v3_product
from tests.support.notify_rig import alerts, head
from tests.support.rig import Product
from tests.support.v3_keys import NOW_S, notify_body, signed_headers

COMPLAINT = "200201820200101080076610000"


async def tell(shop: Product, event_type: str, plain: Any) -> HTTPResponse:
    body = notify_body(plain, event_type)
    return await notify_v3(shop, body, signed_headers(body, NOW_S))


@pytest.mark.gen_test
async def test_a_complaint_is_a_case_with_its_id_at_once(tmp_path: Path) -> None:
    async with v3_product(tmp_path, by_hand=True) as shop:
        seq = await head(shop)
        said = {"complaint_id": COMPLAINT, "action_type": "CREATE_COMPLAINT"}
        assert (await tell(shop, "COMPLAINT.CREATE", said)).code == 200
        (case,) = await alerts(shop)
        assert (case["kind"], case["severity"], case["count"]) == ("complaint", "high", 1)
        assert case["evidence"]["code"] == "complaint_told"
        assert case["evidence"]["values"]["complaint"] == COMPLAINT
        assert case["evidence"]["values"]["action"] == "CREATE_COMPLAINT"
        assert [event["kind"] for event in await shop.events(seq)] == ["alert.raised"]
        alice = await shop.user()
        kept = await alice.get(f"notifies/{case['evidence']['notifyId']}")
        assert COMPLAINT in json.dumps(kept)


@pytest.mark.gen_test
async def test_what_happens_to_a_complaint_is_counted_on_its_case(tmp_path: Path) -> None:
    async with v3_product(tmp_path, by_hand=True) as shop:
        for action in ("CREATE_COMPLAINT", "USER_RESPONSE", "MERCHANT_CONFIRM_COMPLETE"):
            said = {"complaint_id": COMPLAINT, "action_type": action}
            assert (await tell(shop, "COMPLAINT.STATE_CHANGE", said)).code == 200
        other = {"complaint_id": f"{COMPLAINT}1", "action_type": "CREATE_COMPLAINT"}
        assert (await tell(shop, "COMPLAINT.CREATE", other)).code == 200
        found = {c["evidence"]["values"]["complaint"]: c for c in await alerts(shop)}
        assert {id_: case["count"] for id_, case in found.items()} == {
            COMPLAINT: 3,
            f"{COMPLAINT}1": 1,
        }
        assert found[COMPLAINT]["actual"] == "MERCHANT_CONFIRM_COMPLETE"


@pytest.mark.parametrize(
    "plain",
    [{}, {"complaint_id": 7}, {"complaint_id": "9" * 300, "action_type": "X" * 300}, [1]],
    ids=["no id", "an odd id", "a long one", "no object"],
)
@pytest.mark.gen_test
async def test_a_complaint_that_is_not_as_written_is_told_all_the_same(
    tmp_path: Path, plain: Any
) -> None:
    async with v3_product(tmp_path, by_hand=True) as shop:
        assert (await tell(shop, "COMPLAINT.NEW_WORD", plain)).code == 200
        (case,) = await alerts(shop)
        assert case["kind"] == "complaint"
        assert len(case["evidence"]["values"]["complaint"]) <= 64


@pytest.mark.gen_test
async def test_other_kinds_stay_events_that_are_ignored(tmp_path: Path) -> None:
    async with v3_product(tmp_path, by_hand=True) as shop:
        seq = await head(shop)
        assert (await tell(shop, "COUPON.USE", {"coupon_id": "1"})).code == 200
        assert [event["kind"] for event in await shop.events(seq)] == ["system.ignored"]
        assert await alerts(shop) == []
