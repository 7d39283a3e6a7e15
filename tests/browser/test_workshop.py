"""The simulator and the products in a real browser: played, priced and changed as people do."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from simulator.state.faults import Fault
from tests.simulator.test_product import house
from tests.support.browser import accessibility, browser, cast, go_to, live
from tests.support.ports import free_port
from tests.support.rig import PRICE, Product, product

pytestmark = pytest.mark.one_database

KEYED = (
    "paid",
    "duplicate",
    "wrong_amount",
    "negative",
    "wrong_signature",
    "out_of_order",
    "after_close",
    "storm",
)
OVERHANG = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


async def fill(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        await page.locator(f"[name={name}]").fill(text)


def scenario(name: str) -> str:
    return f"li[data-name={name}] .scenario-name"


@pytest.mark.gen_test
async def test_every_scenario_of_the_page_ends_as_expected(tmp_path):
    async with house(tmp_path, MODE="simulation") as (shop, _), browser(shop) as web:
        await cast(shop, "alice")
        page = await (await web.signed_in("alice")).new_page()
        await page.goto("/")
        await live(page)
        await go_to(page, "场景模拟器")
        rows = page.locator(".list-scroll > ul > .scenario")
        await expect(rows).to_have_count(len(KEYED))
        assert [await row.get_attribute("data-name") for row in await rows.all()] == list(KEYED)
        # What must come of it is told before it is played.
        await expect(rows.nth(2)).to_contain_text("应得：拒收；严重告警“金额不一致”")
        await page.locator(scenario("storm")).click()
        await fill(page, perSecond="60", seconds="1", anomalyShare="10")
        await page.keyboard.press("0")  # typing in a field is not a command
        await fill(page, anomalyShare="10")
        await page.locator("h1").click()
        await page.keyboard.press("0")
        await expect(page.locator(".run-list tbody tr")).to_have_count(8, timeout=60_000)
        good = page.locator(".run-list tbody .status").get_by_text("符合预期", exact=True)
        await expect(good).to_have_count(8, timeout=60_000)
        assert await accessibility(page) == []


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_a_key_plays_one_over_the_amounts_typed_and_shows_each_step(tmp_path):
    async with house(tmp_path, MODE="simulation") as (shop, _), browser(shop) as web:
        await cast(shop, "alice")
        page = await (await web.signed_in("alice", locale="en-GB")).new_page()
        await page.goto("/simulator")
        await page.locator(scenario("wrong_amount")).click()
        await fill(page, totalFen="1,280.00", notifyFen="12.805")
        await page.locator("h1").click()
        await page.keyboard.press("3")
        await expect(page.locator("#sim-notifyFen-hint")).to_contain_text("Please change this")
        assert await shop.events() == []
        await fill(page, notifyFen="12.80")
        await page.locator("h1").click()
        await page.keyboard.press("3")
        result = page.locator(".run-card")
        await expect(result.locator(".card-head .tag")).to_have_text("As expected")
        row = result.get_by_role("row", name=re.compile("^Alert "))
        await expect(row).to_contain_text("due ¥1,280.00, notify ¥12.80")
        await expect(result.locator(".run-step").first).to_contain_text(re.compile(r"Order\s*\+"))
        await expect(result.locator(".run-alerts")).to_contain_text("¥12.80")
        await result.get_by_role("link", name="Open alert").click()
        await expect(page).to_have_url(re.compile("/alerts/1$"))


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_what_goes_wrong_is_marked_and_run_again_and_a_storm_stops(tmp_path):
    async with house(tmp_path, MODE="simulation") as (shop, _), browser(shop) as web:
        await cast(shop, "alice")
        page = await (await web.signed_in("alice")).new_page()
        await page.goto("/simulator")
        shop.wechat.faults.add(Fault("unifiedorder", "garbage"))
        await page.locator("li[data-name=paid] > .btn").click()
        result = page.locator(".run-card")
        await expect(result.locator(".card-head .tag")).to_have_text("不符合预期")
        await expect(result.locator(".run-step.wrong")).to_contain_text("下单")
        row = result.locator(".run-table tr.wrong")
        await expect(row).to_contain_text("502 wechat_untrusted")
        await expect(row.get_by_label("不一致")).to_be_visible()
        assert await accessibility(page) == []
        await result.get_by_role("button", name="再跑一次").click()
        await expect(result.locator(".card-head .tag")).to_have_text("符合预期")
        await expect(page.locator(".run-list tbody tr")).to_have_count(2)

        await page.locator(scenario("storm")).click()
        await fill(page, perSecond="5", seconds="61")
        await expect(page.locator("#sim-seconds-hint")).to_contain_text("请改一下")
        await fill(page, seconds="60")
        await page.locator("li[data-name=storm] > .btn").click()
        await expect(page.locator(".run-progress")).to_contain_text("正在发通知", timeout=30_000)
        await page.locator(".run-card").get_by_role("button", name="停止").click()
        await expect(page.locator(".run-card .card-head .tag")).to_have_text("已停止")


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_without_a_simulator_the_page_says_where_nobody_answers(tmp_path):
    address = f"http://127.0.0.1:{free_port()}"
    settings = {"MODE": "simulation", "WECHAT_BASE_URL": address}
    async with product(tmp_path, **settings) as shop, browser(shop) as web:
        web.expected = ["/api/v1/simulator .*502", "403"]
        await cast(shop, "alice", "bob")
        page = await (await web.signed_in("alice")).new_page()
        await page.goto("/simulator")
        await expect(page.locator(".empty")).to_contain_text(f"模拟器没有应答：{address}")
        await expect(page.get_by_role("button", name="重试")).to_be_visible()
        bob = await (await web.signed_in("bob")).new_page()
        for path in ("/simulator", "/products"):
            await bob.goto(path)
            await expect(bob.locator(".empty-title")).to_have_text("没有权限")
            await expect(bob.locator(".hazard")).to_be_visible()
        await expect(bob.locator(".side").get_by_text("场景模拟器")).to_have_count(0)


async def price_of(shop: Product, product_id: str) -> int:
    found = {p["id"]: p["priceFen"] for p in await shop.running.services.products.all()}
    price: int = found[product_id]
    return price


@pytest.mark.gen_test
async def test_in_production_a_product_is_added_priced_to_the_fen_and_taken_off_sale(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        web.expected = ["409", "404"]
        await cast(shop, "alice")
        page = await (await web.signed_in("alice")).new_page()
        answer = await page.goto("/simulator")  # in production there is no such page
        assert answer is not None
        assert answer.status == 404
        await expect(page.locator(".empty-title")).to_have_text("没有这一页")
        await expect(page.locator(".hazard")).to_have_count(0)
        await expect(page.locator(".side a[href='/simulator']")).to_have_count(0)
        await page.locator(".side a[href='/products']").click()
        await page.locator(".product-table").wait_for()
        await page.keyboard.press("n")
        await fill(page, id="tea 1", title="<img onerror=alert(1)> 绿茶", price="0.005")
        await page.keyboard.press("Enter")
        await expect(page.locator("#product-id-hint")).to_contain_text("1 到 32")
        await expect(page.locator("#product-price-hint")).to_contain_text("最多两位小数")
        await fill(page, id="tea", price="１，２８０.5")
        await page.keyboard.press("Enter")
        row = page.locator("tr[data-id=tea]")
        await expect(row).to_contain_text("<img onerror=alert(1)> 绿茶")
        await expect(row).to_contain_text("¥1,280.50")
        assert await price_of(shop, "tea") == 128_050

        await row.get_by_role("button", name=re.compile("修改")).click()
        await fill(page, price="0.29")
        await expect(page.locator("dialog .note-box")).to_contain_text("只用于之后的新订单")
        # Someone else is faster: their price is told, and saving once more is a decision.
        (other,) = [p for p in await shop.running.services.products.all() if p["id"] == "tea"]
        alice = await shop.sign_in("alice")
        await alice.post("products/tea", {"priceFen": 5, "updatedAt": other["updatedAt"]})
        await page.locator("dialog button[type=submit]").click()
        await expect(page.locator("dialog .bad")).to_contain_text("¥0.05")
        assert await price_of(shop, "tea") == 5
        await page.locator("dialog button[type=submit]").click()
        await expect(row).to_contain_text("¥0.29")
        assert await price_of(shop, "tea") == 29

        await row.get_by_role("switch").press("Space")
        await expect(row.get_by_role("switch")).to_have_attribute("aria-checked", "false")
        await expect(row).to_contain_text("停售")
        assert await accessibility(page) == []
        await page.set_viewport_size({"width": 320, "height": 700})
        assert await page.evaluate(OVERHANG) == 0
        assert await price_of(shop, "p1") == PRICE


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_simulation_is_marked_on_every_page_and_a_product_can_be_tried(tmp_path):
    async with house(tmp_path, MODE="simulation") as (shop, wechat), browser(shop) as web:
        web.expected = ["401", "404"]
        await cast(shop, "alice")
        nobody = await (await web.someone()).new_page()
        profile = await web.signed_in("alice")
        page = await profile.new_page()
        for opened, paths in (
            (nobody, ["/login"]),
            (page, ["/", "/orders", "/simulator", "/none", "/products"]),
        ):
            for path in paths:
                await opened.goto(path)
                await expect(opened.locator(".hazard")).to_be_visible()
                await expect(opened.locator(".env.simulation").first).to_contain_text("模拟环境")
        await page.get_by_role("button", name="付一笔试试").click()
        async with profile.expect_page() as followed:
            await page.get_by_role("link", name="打开买家页").click()
        buyer = await followed.value
        await buyer.wait_for_url(f"{wechat}/pay/**")
        await expect(buyer.locator("body")).to_contain_text("88.00")
