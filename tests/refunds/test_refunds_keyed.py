"""A refund that the merchant's server requests several times is one refund."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from tornado.httpclient import HTTPResponse

from models import IdempotentAnswer
from services.auth.api_keys import ApiKeys
from services.runtime.clock import DAY_MS
from tests.refunds.test_refunds import LARGE, paid
from tests.support.fake_refunds import LOSE_BEFORE, refund_shop
from tests.support.rig import PRICE, Product, product

__all__ = ["product"]


async def ask(shop: Product, number: str, key: str | None, fen: int = 800, **more: Any) -> Any:
    """A request for a refund: status, body, and whether it was answered before."""
    headers = {"Authorization": f"Bearer {shop.api_key}"}
    if key is not None:
        headers["Idempotency-Key"] = key
    body = {"amountFen": fen, "reason": "不想要了", **more}
    answer = await shop.fetch(f"/merchant/v1/orders/{number}/refunds", "POST", body, headers)
    return answer.code, json.loads(answer.body), hit(answer)


def hit(answer: HTTPResponse) -> bool:
    return answer.headers.get("Idempotency-Hit") == "true"


@pytest.mark.gen_test
async def test_the_same_key_three_times_is_one_refund(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        number = await paid(shop, wechat)
        code, first, repeated = await ask(shop, number, "k1")
        assert (code, first["status"], repeated) == (201, "PROCESSING", False)
        for _ in range(2):
            assert await ask(shop, number, "k1") == (201, first, True)
        assert len(wechat.sent) == 1
        assert (await ask(shop, number, "k2"))[1]["refundNum"] != first["refundNum"]


@pytest.mark.gen_test
async def test_a_key_is_for_one_request_of_one_api_key(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        number, other = await paid(shop, wechat), await paid(shop, wechat)
        await ask(shop, number, "k1")
        mismatch = (409, "idempotency_mismatch")
        for code, answer, _ in (
            await ask(shop, number, "k1", 801),
            await ask(shop, other, "k1"),
            await ask(shop, number, "k1", refundNum="REFUND-0001"),
        ):
            assert (code, answer["error"]) == mismatch
        ordered = await shop.merchant(
            "orders", "POST", {"productId": "p1"}, **{"Idempotency-Key": "k1"}
        )
        assert (ordered.code, json.loads(ordered.body)["error"]) == mismatch
        shop.api_key = await ApiKeys(shop.running.store).create("erp")
        assert (await ask(shop, other, "k1"))[0] == 201
        assert len(wechat.sent) == 2


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_without_a_key_a_refund_needs_its_number(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        number = await paid(shop, wechat)
        code, refused, _ = await ask(shop, number, None)
        assert (code, refused["error"]) == (400, "bad_request")
        for odd in ("", " ", "x" * 129, "a b"):
            assert (await ask(shop, number, odd))[0] == 400, odd
        for _ in range(2):
            code, made, repeated = await ask(shop, number, None, refundNum="REFUND-0001")
            assert (code, made["refundNum"], repeated) == (201, "REFUND-0001", False)
        assert wechat.sent == ["REFUND-0001"]


@pytest.mark.gen_test
async def test_a_refused_request_leaves_its_key_free(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        unpaid = (await shop.order())["orderNum"]
        assert (await ask(shop, unpaid, "k1"))[1]["error"] == "not_refundable"
        assert (await ask(shop, "NOSUCH1", "k1"))[1]["error"] == "not_found"
        code, _, repeated = await ask(shop, await paid(shop, wechat), "k1")
        assert (code, repeated) == (201, False)


@pytest.mark.gen_test
async def test_requests_at_the_same_moment_make_one_refund(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        number = await paid(shop, wechat)
        answers = await asyncio.gather(*(ask(shop, number, "k1") for _ in range(8)))
        codes = {(code, answer.get("error")) for code, answer, _ in answers}
        assert codes <= {(201, None), (409, "in_progress")}
        assert len(wechat.sent) == 1
        assert (await ask(shop, number, "k1"))[2]


@pytest.mark.gen_test
async def test_the_answer_is_there_before_wechat_has_answered(tmp_path):
    """What a process leaves behind that ends while WeChat is being called."""
    async with refund_shop(tmp_path) as (shop, wechat):
        number = await paid(shop, wechat)
        wechat.faults.append(LOSE_BEFORE)
        _, first, _ = await ask(shop, number, "k1")
        assert first["status"] == "APPROVED"
        assert await ask(shop, number, "k1") == (201, first, True)
        large = await paid(shop, wechat, PRICE * 100)
        _, waiting, _ = await ask(shop, large, "k2", LARGE)
        assert (await ask(shop, large, "k2", LARGE)) == (201, waiting, True)
        assert waiting["status"] == "REQUESTED"


@pytest.mark.gen_test
async def test_a_key_is_kept_for_a_day(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat):
        number = await paid(shop, wechat)
        await ask(shop, number, "k1")

        def older(_batch, items):
            IdempotentAnswer.update(created_at=IdempotentAnswer.created_at - DAY_MS).execute()
            return [None] * len(items)

        await shop.running.store.write(older, None)
        assert not (await ask(shop, number, "k1"))[2]
        assert len(wechat.sent) == 2
