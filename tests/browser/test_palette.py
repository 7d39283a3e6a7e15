"""The command palette: pages, deeds and order numbers from one box, by keyboard alone."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.support.browser import accessibility, browser, cast, live
from tests.support.rig import product


@pytest.mark.gen_test
async def test_the_palette_leads_to_pages_deeds_and_orders_by_keyboard(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        number = (await shop.order())["orderNum"]
        page = await (await web.signed_in("alice")).new_page()
        await page.goto("/")
        await live(page)
        box = page.get_by_role("combobox", name="命令")
        options = page.locator(".palette-list [role=option]")

        await page.keyboard.press("Control+k")
        await expect(box).to_be_focused()
        assert await accessibility(page) == []
        await page.keyboard.type("告警")
        await expect(options.first).to_have_text("告警GA")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/alerts")
        await expect(page.get_by_role("dialog")).to_have_count(0)

        await page.keyboard.press("Control+k")
        await page.keyboard.type(number)
        await expect(options.first).to_contain_text(number)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/orders/{number}")

        await page.keyboard.press("Control+k")
        await page.keyboard.type("english")
        await page.keyboard.press("Enter")
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await page.keyboard.press("Control+k")
        await page.keyboard.press("ArrowUp")
        await expect(options.last).to_have_attribute("aria-selected", "true")
        await page.keyboard.press("Escape")
        await expect(page.locator(".palette")).to_have_count(0)
