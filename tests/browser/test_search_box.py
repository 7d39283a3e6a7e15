"""The order search in a real browser: the one box, filters, pages and the file."""

from __future__ import annotations

import csv
import io
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Page, expect

import services.views.index_look as index_look
import services.views.order_list as order_list
from services.runtime.clock import DAY_MS, HOUR_MS, MINUTE_MS, SystemClock
from tests.support.browser import accessibility, browser, cast, go_to, live
from tests.support.rig import product
from tests.views.test_search import OPEN_ID, Shelf

TX = "4200001234567890123456789012"
WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
CHIPS = {
    TX: ("微信支付单号", "WeChat ID"),
    "4200001234": ("微信支付单号", "WeChat ID"),
    "138": ("手机号前缀", "Phone prefix"),
    "１３８ 1234": ("手机号前缀", "Phone prefix"),
    "138-1234-5678": ("手机号", "Phone"),
    "尾号 5678": ("手机尾号", "Last four of phone"),
    OPEN_ID: ("openid", "openid"),
    "oUpF8u": ("openid", "openid"),
    "M261123-A": ("订单号", "Order no."),
    "咨询": ("商品或客户", "Product or customer"),
    "88": ("金额", "Amount"),
    "昨晚": ("时间", "Time"),
    "商品：88": ("商品", "Product"),
}

# The rest of a number is typed in the moment in which its beginning is asked for.
WHILE_ASKED = """(rest) => {
  const was = history.replaceState;
  history.replaceState = function (...given) {
    was.apply(history, given);
    if (!String(given[2]).includes('q=')) return;
    history.replaceState = was;
    const box = document.querySelector('.order-search input');
    box.value += rest;
    box.dispatchEvent(new InputEvent('input', { bubbles: true }));
  };
}"""

# What a person does in the very moment in which the page goes: after its parts, before the paint.
AS_IT_GOES = """() => new Promise((done) => {
  const was = document.querySelector('main');
  new MutationObserver((_, watch) => {
    if (was.isConnected) return;
    watch.disconnect();
    for (const key of ['/', 'j', 'k', 'f', 'a', 'p', 'n', '?', 'Escape'])
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    document.body.dispatchEvent(
      new ClipboardEvent('paste', { clipboardData: new DataTransfer(), bubbles: true }));
    for (const event of ['selectionchange', 'scroll'])
      document.dispatchEvent(new Event(event, { bubbles: true }));
    done();
  }).observe(document.body, { childList: true, subtree: true });
  document.querySelector('a[href="/audit"], a[href="/me"]').click();
})"""


def query_of(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


@pytest.mark.check_browser
@pytest.mark.gen_test
@pytest.mark.one_database
async def test_the_chip_says_how_each_text_is_read_in_both_languages(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "charlie")
        at = Shelf(shop, SystemClock().now_ms())
        await at.put(
            "M261123-AAAA",
            status="PAID",
            transaction_id=TX,
            phone="13812345678",
            open_id=OPEN_ID,
            customer="陈晓彤",
        )
        profile = await web.signed_in("charlie")
        page = await profile.new_page()
        await page.goto("/orders")
        box, chip = page.locator(".order-search input"), page.locator(".detected")
        for text, (chinese, _) in CHIPS.items():
            await box.fill(text)
            await expect(chip).to_have_text(re.compile(f"^识别为 ?{chinese}$"))
        await box.fill("88 昨晚8点")
        await expect(page.locator("#orders-hint")).to_contain_text(
            re.compile(r"应付 ¥88\.00，\d\d-\d\d 19:00 – 21:00 下单或支付，离 20:00 最近的在前")
        )
        await page.get_by_role("button", name="EN").click()
        for text, (_, english) in CHIPS.items():
            await box.fill(text)
            await expect(chip).to_have_text(english)
        await box.fill("88 last night 8pm")
        await expect(page.locator("#orders-hint")).to_contain_text("nearest to 20:00 first")
        await expect(page.get_by_role("button", name="Export CSV")).to_have_count(0)


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_a_key_or_a_paste_at_the_moment_a_page_goes_does_no_harm(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        profile = await web.signed_in("alice")
        page = await profile.new_page()
        for address in ("/", "/orders", "/alerts", "/receipts", "/reports", "/recon"):
            await page.goto(address)
            await expect(page.locator("main")).to_be_visible()
            await page.wait_for_timeout(100)  # the page's own effects, which come after its paint
            await page.evaluate(AS_IT_GOES)
            await expect(page).to_have_url(re.compile("/(audit|me)$"))


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_a_pasted_number_opens_its_order_and_pinyin_asks_for_nothing(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "bob")
        at = Shelf(shop, SystemClock().now_ms())
        await at.put("M261123-AAAA", 90 * DAY_MS, status="PAID", transaction_id=TX)
        await at.put("M261123-AAAAB")
        profile = await web.signed_in("bob")
        await profile.grant_permissions(["clipboard-read", "clipboard-write"])
        page = await profile.new_page()
        asked: list[str] = []
        page.on("request", lambda sent: asked.append(sent.url) if "/orders?" in sent.url else None)
        await page.goto("/orders?status=CLOSED")
        await expect(page.locator(".empty-title")).to_have_text("没有符合条件的订单")
        for copied in ("M261123-AAAA", f" {TX[:14]} {TX[14:]}\n"):
            await page.evaluate("(text) => navigator.clipboard.writeText(text)", copied)
            await page.keyboard.press("/")
            await page.keyboard.press("Control+A")
            await page.keyboard.press("Control+V")
            await expect(page).to_have_url(f"{shop.origin}/orders/M261123-AAAA")
            await page.go_back()
            await expect(page.locator("#orders-hint")).to_contain_text("不受下面的筛选限制")
        await page.goto("/alerts")
        await live(page)
        await page.locator(".top-search input").focus()
        await page.keyboard.press("Control+V")
        await expect(page).to_have_url(f"{shop.origin}/orders/M261123-AAAA")

        await page.goto("/orders")
        await expect(page.locator(".order-row")).to_have_count(1)
        box = page.locator(".order-search input")
        await box.focus()
        asked.clear()
        typing = await profile.new_cdp_session(page)
        for text in ("z", "zi", "zix", "zixu", "zixun"):
            composed = {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
            await typing.send("Input.imeSetComposition", composed)
        await page.wait_for_timeout(400)  # more than the pause after which a text is asked for
        assert asked == []
        await typing.send("Input.insertText", {"text": "咨询"})
        await expect(page).to_have_url(re.compile("q=%E5%92%A8%E8%AF%A2"))
        await expect(page.locator(".order-row")).to_have_count(2)


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_a_pasted_receipt_opens_its_order_with_no_click(tmp_path):
    """Two keys (Ctrl V) anywhere on the page, one more (/) elsewhere."""
    receipt = (
        "-88.00\n当前状态\n支付成功\n支付时间\n2026年11月23日 20:05:12\n"
        f"交易单号\n{TX}\n商户单号\nM261123-AAAA"
    )
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "bob")
        at = Shelf(shop, SystemClock().now_ms())
        await at.put("M261123-AAAA", 90 * DAY_MS, status="PAID", transaction_id=TX)
        profile = await web.signed_in("bob")
        await profile.grant_permissions(["clipboard-read", "clipboard-write"])
        page = await profile.new_page()
        await page.add_init_script("""
            window.done = { clicks: 0, keys: 0 };
            addEventListener('click', () => { done.clicks += 1; }, true);
            addEventListener('keydown', (e) => { done.keys += e.key !== 'Control'; }, true);
        """)
        for path, keys in (("/orders", ["Control+V"]), ("/alerts", ["/", "Control+V"])):
            await page.goto(path)
            await live(page)
            await page.evaluate("(text) => navigator.clipboard.writeText(text)", receipt)
            for key in keys:
                await page.keyboard.press(key)
            await expect(page).to_have_url(f"{shop.origin}/orders/M261123-AAAA")
            assert await page.evaluate("done") == {"clicks": 0, "keys": len(keys)}
        for language in ("zh-CN", "en-GB"):
            page = await (await web.signed_in("bob", locale=language)).new_page()
            for q, words in (
                ("八十八", "88"),
                ("138123456", "11"),
                ("4200" + "9" * 24, "WeChat|微信"),
            ):
                await page.goto(f"/orders?q={q}")
                await expect(page.locator(".empty")).to_contain_text(re.compile(words))


@pytest.mark.check_browser
@pytest.mark.gen_test
@pytest.mark.one_database
async def test_pages_stay_while_orders_arrive_and_back_brings_them_again(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "bob")
        at = Shelf(shop, SystemClock().now_ms())
        for i in range(50):
            await at.put(f"P-{i:05}", (i + 1) * MINUTE_MS)
        page = await (await web.signed_in("bob")).new_page()
        await page.goto("/orders?created=all")
        await page.locator(".rows-choice select").select_option("20")
        links = page.locator(".order-row .order-link")
        await expect(links).to_have_count(20)
        await expect(page.locator(".range")).to_contain_text("第 1–20 条，后面还有更多 · 查询用时")
        await at.put("P-LATE", -MINUTE_MS)
        await page.get_by_role("button", name="下一页").click()
        await expect(links.first).to_have_text("P-00020")
        await expect(page.locator(".range")).to_contain_text("第 21–40 条")
        await page.get_by_role("button", name="上一页").click()
        await expect(links.first).to_have_text("P-00000")
        await page.get_by_role("button", name="下一页").click()
        await expect(links.first).to_have_text("P-00020")
        await links.nth(19).scroll_into_view_if_needed()
        await page.wait_for_timeout(200)  # the place in the list is noted a moment after a scroll
        top = await page.locator(".list-scroll").evaluate("(e) => e.scrollTop")
        assert top > 0
        await links.nth(19).click()
        await expect(page).to_have_url(f"{shop.origin}/orders/P-00039")
        await expect(page.locator(".order-walk")).to_contain_text("40")  # of the whole search
        for key, number in (("ArrowLeft", "P-00038"), ("ArrowRight", "P-00039")):
            await page.keyboard.press(key)
            await expect(page).to_have_url(f"{shop.origin}/orders/{number}")
        for comes_back in (page.go_back, page.reload):
            await comes_back()
            await expect(links.first).to_have_text("P-00020")
            assert query_of(page) == {"created": "all"}
            await expect(page.locator(".list-scroll")).to_have_js_property("scrollTop", top)
        await go_to(page, "实时监控")
        await go_to(page, "订单查询")
        await expect(links.first).to_have_text("P-LATE")


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_filters_stand_in_the_address_and_the_file_holds_what_they_leave(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "bob")
        at = Shelf(shop, SystemClock().now_ms())
        await at.put("A-OLD", 20 * DAY_MS, status="PAID")
        await at.put("A-DUE", HOUR_MS, status="WAIT_PAY", total_fen=59_900, phone="13812345678")
        await at.put("A-NEW", 2 * HOUR_MS, total_fen=126_850_000, customer="=1+1")
        await at.put("A-BAD", 3 * HOUR_MS)
        await shop.pay("A-BAD", total_fee="1")
        page = await (await web.signed_in("bob", accept_downloads=True)).new_page()
        await page.goto("/orders?status=WAIT_PAY,INIT")
        rows = page.locator(".order-row")
        await expect(rows).to_have_count(3)
        await expect(page.get_by_role("button", name="支付状态")).to_contain_text("新建、待支付")
        await page.get_by_role("button", name="支付状态").click()
        await page.get_by_label("已支付").check()
        assert query_of(page) == {"status": "INIT,WAIT_PAY,PAID"}
        await page.keyboard.press("Escape")
        await expect(page.locator(".drop-panel")).to_have_count(0)
        await page.get_by_role("button", name="下单时间").click()
        await page.get_by_label("近 30 天").check()
        await expect(rows).to_have_count(4)
        await page.get_by_role("button", name="金额").click()
        await page.get_by_label("最低（元）").fill("1e3")
        await page.get_by_label("最低（元）").press("Tab")
        await expect(page.locator(".drop-panel .bad")).to_be_visible()
        await page.get_by_label("最低（元）").fill("599.00")
        await page.get_by_label("最低（元）").press("Tab")
        await expect(rows).to_have_count(2)
        wanted = {"status": "INIT,WAIT_PAY,PAID", "created": "30d", "minFen": "59900"}
        assert query_of(page) == wanted
        assert await accessibility(page) == []
        await page.reload()
        await expect(rows).to_have_count(2)

        async with page.expect_download() as coming:
            await page.get_by_role("button", name="导出 CSV").click()
        saved = tmp_path / "orders.csv"
        await (await coming.value).save_as(saved)
        await expect(page.locator(".toast")).to_contain_text("已导出 2 条订单")
        lines = list(csv.reader(io.StringIO(saved.read_text("utf-8-sig"), newline="")))
        assert [line[0] for line in lines[1:]] == ["\tA-DUE", "\tA-NEW"]
        assert (lines[1][5], lines[2][4], lines[2][7]) == ("138****5678", "'=**", "1268500.00")

        await page.goto("/orders")
        await page.get_by_role("button", name="只看有告警").click()
        await expect(rows).to_have_count(1)
        await expect(rows.locator(".order-link")).to_have_text("A-BAD")
        assert query_of(page) == {"alerts": "1"}
        await page.goto("/orders?q=A-OL&created=today")
        await page.get_by_role("button", name="扩大到全部时间").click()
        await expect(page.locator(".empty-title, .order-row")).to_have_count(1)


@pytest.mark.check_browser
@pytest.mark.gen_test
@pytest.mark.one_database
async def test_amounts_are_whole_and_a_phone_has_cards_and_a_sheet(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "bob")
        at = Shelf(shop, SystemClock().now_ms())
        long = "《高效沟通》课程＋纸质教材（包邮，偏远地区另计）"
        await at.put(
            "M261123142744B61YABCD",
            MINUTE_MS,
            total_fen=126_850_000,
            status="PAID",
            service_status="SERVICE_WAIT",
            title=long,
            phone="13812345678",
            customer="上海澄觀信息技术有限公司",
        )
        await at.put("M1", HOUR_MS, total_fen=1, status="PARTIALLY_REFUNDED", title=long)
        for locale in ("zh-CN", "en-GB"):
            page = await (await web.signed_in("bob", viewport=WIDE, locale=locale)).new_page()
            await page.goto("/orders")
            for amount in ("¥1,268,500.00", "¥0.01"):
                for cell in await page.locator(".order-row .num", has_text=amount).all():
                    await expect(cell).to_be_in_viewport(ratio=1)
                    assert await cell.evaluate("(e) => e.scrollWidth <= e.clientWidth")
        await page.set_viewport_size(NARROW)
        card = page.locator(".order-card").first
        await expect(card).to_contain_text("¥1,268,500.00")
        await expect(card).to_contain_text("138****5678")
        await page.get_by_role("button", name="Filters").click()
        sheet = page.get_by_role("dialog", name="Filters")
        await sheet.get_by_label("Part refunded").check()
        assert await accessibility(page) == []
        await sheet.get_by_role("button", name="Show results").click()
        await expect(page.locator(".order-card")).to_have_count(1)
        assert query_of(page) == {"status": "PARTIALLY_REFUNDED"}


@pytest.mark.check_browser
@pytest.mark.gen_test
@pytest.mark.one_database
async def test_a_page_looks_on_and_says_where_it_stopped_in_both_languages(tmp_path, monkeypatch):
    monkeypatch.setattr(index_look, "LOOK", 1)
    monkeypatch.setattr(order_list, "REACH", 3)
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "bob")
        at = Shelf(shop, SystemClock().now_ms())
        names = {20: "王小芳", 50: "李小芳", 55: "赵大明"}
        for i in range(60):
            await at.put(f"M{i:03}", i * MINUTE_MS, customer=names.get(i, "陈晓"))
        for locale, looked, none, further in (
            ("zh-CN", "更早的还没查完", "更早的还没查", "继续往前查"),
            (
                "en-GB",
                "earlier ones not searched yet",
                "earlier orders are not",
                "Search further back",
            ),
        ):
            page = await (await web.signed_in("bob", viewport=WIDE, locale=locale)).new_page()
            await page.goto("/orders?q=客户:小芳")
            await expect(page.locator(".order-row")).to_contain_text(["M020"])
            await expect(page.locator(".list-foot")).to_contain_text(looked)
            await page.goto("/orders?q=客户:大明")
            await expect(page.locator(".empty")).to_contain_text(none)
            await page.get_by_role("button", name=further).click()
            await expect(page.locator(".order-row")).to_contain_text(["M055"])


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_what_is_typed_while_an_answer_is_asked_for_is_not_lost(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "bob")
        at = Shelf(shop, SystemClock().now_ms())
        for number, phone in (("M261123-AAAA", "13812345678"), ("M261123-AAAAB", "13900000000")):
            await at.put(number, phone=phone)
        page = await (await web.signed_in("bob")).new_page()
        await page.goto("/orders")
        await expect(page.locator(".order-row")).to_have_count(2)
        box = page.locator(".order-search input")
        await page.evaluate(WHILE_ASKED, "2345678")
        await box.fill("1381")
        await expect(page).to_have_url(re.compile("q=13812345678"))
        await expect(box).to_have_value("13812345678")
        await expect(page.locator(".order-row")).to_have_count(1)
