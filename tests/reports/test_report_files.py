"""Reports as files: CSV for programs, XLSX for people."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from tests.recon.day_rows import put_day
from tests.reports.made_reports import NOON, Took, days_before, take
from tests.support.rig import MCH_ID, MovedClock, Product, product

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
DAY, COLUMNS = days_before(3), "ABCDEFGHIJK"
MIDNIGHT = datetime(2026, 11, 20, tzinfo=UTC)
"""Of the day; a workbook knows no zone."""


async def a_week(shop: Product) -> None:
    sales = Took(DAY, 1, paid=(59_900, 128_050), failed=1), Took(DAY, 23, back=(5_000,))
    await take(shop, *sales, Took(days_before(2), 9, back=(126_850_001,)))
    await put_day(shop.running.store, DAY.isoformat(), status="matched", wechat_fee_fen=1_128)


def cells(book: bytes) -> list[list[Any]]:
    """The values of the first sheet: texts as str, numbers as float, nothing as None."""
    with ZipFile(io.BytesIO(book)) as parts:
        texts = [
            "".join(t.text or "" for t in item.iter(f"{MAIN}t"))
            for item in ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))  # noqa: S314 - ours
        ]
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))  # noqa: S314
    assert sheet.find(f".//{MAIN}f") is None  # no formula
    return [
        [at.get(c) for c in COLUMNS] for at in (_row(r, texts) for r in sheet.iter(f"{MAIN}row"))
    ]


def _row(row: Any, texts: list[str]) -> dict[str, Any]:
    return {cell.get("r").rstrip("0123456789"): _value(cell, texts) for cell in row}


def _value(cell: Any, texts: list[str]) -> Any:
    value = cell.find(f"{MAIN}v")
    if value is None:
        return None
    return texts[int(value.text)] if cell.get("t") == "s" else float(value.text)


def day_of(serial: float) -> datetime:
    """The date that Excel shows for a number."""
    return datetime(1899, 12, 30, tzinfo=UTC) + timedelta(days=serial)


@pytest.mark.gen_test
async def test_a_csv_has_a_row_a_span_in_yuan_and_keeps_a_long_number(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        who = await shop.user()
        await a_week(shop)
        given = await who.fetch(f"reports.csv?from={DAY}&to={days_before(1)}&account={MCH_ID}")
        assert given.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert (
            f'filename="report-day-{DAY}-{days_before(1)}.csv"'
            in (given.headers["Content-Disposition"])
        )
        text = given.body.decode("utf-8")
        head, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
        assert (text[0], head[0], head[4], len(head)) == ("\ufeff", "日期", "支付金额（元）", 11)
        account = f"\t{MCH_ID}"
        money = ["2", "1879.50", "1", "50.00", "11.28", "1818.22", "1", "66.67"]
        gone = ["0", "0.00", "1", "1268500.01", "", "-1268500.01", "0", ""]
        none = ["0", "0.00", "0", "0.00", "0.00", "0.00", "0", ""]
        assert rows == [
            ["2026-11-20", account, "", *money],
            ["2026-11-21", account, "", *gone],
            ["2026-11-22", account, "", *none],
        ]
        english = (await who.fetch(f"reports.csv?by=hour&from={DAY}&to={DAY}&lang=en")).body
        lines = english.decode("utf-8-sig").splitlines()
        assert lines[0].startswith('"Hour (UTC+8)","Merchant no."')
        assert (len(lines), lines[2][:22]) == (25, '"2026-11-20 01:00:00",')


@pytest.mark.gen_test
async def test_a_workbook_has_numbers_dates_and_a_total(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        who = await shop.user()
        await a_week(shop)
        query = f"from={DAY}&to={days_before(2)}&account={MCH_ID}&lang=en"
        given = await who.fetch(f"reports.xlsx?{query}")
        head, first, second, total = cells(given.body)
        assert head[:5] == ["Date", "Merchant no.", "Product id", "Payments", "Paid (CNY)"]
        assert day_of(first[0]) == MIDNIGHT
        assert first[1:] == [MCH_ID, None, 2, 1879.5, 1, 50, 11.28, 1818.22, 1, 66.6667]
        assert second[3:] == [0, 0, 1, 1268500.01, None, -1268500.01, 0, None]
        assert total[0] == "Total"
        assert total[3:] == [2, 1879.5, 2, 1268550.01, None, -1266670.51, 1, 66.6667]
        hours = cells((await who.fetch(f"reports.xlsx?by=hour&from={DAY}&to={DAY}")).body)
        assert (len(hours), hours[0][0]) == (26, "小时（北京时间）")
        assert round((day_of(hours[2][0]) - MIDNIGHT).total_seconds()) == 3600
        with ZipFile(io.BytesIO(given.body)) as parts:
            sheet = parts.read("xl/worksheets/sheet1.xml").decode()
            styles = parts.read("xl/styles.xml").decode()
        assert 'ySplit="1"' in sheet  # the head stays in sight
        assert len(re.findall(r"<col ", sheet)) == 11
        assert 'orientation="landscape"' in sheet  # and on one page of paper across
        assert 'formatCode="#,##0.00"' in styles or 'numFmtId="4"' in styles


@pytest.mark.gen_test
async def test_no_text_of_a_file_is_run(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        who = await shop.user()
        odd = "%3D1%2B1%26cmd"
        text = (await who.fetch(f"reports.csv?product={odd}&from={DAY}&to={DAY}")).body.decode()
        assert '"\t\'=1+1&cmd"' in text
        book = (await who.fetch(f"reports.xlsx?product={odd}&from={DAY}&to={DAY}")).body
        assert cells(book)[1][2] == "=1+1&cmd"
