"""The main domain of WeChat is away: the same request goes to the backup, and the calls go back by
themselves."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from payments.errors import Busy, WeChatUnreachable, WeChatUntrusted
from payments.protocol import WireAnswer, WireRequest
from services.wechat.backup_domain import AWAY_S, BACKUPS, LOST, WithBackup, transport_to
from services.wechat.client import CurlTransport
from tests.support.fake_refunds import refund_shop
from tests.support.fake_wechat import GOOD, Act, saying_v3, shop_with, unified
from tests.support.rig import MERCHANT, MovedClock, Product, product
from tests.support.simulator_rig import rig
from tests.support.v3_keys import WITH_PUBLIC_KEY

pytestmark = pytest.mark.one_database

REQUEST = WireRequest("/pay/unifiedorder", b"<xml/>")


class Domain:
    """Answers, or raises `error`; keeps what it heard."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.heard: list[WireRequest] = []
        self.status = 200

    async def __call__(self, request: WireRequest) -> WireAnswer:
        self.heard.append(request)
        if self.error:
            raise self.error
        return WireAnswer(self.status, b"")

    def close(self) -> None:
        """Nothing to close."""


def both() -> tuple[WithBackup, Domain, Domain, MovedClock]:
    main, backup, clock = Domain(), Domain(), MovedClock(0)
    return WithBackup(main, backup, clock), main, backup, clock


def counts(*domains: Domain) -> tuple[int, ...]:
    found = tuple(len(domain.heard) for domain in domains)
    for domain in domains:
        domain.heard.clear()
    return found


@pytest.mark.gen_test
async def test_a_request_without_an_answer_goes_to_the_backup_unchanged() -> None:
    send, main, backup, _ = both()
    await send(REQUEST)
    assert counts(main, backup) == (1, 0)
    main.error = WeChatUnreachable()
    assert (await send(REQUEST)).status == 200
    assert main.heard == backup.heard == [REQUEST]


@pytest.mark.gen_test
async def test_after_three_the_backup_is_first_and_the_main_domain_is_tried_each_minute() -> None:
    send, main, backup, clock = both()
    main.error = WeChatUnreachable()
    for _ in range(LOST):
        await send(REQUEST)
    assert counts(main, backup) == (LOST, LOST)
    for _ in range(5):
        await send(REQUEST)
    assert counts(main, backup) == (0, 5)
    clock.ms += int(AWAY_S * 1000)
    for _ in range(5):
        await send(REQUEST)
    assert counts(main, backup) == (1, 5)
    main.error = None
    await send(REQUEST)
    assert counts(main, backup) == (0, 1)
    clock.ms += int(AWAY_S * 1000)
    for _ in range(5):
        await send(REQUEST)
    assert counts(main, backup) == (5, 0)


@pytest.mark.gen_test
async def test_the_backup_that_is_away_too_brings_the_main_domain_back() -> None:
    send, main, backup, _ = both()
    main.error = WeChatUnreachable()
    for _ in range(LOST):
        await send(REQUEST)
    counts(main, backup)
    main.error, backup.error = None, WeChatUnreachable()
    for _ in range(3):
        assert (await send(REQUEST)).status == 200
    assert counts(main, backup) == (3, 1)


@pytest.mark.gen_test
@pytest.mark.parametrize("second", [WeChatUnreachable(), WeChatUntrusted(), Busy()], ids=repr)
async def test_without_any_answer_the_outcome_is_unknown(second: Exception) -> None:
    send, main, backup, _ = both()
    main.error, backup.error = WeChatUnreachable(), second
    for _ in range(2 * LOST):
        with pytest.raises(WeChatUnreachable):
            await send(REQUEST)
    # Nothing says that the main domain is the one that is away.
    assert main.heard == backup.heard == [REQUEST] * 2 * LOST


@pytest.mark.gen_test
@pytest.mark.parametrize("error", [WeChatUntrusted(), Busy()], ids=repr)
async def test_what_is_no_silence_is_not_repeated(error: Exception) -> None:
    send, main, backup, _ = both()
    main.error = error
    with pytest.raises(type(error)):
        await send(REQUEST)
    main.error, main.status = None, 500
    assert (await send(REQUEST)).status == 500
    assert counts(main, backup) == (2, 0)


def test_only_the_official_address_has_a_backup() -> None:
    clock = MovedClock(0)
    for address in BACKUPS:
        transport = transport_to(address, None, clock)
        assert isinstance(transport, WithBackup)
        transport.close()
    for address in ("http://127.0.0.1:8100", "https://pay.example.com",
                    "https://apihk.mch.weixin.qq.com"):  # fmt: skip
        plain = transport_to(address, None, clock)
        assert isinstance(plain, CurlTransport)
        plain.close()


# --- over the network ----------------------------------------------------------------------------

NATIVE_V3 = saying_v3({"code_url": "weixin://wxpay/bizpayurl?pr=abc"})


def nobody(_listener: socket.socket) -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as freed:
        return f"http://127.0.0.1:{freed.getsockname()[1]}"


def silent(listener: socket.socket) -> str:
    """One where a connection is taken and nothing is ever answered."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def behind(shop: Product, address: str) -> None:
    """Let the product's WeChat be the backup of this address."""
    wechat = shop.running.services.prepays._wechat
    main = CurlTransport(address, None, 0.3)
    wechat._send = WithBackup(main, shop.running.transport, MovedClock(0))


@pytest.mark.gen_test
@pytest.mark.parametrize("away", [nobody, silent])
@pytest.mark.parametrize("api", ["v2", "v3"])
async def test_a_prepay_goes_through_the_backup(
    tmp_path: Path, api: str, away: Callable[[socket.socket], str]
) -> None:
    act: Act = GOOD if api == "v2" else NATIVE_V3
    settings = {} if api == "v2" else {**WITH_PUBLIC_KEY, "WECHAT_API_V2_KEY": ""}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        async with shop_with(tmp_path, act, **settings) as (shop, fake):
            behind(shop, away(listener))
            for _ in range(LOST + 2):
                status, body = await unified(shop, (await shop.order())["orderNum"])
                assert (status, "codeUrl" in body) == (200, True), json.dumps(body)
            assert len(fake.heard) == LOST + 2


@pytest.mark.gen_test
async def test_an_outage_of_the_simulators_main_domain_stops_no_prepay_and_ends_by_itself(
    tmp_path: Path,
) -> None:
    async with (
        rig(merchant=MERCHANT, second_port=0) as wechat,
        product(tmp_path, by_hand=True, WECHAT_BASE_URL=wechat.origin) as shop,
    ):
        second, calls = wechat.world.domains.second, wechat.world.domains.calls
        main, backup = (CurlTransport(to, None, 2.0) for to in (wechat.origin, second))
        clock = MovedClock(0)
        shop.running.services.prepays._wechat._send = WithBackup(main, backup, clock)

        async def heard() -> tuple[int, dict[str, int]]:
            """The status of a prepay, and which domain took it."""
            calls.clear()
            answer = await shop.prepay((await shop.order())["orderNum"])
            return answer.code, dict(calls)

        assert await heard() == (200, {"main": 1})
        control = f"{second}/_control/domains"
        assert (await shop.fetch(control, "POST", {"mainAway": True})).code == 200
        for _ in range(LOST + 1):
            assert await heard() == (200, {"second": 1})
        told = json.loads((await shop.fetch(control, "POST", {"mainAway": False})).body)
        assert told == {"second": second, "mainAway": False, "calls": {"main": 0, "second": 1}}
        clock.ms += int(AWAY_S * 1000)
        assert await heard() == (200, {"main": 1})
        main.close()
        backup.close()


@pytest.mark.gen_test
async def test_a_refund_is_sent_with_one_number_through_the_backup(tmp_path: Path) -> None:
    async with refund_shop(tmp_path) as (shop, fake):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            behind(shop, silent(listener))
            number = (await shop.order())["orderNum"]
            await shop.pay(number)
            shop.running.services.refunds.calls._wechat = shop.running.services.prepays._wechat
            made = await shop.running.services.refunds.request(
                number, 800, "少做了一次", "alice", may_approve=True
            )
            assert (made["status"], fake.sent) == ("PROCESSING", [made["refundNum"]])
