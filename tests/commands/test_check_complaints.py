"""`paywatch check` has WeChat tell of complaints at our address, and takes it from nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from assembly.checks import network_findings
from payments.merchant import Api
from payments.protocol import Moment
from payments.v3 import complaint
from services.checks.check_codes import CheckCode
from services.checks.complaint_address import CHECK, complaint_address_finding
from services.runtime.clock import SystemClock
from services.wechat.client import nonce
from tests.commands.test_check_echo import beside_wechat, keys, known
from tests.support.rig import Product

pytestmark = pytest.mark.one_database
OTHER = "https://other.example/complaints"


async def found(shop: Product) -> list[CheckCode]:
    seen = await network_findings(shop.settings, echo=True)
    return [each.code for each in seen if each.check == CHECK]


@pytest.mark.gen_test
async def test_an_account_without_an_address_gets_ours_once(tmp_path: Path) -> None:
    async with beside_wechat(tmp_path) as shop:
        assert await found(shop) == [CheckCode.COMPLAINT_ADDRESS_SET]
        assert await found(shop) == [CheckCode.COMPLAINT_ADDRESS_RIGHT]


@pytest.mark.gen_test
async def test_the_address_of_another_system_stays_and_is_named(tmp_path: Path) -> None:
    async with beside_wechat(tmp_path) as shop:
        send, moment = shop.running.transport, Moment(SystemClock().now_ms() // 1000, nonce())
        answer = await send(complaint.new_address_request(known(), OTHER, moment))
        assert answer.status == 200
        url = shop.settings.notify_urls[Api.V3]
        for _ in range(2):
            seen = await complaint_address_finding(
                send, SystemClock(), known(), keys(), url, simulated=True
            )
            assert seen.code == CheckCode.COMPLAINT_ADDRESS_OTHER
            assert OTHER in seen.words


@pytest.mark.gen_test
async def test_an_address_that_wechat_would_refuse_is_not_sent(tmp_path: Path) -> None:
    async with beside_wechat(tmp_path) as shop:
        url = shop.settings.notify_urls[Api.V3]
        seen = await complaint_address_finding(
            shop.running.transport, SystemClock(), known(), keys(), url, simulated=False
        )
        assert seen.code == CheckCode.COMPLAINT_ADDRESS_NOT_HTTPS
        assert await found(shop) == [CheckCode.COMPLAINT_ADDRESS_SET]
