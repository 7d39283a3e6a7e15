"""Money that WeChat holds for us and that no order of ours can take: each is an unmatched payment,
in its own currency, whatever is odd about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from models import Receipt
from models.base import rows
from payments.merchant import MD5, Merchant, Merchants
from tests.notify.test_v3_rows import NUMBER, TX, notify_v3, v3_product
from tests.support.notify_rig import alerts, deliver
from tests.support.rig import (
    ABNORMAL,
    APP_ID,
    KEY,
    MCH_ID,
    MERCHANT,
    PRICE,
    SUCCESS,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
)
from tests.support.v3_keys import NOW_S, notify_body, signed_headers, transaction_of

MILLION = 100_000_000
"""A million yuan in fen."""
Held = tuple[str, int, str, str]


async def held(shop: Product, transaction_id: str) -> list[Held]:
    """Reason, amount, currency and account of the unmatched payments of a transaction."""
    chosen = (Receipt.reason, Receipt.amount_fen, Receipt.currency, Receipt.mch_id)

    def read() -> list[Any]:
        return rows(Receipt.select(*chosen).where(Receipt.transaction_id == transaction_id))

    return await shop.running.store.read(read)


V2: dict[str, tuple[dict[str, str], str, Held]] = {
    "dollars": ({"fee_type": "USD"}, "amount_mismatch", ("foreign_currency", PRICE, "USD", MCH_ID)),
    "other dollars": (
        {"fee_type": "HKD", "total_fee": "99"},
        "amount_mismatch",
        ("foreign_currency", 99, "HKD", MCH_ID),
    ),
    "more than an order may cost": (
        {"total_fee": str(200 * MILLION)},
        "amount_mismatch",
        ("wrong_amount", 200 * MILLION, "CNY", MCH_ID),
    ),
    "a merchant below us": (
        {"sub_mch_id": "1900000555"},
        "foreign_merchant",
        ("partner", PRICE, "CNY", MCH_ID),
    ),
    "another app of our account": (
        {"appid": "wx0000000000000009"},
        "foreign_merchant",
        ("unknown_order", PRICE, "CNY", MCH_ID),
    ),
}


@pytest.mark.one_case
@pytest.mark.gen_test
@pytest.mark.parametrize("what", V2)
async def test_it_is_an_unmatched_payment(tmp_path: Path, what: str) -> None:
    changes, kind, expected = V2[what]
    async with product(tmp_path, by_hand=True) as shop:
        number, tx = (await shop.order())["orderNum"], transaction()
        assert await shop.pay(number, tx, **changes) == ABNORMAL
        assert await held(shop, tx) == [expected]
        (case,) = await alerts(shop)
        assert (case["kind"], case["orderNum"]) == (kind, number)
        assert (await shop.read(number))["status"] == "INIT"
        assert await shop.pay(number, tx, **changes) == ABNORMAL  # again: the same one
        assert len(await held(shop, tx)) == 1


@pytest.mark.gen_test
async def test_an_empty_currency_is_none_named(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        number = (await shop.order())["orderNum"]
        assert await shop.pay(number, fee_type="") == SUCCESS
        assert (await shop.read(number))["status"] == "PAID"


V3: dict[str, tuple[dict[str, Any], Held]] = {
    "dollars": (
        {"amount": {"total": PRICE, "currency": "USD"}},
        ("foreign_currency", PRICE, "USD", MCH_ID),
    ),
    "more than an order may cost": (
        {"amount": {"total": 200 * MILLION, "currency": "CNY"}},
        ("wrong_amount", 200 * MILLION, "CNY", MCH_ID),
    ),
    "a merchant below us": ({"sub_mchid": "1900000555"}, ("partner", PRICE, "CNY", MCH_ID)),
    "a service provider's own fields": (
        {
            "mchid": None,
            "appid": None,
            "sp_mchid": MCH_ID,
            "sp_appid": APP_ID,
            "sub_mchid": "1900000555",
        },
        ("partner", PRICE, "CNY", MCH_ID),
    ),
    "another app of our account": (
        {"appid": "wx0000000000000009"},
        ("unknown_order", PRICE, "CNY", MCH_ID),
    ),
}


@pytest.mark.one_case
@pytest.mark.gen_test
@pytest.mark.parametrize("what", V3)
async def test_it_is_an_unmatched_payment_on_api_v3(tmp_path: Path, what: str) -> None:
    changes, expected = V3[what]
    async with v3_product(tmp_path, by_hand=True) as shop:
        body = notify_body(transaction_of(NUMBER, TX, **changes))
        assert (await notify_v3(shop, body, signed_headers(body, NOW_S))).code == 409
        assert await held(shop, TX) == [expected]


@pytest.mark.gen_test
async def test_an_empty_currency_is_none_named_on_api_v3(tmp_path: Path) -> None:
    async with v3_product(tmp_path, by_hand=True) as shop:
        body = notify_body(transaction_of(NUMBER, TX, amount={"total": PRICE, "currency": ""}))
        assert (await notify_v3(shop, body, signed_headers(body, NOW_S))).code == 200


@pytest.mark.gen_test
async def test_what_is_not_our_account_s_or_no_money_is_no_unmatched_payment(
    tmp_path: Path,
) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        number = (await shop.order())["orderNum"]
        for changes in (
            {"mch_id": "1900000999"},
            {"mch_id": "1900000999", "sub_mch_id": "1900000555"},
            {"sub_mch_id": "1900000555", "result_code": "FAIL"},
            {"sub_mch_id": "1900000555", "total_fee": "0"},
            {"fee_type": "USD", "total_fee": "88.00"},
            {"fee_type": "USD", "total_fee": "-8800"},
        ):
            tx = transaction()
            assert await shop.pay(number, tx, **changes) == ABNORMAL
            assert await held(shop, tx) == [], changes


@pytest.mark.gen_test
async def test_a_partner_s_payment_says_what_is_not_served(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        number = (await shop.order())["orderNum"]
        await shop.pay(number, sub_mch_id="1900000555")
        (case,) = await alerts(shop)
        assert case["evidence"]["code"] == "partner_payment"
        assert "service-provider mode is not served" in case["evidence"]["rule"]
        fields = {field["name"]: field for field in case["evidence"]["fields"]}
        assert (fields["sub_mch_id"]["ours"], fields["sub_mch_id"]["wechat"]) == (
            None,
            "1900000555",
        )
        assert (case["expected"], case["actual"]) == (None, "1900000555")


SECOND = Merchant("wx9999999999999999", "1900000110", "SecondApiV2Key456789abcdefGHIJKL")
SISTER = Merchant("wx7777777777777777", MCH_ID, KEY)


@pytest.mark.gen_test
@pytest.mark.parametrize("other", [SECOND, SISTER], ids=["account", "app"])
async def test_money_on_another_app_of_ours_is_kept_on_that_one(
    tmp_path: Path, other: Merchant
) -> None:
    ours = Merchants((MERCHANT, other))
    async with product(tmp_path, by_hand=True, merchants=ours) as shop:
        alice = await shop.user()
        number, tx = (await shop.order(appId=APP_ID))["orderNum"], transaction()
        fields = notify_fields(number, tx, appid=other.app_id, mch_id=other.mch_id)
        done = await deliver(shop, signed(fields, other.api_v2_key, MD5))
        assert (done.body, done.orders_same) == (ABNORMAL, True)
        assert await held(shop, tx) == [("unknown_order", PRICE, "CNY", other.mch_id)]
        (receipt,) = (await alice.get("receipts"))["receipts"]
        assert receipt["possible"] == ["refund", "returned", "accept"]
        why = (await alice.get(f"orders/{number}"))["why"]
        assert (why["code"], why["next"]) == ("foreign_merchant", "decide_receipt")
        assert why["actual"] == f"mch_id {other.mch_id}, appid {other.app_id}"


@pytest.mark.gen_test
async def test_sums_do_not_mix_currencies(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        for currency, total in (("USD", "100"), ("USD", "20"), ("HKD", "7"), ("CNY", "3")):
            number = (await shop.order())["orderNum"]
            await shop.pay(number, fee_type=currency, total_fee=total)
        page = await alice.get("receipts")
        assert page["sums"] == {
            "receivedFen": 3,
            "bookedFen": 0,
            "refundedFen": 0,
            "waitingFen": 3,
            "otherCurrencies": [
                {"currency": "HKD", "received": 7, "waiting": 7},
                {"currency": "USD", "received": 120, "waiting": 120},
            ],
        }
        dollars = next(each for each in page["receipts"] if each["currency"] == "USD")
        assert (dollars["proposal"], dollars["possible"]) == ("accept", ["accept"])
        body = {"action": "refund", "version": dollars["version"], "note": "退回客户"}
        answer = await alice.post(f"receipts/{dollars['id']}/decide", body)
        assert (answer.code, json.loads(answer.body)["error"]) == (409, "not_decidable")
        body["action"] = "accept"
        assert (await alice.post(f"receipts/{dollars['id']}/decide", body)).code == 200
        other = (await alice.get("receipts"))["sums"]["otherCurrencies"]
        assert {each["currency"]: each["waiting"] for each in other} == {"HKD": 7, "USD": 100}


@pytest.mark.gen_test
async def test_an_event_tells_the_currency_and_no_fen(tmp_path: Path) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        number = (await shop.order())["orderNum"]
        await shop.pay(number, fee_type="USD")
        refused = next(e for e in await shop.events() if e["kind"] == "notify.refused")["data"]
        assert (refused["amountFen"], refused["currency"], refused["amount"]) == (
            None,
            "USD",
            PRICE,
        )
        why = (await alice.get(f"orders/{number}"))["why"]
        assert (why["code"], why["expected"], why["actual"]) == ("amount_mismatch", "CNY", "USD")
