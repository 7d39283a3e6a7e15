"""The notifies of API v3 are sealed, signed anew each time, and repeated until a 2xx comes."""

from __future__ import annotations

import time
from typing import Any

import pytest

from payments.errors import BadSignature
from payments.merchant import Merchants
from payments.payment_result import PaymentResult
from payments.v3 import notify
from simulator.delivery.notifier import LADDER
from tests.support.simulator_rig import (
    ORDER_NUM,
    Rig,
    merchant_v3,
    public_keys,
    run_v3,
    until,
    wechats,
)


def opened(rig: Rig, number: int = -1) -> notify.Opened:
    """One notify as the product reads it. Raises BadSignature."""
    body, (_, headers) = rig.product.notifies[number], rig.product.heard[number]
    merchants = Merchants((merchant_v3(),))
    return notify.read(body, headers, merchants, lambda _merchant: public_keys(), int(time.time()))


async def come(rig: Rig, count: int) -> None:
    trade = rig.world.trades.by_order(ORDER_NUM)
    assert trade is not None
    await until(lambda: len(trade.deliveries) >= count)
    assert len(rig.product.notifies) == count


def test_a_payment_is_told_sealed_and_signed_at_the_address_of_the_order() -> None:
    async def test(rig: Rig) -> None:
        transaction_id = await rig.paid_v3()
        await come(rig, 1)
        path, headers = rig.product.heard[0]
        assert path == "/pay/notify/v3"
        assert headers["wechatpay-serial"] == wechats().public_key.serial
        assert headers["content-type"] == "application/json"
        notice = opened(rig).news
        assert isinstance(notice, PaymentResult)
        assert (notice.result, notice.order_num, notice.total_text, notice.transaction_id) == (
            "SUCCESS",
            ORDER_NUM,
            "8800",
            transaction_id,
        )
        assert notice.merchant == merchant_v3()
        assert notice.paid_at is not None
        assert abs(notice.paid_at.timestamp() - time.time()) < 30

    run_v3(test)


@pytest.mark.parametrize("status", [200, 204])
def test_any_status_of_success_ends_it_whatever_the_body_says(status: int) -> None:
    async def test(rig: Rig) -> None:
        rig.product.status = status
        rig.product.answers = [b"" if status == 204 else b'{"code":"FAIL"}']
        await rig.paid_v3()
        await come(rig, 1)
        await until(lambda: rig.world.notifier.waiting == 0)
        await rig.jump(sum(LADDER))
        assert len(rig.product.notifies) == 1

    run_v3(test)


@pytest.mark.parametrize("status", [401, 409, 503, 302])
def test_another_status_is_told_again_with_a_fresh_signature(status: int) -> None:
    async def test(rig: Rig) -> None:
        rig.product.status = status
        await rig.paid_v3()
        await come(rig, 1)
        await rig.jump(15)
        await come(rig, 2)
        first, second = (headers for _, headers in rig.product.heard)
        assert first["wechatpay-nonce"] != second["wechatpay-nonce"]
        assert rig.product.notifies[0] == rig.product.notifies[1]
        assert isinstance(opened(rig).news, PaymentResult)

    run_v3(test)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("unknown_serial", "unknown_serial"),
        ("stale", "stale"),
        ("wrong_tag", "sealed"),
        ("bad_signature", "wrong"),
    ],
)
def test_a_spoiled_notify_proves_nothing_and_the_next_one_is_good(kind: str, reason: str) -> None:
    async def test(rig: Rig) -> None:
        rig.product.status = 401
        await rig.control("faults", on="notify", fault=kind, orderNum=ORDER_NUM)
        await rig.paid_v3()
        await come(rig, 1)
        with pytest.raises(BadSignature) as refused:
            opened(rig)
        assert refused.value.reason == reason
        await rig.jump(15)
        await come(rig, 2)
        assert isinstance(opened(rig).news, PaymentResult)

    run_v3(test)


def test_a_probe_is_followed_at_once_by_the_good_one() -> None:
    async def test(rig: Rig) -> None:
        await rig.control("faults", on="notify", fault="probe")
        await rig.paid_v3()
        await come(rig, 2)
        with pytest.raises(BadSignature) as refused:
            opened(rig, 0)
        assert refused.value.reason == "probe"
        assert isinstance(opened(rig, 1).news, PaymentResult)

    run_v3(test)


def test_the_key_in_use_signs_the_notifies() -> None:
    async def test(rig: Rig) -> None:
        await rig.control("keys", use="next_certificate")
        await rig.paid_v3()
        await come(rig, 1)
        assert rig.product.heard[0][1]["wechatpay-serial"] == wechats().next_certificate.serial
        assert isinstance(opened(rig).news, PaymentResult)

    run_v3(test)


def test_a_failed_try_is_told_as_no_success() -> None:
    async def test(rig: Rig) -> None:
        await rig.order_v3()
        trade: Any = rig.world.trades.by_order(ORDER_NUM)
        await rig.pay(trade.prepay_id, "fail")
        await come(rig, 1)
        notice = opened(rig).news
        assert isinstance(notice, PaymentResult)
        assert (notice.result, notice.transaction_id) == ("FAIL", None)

    run_v3(test)


def test_a_trade_of_api_v2_is_told_on_api_v2_and_meets_no_fault_of_the_other() -> None:
    async def test(rig: Rig) -> None:
        await rig.control("faults", on="notify", fault="stale")
        prepaid = await rig.order(merchant_v3())
        await rig.pay(prepaid.prepay_id)
        await come(rig, 1)
        assert rig.product.notifies[0].startswith(b"<xml>")
        assert rig.product.heard[0][0] == "/pay/notify"
        assert len(rig.world.faults.as_json()) == 1

    run_v3(test)
