"""Bills over HTTP, as a merchant gets them: signed requests of both interfaces, files in chunks."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import time
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from tornado.simple_httpclient import HTTPStreamClosedError

from payments.merchant import HMAC_SHA256, MD5, Merchant
from payments.v2 import signing, wire
from simulator.bills.days import made_from
from simulator.bills.downloads import TOKEN_S
from simulator.state.refunds import TAKES_S, AskedRefund
from simulator.state.trades import Trade, china
from tests.bills.simulated_books import read_bill
from tests.support.simulator_rig import MERCHANT, Rig, merchant_v3, proven, run_v3

NOTIFY_URL = "https://shop.example.com/pay/notify"


def today(rig: Rig) -> date:
    return china(rig.world.clock.real()).date()


async def away_from_midnight() -> None:
    """A payment and its refund are to be of one China day."""
    second = (time.time() + 8 * 3600) % 86_400
    if second > 86_370:
        await asyncio.sleep(86_401 - second)


def pay(rig: Rig, number: str, fen: int, **given: Any) -> Trade:
    """A payment of now, of which the product is told nothing."""
    trade = rig.world.payment_desk.stranger(number, fen, NOTIFY_URL)
    rig.world.payment_desk.pay(trade, **given)
    return trade


def refund(rig: Rig, trade: Trade, fen: int) -> str:
    asked = AskedRefund(
        trade.api, trade.merchant.mch_id, f"RF{fen}", None, trade.order_num, trade.total_fen, fen
    )
    return rig.world.refunds.take(asked).id


async def a_day(rig: Rig) -> date:
    """Two payments and a refund of today, and the clock at ten of tomorrow."""
    await away_from_midnight()
    day = today(rig)
    pay(rig, "ORD1", 8800)
    refund(rig, pay(rig, "ORD2", 7800, coupon_fen=300), 1000)
    await rig.jump(made_from(day) - rig.world.clock.now())
    return day


def query(day: date | str, **more: str) -> str:
    return "&".join(f"{name}={value}" for name, value in {"bill_date": f"{day}", **more}.items())


async def applied(rig: Rig, day: date | str, call: str = "tradebill", **more: str) -> Any:
    """The object of the signed answer; the status with it, when it is a refusal."""
    answer = await rig.call_v3("GET", f"/v3/bill/{call}?{query(day, **more)}")
    fields = proven(answer)
    return fields if answer.status == 200 else (answer.status, fields["code"])


async def file_of(rig: Rig, url: str, merchant: Merchant | None = None) -> tuple[int, bytes]:
    parts = urlsplit(url)
    answer = await rig.call_v3("GET", f"{parts.path}?{parts.query}", None, merchant)
    if answer.status == 200:
        assert not [name for name in answer.headers if name.startswith("wechatpay-")]
    return answer.status, answer.body


async def asked_v2(rig: Rig, call: str, sign_type: str = MD5, **fields: str) -> Any:
    merchant = merchant_v3()
    both = {"appid": merchant.app_id, "mch_id": merchant.mch_id, "nonce_str": "n" * 32}
    whole = {**both, "sign_type": sign_type, **fields}
    signed = {"sign": signing.sign(whole, merchant.api_v2_key, sign_type), **whole}
    return await rig.fetch(f"/pay/{call}", method="POST", body=wire.write(signed))


@pytest.mark.parametrize(("call", "more"), [("tradebill", {}), ("fundflowbill", {})])
def test_a_v3_bill_is_applied_for_and_downloaded_with_its_hash(
    call: str, more: dict[str, str]
) -> None:
    async def test(rig: Rig) -> None:
        day = await a_day(rig)
        plain = await applied(rig, day, call, **more)
        assert plain["hash_type"] == "SHA1"
        status, body = await file_of(rig, plain["download_url"])
        assert status == 200
        assert hashlib.sha1(body, usedforsecurity=False).hexdigest() == plain["hash_value"]
        packed = await applied(rig, day, call, tar_type="GZIP")
        assert packed["download_url"].endswith("&tartype=gzip")
        _, zipped = await file_of(rig, packed["download_url"])
        assert gzip.decompress(zipped) == body
        assert packed["hash_value"] == plain["hash_value"]
        bill = read_bill(body)
        assert len(bill.rows) == (3 if call == "tradebill" else 6)

    run_v3(test)


def test_a_v2_bill_is_the_same_text_and_the_fund_flow_has_its_digest() -> None:
    async def test(rig: Rig) -> None:
        day = await a_day(rig)
        named = f"{day:%Y%m%d}"
        _, v3 = await file_of(rig, (await applied(rig, day))["download_url"])
        plain = await asked_v2(rig, "downloadbill", bill_date=named, bill_type="ALL")
        packed = await asked_v2(rig, "downloadbill", bill_date=named, tar_type="GZIP")
        assert plain.body == v3 == gzip.decompress(packed.body)
        _, v3 = await file_of(rig, (await applied(rig, day, "fundflowbill"))["download_url"])
        flow = await asked_v2(
            rig, "downloadfundflow", HMAC_SHA256, bill_date=named, account_type="Basic"
        )
        sha1 = hashlib.sha1(v3, usedforsecurity=False).hexdigest()
        assert (flow.body, flow.headers["Digest"]) == (v3, f"SHA={sha1}")

    run_v3(test)


def test_a_bill_says_what_stood_when_it_was_made_and_stays_so() -> None:
    async def test(rig: Rig) -> None:
        await away_from_midnight()
        day = today(rig)
        yesterday = day - timedelta(days=1)
        old = pay(rig, "ORD1", 8800, paid_at=rig.world.clock.real() - 86_400)
        refund(rig, old, 1000)
        await rig.jump(made_from(day) - rig.world.clock.now())
        (row,) = read_bill((await file_of(rig, (await applied(rig, day))["download_url"]))[1]).rows
        assert (row["商户订单号"], row["申请退款金额"]) == ("ORD1", "10.00")
        first = (await applied(rig, day))["hash_value"]
        await rig.jump(TAKES_S)
        assert (await applied(rig, day))["hash_value"] == first
        before = (await applied(rig, yesterday))["download_url"]
        (paid,) = read_bill((await file_of(rig, before))[1]).rows
        assert paid["交易状态"] == "SUCCESS"

    run_v3(test)


def test_v3_says_why_there_is_no_bill() -> None:
    async def test(rig: Rig) -> None:
        await away_from_midnight()
        day = today(rig)
        pay(rig, "ORD1", 8800)
        assert await applied(rig, day) == (400, "STATEMENT_CREATING")
        await rig.jump(made_from(day) - rig.world.clock.now() - 60)
        assert await applied(rig, day) == (400, "STATEMENT_CREATING")
        await rig.jump(60)
        assert "hash_value" in await applied(rig, day)
        nothing = (400, "NO_STATEMENT_EXIST")
        assert await applied(rig, day, bill_type="REFUND") == nothing
        assert await applied(rig, day, "fundflowbill", account_type="FEES") == nothing
        assert await applied(rig, day - timedelta(days=1)) == nothing
        assert await applied(rig, day - timedelta(days=100)) == (400, "INVALID_REQUEST")
        for odd, more in (
            (f"{day:%Y%m%d}", {}),
            ("2026-02-30", {}),
            ("", {}),
            (f"{day}", {"bill_type": "SOME"}),
            (f"{day}", {"tar_type": "ZIP"}),
        ):
            assert await applied(rig, odd, **more) == (400, "PARAM_ERROR")

    run_v3(test)


def test_v2_says_why_there_is_no_bill() -> None:
    async def test(rig: Rig) -> None:
        await away_from_midnight()
        day = today(rig)
        pay(rig, "ORD1", 8800)

        async def said(**fields: str) -> tuple[str, str | None]:
            told = wire.read((await asked_v2(rig, "downloadbill", **fields)).body)
            return told["return_msg"], told.get("error_code")

        assert await said(bill_date=f"{day:%Y%m%d}") == ("Bill Creating", None)
        await rig.jump(made_from(day) - rig.world.clock.now())
        yesterday = f"{day - timedelta(days=1):%Y%m%d}"
        assert await said(bill_date=yesterday) == ("No Bill Exist", "20002")
        assert await said(bill_date=f"{day}") == ("data format error", None)
        assert await said(bill_date=f"{day:%Y%m%d}", bill_type="SOME") == (
            "invalid bill_type",
            None,
        )
        assert await said() == ("missing parameter", None)

        async def code(sign_type: str = HMAC_SHA256, **fields: str) -> str:
            answer = await asked_v2(rig, "downloadfundflow", sign_type, **fields)
            told = wire.read(answer.body)
            signing.verify(told, (merchant_v3().api_v2_key,))
            return told["err_code"]

        basic = {"account_type": "Basic"}
        assert await code(bill_date=yesterday, **basic) == "NO_BILL_EXIST"
        assert await code(bill_date=f"{day + timedelta(days=1):%Y%m%d}", **basic) == "BILL_CREATING"
        assert await code(bill_date=f"{day}", **basic) == "PARAM_ERROR"
        assert await code(MD5, bill_date=yesterday, **basic) == "PARAM_ERROR"

    run_v3(test)


def test_only_a_signed_request_gets_a_bill() -> None:
    async def test(rig: Rig) -> None:
        day = await a_day(rig)
        thief = merchant_v3("1900000109", "wx1111111111111111")
        path = f"/v3/bill/tradebill?{query(day)}"
        assert (await rig.call_v3("GET", path, None, thief)).status == 401
        url = (await applied(rig, day))["download_url"]
        assert (await file_of(rig, url, thief))[0] == 401
        assert (await rig.fetch(url.removeprefix(rig.origin))).code == 400
        for call in ("downloadbill", "downloadfundflow"):
            forged = await asked_v2(rig, call, bill_date=f"{day:%Y%m%d}", sign="A" * 32)
            assert wire.read(forged.body) == {"return_code": "FAIL", "return_msg": "签名错误"}

    run_v3(test)


def test_a_token_is_for_its_merchant_and_five_minutes() -> None:
    other = merchant_v3("1900000110", "wx2222222222222222")

    async def test(rig: Rig) -> None:
        day = await a_day(rig)
        url = (await applied(rig, day))["download_url"]
        status, body = await file_of(rig, url, other)
        assert (status, json.loads(body)["code"]) == (403, "NO_AUTH")
        await rig.jump(TOKEN_S - 30)
        assert (await file_of(rig, url))[0] == 200
        await rig.jump(60)
        status, body = await file_of(rig, url)
        assert (status, json.loads(body)["code"]) == (400, "INVALID_REQUEST")

    run_v3(test, merchants=(merchant_v3(), other))


def test_faults_of_the_answers_act_once_each() -> None:
    async def test(rig: Rig) -> None:
        day = await a_day(rig)
        faults = ["wrong_hash", "cut", "truncated", "frequency_limited"]
        told = await rig.control(f"bills/{day}", faults=faults)
        assert [fault["fault"] for fault in told["waiting"]] == faults
        assert await applied(rig, day) == (429, "FREQUENCY_LIMITED")
        wrong = await applied(rig, day)
        with pytest.raises(HTTPStreamClosedError):
            await file_of(rig, wrong["download_url"])
        status, short = await file_of(rig, wrong["download_url"])
        status, whole = await file_of(rig, wrong["download_url"])
        assert status == 200
        assert whole.startswith(short)
        assert len(short) < len(whole)
        right = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
        assert wrong["hash_value"] != right
        assert (await applied(rig, day))["hash_value"] == right
        await rig.control("faults", on="tradebill", fault="unsigned")
        answer = await rig.call_v3("GET", f"/v3/bill/tradebill?{query(day)}")
        assert "wechatpay-signature" not in answer.headers

    run_v3(test)


def test_the_lever_tells_the_bill_and_its_changes() -> None:
    async def test(rig: Rig) -> None:
        await away_from_midnight()
        day = today(rig)
        path = f"bills/{day}"
        pay(rig, "ORD1", 8800)
        told = await rig.control(path, faults=["late", {"fault": "wrong_fee", "fen": 3}])
        assert (told["state"], told["rows"], told["changes"]) == ("creating", 1, [])
        await rig.jump(made_from(day) - rig.world.clock.now())
        assert await applied(rig, day) == (400, "STATEMENT_CREATING")
        told = await rig.control(path, clear=True, faults=[{"fault": "wrong_fee", "fen": 3}])
        assert told["state"] == "ready"
        first = await applied(rig, day)
        told = json.loads((await rig.fetch(f"/_control/{path}")).body)
        (change,) = told["changes"]
        assert (change["kind"], change["orderNum"]) == ("fee_differs", "ORD1")
        assert (change["ours"], change["wechat"], change["differenceFen"]) == (53, 56, 3)
        body = json.dumps({"faults": ["row_added"]})
        assert (await rig.fetch(f"/_control/{path}", method="POST", body=body)).code == 409
        told = await rig.control(path, faults=["corrected", "row_added"])
        again = await applied(rig, day)
        told = json.loads((await rig.fetch(f"/_control/{path}")).body)
        assert first["hash_value"] != again["hash_value"]
        assert [change["kind"] for change in told["changes"]] == ["missing_here"]

    run_v3(test)


def test_faults_of_every_bill_wait_until_they_are_cleared() -> None:
    async def test(rig: Rig) -> None:
        told = await rig.control("bills/all", faults=["bom"])
        assert [fault["times"] for fault in told["waiting"]] == [None]
        await rig.control("bills/next", faults=["crlf"])
        day = await a_day(rig)
        pay(rig, "OLD", 100, paid_at=rig.world.clock.real() - 86_400)
        _, old = await file_of(rig, (await applied(rig, day - timedelta(days=1)))["download_url"])
        _, new = await file_of(rig, (await applied(rig, day))["download_url"])
        bom = "\ufeff".encode()
        assert (old.startswith(bom), new.startswith(bom)) == (True, True)
        assert (b"\r\n" in old, b"\r\n" in new) == (True, False)
        told = await rig.control("bills/all", clear=True)
        assert told["waiting"] == []

    run_v3(test)


@pytest.mark.parametrize(
    ("path", "wanted", "code"),
    [
        ("bills/2026-02-30", {"faults": []}, 400),
        ("bills/2026-02-01", {"faults": "late"}, 400),
        ("bills/2026-02-01", {"faults": ["nothing"]}, 400),
        ("bills/2026-02-01", {"faults": [{"fault": "late", "times": "1"}]}, 400),
        ("bills/2026-02-01", {"faults": [{"fault": "late", "more": 1}]}, 400),
        ("bills/2026-02-01", {"faults": [], "account": "1"}, 404),
        ("bills/2026-02-01", {"fault": "late"}, 400),
        ("bills/next", {"faults": ["corrected"]}, 400),
        ("fees", {"account": "1", "rate": 1}, 404),
        ("fees", {"account": MERCHANT.mch_id, "rate": 1.5}, 400),
        ("gaps", {"gap": "some", "orderNum": "1"}, 400),
        ("gaps", {"gap": "wrong_fee", "orderNum": "NONE"}, 409),
    ],
)
def test_a_lever_says_what_is_wrong(path: str, wanted: dict[str, Any], code: int) -> None:
    async def test(rig: Rig) -> None:
        body = json.dumps(wanted)
        assert (await rig.fetch(f"/_control/{path}", method="POST", body=body)).code == code

    run_v3(test)


def test_a_rate_can_be_set() -> None:
    async def test(rig: Rig) -> None:
        told = await rig.control("fees", account=MERCHANT.mch_id, rate=38)
        assert told == {MERCHANT.mch_id: "0.38%"}
        day = await a_day(rig)
        bill = read_bill((await file_of(rig, (await applied(rig, day))["download_url"]))[1])
        assert {row["费率"] for row in bill.rows} == {"0.38%"}

    run_v3(test)


def test_a_large_bill_is_written_in_chunks_and_is_whole() -> None:
    async def test(rig: Rig) -> None:
        await away_from_midnight()
        day = today(rig)
        for number in range(2_000):
            pay(rig, f"ORD{number}", 100 + number)
        await rig.jump(made_from(day) - rig.world.clock.now())
        told = await applied(rig, day, tar_type="GZIP")
        _, packed = await file_of(rig, told["download_url"])
        text = gzip.decompress(packed)
        assert hashlib.sha1(text, usedforsecurity=False).hexdigest() == told["hash_value"]
        assert len(read_bill(text).rows) == 2_000

    run_v3(test)
