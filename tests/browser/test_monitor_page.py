"""The live monitor in a real Chromium: it stands still while someone reads, says what waits, keeps
the server's time, and tells honestly how it is connected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.async_api import Page, expect

from models.transaction import Batch, NewEvent
from payments.alert_kinds import Severity
from payments.causes import Cause
from tests.support.browser import Browser, accessibility, browser, cast, connect, go_to, live
from tests.support.rig import PRICE, Product, product, until

FAST_CLOCK = """
const real = Date.now;
Date.now = () => real() + 3 * 60000;
"""
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
  window.shifted += entry.value;
})).observe({ type: 'layout-shift', buffered: true });
"""
URGENT = """
() => {
  window.urgent = [];
  let last = '';
  new MutationObserver(([change]) => {
    const text = change.target.textContent;
    if (text && text !== last) window.urgent.push([performance.now(), text]);
    last = text;
  }).observe(document.querySelector('[aria-live=assertive]'),
    { childList: true, characterData: true, subtree: true });
}
"""


def say(batch: Batch, batches: Sequence[tuple[NewEvent, ...]]) -> list[None]:
    """An op that writes these events."""
    for events in batches:
        for event in events:
            batch.emit(event)
    return [None] * len(batches)


def paid(count: int, kind: str = "refund.succeeded") -> tuple[NewEvent, ...]:
    """Events that no storm groups."""
    shown = {"title": "一对一咨询", "customer": "顾客 001", "amountFen": PRICE}
    return tuple(NewEvent(kind, f"M26112414{n:06d}", shown) for n in range(count))


def critical(count: int, kind: str = "alert.raised") -> tuple[NewEvent, ...]:
    wrong = {
        "alertKind": "amount_mismatch",
        "code": Cause.AMOUNT_SHORT.value,
        "values": {},
        "expected": PRICE,
        "actual": 1,
        "count": 1,
    }
    return tuple(
        NewEvent(kind, f"M26112415{n:06d}", {**wrong, "alertId": n}, Severity.CRITICAL)
        for n in range(count)
    )


async def tell(shop: Product, *events: NewEvent) -> None:
    await shop.running.store.write(say, events)


async def monitor(shop: Product, web: Browser, **settings: Any) -> Page:
    await cast(shop, "alice")
    page = await (await web.signed_in("alice", **settings)).new_page()
    await page.add_init_script(SHIFTS)
    await page.goto("/")
    await live(page)
    return page


async def first_rows(page: Page) -> list[str]:
    return await page.locator(".feed-row").evaluate_all(
        "(rows) => rows.map((row) => `${row.dataset.seq} ${row.getBoundingClientRect().top}`)"
    )


async def rest_on_rows(page: Page) -> None:
    box = await page.locator(".feed-row").first.bounding_box()
    assert box
    await page.mouse.move(box["x"] + 300, box["y"] + 5)
    await page.mouse.move(box["x"] + 304, box["y"] + 9)


@pytest.mark.gen_test
async def test_the_feed_stands_still_for_whoever_reads_it_and_counts_what_waits(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        page = await monitor(shop, web)
        why, bar = page.locator(".feed-why"), page.locator(".new-bar")
        newest = page.locator(".feed-row").first
        await tell(shop, *paid(5))
        await expect(newest).to_have_attribute("data-seq", "5")

        await page.keyboard.press("p")
        await expect(why).to_have_text("已暂停")
        before = await first_rows(page)
        await tell(shop, *paid(11), *critical(1))
        await expect(bar).to_contain_text("12 条新事件")
        await expect(bar).to_contain_text("含 1 条严重")
        after = await first_rows(page)
        assert [row.split()[0] for row in after] == [row.split()[0] for row in before]
        await go_to(page, "告警")
        await go_to(page, "实时监控")
        await expect(why).to_have_text("已暂停")  # until it is ended, also across pages
        await page.keyboard.press("n")
        await expect(newest).to_have_attribute("data-seq", "17")
        await expect(why).to_have_text("")
        await expect(newest).to_have_class(re.compile("issue sev-critical"))
        await expect(newest.locator(".feed-reason")).to_contain_text("应付 ¥88.00，微信实付 ¥0.01")

        await rest_on_rows(page)
        await expect(why).to_have_text("已暂停（鼠标悬停）")
        await tell(shop, *paid(1))
        await expect(bar).to_contain_text("1 条新事件")
        await page.mouse.move(600, 20)
        await expect(newest).to_have_attribute("data-seq", "18")
        await expect(why).to_have_text("")

        await page.keyboard.press("j")
        await expect(why).to_have_text("已暂停（正在浏览）")
        await page.keyboard.press("Escape")
        await expect(why).to_have_text("")
        await page.evaluate(
            "getSelection().selectAllChildren(document.querySelector('.feed-subject'))"
        )
        await expect(why).to_have_text("已暂停（选中了文字）")
        await page.keyboard.press("Escape")
        await expect(why).to_have_text("")

        await page.get_by_role("button", name="仅异常").click()
        await expect(page.locator(".feed-row")).to_have_count(1)
        await page.keyboard.press("p")
        await tell(shop, *paid(8))
        await expect(bar).to_contain_text("另有 8 条被筛选隐藏")
        await page.reload()
        await expect(page.get_by_role("button", name="仅异常")).to_have_attribute(
            "aria-pressed", "true"
        )
        await expect(page.locator(".feed-row")).to_have_count(1)


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_thousands_of_rows_are_a_small_page_and_a_pause_that_is_too_long_says_so(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        page = await monitor(shop, web)
        assert await page.evaluate("shifted") < 0.02  # the skeleton has the page's own heights
        await tell(shop, *paid(1000))
        row = page.locator(".feed-row")
        await expect(row.first).to_have_attribute("data-seq", "1000")
        await expect(row.first).to_have_attribute("aria-setsize", "1000")
        assert await row.count() < 60

        for _ in range(25):
            await page.keyboard.press("j")
        await expect(page.locator(".feed-row:focus")).to_have_attribute("data-seq", "976")
        assert await page.locator(".feed-row:focus").get_attribute("aria-posinset") == "25"
        await page.locator(".feed-scroll").evaluate("(box) => { box.scrollTop = 20000; }")
        await expect(page.locator('.feed-row[data-seq="450"]')).to_be_visible()
        await expect(page.locator(".feed-row:focus")).to_have_attribute("data-seq", "976")
        assert await row.count() < 60
        await page.keyboard.press("k")
        await expect(page.locator('.feed-row[data-seq="977"]')).to_be_focused()
        await expect(page.locator('.feed-row[data-seq="977"]')).to_be_in_viewport()

        await tell(shop, *critical(1), *paid(2050))
        await expect(page.locator(".new-bar")).to_contain_text("等待的事件太多")
        await expect(page.locator(".new-bar")).to_contain_text("含 1 条严重")
        await tell(shop, *paid(20))
        await page.keyboard.press("n")
        await expect(row.first).to_have_attribute("data-seq", "3071")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="仅异常").click()
        await expect(row).to_have_count(1)  # was never dropped
        await expect(row.first).to_have_attribute("data-seq", "1001")


@pytest.mark.gen_test
async def test_times_are_the_servers_and_chinas_on_a_wrong_clock_in_another_zone(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        await shop.pay((await shop.order())["orderNum"])
        profile = await web.signed_in("alice", timezone_id="America/New_York")
        await profile.add_init_script(FAST_CLOCK)
        page = await profile.new_page()
        await page.goto("/")
        await live(page)
        await expect(page.locator(".banner")).to_contain_text(
            re.compile("相差 (3 分 0|2 分 59) 秒")  # as long as the answer took
        )
        row = page.locator(".feed-row", has_text="支付成功")
        (event,) = [e for e in await shop.events() if e["kind"] == "order.paid"]
        utc = event["at"][11:19]
        shown = f"{(int(utc[:2]) + 8) % 24:02d}{utc[2:]}"
        await expect(row.locator(".feed-time")).to_have_text(shown)
        title = await row.locator(".feed-time").get_attribute("title")
        assert title
        assert "+08:00" in title
        assert f"{utc[2:]}" in title.split("·")[1]  # and this computer's own time beside it
        age = row.locator(".age")
        await expect(age).to_have_text(re.compile(r"^(刚刚|\d+ 秒前)$"))
        was = await age.inner_text()
        await expect(age).not_to_have_text(was)

        chart = page.get_by_role("img", name=re.compile("近 60 分钟成功 1 笔"))
        table = page.locator(".chart table tbody tr")
        await expect(table).to_have_count(60)
        await shop.pay((await shop.order())["orderNum"])
        await until(lambda: paid_in(page, 2))
        await chart_moves(page)
        assert await page.locator(".kpi .spark").count() >= 4
        assert chart


async def paid_in(page: Page, count: int) -> bool:
    cells = await page.locator(".chart table tbody td:nth-child(2)").all_inner_texts()
    return sum(int(cell) for cell in cells) == count


async def chart_moves(page: Page) -> None:
    plot = page.locator(".plot")
    await plot.focus()
    await page.keyboard.press("ArrowLeft")
    last = await page.locator(".tip b").first.inner_text()
    await page.keyboard.press("ArrowLeft")
    await expect(page.locator(".tip b").first).not_to_have_text(last)
    await page.keyboard.press("ArrowRight")
    await expect(page.locator(".tip b").first).to_have_text(last)
    await page.get_by_role("button", name="金额").click()
    await expect(page.locator("#chart-title")).to_contain_text("支付金额")
    await expect(page.locator(".plot .tick").first).to_have_text("¥0")


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_the_page_says_when_this_computer_is_offline_behind_or_out_of_date(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        web.expected = ["ERR_INTERNET_DISCONNECTED", "WebSocket connection to .*/live"]
        page = await monitor(shop, web)
        pill, banner = page.locator(".pill-word"), page.locator(".banner.warn")
        await page.evaluate(URGENT)
        await tell(shop, *critical(3))
        await until(lambda: page.evaluate("urgent.length"))
        await tell(shop, *critical(2), *critical(4, "alert.repeated"))
        await expect(page.locator(".feed-row").first).to_have_attribute("data-seq", "9")

        await connect(page, False)
        await expect(pill).to_have_text("已断开")
        await expect(banner).to_contain_text("这台电脑没有联网")
        await expect(page.locator(".kpi-asof").first).to_have_text(re.compile(r"^截至 \d\d:\d\d$"))
        await expect(page.locator(".gap-words")).to_contain_text("起中断，等待补收")
        polite = page.locator("[aria-live=polite]").last
        await expect(polite).to_have_text("实时连接断开，正在重连")
        assert await accessibility(page) == []
        await tell(shop, *paid(5100))
        object.__setattr__(shop.running.services.site, "version", "9.9.9")  # as after an update
        await connect(page, True)
        await expect(pill).to_have_text("实时")
        await expect(polite).to_have_text("实时连接已恢复")
        notice = page.locator(".feed-notice")
        await expect(notice).to_contain_text("断线较久，只载入最近 200 条；期间共 5,100 条")
        await expect(page.locator(".feed-row").first).to_have_attribute("data-seq", "5109")

        spoken = await page.evaluate("urgent")
        said = [text.split("：")[0] for _, text in spoken]
        assert said == ["又有 3 条严重告警", "又有 2 条严重告警"]
        assert spoken[1][0] - spoken[0][0] >= 5000
        await expect(page.locator(".toast")).to_contain_text("刷新以更新")
        await page.get_by_role("button", name="有新版本").click()  # never by itself
        await expect(notice).to_have_count(0)
        await live(page)


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_first_steps_tick_themselves_and_stay_away_when_put_away(tmp_path: Any) -> None:
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        page = await (await web.signed_in("alice")).new_page()
        await page.goto("/")
        card = page.locator(".first-steps")
        await expect(card).to_contain_text("2/7 已完成")
        await expect(card.get_by_role("link")).to_have_count(4)
        await shop.pay((await shop.order())["orderNum"])
        await expect(card).to_contain_text("4/7 已完成", timeout=15_000)
        async with page.expect_response("**/me/preferences"):
            await card.get_by_role("button", name="收起").click()
        await expect(card).to_have_count(0)
        await page.goto("/me")
        async with page.expect_response("**/me/preferences"):
            await page.get_by_text("在监控页显示").click()
        await page.goto("/")
        await expect(card).to_contain_text("4/7")
