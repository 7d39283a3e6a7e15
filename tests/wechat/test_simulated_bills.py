"""Bills of the simulator, fetched as WeChat's are, on both interfaces and with its faults."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from payments.bills.asking import BillKind, BillNotGiven, BillOutcome, WantedBill
from payments.errors import PaymentError, WeChatUnreachable, WeChatUntrusted
from payments.merchant import Api
from services.runtime.clock import SystemClock
from services.wechat.bill_client import BillClient
from services.wechat.bill_download import BillDownload
from services.wechat.bill_file import FetchedBill
from services.wechat.client import CurlTransport, WeChatClient
from simulator.bills.bill_faults import PlantedFault
from tests.bills.simulated_books import read_bill
from tests.bills.test_simulated_calls import a_day
from tests.support.simulator_rig import Rig, merchant_v3, public_keys, run_v3
from tests.wechat.bill_server import MinuteTurns

pytestmark = pytest.mark.one_database


async def fetched(rig: Rig, folder: Path, wanted: WantedBill, api: Api) -> FetchedBill:
    merchant, clock = replace(merchant_v3(), api=api), SystemClock()
    transport = CurlTransport(rig.origin, None)
    client = WeChatClient(transport, clock, lambda _: public_keys())
    try:
        bills = BillClient(client, BillDownload((rig.origin,), None), clock, MinuteTurns(clock))
        return await bills.fetch(merchant, wanted, folder / f"{api}.{wanted.kind}")
    finally:
        transport.close()


async def outcome(rig: Rig, folder: Path, wanted: WantedBill, api: Api) -> BillOutcome:
    with pytest.raises(BillNotGiven) as error:
        await fetched(rig, folder, wanted, api)
    assert list(folder.iterdir()) == []
    return error.value.outcome


@pytest.mark.parametrize("api", list(Api))
@pytest.mark.parametrize("kind", list(BillKind))
def test_a_bill_is_fetched_and_proven_as_far_as_wechat_proves_it(
    tmp_path: Path, api: Api, kind: BillKind
) -> None:
    async def test(rig: Rig) -> None:
        wanted = WantedBill(kind, await a_day(rig))
        got = await fetched(rig, tmp_path, wanted, api)
        text = gzip.decompress(got.path.read_bytes())
        assert len(read_bill(text).rows) == (3 if kind is BillKind.TRADE else 6)
        assert got.text_bytes == len(text)
        assert got.is_proven == (api is Api.V3 or kind is BillKind.FUND_FLOW)

    run_v3(test)


@pytest.mark.parametrize("api", list(Api))
@pytest.mark.parametrize("kind", list(BillKind))
def test_a_bill_that_is_not_there_has_its_word(tmp_path: Path, api: Api, kind: BillKind) -> None:
    async def test(rig: Rig) -> None:
        day = await a_day(rig)
        for days, expected in ((1, BillOutcome.NONE), (-1, BillOutcome.BEING_MADE)):
            wanted = WantedBill(kind, day - timedelta(days))
            assert await outcome(rig, tmp_path, wanted, api) is expected
        if api is Api.V3:  # API v2 has no word of its own for it
            old = WantedBill(kind, day - timedelta(200))
            assert await outcome(rig, tmp_path, old, api) is BillOutcome.TOO_OLD

    run_v3(test)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("wrong_hash", WeChatUntrusted),
        ("truncated", WeChatUntrusted),
        ("cut", WeChatUnreachable),
        ("frequency_limited", BillNotGiven),
    ],
)
def test_a_fault_of_the_answer_leaves_no_file(
    tmp_path: Path, fault: str, error: type[PaymentError]
) -> None:
    async def test(rig: Rig) -> None:
        day = await a_day(rig)
        rig.world.bills.faults.add([PlantedFault(fault, day)])
        with pytest.raises(error):
            await fetched(rig, tmp_path, WantedBill(BillKind.TRADE, day), Api.V3)
        assert list(tmp_path.iterdir()) == []

    run_v3(test)
