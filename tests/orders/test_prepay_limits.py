"""Prepay while WeChat is slow, endless, or somebody else: every wait and number has an end."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from payments.states import TradeType
from services.wechat.client import MAX_CALLS
from tests.orders.test_prepay import refusal
from tests.support.fake_wechat import (
    GOOD,
    AnyHandler,
    Fake,
    Fields,
    answering,
    len_of,
    refusing,
    saying,
    shop_with,
    unified,
)
from tests.support.notify_rig import alerts
from tests.support.patience import PATIENCE_S
from tests.support.rig import OPEN_ID, SUCCESS, product, until

WAITING = 8


@pytest.mark.gen_test
async def test_beyond_sixteen_calls_at_once_a_prepay_is_busy_and_notifies_go_on(
    tmp_path: Path,
) -> None:
    answer = asyncio.Event()

    async def late(handler: RequestHandler, _fields: Fields) -> None:
        await answer.wait()
        await handler.finish(answering())

    async with shop_with(tmp_path, late) as (shop, fake):
        nums = [(await shop.order(openId=OPEN_ID))["orderNum"] for _ in range(MAX_CALLS + WAITING)]
        asked = [asyncio.create_task(shop.prepay(num)) for num in nums]
        paid = (await shop.order())["orderNum"]
        assert await shop.pay(paid) == SUCCESS

        async def rest_is_told() -> bool:
            return sum(task.done() for task in asked) >= WAITING

        await until(rest_is_told)
        done = [task for task in asked if task.done()]
        running = [task for task in asked if not task.done()]
        assert (len(done), len(running), len(fake.heard)) == (WAITING, MAX_CALLS, MAX_CALLS)
        assert {refusal(task.result()) for task in done} == {(503, "busy")}
        assert {task.result().headers["Retry-After"] for task in done} == {"1"}
        answer.set()
        assert {(await task).code for task in running} == {200}
        (case,) = await alerts(shop)
        assert (case["kind"], case["actual"], case["count"]) == ("system", "busy", WAITING)
        codes = [e["data"]["code"] for e in await shop.events() if e["kind"] == "prepay.failed"]
        assert codes == ["busy"] * WAITING
        # Nothing was sent: their numbers are free for whatever comes next.
        fake.acts = [saying(answering(trade_type="JSAPI", code_url=None))]
        num = next(n for n, task in zip(nums, asked, strict=True) if task in done)
        assert (await shop.prepay(num, TradeType.JSAPI)).code == 200


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_all_tries_together_end_after_eight_seconds(tmp_path: Path) -> None:
    gone = asyncio.Event()

    async def trickle(handler: RequestHandler, _fields: Fields) -> None:
        handler.set_header("Content-Length", "5000")
        while not gone.is_set():
            handler.write(b"<")
            await handler.flush()
            await asyncio.sleep(0.2)

    async def slowly_refused(handler: RequestHandler, _fields: Fields) -> None:
        await asyncio.sleep(5)
        await handler.finish(refusing("SYSTEMERROR"))

    async with shop_with(tmp_path, trickle, slowly_refused) as (shop, fake):
        first, second = [(await shop.order())["orderNum"] for _ in range(2)]
        asked = [asyncio.create_task(unified(shop, num)) for num in (first, second)]
        async with asyncio.timeout(PATIENCE_S):
            answers = [await task for task in asked]
        gone.set()
        assert [(status, body["error"]) for status, body in answers] == [
            (504, "wechat_unreachable")
        ] * 2
        assert len(fake.heard) == 3  # the slow one is not asked a third time
        for num in (first, second):
            assert (await shop.read(num))["status"] == "INIT"
        fake.acts = [GOOD]
        assert (await unified(shop, second))[0] == 200
        assert fake.heard[-1] in fake.heard[:-1]


def certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for this machine that nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "api.mch.weixin.qq.com")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1))
    builder = builder.not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    signed = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path = folder / "server.pem"
    path.write_bytes(key.private_bytes(pem, pkcs8, plain) + signed.public_bytes(pem))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


@pytest.mark.gen_test
async def test_nothing_is_sent_to_a_host_that_does_not_prove_to_be_wechat(tmp_path: Path) -> None:
    fake = Fake([GOOD])
    handlers = [(r"/.*", AnyHandler, {"fake": fake})]
    server = HTTPServer(
        Application(handlers, log_function=len_of), ssl_options=certificate(tmp_path)
    )
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    base_url = f"https://127.0.0.1:{sockets[0].getsockname()[1]}"
    try:
        async with product(tmp_path, WECHAT_BASE_URL=base_url) as shop:
            for count in (1, 2):
                num = (await shop.order())["orderNum"]
                assert refusal(await shop.prepay(num)) == (502, "wechat_untrusted")
                (case,) = await alerts(shop)
                assert (case["kind"], case["actual"]) == ("system", "not_valid")
                assert case["count"] == count
                assert (await shop.read(num))["status"] == "INIT"
            assert fake.heard == []
    finally:
        server.stop()
        await server.close_all_connections()


@pytest.mark.gen_test
async def test_400_orders_at_once_are_not_too_many_for_an_api_key(tmp_path: Path) -> None:
    async with product(tmp_path) as shop:
        made = await asyncio.gather(*(shop.order() for _ in range(400)))
        assert len({order["orderNum"] for order in made}) == 400

        async def told() -> bool:
            return len(await shop.events()) == 400

        await until(told)
