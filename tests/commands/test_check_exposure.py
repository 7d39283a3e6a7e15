"""`paywatch check` on what lets others in, or in vain."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assembly.checks import installation
from models.inspection import Inspection
from services.checks.check_codes import CheckCode
from services.checks.exposure import (
    Exposure,
    exposure_findings,
    h5_findings,
    people_finding,
)
from services.checks.installation import CheckResult, Grade
from settings import read
from tests.support.rig import APP_ID, KEY, MCH_ID, product

pytestmark = pytest.mark.one_database

SOUND = Exposure((), (), "", "http://127.0.0.1:8000", False)
SEEN = Inspection("SQLite", ())
WHO = {
    "PAYWATCH_WECHAT_APP_ID": APP_ID,
    "PAYWATCH_WECHAT_MCH_ID": MCH_ID,
}


def found(**changes: Any) -> dict[CheckCode, dict[str, Any]]:
    told = exposure_findings(replace(SOUND, **changes))
    return {each.code: dict(each.values) for each in told}


def test_nothing_is_said_where_nothing_is_wrong() -> None:
    assert found() == {}
    assert found(redis_url="rediss://:pw@redis:6379/0", channels=("mailtos://u:p@x",)) == {}
    assert found(public_origin="https://pay.example.com", trusts_a_proxy=True) == {}


@pytest.mark.parametrize(("mode", "is_open"), [(0o600, False), (0o640, False), (0o604, True)])
def test_a_file_of_a_key_that_everybody_may_read_is_named(
    tmp_path: Path, mode: int, is_open: bool
) -> None:
    key, other = tmp_path / "key", tmp_path / "other"
    for file in (key, other):
        file.write_text(KEY)
        file.chmod(0o600)
    key.chmod(mode)
    told = found(key_files=(key, other, tmp_path / "gone"))
    if is_open:
        assert told == {CheckCode.KEY_FILES_OPEN: {"files": str(key)}}
    else:
        assert told == {CheckCode.KEY_FILES_CLOSED: {"count": 3}}


def test_the_files_are_those_of_the_variables_and_of_the_accounts(tmp_path: Path) -> None:
    key = tmp_path / "v2.key"
    key.write_text(KEY)
    given = {**WHO, "PAYWATCH_WECHAT_API_V2_KEY_FILE": str(key)}
    assert read(given).key_files == (key,)
    accounts = tmp_path / "accounts.toml"
    accounts.write_text(
        f'[[merchant]]\nname = "a"\nmch_id = "{MCH_ID}"\napps = ["{APP_ID}"]\n'
        'api_v2_key_file = "v2.key"\n'
    )
    assert read({"PAYWATCH_MERCHANTS_FILE": str(accounts)}).key_files == (key,)


@pytest.mark.parametrize(
    ("changes", "code", "values"),
    [
        ({"channels": ("wecombot://k", "json://h/?verify=no")},
         CheckCode.CHANNELS_UNVERIFIED, {"places": "2"}),
        ({"channels": ("jsons://h/?a=1&verify=False",)},
         CheckCode.CHANNELS_UNVERIFIED, {"places": "1"}),
        ({"redis_url": "rediss://h:6379/0?ssl_cert_reqs=none"}, CheckCode.REDIS_UNVERIFIED, {}),
        ({"public_origin": "https://pay.example.com"}, CheckCode.PROXY_NOT_TRUSTED,
         {"origin": "https://pay.example.com"}),
    ],
)  # fmt: skip
def test_each_way_to_trust_anybody_is_a_line(
    changes: dict[str, Any], code: CheckCode, values: dict[str, Any]
) -> None:
    assert found(**changes) == {code: values}


def test_admins_without_a_second_factor_are_counted_in_production() -> None:
    seen = replace(SEEN, admins=3, admins_by_password=2)
    told = people_finding(seen, False)
    assert told
    assert (told.grade, told.code) == (Grade.WARNING, CheckCode.SECOND_FACTOR_MISSING)
    assert told.values == {"count": 2}
    assert people_finding(seen, True) is None
    fine = people_finding(replace(SEEN, admins=3), False)
    assert fine == CheckResult("2nd factor", Grade.OK, CheckCode.SECOND_FACTOR_THERE)


@pytest.mark.parametrize(
    ("addresses", "told"),
    [
        ((), None),
        (("203.0.114.9", "2a02:1::1"), None),
        (("203.0.114.9", "127.0.0.1"), "127.0.0.1"),
        (("10.1.2.3",), "10.1.2.3"),
        (("::ffff:10.1.2.3",), "::ffff:10.1.2.3"),
        (("100.64.0.9",), "100.64.0.9"),
    ],
)
def test_a_private_address_of_an_h5_buyer_is_a_line(
    addresses: tuple[str, ...], told: str | None
) -> None:
    lines = list(h5_findings(replace(SEEN, h5_addresses=addresses)))
    assert [line.values["address"] for line in lines] == ([told] if told else [])


@pytest.mark.gen_test
async def test_command_and_page_say_so_of_a_real_payment(tmp_path: Path) -> None:
    async with product(tmp_path, wechat=True, by_hand=True) as shop:
        alice = await shop.user()
        number = (await shop.order())["orderNum"]
        answer = await shop.prepay(number, "MWEB")
        assert answer.code == 200, answer.body
        codes = {each.code for each in await installation(shop.settings)}
        assert {CheckCode.H5_ADDRESS_PRIVATE, CheckCode.SECOND_FACTOR_MISSING} <= codes
        page = await alice.get("checkup")
        assert {"h5_address_private", "second_factor_missing"} <= {
            each["code"] for each in page["findings"]
        }
        assert KEY not in json.dumps(page)
