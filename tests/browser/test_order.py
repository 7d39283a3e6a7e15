"""The page of one order in a real browser: answered at a glance, in words to copy, without a full
openid or phone but for a minute, and readable on paper."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from payments.payment_rules import ReceiptReason
from services.orders.products import ProductChange
from tests.auth.test_unmask import forget_confirmation
from tests.browser.extent import FULL
from tests.refunds.test_receipts import late
from tests.refunds.test_refunds import LARGE, paid
from tests.support.browser import DESK, PASSWORD, accessibility, browser, cast, live
from tests.support.fake_refunds import refund_shop
from tests.support.rig import OPEN_ID, PRICE, Product, product, transaction
from tests.support.simulator_rig import until

PHONE = "13812345678"
HAND = {"width": 390, "height": 844}
SEEN = """(element) => {
  const [box, bar] = [element.getBoundingClientRect(), document.querySelector('.tabs')];
  const end = bar && getComputedStyle(bar).display !== 'none' ? bar.getBoundingClientRect().top
    : innerHeight;
  return box.top >= 0 && box.bottom <= end;
}"""
WIDER = "document.documentElement.scrollWidth > innerWidth"


async def opened(page: Page, number: str) -> None:
    await page.goto(f"/orders/{number}")
    await live(page)
    await page.locator(".answer-state").wait_for()


async def copied(page: Page) -> str:
    return str(await page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_the_first_screen_answers_and_hands_over_the_words_for_the_customer(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "bob")
        good = (await shop.order(openId=OPEN_ID, phone=PHONE))["orderNum"]
        await shop.pay(good)
        wrong = (await shop.order(openId=OPEN_ID))["orderNum"]
        await shop.pay(wrong, total_fee=str(PRICE + 1))
        context = await web.signed_in("bob")
        await context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = await context.new_page()
        for number in (good, wrong):
            await opened(page, number)
            for size in (DESK, HAND):
                await page.set_viewport_size(size)  # type: ignore[arg-type]
                for part in (".order-amount", ".answer-state", ".answer-zh", ".answer-en"):
                    assert await page.locator(part).evaluate(SEEN), (size, part)
                assert not await page.evaluate(WIDER)
        check = page.locator(".answer-check dd")
        await expect(check).to_have_text(["金额和币种", "¥88.00", "¥88.01"])
        await expect(page.locator(".answer-next a")).to_have_attribute("href", re.compile("id=1$"))
        await expect(page.locator(".answer-next")).to_contain_text("请管理员")
        # Of a payment it is the buyer's balance; of a refund, under the same code, the merchant's.
        failed = {"result_code": "FAIL", "err_code": "NOTENOUGH", "err_code_des": "余额不足"}
        poor = (await shop.order())["orderNum"]
        await shop.pay(poor, **failed)
        await opened(page, poor)
        await expect(page.locator(".answer-state")).to_contain_text("客户余额不足 · NOTENOUGH")

        await opened(page, good)
        await expect(page.locator(".answer-state")).to_contain_text(
            re.compile("^已付款：.*等待接待")
        )
        await page.keyboard.press("c")
        await expect(page.locator(".toast").last).to_have_text("订单号已复制")
        assert await copied(page) == good
        await page.keyboard.press("s")
        await expect(page.locator(".toast").last).to_have_text("已复制给客户的话")
        when = r"\d\d-\d\d \d\d:\d\d"
        chinese = f"您好，这笔订单 ¥88.00 已于 {when} 支付成功。正在等待接待。"
        assert re.fullmatch(chinese, await copied(page))
        await page.get_by_role("button", name="复制英文").click()
        await expect(page.locator(".toast")).to_have_count(3)
        english = rf"Hello. This order \(¥88.00\) was paid at {when}. It is waiting for service."
        assert re.fullmatch(english, await copied(page))
        # The page is open while the service goes on.
        await page.get_by_role("button", name="开始接待").click()
        await expect(page.locator(".answer-state")).to_contain_text("开始接待")
        await page.get_by_role("button", name="服务").click()
        await expect(page.locator(".timeline li")).to_have_count(1)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_an_admin_sees_the_buyer_for_a_minute_and_nobody_else_at_all(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        # A minute that passes in no time looks to the connection like a silence.
        web.expected = ["/unmask .*403", "WebSocket is closed before the connection"]
        await cast(shop, "alice", "bob")
        number = (await shop.order(openId=OPEN_ID, phone=PHONE))["orderNum"]
        bob = await (await web.signed_in("bob")).new_page()
        await opened(bob, number)
        await expect(bob.get_by_role("button", name="查看完整")).to_have_count(0)
        page = await (await web.signed_in("alice")).new_page()
        await shop.running.store.write(forget_confirmation, 0)
        await page.clock.install()
        await opened(page, number)
        await page.get_by_role("button", name="查看完整").click()
        await page.locator("dialog button[type=submit]").click()
        await expect(page.locator("#unmask-problem")).to_contain_text("2 到 200")
        await page.locator("#unmask-reason").fill("客户来电核对身份")
        await page.locator("dialog button[type=submit]").click()
        await page.locator("dialog.narrow input").fill(PASSWORD)
        await page.locator("dialog.narrow input").press("Enter")
        box = page.locator("[aria-labelledby=cust-title]")
        await expect(box).to_contain_text(OPEN_ID)
        await expect(box).to_contain_text(PHONE)
        await page.clock.run_for(61_000)
        await expect(box).to_contain_text("138****5678")
        kept = await page.content()
        assert OPEN_ID not in kept
        assert PHONE not in kept


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_refund_takes_no_odd_amount_and_says_when_a_second_admin_is_needed(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat), browser(shop) as web:
        await cast(shop, "alice")
        number = await paid(shop, wechat, LARGE // PRICE * PRICE + PRICE)
        page = await (await web.signed_in("alice")).new_page()
        await opened(page, number)
        await page.keyboard.press("r")
        amount, final = page.locator("#refund-amount"), page.locator("dialog button[type=submit]")
        for text, words in (
            ("5100.00", "最多能退 ¥5,016.00"),
            ("0.005", "两位小数"),
        ):
            await amount.fill(text)
            await expect(page.locator("p#refund-problem")).to_contain_text(words)
            await expect(final).to_be_disabled()
        await amount.fill("100")
        await expect(final).to_have_text("确认退款 ¥100.00")
        await page.get_by_role("button", name="客户取消预约").click()
        await final.dblclick()
        await expect(page.locator(".refund-item")).to_have_count(1)
        await until(lambda: wechat.taken)  # the row is there before WeChat is asked
        assert [taken.fen for taken in wechat.taken.values()] == ["10000"]
        # The hundred counts: 4,900 more reach the limit of 5,000.
        await expect(page.locator("dialog[open]")).to_have_count(0)  # R is a key of the page
        await page.keyboard.press("r")
        await page.get_by_role("button", name="全部可退").click()
        await expect(amount).to_have_value("4916.00")
        await expect(page.locator("dialog .note-box.warn")).to_contain_text("须由另一位管理员批准")
        await expect(final).to_have_text("请求退款 ¥4,916.00")
        await page.get_by_role("button", name="客户取消预约").click()
        await final.click()
        await expect(page.locator(".refund-item").first).to_contain_text("待批准")
        assert len(wechat.taken) == 1
        await page.get_by_role("button", name="EN", exact=True).click()
        await expect(page.locator(".refund-item").first).to_contain_text("Customer cancelled")


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_the_arrows_walk_the_search_and_the_page_prints_light_without_navigation(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        numbers = [(await shop.order(openId=OPEN_ID))["orderNum"] for _ in range(3)]
        await shop.pay(numbers[1])
        page = await (await web.signed_in("alice", color_scheme="dark")).new_page()
        await page.goto("/orders")
        await page.get_by_role("link", name=numbers[2]).click()
        await expect(page.locator(".order-walk")).to_contain_text("第 1 条")
        await expect(page.get_by_role("button", name="上一笔订单")).to_be_disabled()
        await page.keyboard.press("ArrowRight")
        await expect(page).to_have_url(f"{shop.origin}/orders/{numbers[1]}")
        await expect(page.locator(".order-tags")).to_contain_text("已支付")
        await page.get_by_role("button", name="2 单").click()
        await expect(page.locator(".history-list li")).to_have_count(2)

        await page.emulate_media(media="print")
        for hidden in (".side", ".top", ".order-actions", ".answer-say", ".order-walk"):
            await expect(page.locator(hidden)).to_be_hidden()
        for shown in (".order-amount", ".answer-state", ".timeline", ".facts >> nth=1"):
            await expect(page.locator(shown)).to_be_visible()
        colour = "(e) => getComputedStyle(e).backgroundColor"
        assert await page.locator(".order-card-main").evaluate(colour) == "rgb(255, 255, 255)"
        assert await page.pdf(prefer_css_page_size=True)


@pytest.mark.check_browser
@pytest.mark.one_database
@pytest.mark.gen_test
async def test_an_order_that_is_not_there_not_loaded_or_not_updated_says_so(
    tmp_path,
):
    async with product(tmp_path) as shop, browser(shop) as web:
        web.expected = ["500", "/api/v1/orders/.*404"]
        await cast(shop, "bob")
        number = (await shop.order())["orderNum"]
        page = await (await web.signed_in("bob")).new_page()
        broken = {"status": 500, "json": {"error": "server_error", "message": "Broken."}}
        address = f"**/api/v1/orders/{number}"
        await page.route(address, lambda route: route.fulfill(**broken))
        await page.goto(f"/orders/{number}")
        await expect(page.locator(".empty-title")).to_have_text("订单没能载入")
        await page.unroute(address)
        await page.get_by_role("button", name="重试").click()
        await expect(page.locator(".answer-state")).to_contain_text("还没有付款")
        await page.route(address, lambda route: route.fulfill(**broken))
        await shop.pay(number)
        await expect(page.locator(".order-stale")).to_contain_text("没能更新")
        await page.unroute(address)
        await page.get_by_role("button", name="重试").click()
        await expect(page.locator(".answer-state")).to_contain_text("等待接待")
        await expect(page.locator(".order-stale")).to_have_count(0)
        # WeChat had money under the first of these two numbers.
        await shop.pay("STRANGE-0001")
        await page.goto("/orders/STRANGE-0001")
        await expect(page.locator(".empty-title")).to_have_text("微信收过这个号码的款")
        case = page.get_by_role("link", name="打开告警")
        await expect(case).to_have_attribute("href", "/alerts/1")
        await page.goto("/orders/STRANGE-0002")
        await expect(page.locator(".empty-title")).to_have_text("没有这笔订单")


@pytest.mark.check_browser
@pytest.mark.one_database
@pytest.mark.gen_test
async def test_every_look_of_the_page_is_accessible_and_as_wide_as_the_screen(tmp_path):
    """The narrowest and the widest; every look and width with PAYWATCH_TEST_BROWSER=full."""
    async with refund_shop(tmp_path) as (shop, wechat), browser(shop) as web:
        await cast(shop, "alice")
        pages = await told(shop, wechat)
        sizes = (320, 390, 768, 1024, 1280, 1440, 1920) if FULL else (320, 1280)
        looks = [("dark", "en")]
        looks += [("light", "en"), ("dark", "zh-CN"), ("light", "zh-CN")] if FULL else []
        faults: dict[str, Any] = {}
        for theme, language in looks:
            context = await web.signed_in("alice", color_scheme=theme)
            cookie = {"name": "lang", "value": language, "url": shop.origin}
            await context.add_cookies([cookie])  # type: ignore[list-item]
            page = await context.new_page()
            for name, number in list(pages.items())[: None if FULL else 2]:
                await opened(page, number)
                for width in sizes:
                    await page.set_viewport_size({"width": width, "height": 900})
                    if await page.evaluate(WIDER):
                        faults[f"{name} {theme} {language} {width}"] = "wider"
                if found := await accessibility(page):
                    faults[f"{name} {theme} {language}"] = found
        assert faults == {}


async def told(shop: Product, wechat: Any) -> dict[str, str]:
    """Orders of different looks: with long names, with late money, paid twice."""
    title = "<img src=x onerror=alert(1)>" + "很长的商品名称" * 12
    await shop.running.services.products.save(ProductChange("p1", title, PRICE, True))
    long = (await shop.order(customer="דנה כהן" * 8, openId=OPEN_ID))["orderNum"]
    await shop.pay(long, cash_fee="8000", coupon_fee="800", coupon_count="1")
    twice = await paid(shop, wechat)
    await shop.pay(twice, transaction())
    return {"long": long, ReceiptReason.PAID_TWICE: twice, "late": await late(shop, wechat)}


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_the_order_of_a_past_moment_is_seen_by_key_by_time_and_by_choice_and_offers_no_deed(
    tmp_path,
):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        number = (await shop.order(openId=OPEN_ID, phone=PHONE))["orderNum"]
        await shop.pay(number)
        page = await (await web.signed_in("alice")).new_page()
        await opened(page, number)
        status = page.locator(".order-tags")
        await page.keyboard.press("[")
        await expect(page).to_have_url(re.compile("asOf="))
        await expect(status).to_contain_text("新建")
        await expect(page.locator(".order-events")).to_contain_text("1 个更晚的没有列出")
        await expect(page.locator(".order-head button")).to_have_accessible_name("复制")  # alone
        await expect(page.locator(".order-side form, .order-side .btn")).to_have_count(0)
        assert await accessibility(page) == []
        on_paper = page.locator(".print-only", has_text="时的样子")
        await expect(on_paper).to_be_hidden()
        await page.emulate_media(media="print")
        await expect(on_paper).to_be_visible()
        await page.emulate_media(media="screen")
        await page.keyboard.press("]")
        await expect(status).to_contain_text("已支付")
        await page.keyboard.press("Escape")
        await expect(page).to_have_url(re.compile(f"/orders/{number}$"))
        await page.locator(".timeline-when a").last.click()
        await expect(status).to_contain_text("新建")
        await page.locator("#past-at").fill("2020-01-01T08:00:00")
        web.expected.append("404")
        await page.locator(".past-choose button").click()
        await expect(page.locator(".card", has_text="那时还没有这笔订单")).to_be_visible()
        await page.set_viewport_size(HAND)  # type: ignore[arg-type]
        assert not await page.evaluate(WIDER)
        await page.locator(".past-bar").get_by_role("button", name="回到现在").click()
        await expect(page.locator(".answer-zh")).to_be_visible()
