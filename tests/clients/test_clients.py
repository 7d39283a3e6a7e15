"""Other people's client libraries, with their defaults, take the simulator for WeChat: they order,
query, close, refund, and read its notifies. Each is a stranger's reading of WeChat's manual."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

import pytest
from requests.adapters import HTTPAdapter
from wechatpayv3 import WeChatPay as WeChatPayV3
from wechatpayv3 import WeChatPayType
from wechatpy.pay import WeChatPay

from simulator.state.key_material import CERTIFICATE
from tests.support.simulator_rig import V3_KEY, Rig, merchant_v3, run_v3, until, wechats

FIRST, SECOND, REFUND = "T20250101000001", "T20250101000002", "R20250101000001"
TOTAL, BACK = 8800, 3800
NODE = Path(__file__).with_name("node.mjs")
Deeds = list[list[Any]]
BEFORE: Deeds = [
    ["prepay", FIRST, TOTAL],
    ["prepay", SECOND, TOTAL],
    ["query", SECOND],
    ["close", SECOND],
    ["query", SECOND],
]


def after(headers: dict[str, str], body: bytes) -> Deeds:
    """What is done once the first order is paid and its notify has come."""
    return [
        ["read", headers, body.decode()],
        ["query", FIRST],
        ["refund", FIRST, REFUND, TOTAL, BACK],
    ]


def settings(rig: Rig, path: str) -> dict[str, Any]:
    merchant = merchant_v3()
    return {
        "wechat": rig.origin,
        "notifyUrl": f"https://shop.example.com{path}",
        "appId": merchant.app_id,
        "mchId": merchant.mch_id,
        "v2Key": merchant.api_v2_key,
        "v3Key": V3_KEY,
        "serial": merchant.serial,
        "privateKey": merchant.private_key,
        "certificate": merchant.client_cert,
        "publicKeys": [[wechats().public_key.serial, wechats().public_key.public]],
    }


# --- Node -----------------------------------------------------------------------------------------


async def by_node(client: str, rig: Rig, path: str, deeds: Deeds) -> list[Any]:
    given = json.dumps({"client": client, "settings": settings(rig, path), "deeds": deeds})
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        "node", str(NODE), stdin=pipe, stdout=pipe, stderr=pipe
    )
    said, complaint = await process.communicate(given.encode())
    assert process.returncode == 0, complaint.decode()
    found: list[Any] = json.loads(said)
    return found


@pytest.mark.parametrize(
    ("client", "path", "signer"),
    [
        ("wechatpay-node-v3", "/pay/notify/v3", CERTIFICATE),
        ("wechatpay-axios-plugin", "/pay/notify/v3", None),
        ("tenpay", "/pay/notify", None),
    ],
)
def test_a_client_for_node_orders_queries_closes_refunds_and_reads(
    client: str, path: str, signer: str | None
) -> None:
    async def test(rig: Rig) -> None:
        if signer:
            rig.world.keys.use(signer)

        async def deeds(wanted: Deeds) -> list[Any]:
            return await by_node(client, rig, path, wanted)

        await assert_served(rig, deeds)

    run_v3(test)


async def assert_served(rig: Rig, deeds: Any) -> None:
    code, _, open_now, closed, at_last = await deeds(BEFORE)
    assert code.startswith("weixin://wxpay/bizpayurl?pr=")
    assert (open_now, closed, at_last) == ("NOTPAY", "closed", "CLOSED")
    trade = rig.world.trades.by_order(FIRST)
    assert trade is not None
    await rig.pay(trade.prepay_id)
    await until(lambda: len(rig.product.notifies) == 1)
    (_, headers), body = rig.product.heard[0], rig.product.notifies[0]
    number, state, taken = await deeds(after(headers, body))
    assert (number, state) == (FIRST, "SUCCESS")
    assert taken in ("PROCESSING", "SUCCESS")
    refund = rig.world.refunds.find(merchant_v3().mch_id, REFUND)
    assert refund is not None
    assert refund.refund_fen == BACK


# --- Python ---------------------------------------------------------------------------------------


@contextmanager
def wechat_at(origin: str) -> Iterator[None]:
    """The clients call WeChat's own address, which here is the simulator."""
    send, there = HTTPAdapter.send, urlsplit(origin)

    def redirected(adapter: HTTPAdapter, request: Any, **given: Any) -> Any:
        url = urlsplit(request.url)
        request.url = url._replace(scheme=there.scheme, netloc=there.netloc).geturl()
        return send(adapter, request, **{**given, "proxies": {}})

    with patch.object(HTTPAdapter, "send", redirected):
        yield


class V3:
    """wechatpayv3, with WeChat's certificates, which it fetches by itself."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._api = WeChatPayV3(
            wechatpay_type=WeChatPayType.NATIVE,
            mchid=given["mchId"],
            private_key=given["privateKey"],
            cert_serial_no=given["serial"],
            apiv3_key=given["v3Key"],
            appid=given["appId"],
            notify_url=given["notifyUrl"],
        )

    def prepay(self, number: str, total: int) -> str:
        return self._done(
            self._api.pay(description="龙井茶", out_trade_no=number, amount={"total": total})
        )["code_url"]

    def query(self, number: str) -> str:
        return self._done(self._api.query(out_trade_no=number))["trade_state"]

    def close(self, number: str) -> str:
        status, words = self._api.close(out_trade_no=number)
        assert status == 204, words
        return "closed"

    def refund(self, number: str, refund_num: str, total: int, back: int) -> str:
        amount = {"total": total, "refund": back, "currency": "CNY"}
        return self._done(
            self._api.refund(out_refund_no=refund_num, amount=amount, out_trade_no=number)
        )["status"]

    def read(self, headers: dict[str, str], body: str) -> str:
        return self._api.callback(headers, body)["resource"]["out_trade_no"]

    def _done(self, answer: tuple[int, str]) -> Any:
        status, words = answer
        assert status == 200, words
        return json.loads(words)


class V2:
    """wechatpy."""

    def __init__(self, given: dict[str, Any], folder: Path) -> None:
        cert, key = folder / "cert.pem", folder / "key.pem"
        cert.write_text(given["certificate"])
        key.write_text(given["privateKey"])
        self._notify_url = given["notifyUrl"]
        self._api = WeChatPay(
            given["appId"], given["v2Key"], given["mchId"], mch_cert=str(cert), mch_key=str(key)
        )

    def prepay(self, number: str, total: int) -> str:
        return self._api.order.create(
            "NATIVE",
            "龙井茶",
            total,
            self._notify_url,
            client_ip="203.0.113.9",  # by default it opens a socket to learn its own
            out_trade_no=number,
            product_id="tea",
        )["code_url"]

    def query(self, number: str) -> str:
        return self._api.order.query(out_trade_no=number)["trade_state"]

    def close(self, number: str) -> str:
        assert self._api.order.close(number)["result_code"] == "SUCCESS"
        return "closed"

    def refund(self, number: str, refund_num: str, total: int, back: int) -> str:
        taken = self._api.refund.apply(total, back, refund_num, out_trade_no=number)
        return taken["result_code"]

    def read(self, headers: dict[str, str], body: str) -> str:
        return self._api.parse_payment_result(body)["out_trade_no"]


@pytest.mark.parametrize(
    ("client", "path"), [("wechatpayv3", "/pay/notify/v3"), ("wechatpy", "/pay/notify")]
)
def test_a_client_for_python_orders_queries_closes_refunds_and_reads(
    client: str, path: str, tmp_path: Path
) -> None:
    async def test(rig: Rig) -> None:
        given = settings(rig, path)
        if client == "wechatpayv3":
            rig.world.keys.use(CERTIFICATE)

        def play(wanted: Deeds) -> list[Any]:
            with wechat_at(rig.origin):
                api = V3(given) if client == "wechatpayv3" else V2(given, tmp_path)
                return [getattr(api, deed)(*values) for deed, *values in wanted]

        async def deeds(wanted: Deeds) -> list[Any]:
            return await asyncio.to_thread(play, wanted)

        await assert_served(rig, deeds)

    run_v3(test)
