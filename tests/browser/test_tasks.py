"""What people come for, counted: clicks and keys until the question is answered."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.support.browser import browser, cast, live
from tests.support.rig import product, transaction

COUNT = """
window.counted = { clicks: 0, keys: 0 };
addEventListener('click', (e) => { if (e.isTrusted && e.detail) counted.clicks += 1; }, true);
addEventListener('keydown', (e) => { if (e.isTrusted) counted.keys += 1; }, true);
"""


async def counted(page: Page) -> tuple[int, int]:
    """Clicks and keys in this document so far; a click by the keyboard is none."""
    found = await page.evaluate("() => [counted.clicks, counted.keys]")
    return found[0], found[1]


@pytest.mark.gen_test
async def test_an_admin_sees_money_without_a_click_and_claims_a_mismatch_in_two(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        wrong = (await shop.order(title="年度健康咨询套餐"))["orderNum"]
        context = await web.signed_in("alice")
        await context.add_init_script(COUNT)
        page = await context.new_page()
        await page.goto("/")
        await live(page)
        paid = (await shop.order())["orderNum"]
        await shop.pay(paid)
        row = page.locator(".feed-row", has_text=paid).filter(has_text="支付成功")
        await expect(row).to_contain_text("¥88.00")  # is money coming in now?
        assert await counted(page) == (0, 0)

        await shop.pay(wrong, total_fee="8801")
        card = page.locator(".alert-panel").get_by_role("link", name="金额不一致")
        await card.click()  # see and understand
        await expect(page.locator(".explain")).to_contain_text("¥88.01")
        await expect(page.locator(".evidence .differs")).to_be_visible()
        await page.locator(".detail-foot").get_by_role("button", name="认领").click()
        await expect(page.locator(".detail")).to_contain_text("处理中")
        assert await counted(page) == (2, 0)


@pytest.mark.gen_test
async def test_support_opens_an_order_by_any_number_with_one_paste(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "bob")
        tx = transaction()
        number = (await shop.order(phone="19912345678", customer="顾客 007"))["orderNum"]
        await shop.pay(number, tx)
        for _ in range(3):
            await shop.pay((await shop.order(phone="19900000001"))["orderNum"])
        context = await web.signed_in("bob", permissions=["clipboard-read", "clipboard-write"])
        await context.add_init_script(COUNT)
        page = await context.new_page()
        for pasted in (number, tx):
            await page.goto("/orders")
            await live(page)
            await page.evaluate("(text) => navigator.clipboard.writeText(text)", pasted)
            await page.keyboard.press("/")
            await page.keyboard.press("Control+v")
            await page.wait_for_url(f"**/orders/{number}")
            clicks, keys = await counted(page)
            assert (clicks, keys <= 3) == (0, True), pasted
            await expect(page.locator(".answer")).to_contain_text("已付款")
        for typed in ("19912345678", "尾号 5678", "顾客 007"):
            await page.goto("/orders")
            await live(page)
            await page.keyboard.press("/")
            await page.keyboard.type(typed)
            found = page.locator(".order-link", has_text=number)
            await expect(page.locator(".order-row")).to_have_count(1)
            await found.click()
            await page.wait_for_url(f"**/orders/{number}")
            assert (await counted(page))[0] == 1, typed


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_support_answers_why_and_copies_the_sentence_in_two_deeds(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "bob")
        number = (await shop.order())["orderNum"]
        await shop.pay(number, total_fee="1")
        context = await web.signed_in("bob", permissions=["clipboard-read", "clipboard-write"])
        await context.add_init_script(COUNT)
        page = await context.new_page()
        await page.goto("/orders")
        await live(page)
        await page.locator(".order-link", has_text=number).click()
        why = page.locator(".answer")
        await expect(why).to_contain_text("¥88.00")
        await expect(why).to_contain_text("¥0.01")
        await page.keyboard.press("s")
        copied = await page.evaluate("() => navigator.clipboard.readText()")
        assert copied.startswith("您好")
        assert await counted(page) == (1, 1)
