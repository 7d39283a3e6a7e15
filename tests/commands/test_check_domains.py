"""`paywatch check` asks both of WeChat's domains, and says which of them is not reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from assembly.checks import network_findings
from services.checks.check_codes import CheckCode
from services.checks.http_probe import HttpProbe
from services.checks.installation import CheckResult, Grade, domain_findings
from services.wechat.backup_domain import BACKUPS, domains_of
from tests.support.ports import free_port
from tests.support.rig import product
from tests.support.simulator_rig import rig

pytestmark = pytest.mark.one_database


async def asked(*domains: str) -> list[CheckResult]:
    probe = HttpProbe(None)
    try:
        return await domain_findings(probe, domains)
    finally:
        probe.close()


def test_the_official_address_has_two_domains_and_any_other_one() -> None:
    for main, backup in BACKUPS.items():
        assert domains_of(main) == (main, backup)
    assert domains_of("http://127.0.0.1:8100") == ("http://127.0.0.1:8100",)


@pytest.mark.gen_test
async def test_each_domain_has_its_line() -> None:
    async with rig(second_port=0) as wechat:
        main, backup = wechat.origin, wechat.world.domains.second
        both = await asked(main, backup)
        assert [(each.grade, each.code) for each in both] == [
            (Grade.OK, CheckCode.DOMAIN_ANSWERS)
        ] * 2
        assert [each.values["domain"] for each in both] == [main, backup]


@pytest.mark.gen_test
@pytest.mark.parametrize("away", [0, 1], ids=["main", "backup"])
async def test_the_one_that_is_not_reached_is_named(away: int) -> None:
    async with rig(second_port=0) as wechat:
        domains = [wechat.origin, wechat.world.domains.second]
        domains[away] = f"http://127.0.0.1:{free_port()}"
        found = await asked(*domains)
        silent = [CheckCode.DOMAIN_SILENT, CheckCode.BACKUP_DOMAIN_SILENT][away]
        assert found[away].code is silent
        assert found[away].grade is Grade.WARNING
        assert domains[away] in found[away].words
        assert found[1 - away].code is CheckCode.DOMAIN_ANSWERS


@pytest.mark.gen_test
async def test_the_check_of_a_product_asks_for_its_domains(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        found = [each for each in await network_findings(shop.settings) if each.check == "domain"]
        assert [each.values["domain"] for each in found] == [shop.settings.wechat_base_url]
