"""Reports over HTTP: spans of China's days, fees out of bills, bounds, and who may read."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from models.user import Role
from tests.orders.test_merchants_http import OUTLET, two_accounts
from tests.recon.day_rows import put_day
from tests.reports.made_reports import NOON, TODAY, Took, days_before, take
from tests.support.rig import MCH_ID, Console, MovedClock, product

ZERO = {
    "paidCount": 0,
    "paidFen": 0,
    "refundedFen": 0,
    "refundCount": 0,
    "netFen": 0,
    "feeFen": 0,
    "failedCount": 0,
    "successRate": None,
}


async def days(who: Console, query: str) -> dict[str, dict[str, Any]]:
    """The rows by the day in China on which they start; the totals are `totals`."""
    answer = await who.get(f"reports?{query}")
    assert set(answer) == {"rows", "totals"}
    rows = {row.pop("at"): row for row in answer["rows"]}
    assert list(rows) == sorted(rows)
    return {**rows, "totals": answer["totals"]}


@pytest.mark.gen_test
async def test_each_day_has_a_row_in_chinas_time_and_a_bill_gives_its_fees(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        who, store = await shop.user("charlie", Role.VIEWER), shop.running.store
        friday, saturday = days_before(3), days_before(2)
        await take(shop, Took(friday, 0, paid=(100, 200), failed=1), Took(friday, 23, back=(50,)))
        await take(shop, Took(saturday, 0, paid=(7,)), Took(days_before(4), 23, paid=(1_000,)))
        await put_day(store, friday.isoformat(), status="matched", wechat_fee_fen=2)
        found = await days(who, f"from={friday}&to={days_before(1)}")
        on_friday = {
            "paidCount": 2,
            "paidFen": 300,
            "refundedFen": 50,
            "refundCount": 1,
            "netFen": 248,
            "feeFen": 2,
            "failedCount": 1,
            "successRate": 2 / 3,
        }
        unbilled = {"feeFen": None, "netFen": 7, "successRate": 1.0, "paidCount": 1, "paidFen": 7}
        assert found == {
            "2026-11-19T16:00:00.000Z": on_friday,
            "2026-11-20T16:00:00.000Z": ZERO | unbilled,
            "2026-11-21T16:00:00.000Z": ZERO,
            "totals": on_friday
            | {"paidCount": 3, "paidFen": 307, "netFen": 257, "feeFen": None, "successRate": 0.75},
        }
        await put_day(store, saturday.isoformat(), status="none")
        assert (await days(who, f"from={friday}&to={saturday}"))["totals"]["feeFen"] == 2
        await put_day(store, saturday.isoformat(), status="failed")
        assert (await days(who, f"from={friday}&to={saturday}"))["totals"]["feeFen"] is None


@pytest.mark.gen_test
async def test_hours_weeks_and_months_begin_where_chinas_calendar_says(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        who = await shop.user()
        sunday, month_end = days_before(1), date(2026, 10, 31)
        for day in (month_end, date(2026, 11, 1), sunday, TODAY):
            await take(shop, Took(day, 23, paid=(1,)))
        hours = await days(who, "by=hour")
        assert len(hours) == 24 + 1
        assert [at for at, row in hours.items() if row["paidCount"]] == [
            "2026-11-23T15:00:00.000Z",
            "totals",
        ]
        assert {row["feeFen"] for row in hours.values()} == {None}
        whole = "from=2026-10-31&to=2026-11-23"
        weeks = await days(who, f"{whole}&by=week")
        assert {at: row["paidCount"] for at, row in weeks.items()} == {
            "2026-10-25T16:00:00.000Z": 2,
            "2026-11-01T16:00:00.000Z": 0,
            "2026-11-08T16:00:00.000Z": 0,
            "2026-11-15T16:00:00.000Z": 1,
            "2026-11-22T16:00:00.000Z": 1,
            "totals": 4,
        }
        months = await days(who, f"{whole}&by=month")
        assert {at: row["paidCount"] for at, row in months.items()} == {
            "2026-09-30T16:00:00.000Z": 1,
            "2026-10-31T16:00:00.000Z": 3,
            "totals": 4,
        }
        part = await days(who, "from=2026-11-22&to=2026-11-23&by=month")
        assert part["totals"]["paidCount"] == part["2026-10-31T16:00:00.000Z"]["paidCount"] == 2


@pytest.mark.gen_test
async def test_an_account_and_a_product_narrow_a_report_and_the_fees_are_the_accounts(tmp_path):
    async with two_accounts(tmp_path) as shop:
        who, store, day = await shop.user(), shop.running.store, days_before(1)
        await take(shop, Took(day, paid=(100,)), Took(day, paid=(10,), account=OUTLET))
        await take(shop, Took(day, paid=(1,), account=OUTLET, product="p2", failed=1))
        await put_day(store, day.isoformat(), status="matched", wechat_fee_fen=3)
        query = f"from={day}&to={day}"
        seen = {
            more: [
                (await days(who, query + more))["totals"][name] for name in ("paidFen", "feeFen")
            ]
            for more in ("", f"&account={MCH_ID}", f"&account={OUTLET}", "&product=p2")
        }
        assert list(seen.values()) == [[111, None], [100, 3], [11, None], [1, None]]
        both = f"&account={OUTLET}&product=p1"
        assert (await days(who, query + both))["totals"]["paidFen"] == 10
        assert (await days(who, f"{query}&product=p3"))["totals"] == ZERO | {"feeFen": None}
        choices = await who.get("reports/choices")
        assert choices == {
            "accounts": [
                {"account": MCH_ID, "name": "旗舰店"},
                {"account": OUTLET, "name": "Outlet"},
            ],
            "products": [{"id": "p1", "title": "咨询 60 分钟"}],
        }


REFUSED = (
    ("by=year", "by must be one of hour, day, week, month."),
    ("from=2026-11-24&to=2026-11-23", "from must not be after to."),
    ("from=2026-11-24", "from must not be after to."),
    ("from=2026-11-3", "from and to must be days as YYYY-MM-DD, from 2000-01-01 to 2100-12-31."),
    ("to=1999-12-31", "from and to must be days as YYYY-MM-DD, from 2000-01-01 to 2100-12-31."),
    ("to=2026-02-30", "from and to must be days as YYYY-MM-DD, from 2000-01-01 to 2100-12-31."),
    ("by=hour&from=2026-09-22", "A report by hour has at most 62 days."),
    ("by=month&from=2023-11-23", "A report by month has at most 1,096 days."),
    (f"product={'p' * 33}", "account and product have at most 32 characters."),
    ("by=day&by=week", "by may be given only once."),
)


@pytest.mark.gen_test
async def test_what_cannot_be_answered_is_refused_in_a_sentence(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        who = await shop.user()
        for query, says in REFUSED:
            for end in ("", ".csv", ".xlsx"):
                response = await who.fetch(f"reports{end}?{query}")
                told = json.loads(response.body)
                assert (response.code, told["error"]) == (400, "bad_request"), query
                assert told["message"] == says


@pytest.mark.gen_test
async def test_the_longest_reports_and_every_role(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        who = await shop.user()
        assert len(await days(who, "by=hour&from=2026-09-23")) == 62 * 24 + 1
        assert len(await days(who, "from=2023-11-24")) == 1096 + 1
        assert len(await days(who, "")) == 30 + 1
        for role in (Role.VIEWER, Role.SUPPORT):
            other = await shop.user(f"a-{role.value}", role)
            for address in ("reports", "reports.csv", "reports.xlsx", "reports/choices"):
                assert (await other.fetch(address)).code == 200
        for address in ("reports", "reports.csv", "reports.xlsx", "reports/choices"):
            assert (await shop.fetch(f"/api/v1/{address}")).code == 401
