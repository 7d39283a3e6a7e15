"""Alerts as case files in a real browser: found, understood, taken, given away, replayed and
closed, by keyboard and by several people at once."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Page, Response, Route, expect

from tests.support.browser import Browser, accessibility, browser, cast, live
from tests.support.rig import OPEN_ID, Product, product, transaction

LATER = "SHOP20250102-0000000000000001"
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
OVERHANG = "() => document.documentElement.scrollWidth - innerWidth"


async def mismatch(shop: Product, num: str | None = None, total_fee: str = "1280") -> str:
    number: str = num or (await shop.order(title="咨询 60 分钟"))["orderNum"]
    await shop.pay(number, total_fee=total_fee)
    return number


async def opened(web: Browser, name: str, path: str, **settings: Any) -> Page:
    profile = await web.signed_in(name, reduced_motion="reduce", **settings)
    page = await profile.new_page()
    await page.goto(path)
    await live(page)
    return page


def row(page: Page, alert_id: int) -> Any:
    return page.locator(f'.alert-row[data-id="{alert_id}"]')


def toast(page: Page) -> Any:
    return page.locator(".toast").last


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_of_two_who_claim_at_once_one_wins_and_the_other_is_told_and_set_right(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        web.expected = ["/acknowledge .*(409|503)"]
        await cast(shop, "alice", "bob")
        await mismatch(shop)
        alice, bob = await opened(web, "alice", "/alerts/1"), await opened(web, "bob", "/alerts/1")
        for page in (alice, bob):  # keys act on the case once it is there
            await expect(page.locator(".detail-head")).to_contain_text("待处理")
            await expect(page.locator(".detail-body")).to_be_visible()
        claimed = asyncio.Event()

        async def busy(route: Route) -> None:
            await route.fulfill(status=503, json={"error": "busy", "message": "Come again."})

        await alice.route("**/acknowledge", busy)
        await alice.keyboard.press("a")
        await expect(alice.locator(".toast.crit")).to_have_text(re.compile("没有成功"))
        await expect(row(alice, 1)).to_contain_text("未认领")
        await expect(alice.locator(".detail-head")).to_contain_text("待处理")
        await alice.unroute("**/acknowledge")

        async def hold(route: Route) -> None:
            await claimed.wait()
            await route.continue_()

        await bob.route("**/acknowledge", hold)
        await bob.keyboard.press("a")
        await expect(row(bob, 1)).to_contain_text("bob")  # shown before the server has said so
        await expect(bob.locator(".detail-head")).to_contain_text("处理中")
        await alice.keyboard.press("a")
        await expect(toast(alice)).to_have_text(re.compile("已认领"))
        claimed.set()
        told = re.compile(r"这条告警 \d+ 秒前已被 alice 认领。")
        await expect(bob.locator(".toast.crit")).to_have_text(told)
        for page in (alice, bob):
            await expect(row(page, 1)).to_contain_text("alice")
            await expect(page.locator(".detail-facts")).to_contain_text("alice")
        await expect(bob.locator(".timeline")).to_contain_text("alice 认领")
        await expect(bob.locator(".timeline")).not_to_contain_text("bob 认领")

        await alice.locator(".detail-facts").get_by_role("button", name="指派给…").click()
        await alice.get_by_role("dialog").get_by_label("bob").check()
        await alice.get_by_role("button", name="指派", exact=True).click()
        await expect(row(bob, 1)).to_contain_text("bob")
        await expect(toast(bob)).to_have_text(re.compile("alice 把这条告警指派给 bob"))
        await expect(bob.locator(".timeline")).to_contain_text("alice 指派给 bob")


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_the_keyboard_finds_opens_chooses_and_claims(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice", "bob")
        for _ in range(4):
            await mismatch(shop)
        await shop.pay("NOSUCHORDER1")
        page = await opened(web, "alice", "/alerts?severity=critical")
        rows = page.locator(".alert-row")
        await expect(rows).to_have_count(4)
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        second = await rows.nth(1).get_attribute("data-id")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile(rf"/alerts/{second}\?severity=critical$"))
        await expect(page.locator("#alert-title")).to_have_text("金额不一致")
        await page.keyboard.press("j")
        third = await rows.nth(2).get_attribute("data-id")
        await expect(page).to_have_url(re.compile(rf"/alerts/{third}\?"))
        await expect(row(page, int(third or 0))).to_have_class(re.compile("selected"))
        await page.reload()
        await expect(page.locator(".explain-lead")).to_contain_text("少收 ¥75.20")
        await page.keyboard.press("k")
        await expect(page).to_have_url(re.compile(rf"/alerts/{second}\?"))
        await page.keyboard.press("Escape")
        await expect(row(page, int(second or 0)).locator(".row-link")).to_be_focused()

        await page.keyboard.press("x")
        await page.keyboard.press("Shift+J")
        await page.keyboard.press("Shift+J")
        await expect(page.locator(".bulk-bar")).to_contain_text("已选 3 条")
        await page.keyboard.press("e")
        await expect(page.get_by_role("dialog")).to_be_visible()
        assert await accessibility(page) == []
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
        bob = await shop.sign_in("bob")
        async with page.expect_response("**/bulk/acknowledge") as answered:
            # He is faster with one of them, while her page does not know yet.
            await page.route("**/api/v1/alerts?*", lambda route: route.abort())
            web.expected = ["ERR_FAILED"]
            taken = {"version": 1}
            assert (await bob.post(f"alerts/{third}/acknowledge", taken)).code == 200
            await page.keyboard.press("a")
        assert (await (await answered.value).json())["results"]
        await expect(toast(page)).to_have_text(
            re.compile("3 条中认领了 2 条；1 条已由 bob 抢先处理。")
        )
        await page.unroute("**/api/v1/alerts?*")
        await expect(page.locator(".bulk-bar")).to_have_count(0)
        await page.get_by_label("负责人").select_option("我")
        await expect(rows).to_have_count(2)
        await expect(page).to_have_url(re.compile("assignee=%7Eme|assignee=~me"))
        await page.get_by_role("button", name="全部", exact=True).click()
        await expect(rows).to_have_count(2)
        await page.get_by_label("负责人").select_option("bob")
        await expect(rows).to_have_count(1)
        await rows.first.locator("input[type=checkbox]").click()
        await expect(page.locator(".bulk-bar")).to_contain_text("已选 1 条")
        await page.keyboard.press("Escape")  # a box that was ticked holds no text to type into
        await expect(page.locator(".bulk-bar")).to_have_count(0)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_resolve_says_why_can_be_undone_and_a_repeat_opens_the_case_again(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        number = await mismatch(shop)
        profile = await web.signed_in("alice", reduced_motion="reduce")
        page = await profile.new_page()
        claimed = asyncio.Event()

        async def late(route: Route) -> None:
            before = await route.fetch()
            await claimed.wait()
            await route.fulfill(response=before)

        await page.route("**/api/v1/alerts/1", late, times=1)
        await page.goto("/alerts/1")
        await live(page)
        state = page.locator(".detail-title .tag").last
        await expect(state).to_have_text("待处理")  # the list has the case: keys act on it
        await page.keyboard.press("a")
        await expect(state).to_have_text("处理中")
        await expect(page.locator(".timeline")).to_contain_text("alice 认领")
        async with page.expect_response("**/api/v1/alerts/1"):
            claimed.set()
        await page.evaluate(DRAWN)
        await expect(state).to_have_text("处理中")  # what was asked before the claim is old
        await page.keyboard.press("e")
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("误报").check()
        await dialog.get_by_role("textbox").fill("测试")
        await dialog.get_by_role("button", name="标记解决").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("至少 5 个字")
        assert await accessibility(page) == []
        await dialog.get_by_role("textbox").fill("店员自己的测试付款")
        await dialog.get_by_role("button", name="标记解决").click()
        await expect(state).to_have_text("已解决")
        await page.keyboard.press("z")
        await expect(state).to_have_text("处理中")
        await expect(page.locator(".detail-facts")).to_contain_text("alice")
        await page.keyboard.press("e")
        await dialog.get_by_label("已退款").check()
        web.expected.append("409")
        await dialog.get_by_role("button", name="标记解决").click()
        await expect(dialog.get_by_role("alert")).to_be_visible()  # nothing went back
        await dialog.get_by_label("已与客户确认").check()
        await dialog.get_by_role("button", name="标记解决").click()
        await expect(state).to_have_text("已解决")
        await mismatch(shop, number)
        await expect(state).to_have_text("待处理")
        await expect(page.locator(".detail-title .times")).to_have_text("×2")
        await expect(page.locator(".timeline")).to_contain_text("再次触发")


@pytest.mark.check_browser
@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_notify_is_shown_masked_and_in_full_only_to_an_admin_who_says_why(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice", "bob")
        await mismatch(shop)
        bob = await opened(web, "bob", "/")
        answers: list[Response] = []

        def keep(answer: Response) -> None:
            answers.append(answer)

        bob.on("response", keep)
        await bob.goto("/alerts/1")
        await expect(bob.locator(".evidence tr.broken")).to_have_count(1)
        await expect(bob.locator(".evidence tr.broken th")).to_contain_text("金额")
        await expect(bob.locator("#evidence-title")).to_contain_text("9 项中 1 项不一致")
        await expect(bob.locator(".raw .hit")).to_have_text(re.compile("<total_fee>.*1280"))
        await expect(bob.get_by_role("button", name="查看完整…")).to_have_count(0)
        await expect(bob.get_by_role("button", name="重放通知")).to_have_count(0)
        assert OPEN_ID not in await bob.content()
        told = [await answer.text() for answer in answers if "/api/" in answer.url]
        assert len(told) > 3
        assert OPEN_ID not in "".join(told)

        alice = await opened(web, "alice", "/alerts/1")
        await expect(alice.locator(".raw")).to_contain_text("oUpF8u****eS6o")
        await alice.get_by_role("button", name="查看完整…").click()
        dialog = alice.get_by_role("dialog")
        await dialog.get_by_role("button", name="查看").click()
        await expect(dialog.get_by_role("alert")).to_have_text("请写明原因，2 到 200 个字。")
        await dialog.get_by_role("textbox").fill("核对付款人")
        await dialog.get_by_role("button", name="查看").click()
        await expect(alice.locator(".raw")).to_contain_text(OPEN_ID)
        assert [deed for _, deed, _, _ in await shop.audited("notify")] == ["notify.unmasked"]
        await alice.get_by_role("button", name="恢复脱敏").click()
        await expect(alice.locator(".raw")).not_to_contain_text(OPEN_ID)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_replay_shows_what_would_be_and_books_only_after_a_second_yes(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        await shop.pay(LATER, transaction())
        page = await opened(web, "alice", "/alerts/1", locale="en-GB")
        dialog = page.get_by_role("dialog")
        await page.get_by_role("button", name="Replay notify").click()
        await expect(dialog).to_contain_text("Judged again now, it is the same: Order not found.")
        await expect(dialog).to_contain_text("Nothing would change.")
        await page.keyboard.press("Escape")
        await shop.order(orderNum=LATER)
        await page.get_by_role("button", name="Replay notify").click()
        await expect(dialog).to_contain_text("by today's rules it is “Booked”")
        await expect(dialog.locator("tbody tr")).to_have_text(
            [
                re.compile("Payment.*Created.*Paid"),
                re.compile("Service.*Waiting"),
                re.compile("Paid.*¥0.00.*¥88.00"),
                re.compile("Unmatched payment.*Waiting.*Booked"),
            ]
        )
        assert (await shop.read(LATER))["status"] == "INIT"
        await dialog.get_by_role("button", name="Book it…").click()
        await dialog.get_by_role("button", name="Book ¥88.00").click()
        booked = page.locator(
            ".toast", has_text="¥88.00 booked."
        )  # another says that the case ended
        await expect(booked).to_be_visible()
        assert (await shop.read(LATER))["status"] == "PAID"
        await expect(page.locator(".timeline")).to_contain_text("¥88.00 received, paid")
        await page.get_by_role("button", name="Replay notify").click()
        await expect(dialog).to_contain_text("booked already")
        await expect(dialog.get_by_role("button", name="Book it…")).to_have_count(0)


@pytest.mark.check_browser
@pytest.mark.one_database
@pytest.mark.gen_test
async def test_between_phone_and_desk_the_case_lies_over_the_list_or_fills_the_page(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        for _ in range(2):
            await mismatch(shop)
        page = await opened(web, "alice", "/alerts", viewport={"width": 1100, "height": 800})
        await row(page, 1).locator(".row-link").click()
        over = page.get_by_role("dialog", name="金额不一致")
        await expect(over).to_be_visible()
        await expect(page.locator(".alerts-list")).to_have_attribute("inert", "")
        assert await accessibility(page) == []
        await page.keyboard.press("Escape")
        await expect(over).to_have_count(0)
        await expect(page.locator(".alerts-list")).not_to_have_attribute("inert", "")
        await expect(row(page, 1).locator(".row-link")).to_be_focused()

        await page.set_viewport_size({"width": 390, "height": 844})
        await row(page, 1).locator(".row-link").click()
        await expect(page.locator(".alerts-list")).to_have_count(0)
        await expect(page.get_by_role("button", name="认领")).to_be_in_viewport()
        assert await page.evaluate(OVERHANG) <= 0
        await page.get_by_role("button", name="返回").click()
        await expect(page.locator(".alert-line")).to_have_count(2)


TONES = """
window.tones = 0;
window.AudioContext = class {
  currentTime = 0;
  createOscillator() {
    return { frequency: {}, connect: (to) => to, start: () => { window.tones += 1; }, stop() {} };
  }
  createGain() {
    const gain = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
    return { gain, connect() {} };
  }
};
"""


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_new_critical_alert_is_seen_said_and_heard_by_who_wants_to(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        profile = await web.signed_in("alice", reduced_motion="reduce")
        await profile.add_init_script(TONES)
        page = await profile.new_page()
        await page.goto("/alerts")
        await live(page)
        said = page.locator('[aria-live="assertive"]')
        await mismatch(shop)
        await expect(row(page, 1)).to_be_visible()
        await expect(page).to_have_title(re.compile(r"^\(1\) 告警"))
        await expect(page.locator('.side a[href="/alerts"] .badge')).to_contain_text("1")
        await expect(said).to_contain_text("严重告警：金额不一致")
        assert await page.evaluate("window.tones") == 0  # off, until somebody turns it on
        await page.get_by_role("button", name="新告警提醒").click()
        await page.get_by_label("提示音").check()
        await page.keyboard.press("Escape")
        for count in (2, 3):
            await mismatch(shop)
            await expect(page).to_have_title(re.compile(rf"^\({count}\) 告警"))
        assert await page.evaluate("window.tones") == 1  # at most one in ten seconds
        assert await page.evaluate("localStorage.getItem('sound')") == "on"
