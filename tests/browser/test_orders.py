"""Orders in a real browser: found by their numbers, and whatever strangers wrote into them."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from models import RawNotify
from services.orders.products import ProductChange
from tests.orders.test_reconciler import age
from tests.support.browser import browser, cast, go_to, live
from tests.support.rig import PRICE, Product, product, transaction, until


async def slash_focuses(page: Page) -> bool:
    """A page that has just come up may not hear its keys yet."""
    await page.keyboard.press("/")
    box = page.locator(".top-search input")
    return bool(await box.evaluate("(e) => e === document.activeElement"))


@pytest.mark.gen_test
async def test_an_order_is_found_by_its_numbers_and_tells_its_story(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "bob")
        orders = [await shop.order(customer=f"顾客 00{i}", phone="19900000001") for i in range(3)]
        paid = transaction()
        await shop.pay(orders[1]["orderNum"], paid)
        number = orders[1]["orderNum"]
        page = await (await web.signed_in("bob")).new_page()
        await page.goto("/orders")
        box = page.locator(".order-search input")
        await expect(page.locator(".order-row")).to_have_count(3)

        for query in (number, paid):
            await box.fill(query)
            await box.press("Enter")
            await expect(page).to_have_url(f"{shop.origin}/orders/{number}")
            await expect(page.locator(".order-amount")).to_have_text("¥88.00")
            story = page.locator(".timeline li")
            await expect(story.first).to_contain_text("收到 ¥88.00，已支付")
            await expect(story.last).to_contain_text("创建订单 ¥88.00")
            await expect(page.locator(".facts").nth(1)).to_contain_text("199****0001")
            await go_to(page, "订单查询")

        await box.fill("NOSUCH-20250101")
        await expect(page.locator(".empty-title")).to_have_text("没有找到 “NOSUCH-20250101”")
        await page.get_by_role("button", name="清除条件").click()
        await expect(page.locator(".order-row")).to_have_count(3)
        await go_to(page, "实时监控")
        await until(lambda: slash_focuses(page))
        await page.keyboard.type(number)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{shop.origin}/orders/{number}")
        await shop.pay(number, paid)
        await expect(page.locator(".timeline li").first).to_contain_text("重复通知，已去重")


@pytest.mark.gen_test
async def test_what_strangers_write_is_only_text(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        title = "<img src=x onerror=\"document.title='owned'\"><b>礼物</b>"
        await shop.running.services.products.save(ProductChange("p1", title, PRICE, True))
        order = await shop.order(customer="דנה כהן")
        await shop.pay(order["orderNum"])
        # Nothing that turns the text round gets into an order; a notify may name what it likes.
        flipped = "\u202e<i>1A"
        await shop.pay(flipped)
        page = await (await web.signed_in("alice")).new_page()
        foreign = {"/": flipped, "/alerts/1": flipped}
        for path in ("/", "/alerts/1", "/orders", f"/orders/{order['orderNum']}"):
            await page.goto(path)
            await live(page)
            texts = [foreign.get(path, title)] + ([] if path == "/alerts/1" else [title, "דנה כהן"])
            for text in texts:
                found = page.get_by_text(text).first
                await expect(found).to_be_visible()
                assert await found.evaluate("(e) => getComputedStyle(e).unicodeBidi") == "isolate"
            assert await page.locator("img").count() == 0
            assert await page.locator("i", has_text="1A").count() == 0
            assert "owned" not in await page.title()


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_a_raw_notify_that_is_gone_or_closed_is_said_to_be_so(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        web.expected = ["/api/v1/notifies/.*404"]
        await cast(shop, "alice", "bob")
        order = await shop.order()
        await shop.pay(order["orderNum"], total_fee=str(PRICE + 1))
        await change_notices(shop, RawNotify.update(sealed=b"\x01" + b"x" * 60))
        sealed = "用现在设置的密钥无法解读。"
        gone, setting = "原始通知已过保存期限，不再保留。", "PAYWATCH_NOTICE_DAYS"
        pages = [await (await web.signed_in(name)).new_page() for name in ("alice", "bob")]
        for page in pages:
            await page.goto("/alerts/1")
            await expect(page.locator("[aria-labelledby=raw-title]")).to_contain_text(sealed)
        await change_notices(shop, RawNotify.delete())
        for page in pages:
            await page.reload()
            await expect(page.locator("[aria-labelledby=raw-title]")).to_contain_text(gone)
        await expect(pages[0].locator("[aria-labelledby=raw-title]")).to_contain_text(setting)
        await expect(pages[1].locator("[aria-labelledby=raw-title]")).not_to_contain_text(setting)
        await pages[0].goto(f"/orders/{order['orderNum']}")
        await expect(pages[0].locator(".notifies")).to_have_count(0)
        await expect(pages[0].locator(".rel-alerts li")).to_have_count(1)


async def change_notices(shop: Product, query: Any) -> None:
    def change(_batch: Any, items: Any) -> list[None]:
        query.execute()
        return [None] * len(items)

    await shop.running.store.write(change, 0)


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_an_order_that_expired_says_so_in_both_languages(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        number = (await shop.order())["orderNum"]
        await age(shop, number)
        await shop.running.reconciler.step()
        page = await (await web.signed_in("alice")).new_page()
        for language, words in (("zh-CN", ("系统", "已过期")), ("en", ("System", "Expired"))):
            await page.context.add_cookies(
                [{"name": "lang", "value": language, "url": shop.origin}]
            )
            await page.goto(f"/orders/{number}")
            closed = page.locator("li", has_text=words[1])
            await expect(closed).to_contain_text(words[0])  # and not a person
