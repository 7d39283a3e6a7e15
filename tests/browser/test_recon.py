"""Bills in a real browser: a month, a day with both sides, and the differences worked off."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import Page, expect

from models.user import Role
from tests.recon.day_rows import (
    MATCHED,
    bill_shop,
    day_before,
    evidence,
    put_day,
    put_difference,
)
from tests.support.browser import Browser, accessibility, browser, cast, connect, live
from tests.support.rig import MCH_ID, PRICE, Product

DATE = day_before()
AT = "2026-11-23T02:13:20.000Z"


DRAG = """
(what) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(['abc'], 'dropped.csv.gz'));
  const event = new DragEvent(what, { dataTransfer, bubbles: true, cancelable: true });
  document.querySelector('.recon').dispatchEvent(event);
}
"""


async def day_with_differences(shop: Product) -> None:
    """Three open differences, of 100, 50 and −88 yuan; the second is of an order of ours."""
    store = shop.running.store
    number = (await shop.order())["orderNum"]
    await put_day(store, day_before(2), **MATCHED)
    await put_day(store, DATE, **{**MATCHED, "our_paid_fen": 48_554_450 - 6200})
    await put_difference(
        store,
        DATE,
        "missing_here",
        order_num="WX2026112201",
        transaction_id="4200001234202611220000000001",
        wechat="10000",
        difference_fen=10000,
        evidence=evidence(row={"line": 7, "at": AT, "fen": 10000, "state": "SUCCESS"}),
    )
    await put_difference(
        store,
        DATE,
        "amount_differs",
        order_num=number,
        transaction_id="4200001234202611220000000002",
        ours=str(PRICE),
        wechat=str(PRICE + 5000),
        difference_fen=5000,
        evidence=evidence(
            row={"line": 8, "at": AT, "fen": PRICE + 5000},
            booking={"at": "2026-11-23T02:13:21.000Z", "fen": PRICE, "status": "PAID"},
        ),
    )
    await put_difference(
        store,
        DATE,
        "missing_at_wechat",
        order_num="OURS01",
        ours="8800",
        difference_fen=-8800,
        evidence=evidence(booking={"at": AT, "fen": 8800}),
    )


async def opened(web: Browser, name: str, path: str = "/recon", **settings: object) -> Page:
    page = await (await web.signed_in(name, reduced_motion="reduce", **settings)).new_page()
    await page.goto(path)
    await live(page)
    await page.locator(".day-head").wait_for()
    return page


@pytest.mark.gen_test
async def test_a_day_is_found_from_the_monitor_and_its_differences_are_worked_off(tmp_path):
    async with bill_shop(tmp_path) as (shop, _), browser(shop) as web:
        web.expected = ["/resolve .*409"]
        await cast(shop, "alice")
        await day_with_differences(shop)
        page = await (await web.signed_in("alice", reduced_motion="reduce")).new_page()
        await page.goto("/")
        await live(page)
        await expect(page.locator(".last-bill")).to_contain_text("昨日：¥238.00 未解释")
        await page.locator(".last-bill").click()
        # One sum, in three places: the net difference, its parts, the total.
        await expect(page.locator(".make-up-net")).to_contain_text("+¥62.00")
        parts = page.locator(".part-list .num")
        await expect(parts).to_have_text(["+¥100.00", "−¥88.00", "+¥50.00", "+¥62.00"])
        await expect(page.locator(".bill-cell.chosen b")).to_have_text("3")
        await expect(page.locator(".side .badge").last).to_contain_text("3")
        assert await accessibility(page) == []

        # Both facts beside each other, from the keyboard.
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        sides = page.locator(".fact-side")
        await expect(sides.nth(0)).to_contain_text("¥138.00")
        await expect(sides.nth(1)).to_contain_text("¥88.00")
        await expect(page.locator(".fact-deeds a").first).to_have_attribute(
            "href", re.compile("^/orders/")
        )
        assert await accessibility(page) == []

        # Somebody else is faster with one of two.
        ids = [row["id"] for row in await differences(shop)]
        ann = await shop.user("ann", Role.ADMIN)
        word = {"reason": "accepted", "note": "done already"}
        await page.keyboard.press("x")
        await page.keyboard.press("Shift+J")
        await expect(page.locator(".bulk-bar")).to_contain_text("已选 2 笔")
        await page.keyboard.press("e")
        assert (await ann.post(f"differences/{ids[0]}/resolve", word)).code == 200
        await page.locator("dialog button[type=submit]").click()
        await expect(page.locator("dialog .bad")).to_have_text("请选择处理结果。")
        await page.get_by_label("已说明").check()
        await page.locator("dialog textarea").fill("门店试单")
        await page.locator("dialog button[type=submit]").click()
        await expect(page.locator(".toast")).to_contain_text("其中 1 笔别人先处理了。")
        await expect(page.locator(".make-up-net")).to_contain_text("+¥62.00")
        await expect(page.locator(".difference-bar .seg button").first).to_have_text("待处理 1")
        await expect(page.locator(".bill-cell.chosen b")).to_have_text("1")
        await expect(page.locator(".side .badge").last).to_contain_text("1")


async def differences(shop: Product) -> list[dict[str, object]]:
    alice = await shop.sign_in("alice")
    found: list[dict[str, object]] = (await alice.get(f"bills/{DATE}"))["differences"]
    return sorted(found, key=lambda each: str(each["id"]))


@pytest.mark.gen_test
async def test_a_day_is_fetched_again_and_a_dropped_file_is_taken(tmp_path):
    async with bill_shop(tmp_path) as (shop, work), browser(shop) as web:
        await cast(shop, "bob")
        store = shop.running.store
        problem = json.dumps({"code": "bill_cut", "values": {"line": 8123}})
        await put_day(
            store, DATE, status="failed", problem=problem, tries=1, due_at=4_000_000_000_000
        )
        page = await opened(web, "bob", f"/recon/{DATE}")
        await expect(page.locator(".no-bill")).to_contain_text("第 8123 行不完整")
        await expect(page.locator(".no-bill")).to_contain_text("会自动再试")
        assert await accessibility(page) == []
        await page.locator(".no-bill").get_by_role("button", name="向微信取账单").click()
        await expect(page.locator(".bill-work")).to_contain_text("正在向微信取账单")
        assert work.asked == [(MCH_ID, DATE)]
        await put_day(store, DATE, step="matching", done=412_000, whole=1_000_000)
        await expect(page.locator(".bill-work")).to_contain_text("412,000 / 1,000,000")
        # The end is seen without a word of the stream: the page asks while work is under way.
        await put_day(store, DATE, **MATCHED, step=None, problem=None)
        await expect(page.locator(".day-sums")).to_contain_text("¥485,544.50")
        await expect(page.locator(".bill-work")).to_have_count(0)

        content = {"name": "bill.csv", "mimeType": "text/csv", "buffer": b"x" * 100_000}
        await page.locator("input[type=file]").set_input_files([content])  # type: ignore[list-item]
        await expect(page.locator(".toast")).to_contain_text("bill.csv 已收到")
        await expect(page.locator(".bill-work")).to_contain_text("正在逐行核对")
        await page.evaluate(DRAG, "dragenter")
        await expect(page.locator(".drop-veil")).to_contain_text(f"把 {DATE} 的账单拖到这里")
        await page.evaluate(DRAG, "drop")
        await expect(page.locator(".toast").last).to_contain_text("dropped.csv.gz 已收到")
        await expect(page.locator(".drop-veil")).to_have_count(0)
        assert [len(file) for _, _, file in work.files] == [100_000, 3]


@pytest.mark.gen_test
async def test_the_month_is_walked_by_keys_and_every_role_may_read(tmp_path):
    async with bill_shop(tmp_path) as (shop, _), browser(shop) as web:
        await cast(shop, "charlie")
        await day_with_differences(shop)
        page = await opened(web, "charlie", locale="en-GB", viewport={"width": 390, "height": 844})
        await expect(page.locator(".day-deeds")).to_have_text(re.compile(r"^\s*Export differences"))
        await expect(page.locator(".pick")).to_have_count(0)
        await expect(page.locator(".difference-lines > li")).to_have_count(3)
        assert await accessibility(page) == []
        await page.locator(".bill-cell.chosen a").focus()
        await page.keyboard.press("ArrowLeft")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile(f"/recon/{day_before(2)}"))
        await expect(page.locator(".day-head .tag")).to_have_text("Matched")
        await page.keyboard.press("PageUp")
        before = page.locator(".bill-cell a:focus")
        await expect(before).to_have_count(1)
        await expect(page.locator(".bill-month h2")).not_to_have_text(DATE[:7])
        await page.keyboard.press("g")
        await page.keyboard.press("m")
        await page.locator(".last-bill").wait_for()
        await page.keyboard.press("g")
        await page.keyboard.press("r")
        await expect(page).to_have_url(re.compile("/recon$"))
        await page.locator(".bill-month").wait_for()
        # A month that does not come is told, and asked for again.
        web.expected = ["ERR_INTERNET_DISCONNECTED"]
        await connect(page, False)
        await page.get_by_role("button", name="Previous month").click()
        await expect(page.locator(".empty-title").first).to_have_text("Reconciliation did not load")
        await connect(page, True)
        await page.get_by_role("button", name="Retry").first.click()
        await page.locator(".bill-month").wait_for()
