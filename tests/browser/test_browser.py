"""The console in a real Chromium against the running product: what people do, see and are told."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from playwright.async_api import Page, expect

from assembly.running import SERVER_LIMITS
from handlers.listener import Listener
from tests.support.browser import CAST, browser, cast, go_to, live, sign_in
from tests.support.notify_rig import reply_to
from tests.support.rig import (
    PRICE,
    SUCCESS,
    Console,
    Product,
    notify_fields,
    product,
    signed,
    transaction,
    until,
)

MS = 1000  # of a second
WATCH_ROW = """
([num, word]) => {
  window.seen = null;
  const look = () => {
    for (const row of document.querySelectorAll('.feed-row')) {
      if (row.textContent.includes(num) && row.textContent.includes(word)) {
        window.seen ??= { at: Date.now(), text: row.textContent };
      }
    }
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}
"""
KPI = ("paid", "count", "rate", "pending", "alerts", "p95")


def kpi(page: Page, name: str) -> Any:
    return page.locator(".kpi").nth(KPI.index(name)).locator(".kpi-value")


def row(page: Page, words: str) -> Any:
    return page.locator(".feed-row", has_text=words)


@pytest.mark.gen_test
async def test_each_role_signs_in_by_the_form_and_sees_what_it_may(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        # The figures may be on their way while one signs out.
        web.expected = [f"/api/v1/{name}.* 401" for name in ("login", "me", "summary", "alerts")]
        await cast(shop, *CAST)
        order = await shop.order()
        await shop.pay(order["orderNum"], total_fee=str(PRICE + 1))

        page = await (await web.someone()).new_page()
        await page.goto("/alerts/1")
        await expect(page).to_have_url(re.compile(r"/login\?next="))
        assert await page.locator("form input").count() == 2
        await sign_in(page, "alice", "wrong horse battery")
        problem = page.get_by_role("alert").filter(has_text="账号或密码不对")
        await expect(problem).to_be_focused()
        assert await page.locator("[name=username]").input_value() == "alice"
        await sign_in(page, "alice")
        await expect(page).to_have_url(f"{shop.origin}/alerts/1")
        await expect(page.locator(".detail-foot button")).to_have_text(
            [re.compile("认领"), re.compile("解决"), re.compile("重放通知")]
        )
        await page.get_by_role("button", name="alice").click()
        await page.get_by_role("button", name="退出登录").click()

        buttons = {"alice": 3, "bob": 1, "charlie": 0}
        for name, home in (("alice", "/"), ("bob", "/orders"), ("charlie", "/")):
            await expect(page).to_have_url(f"{shop.origin}/login")
            await sign_in(page, name)
            await expect(page).to_have_url(shop.origin + home)
            await live(page)
            await go_to(page, "实时监控")
            assert await page.locator(".alert-card").count() == 1
            assert await page.locator(".alert-card button").count() == (name != "charlie")
            await page.locator(".alert-card a").first.click()
            await page.locator(".evidence").wait_for()
            assert await page.locator(".detail-foot button").count() == buttons[name]
            await page.get_by_role("button", name=name).click()
            await page.get_by_role("button", name="退出登录").click()


async def status_of(shop: Product, order: dict[str, Any]) -> str:
    """As the shop's page that waits asks for it."""
    answer = json.loads((await shop.fetch(order["statusUrl"])).body)
    assert answer["orderNum"] == order["orderNum"]
    return str(answer["status"])


async def is_paid(shop: Product, order: dict[str, Any]) -> bool:
    return await status_of(shop, order) == "PAID"


@pytest.mark.gen_test
async def test_a_buyers_click_is_on_the_open_monitor_within_a_second(tmp_path):
    async with product(tmp_path, wechat=True) as shop, browser(shop) as web:
        await cast(shop, "alice")
        profile = await web.signed_in("alice")
        monitor, buyer = await profile.new_page(), await profile.new_page()
        await monitor.goto("/")
        await live(monitor)
        await expect(kpi(monitor, "count")).to_have_text("0")

        order = await shop.order(customer="顾客 001")
        number = order["orderNum"]
        await shop.prepay(number)
        trade = shop.wechat.trades.by_order(number)
        await expect(row(monitor, number).filter(has_text="已下单到微信")).to_have_count(1)
        assert await kpi(monitor, "count").inner_text() == "0"
        await monitor.evaluate(WATCH_ROW, [number, "支付成功"])
        simulator = shop.settings.wechat_base_url
        await buyer.goto(f"{simulator}/pay/{trade.prepay_id}")
        assert await status_of(shop, order) == "WAIT_PAY"
        assert await monitor.evaluate("window.seen") is None
        await buyer.get_by_role("button", name="支付 · Pay ¥88.00").click()

        await until(lambda: is_paid(shop, order))
        answered = time.time()
        seen = await until(lambda: monitor.evaluate("window.seen"))
        (delivery,) = trade.deliveries
        row_ms, status_ms = seen["at"] - delivery.at * MS, (answered - delivery.at) * MS
        print(f"notify sent -> status {status_ms:.0f} ms, row on the open monitor {row_ms:.0f} ms")
        assert delivery.ok
        assert 0 < status_ms <= 1000
        assert 0 < row_ms <= 1000
        assert "¥88.00" in seen["text"]
        assert "顾客 001" in seen["text"]
        await expect(kpi(monitor, "count")).to_have_text("1")
        await expect(kpi(monitor, "paid")).to_have_text("¥88.00")
        await expect(buyer.get_by_role("status")).to_have_text("支付成功 · Paid")
        assert await row(monitor, number).filter(has_text="支付成功").count() == 1


@pytest.mark.gen_test
async def test_a_fen_too_much_becomes_a_case_that_two_people_share(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice", "bob")
        pages = []
        for name in ("alice", "bob"):
            page = await (await web.signed_in(name)).new_page()
            await page.goto("/")
            await live(page)
            pages.append(page)
        alice, bob = pages
        order = await shop.order(customer="顾客 002")
        number = order["orderNum"]
        await shop.pay(number, total_fee=str(PRICE + 1))
        card = ".alert-card"
        for page in pages:
            await expect(page.locator(card)).to_contain_text("应付 ¥88.00，微信实付 ¥88.01")
            bad = row(page, "金额不一致")
            await expect(bad).to_have_count(1)  # the refusal and its alert are one story
            await expect(bad.locator(".feed-reason")).to_contain_text("多收 ¥0.01")
            await expect(bad).to_have_class(re.compile("issue.*sev-critical"))
            await expect(kpi(page, "alerts")).to_have_text("1")
        await expect(alice).to_have_title(re.compile(r"^\(1\) 实时监控"))

        await row(alice, "金额不一致").click(position={"x": 20, "y": 10})
        await expect(alice).to_have_url(re.compile(r"/alerts/1$"))
        await expect(alice.locator(".explain-lead")).to_have_text(
            "客户付了 ¥88.01，订单应付 ¥88.00，多收 ¥0.01。"
        )
        broken = alice.locator(".evidence tr.broken")
        await expect(broken).to_have_count(1)
        await expect(broken).to_contain_text("¥88.00")
        await expect(broken).to_contain_text("8,801 分")
        await expect(broken.get_by_role("img", name="不一致")).to_have_count(1)
        await expect(alice.locator("#evidence-title")).to_contain_text("9 项中 1 项不一致")
        await expect(alice.locator(".raw .hit")).to_have_text(
            re.compile("<total_fee>.*8801.*</total_fee>")
        )

        await alice.locator(".detail-foot").get_by_role("button", name="认领").click()
        await expect(bob.locator(card)).to_contain_text("alice 处理中")
        await alice.keyboard.press("e")
        dialog = alice.get_by_role("dialog")
        await dialog.get_by_role("button", name="标记解决").click()
        await expect(dialog.get_by_role("alert")).to_have_text("请选择结果。")
        await dialog.get_by_label("已与客户确认").check()
        await dialog.get_by_role("textbox", name="备注").fill("已在商户平台全额退回")
        await dialog.get_by_role("button", name="标记解决").click()
        await expect(dialog).to_have_count(0)
        await expect(alice.locator(".timeline")).to_contain_text(
            "已与客户确认 · 已在商户平台全额退回"
        )
        await expect(bob.locator(card)).to_have_count(0)
        await expect(kpi(bob, "alerts")).to_have_text("0")


class Feed:
    """The product's stream beside what an open page shows of it."""

    def __init__(self, shop: Product, page: Page) -> None:
        self.shop = shop
        self.page = page

    async def agrees(self) -> bool:
        """The page shows every event once and in order."""
        url = "/api/v1/events?after=0&limit=1000"
        answer = await self.page.evaluate(f"fetch('{url}').then((answer) => answer.json())")
        wanted = [event["seq"] for event in answer["events"]]
        assert wanted == list(range(1, answer["head"] + 1))
        return await self._shown() == wanted

    async def _shown(self) -> list[int]:
        rows = self.page.locator(".feed-row")
        numbers = await rows.evaluate_all("(all) => all.map((one) => Number(one.dataset.seq))")
        return list(reversed(numbers))

    async def pay(self, orders: list[dict[str, Any]]) -> None:
        """As if another process of the product took the notifies: also with no server here."""
        for order in orders:
            body = signed(notify_fields(order["orderNum"], transaction()))
            take = self.shop.running.services.inbound.payment_v2
            assert await reply_to(take, body, "127.0.0.1") == SUCCESS


def pill(page: Page) -> Any:
    return page.locator(".pill-word")


NOTE_PILLS = """() => {
  const word = document.querySelector('.pill-word');
  window.pills = [];
  new MutationObserver(() => window.pills.push(word.textContent.trim()))
    .observe(word.parentElement, { subtree: true, childList: true, characterData: true });
}"""
"""What the pill says for a moment only is seen too."""


@pytest.mark.gen_test
async def test_what_happens_while_the_page_is_cut_off_comes_once_and_in_order(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        web.expected = ["ERR_CONNECTION_REFUSED", "WebSocket connection to .*/live"]
        await cast(shop, "alice")
        tall = {"width": 1440, "height": 3200}  # a row that nobody sees is not in the page
        page = await (await web.signed_in("alice", viewport=tall)).new_page()
        await page.goto("/")
        await live(page)
        feed = Feed(shop, page)
        orders = [await shop.order() for _ in range(24)]
        await feed.pay(orders[:2])
        await until(feed.agrees)

        await page.evaluate(NOTE_PILLS)
        shop.running.services.dashboards.end_all()  # as at a restart: it comes back at once
        await feed.pay(orders[2:8])
        await page.wait_for_function("() => window.pills.includes('重连中')")
        await expect(page.locator(".feed-cut")).to_contain_text("补收 6 条，断线期间")
        await expect(pill(page)).to_have_text("实时")
        await until(feed.agrees)
        await expect(kpi(page, "count")).to_have_text("8")

        running = shop.running
        running.server.stop()  # nobody listens any more, and the cable is pulled
        for socket in list(running.services.dashboards._open):
            socket.ws_connection._abort()
        running.server.fast_door.close()  # the browser has idle ones too
        await running.server.close_all_connections()
        await feed.pay(orders[8:20])
        banner = page.locator(".banner.warn")
        await expect(banner).to_contain_text("实时连接断开了")
        await expect(banner).to_contain_text("收款不经过这个页面")
        await expect(pill(page)).to_have_text("重连中")
        await expect(page.locator(".kpi-asof").first).to_contain_text("截至")
        assert await kpi(page, "count").inner_text() == "8"

        running.server = Listener(running.front_door, **SERVER_LIMITS)
        running.server.listen(shop.settings.listen_port, "127.0.0.1")
        await page.get_by_role("button", name="立即重连").click()
        await expect(page.locator(".banner.info")).to_contain_text("已补收 12 条")
        await expect(pill(page)).to_have_text("实时")
        await expect(banner).to_have_count(0)

        await page.keyboard.press("p")
        await feed.pay(orders[20:])
        await expect(page.locator(".new-bar")).to_contain_text("4 条新事件")
        assert not await feed.agrees()
        await page.keyboard.press("n")
        await until(feed.agrees)
        await expect(page.locator(".feed-cut")).to_have_count(2)
        await expect(kpi(page, "count")).to_have_text("24")
        await expect(kpi(page, "paid")).to_have_text("¥2,112.00")
        await expect(page.locator(".kpi-asof")).to_have_count(0)


@pytest.mark.gen_test
async def test_a_session_that_ends_elsewhere_keeps_the_page_and_what_was_typed(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        web.expected = ["/api/v1/me .*401", "/api/v1/.* 401"]
        await cast(shop, "alice")
        order = await shop.order()
        await shop.pay(order["orderNum"], total_fee="-1")
        profile = await web.signed_in("alice")
        page = await profile.new_page()
        await page.goto("/alerts/1")
        await live(page)
        await page.get_by_role("button", name="备注").click()
        note = page.get_by_role("textbox", name="备注")
        await note.fill("刚写到一半")

        (cookie,) = [c for c in await profile.cookies() if c["name"] == "sid"]
        session = Console(shop, f"sid={cookie['value']}", "")
        session.xsrf = (await session.get("me"))["xsrf"]
        assert (await session.post("logout", {})).code == 204
        dialog = page.get_by_role("dialog", name="登录已过期")
        await dialog.wait_for()
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_visible()
        assert await note.input_value() == "刚写到一半"
        await sign_in(dialog, "alice")
        await expect(dialog).to_have_count(0)
        assert await note.input_value() == "刚写到一半"
        await page.get_by_role("button", name="保存").click()
        await expect(page.locator(".timeline")).to_contain_text("刚写到一半")
        await live(page)
        await shop.pay(order["orderNum"], total_fee="-1")
        await expect(page.locator(".detail-title .times")).to_have_text("×2")
