"""What the simulator demands of a refund's fields, on both interfaces."""

from __future__ import annotations

from typing import Any

import pytest

from payments.errors import WeChatRefused
from payments.v2 import calls
from payments.v2 import refund as v2_refund
from tests.simulator.test_refunds import NUMBER, V3_PATH
from tests.support.simulator_rig import MERCHANT, PROOF, Rig, merchant_v3, proven, run_v3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": {"refund": 0, "total": 8800, "currency": "CNY"}}, "/amount/refund"),
        ({"amount": {"refund": 1, "total": 8800}}, "/amount/currency"),
        ({"out_refund_no": "a b"}, "/out_refund_no"),
        ({"reason": "x" * 81}, "/reason"),
        ({"reason": "茶" * 27}, "/reason"),  # 81 bytes
        ({"goods_detail": [{"merchant_goods_id": "tea"}]}, "/goods_detail/0/unit_price"),
        ({"refund_desc": "x"}, "/refund_desc"),
        ({"transaction_id": None}, "/transaction_id"),
    ],
)
def test_an_odd_field_of_a_refund_is_named(changes: dict[str, Any], field: str) -> None:
    async def test(rig: Rig) -> None:
        fields: dict[str, Any] = {
            "transaction_id": "4200000000202501010000000000",
            "out_refund_no": NUMBER,
            "amount": {"refund": 1, "total": 8800, "currency": "CNY"},
            **changes,
        }
        answer = await rig.call_v3("POST", V3_PATH, fields)
        assert (answer.status, proven(answer)["detail"]["field"]) == (400, field)

    run_v3(test)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"out_refund_no": ""}, "LACK_PARAMS"),
        ({"transaction_id": ""}, "LACK_PARAMS"),
        ({"refund_fee": "0"}, "PARAM_ERROR"),
        ({"refund_fee": "１"}, "PARAM_ERROR"),
        ({"refund_desc": "x" * 81}, "PARAM_ERROR"),
    ],
)
def test_an_odd_refund_of_api_v2_is_refused(changes: dict[str, str], code: str) -> None:
    async def test(rig: Rig) -> None:
        fields = {
            "appid": MERCHANT.app_id,
            "mch_id": MERCHANT.mch_id,
            "nonce_str": "n",
            "transaction_id": "4200000000202501010000000000",
            "out_refund_no": NUMBER,
            "total_fee": "8800",
            "refund_fee": "1",
            **changes,
        }
        request = calls.request(v2_refund.REFUND_PATH, fields, merchant_v3())
        with pytest.raises(WeChatRefused) as refused:
            v2_refund.read_refund(await rig.answer(request), merchant_v3(), PROOF)
        assert refused.value.wechat_code == code

    run_v3(test)
