"""A bill asked for and fetched on either interface: applied for again, at WeChat's pace, and from
WeChat's other address."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from payments.bills.asking import BillKind, BillNotGiven, BillOutcome, WantedBill
from payments.errors import Busy, PaymentError, WeChatUnreachable, WeChatUntrusted
from payments.merchant import Api, Merchant
from payments.protocol import WireAnswer, WireRequest
from payments.v2 import wire as v2_wire
from payments.v3 import wire
from services.runtime.clock import SystemClock
from services.wechat.bill_client import BillClient
from services.wechat.bill_download import Progress, Sha1Of
from services.wechat.bill_file import FetchedBill
from services.wechat.client import WeChatClient
from services.wechat.rate_limit import Turns
from tests.support.rig import MovedClock
from tests.support.v3_material import KEYS, MERCHANT, NOW_S, answer, keys_of
from tests.wechat.bill_server import (
    BillServer,
    MinuteTurns,
    bill_server,
    giving,
    offering,
    sha1_of,
    signed_v3,
)

pytestmark = pytest.mark.one_database

DAY = date(2025, 1, 2)
TRADE, FUNDS = (WantedBill(kind, DAY) for kind in (BillKind.TRADE, BillKind.FUND_FLOW))
TEXT = "交易时间,公众账号ID\r\n`2025-01-02 03:04:05,`wx88\r\n".encode()
GZIP, SHA1 = gzip.compress(TEXT), sha1_of(TEXT)
PLACE = "/v3/billdownload/file?token=abc&tartype=gzip"
OF_V2 = replace(MERCHANT, api=Api.V2, client_cert=KEYS["merchant"]["cert_pem"])
NO_BILL = v2_wire.write({"return_code": "FAIL", "return_msg": "No Bill Exist"})
FETCHED = FetchedBill(Path("bill.csv"), 1, 1, SHA1, is_proven=True)
EXPIRED = WireAnswer(400, wire.write({"code": "INVALID_REQUEST", "message": "token"}))


@dataclass
class Network:
    """Answers every application with an offer; the downloads are what `downloads` says, in turn."""

    clock: MovedClock
    downloads: list[FetchedBill | WireAnswer | PaymentError]
    origins: tuple[str, ...]
    applied: list[str] = field(default_factory=list)
    applied_ms: list[int] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def send(self, request: WireRequest) -> WireAnswer:
        self.applied.append(request.path)
        self.applied_ms.append(self.clock.ms)
        url = f"{self.origins[0]}/v3/file?token={len(self.applied)}"
        offer = {"hash_type": "SHA1", "hash_value": SHA1, "download_url": url}
        return replace(answer(offer), status=200)

    async def __call__(
        self, request: WireRequest, origin: str, to: Path, sha1_of: Sha1Of, progress: Progress
    ) -> FetchedBill | WireAnswer:
        self.asked.append((origin, request.path))
        got = self.downloads.pop(0)
        if isinstance(got, PaymentError):
            raise got
        return got


def network(
    *downloads: FetchedBill | WireAnswer | PaymentError,
    origins: tuple[str, ...] = ("https://main.example", "https://backup.example"),
) -> tuple[Network, BillClient]:
    clock = MovedClock(NOW_S * 1000)
    found = Network(clock, list(downloads), origins)
    client = WeChatClient(found.send, clock, keys_of)
    return found, BillClient(client, found, clock, MinuteTurns(clock))


async def refused(fetching: Awaitable[FetchedBill]) -> BillOutcome:
    with pytest.raises(BillNotGiven) as error:
        await fetching
    return error.value.outcome


# --- what is asked again, and where --------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_token_that_has_expired_is_asked_for_again_once_and_at_wechats_pace() -> None:
    told: list[float] = []
    wechat, bills = network(EXPIRED, FETCHED)
    got = await bills.fetch(MERCHANT, TRADE, Path("bill.csv"), waiting=told.append)
    assert got == FETCHED
    assert [path for _, path in wechat.asked] == ["/v3/file?token=1", "/v3/file?token=2"]
    assert wechat.applied_ms == [NOW_S * 1000, NOW_S * 1000 + 60_000]
    assert told == [60.0]

    wechat, bills = network(EXPIRED, EXPIRED, FETCHED)
    outcome = await refused(bills.fetch(MERCHANT, TRADE, Path("bill.csv")))
    assert (outcome, len(wechat.applied)) == (BillOutcome.EXPIRED, 2)


@pytest.mark.gen_test
async def test_no_other_refusal_is_asked_again() -> None:
    for code, status, expected in (
        ("NO_AUTH", 403, BillOutcome.NOT_ENTITLED),
        ("SYSTEM_ERROR", 500, BillOutcome.SYSTEM_ERROR),
    ):
        no = WireAnswer(status, wire.write({"code": code, "message": ""}))
        wechat, bills = network(no, FETCHED)
        outcome = await refused(bills.fetch(MERCHANT, TRADE, Path("bill.csv")))
        assert (outcome, len(wechat.asked)) == (expected, 1)


@pytest.mark.gen_test
@pytest.mark.parametrize("merchant", [MERCHANT, OF_V2], ids=["v3", "v2"])
async def test_a_download_without_an_answer_is_signed_again_for_the_other_address(
    merchant: Merchant,
) -> None:
    wechat, bills = network(WeChatUnreachable(), FETCHED)
    assert await bills.fetch(merchant, TRADE, Path("bill.csv")) == FETCHED
    assert [origin for origin, _ in wechat.asked] == list(wechat.origins)
    assert len(wechat.applied) == (merchant is MERCHANT)

    wechat, bills = network(WeChatUnreachable("first"), WeChatUnreachable("second"))
    with pytest.raises(WeChatUnreachable, match="second"):
        await bills.fetch(merchant, TRADE, Path("bill.csv"))


@pytest.mark.gen_test
async def test_what_came_and_is_wrong_is_not_asked_for_elsewhere() -> None:
    wechat, bills = network(WeChatUntrusted(), FETCHED)
    with pytest.raises(WeChatUntrusted):
        await bills.fetch(MERCHANT, TRADE, Path("bill.csv"))
    assert len(wechat.asked) == 1


# --- the pace ------------------------------------------------------------------------------------


@pytest.mark.gen_test
async def test_a_trade_bill_is_asked_for_once_a_minute_for_each_account_and_day() -> None:
    wechat, bills = network(*[FETCHED] * 5)
    start, to = wechat.clock.ms, Path("bill.csv")
    await bills.fetch(MERCHANT, TRADE, to)
    await bills.fetch(replace(MERCHANT, mch_id="1900000110"), TRADE, to)
    await bills.fetch(MERCHANT, replace(TRADE, day=DAY - timedelta(1)), to)
    assert {at - start for at in wechat.applied_ms} == {0}
    wechat.clock.ms += 20_000
    await bills.fetch(MERCHANT, TRADE, to)
    assert wechat.applied_ms[-1] - start == 60_000
    wechat.clock.ms += 60_000
    await bills.fetch(MERCHANT, TRADE, to)
    assert wechat.applied_ms[-1] - start == 120_000


@pytest.mark.gen_test
async def test_who_loses_its_turn_to_others_three_times_asks_nothing() -> None:
    wechat, _ = network()
    client = WeChatClient(wechat.send, wechat.clock, keys_of)

    async def never(_mch_id: str, _day: date) -> float:
        return 60.0

    bills = BillClient(client, wechat, wechat.clock, never)
    told: list[float] = []
    with pytest.raises(Busy):
        await bills.fetch(MERCHANT, TRADE, Path("bill.csv"), waiting=told.append)
    assert (told, wechat.applied) == ([60.0] * 3, [])


@pytest.mark.gen_test
async def test_fund_flow_bills_are_asked_for_three_times_a_second_for_each_account() -> None:
    wechat, bills = network(*[FETCHED] * 7)
    start = wechat.clock.ms
    for number in range(7):
        await bills.fetch(MERCHANT, replace(FUNDS, day=DAY - timedelta(number)), Path("bill.csv"))
    assert [at - start for at in wechat.applied_ms] == [0] * 3 + [1000] * 3 + [2000]


def test_turns_that_are_over_hold_nothing_back() -> None:
    clock = MovedClock(0)
    turns = Turns(clock, 2, 1.0)
    assert turns.is_over
    assert [turns.take(), turns.take(), turns.take()] == [0, 0, 1.0]
    with pytest.raises(Busy):
        turns.take(0.9)
    clock.ms = 1999
    assert not turns.is_over
    clock.ms = 2000
    assert turns.is_over


# --- over real sockets ---------------------------------------------------------------------------


async def fetched(
    server: BillServer, folder: Path, merchant: Merchant = MERCHANT, wanted: WantedBill = TRADE
) -> FetchedBill:
    clock, transport = SystemClock(), server.transport()
    try:
        client = WeChatClient(transport, clock, keys_of)
        bills = BillClient(client, server.download(), clock, MinuteTurns(clock))
        return await bills.fetch(merchant, wanted, folder / "bill.csv")
    finally:
        transport.close()


@pytest.mark.gen_test
@pytest.mark.parametrize("wanted", [TRADE, FUNDS], ids=["trade", "fund flow"])
async def test_a_bill_of_api_v3_is_applied_for_and_fetched(
    tmp_path: Path, wanted: WantedBill
) -> None:
    async with bill_server(giving(GZIP)) as server:
        server.acts.insert(0, offering(server, SHA1, PLACE))
        got = await fetched(server, tmp_path, wanted=wanted)
        assert (got.path.read_bytes(), got.is_proven) == (GZIP, True)
        named = {BillKind.TRADE: "tradebill", BillKind.FUND_FLOW: "fundflowbill"}[wanted.kind]
        assert server.paths == [f"/v3/bill/{named}", "/v3/billdownload/file"]
        assert server.heard[1].uri == PLACE
        assert all("Authorization" in request.headers for request in server.heard)


@pytest.mark.gen_test
async def test_nothing_is_fetched_on_the_word_of_an_unsigned_or_foreign_offer(
    tmp_path: Path,
) -> None:
    async with bill_server(giving(GZIP)) as server, bill_server(giving(GZIP)) as other:
        url = server.origin + PLACE
        offer = {"hash_type": "SHA1", "hash_value": SHA1, "download_url": url}
        for act in (giving(wire.write(offer)), offering(server, SHA1, PLACE, other.origin)):
            server.acts.insert(0, act)
            with pytest.raises(WeChatUntrusted):
                await fetched(server, tmp_path)
        assert server.paths == ["/v3/bill/tradebill"] * 2
        assert (other.heard, list(tmp_path.iterdir())) == ([], [])


@pytest.mark.gen_test
async def test_a_bill_that_is_still_being_made_is_told_by_wechats_signed_word(
    tmp_path: Path,
) -> None:
    said = {"code": "STATEMENT_CREATING", "message": "账单生成中"}
    async with bill_server(signed_v3(said, 400)) as server:
        outcome = await refused(fetched(server, tmp_path))
        assert (outcome, len(server.heard)) == (BillOutcome.BEING_MADE, 1)


@pytest.mark.gen_test
async def test_the_trade_bill_of_api_v2_comes_in_one_call_and_unproven(tmp_path: Path) -> None:
    async with bill_server(giving(GZIP)) as server:
        got = await fetched(server, tmp_path, OF_V2)
        assert (got.path.read_bytes(), got.is_proven) == (GZIP, False)
        assert server.paths == ["/pay/downloadbill"]
        server.acts[:] = [giving(NO_BILL)]
        assert await refused(fetched(server, tmp_path, OF_V2)) is BillOutcome.NONE


@pytest.mark.gen_test
async def test_the_fund_flow_bill_of_api_v2_is_proven_by_its_digest(tmp_path: Path) -> None:
    async with bill_server(giving(GZIP, Digest=f"SHA={SHA1}")) as server:
        got = await fetched(server, tmp_path, OF_V2, FUNDS)
        assert (got.path.read_bytes(), got.is_proven) == (GZIP, True)
        got.path.unlink()
        for headers in ({"Digest": f"SHA={'0' * 40}"}, {}):
            server.acts[:] = [giving(GZIP, **headers)]
            with pytest.raises(WeChatUntrusted):
                await fetched(server, tmp_path, OF_V2, FUNDS)
        assert list(tmp_path.iterdir()) == []
