"""The page of reports: ranges, spans, filters, files, and the ways to what is behind a figure."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.recon.day_rows import day_before, put_day
from tests.reports.made_reports import Took, take
from tests.support.browser import Browser, accessibility, browser, cast, live
from tests.support.rig import MCH_ID, Product, product

YESTERDAY, BEFORE = (date.fromisoformat(day_before(n)) for n in (1, 2))


async def sold(shop: Product) -> None:
    """Two days: 300 yuan in three payments with a fee and a refund, and 150 yuan the day before."""
    await take(shop, Took(YESTERDAY, 9, paid=(10_000, 12_000), failed=1))
    await take(shop, Took(YESTERDAY, 21, paid=(8_000,), back=(2_500,), product="book"))
    await take(shop, Took(BEFORE, 9, paid=(15_000,)))
    await put_day(shop.running.store, str(YESTERDAY), status="matched", wechat_fee_fen=180)


async def opened(web: Browser, name: str, path: str) -> Page:
    page = await (await web.signed_in(name, reduced_motion="reduce")).new_page()
    await page.goto(path)
    await live(page)
    return page


@pytest.mark.gen_test
async def test_a_report_is_read_narrowed_and_taken_along(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "charlie")
        await sold(shop)
        page = await opened(web, "charlie", "/")
        await page.keyboard.press("g")
        await page.keyboard.press("b")
        await page.get_by_role("button", name="近 7 天").click()
        newest = page.locator(".report-row").nth(1)
        await expect(newest.locator("td")).to_have_text(
            ["3", "¥300.00", "1", "¥25.00", "¥1.80", "¥273.20", "1", "75.0%", re.compile("对账")]
        )
        await expect(page.locator(".report-row")).to_have_count(7)
        await expect(page.locator("tfoot td").nth(1)).to_have_text("¥450.00")
        assert await accessibility(page) == []

        # One day by the hour, beside the day before it.
        await page.get_by_role("button", name="昨天").click()
        await expect(page.locator("[data-sum=paid]")).to_contain_text("上升 100.0%")
        await expect(page.locator(".report-row")).to_have_count(24)
        await page.locator(".plot").focus()
        for _ in range(3):
            await page.keyboard.press("ArrowLeft")
        await expect(page.locator(".tip")).to_contain_text("¥80.00")
        await page.get_by_role("group", name="按").get_by_role("button", name="日").click()

        # The ways on: the orders of the day and its bill.
        row = page.locator(".report-row")
        await expect(row).to_have_count(1)
        await expect(row.locator(".row-link")).to_have_attribute(
            "href", f"/orders?paid={YESTERDAY}..{YESTERDAY}&created=all"
        )
        await expect(row.locator(".report-go a")).to_have_attribute("href", f"/recon/{YESTERDAY}")

        # The address holds it all; the file is of the same.
        query = f"range=yesterday&by=day&account={MCH_ID}&product=book"
        await page.goto(f"/reports?{query}")
        await expect(page.locator("tfoot td").first).to_have_text("1")
        async with page.expect_download() as download:
            await page.get_by_role("button", name="导出 CSV").click()
        file = await download.value
        assert file.suggested_filename == f"report-day-{YESTERDAY}-{YESTERDAY}.csv"
        text = Path(await file.path()).read_text("utf-8-sig")
        assert '"80.00","1","25.00","","55.00","0","100.00"' in text


@pytest.mark.gen_test
async def test_no_payments_and_no_answer_are_told_apart(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        web.expected = ["reports"]
        await cast(shop, "charlie")
        page = await opened(web, "charlie", "/reports")
        await expect(page.locator(".empty-title")).to_have_text("这段时间没有收款")
        await page.route("**/api/v1/reports?**", lambda route: route.abort())
        await page.get_by_role("button", name="看近 12 个月").click()
        await expect(page.locator("main [role=alert]")).to_contain_text("报表没能载入")
        await page.unroute("**/api/v1/reports?**")
        await sold(shop)
        await page.get_by_role("button", name="重试").click()
        await expect(page.locator("tfoot td").nth(1)).to_have_text("¥450.00")
        await expect(page).to_have_url(re.compile(r"/reports\?range=12m$"))
