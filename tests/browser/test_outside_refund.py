"""An admin enters a refund that was made on WeChat's merchant platform, in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.test_trade import final, paid_order
from tests.support.browser import browser, cast, live
from tests.support.rig import product


@pytest.mark.gen_test
async def test_an_entered_refund_is_in_the_money_the_answer_and_the_timeline(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice", "bob")
        number = await paid_order(shop)
        page = await (await web.signed_in("alice", reduced_motion="reduce")).new_page()
        await page.goto(f"/orders/{number}")
        await live(page)
        await page.get_by_role("button", name="补记微信已退回的钱").click()
        await page.locator("#refund-amount").fill("88.01")
        await expect(page.locator("#refund-problem")).to_be_visible()
        await page.locator("#refund-amount").fill("30")
        await final(page).click()
        await expect(page.locator("dialog [role=alert]")).to_have_text("请写明为什么在平台上退款。")
        await page.locator("#outside-id").fill("5030000001")
        await page.locator("#outside-reason").fill("客户在商户平台退款")
        await final(page).click()
        await expect(page.locator(".answer-state")).to_contain_text("微信商户平台")
        await expect(page.locator(".facts .sum")).to_have_text("可退¥58.00")
        await expect(page.locator(".refund-item")).to_contain_text("在微信商户平台退的，alice 补记")
        await expect(page.locator(".timeline li").first).to_contain_text("由 alice")
        await expect(page.locator(".timeline li").first).not_to_contain_text("微信通知")
        (refund,) = [e["data"] for e in await shop.events() if e["kind"] == "refund.succeeded"]
        assert (refund["origin"], refund["amountFen"], refund["by"]) == ("wechat", 3000, "alice")
        other = await (await web.signed_in("bob", reduced_motion="reduce")).new_page()
        await other.goto(f"/orders/{number}")
        await live(other)
        await expect(other.locator(".refund-item")).to_be_visible()
        await expect(other.get_by_role("button", name="补记微信已退回的钱")).to_have_count(0)
