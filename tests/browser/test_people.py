"""The pages about people in a real browser: the first set-up, a new user from the first password
to the last monitor, a second factor, what a role may not see, and a session that ends."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.async_api import Page, expect

from models import Session
from models.user import Role
from services.auth import totp
from services.auth.sessions import ABSOLUTE_MS
from services.runtime.clock import MINUTE_MS
from tests.browser.extent import FULL
from tests.support.browser import accessibility, browser, go_to, live, sign_in
from tests.support.rig import PASSWORD, product

pytestmark = pytest.mark.one_database
OTHER = "another fine password"
WIDTHS = (320, 390, 768, 1024, 1280, 1440, 1920) if FULL else (320, 1280)
LOOKS = [("zh-CN", "light"), ("en", "dark"), ("zh-CN", "dark"), ("en", "light")][: 4 if FULL else 2]
PLACES = {"/team": "[data-name=bob]", "/audit": ".audit-row", "/me": ".session"}
OVERHANG = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
REFUSED = r"status of (400|401|403|404)"
GONE = r"WebSocket connection|status of 401"


async def code_of(page: Page) -> str:
    """What the phone would show for the secret on the page."""
    secret = (await page.locator(".totp-secret").inner_text()).replace(" ", "")
    return totp.code_at(secret, int(time.time()) // 30)


def almost_over(batch: Any, items: Any) -> list[None]:
    """An op: every session was opened twelve hours ago, but for a minute."""
    Session.update(created_at=batch.now - ABSOLUTE_MS + MINUTE_MS).execute()
    return [None] * len(items)


async def new_password(page: Page, old: str, new: str) -> None:
    for name, value in (("old", old), ("new", new), ("again", new)):
        await page.locator(f"[name={name}]").fill(value)
    await page.locator("form button[type=submit]").click()


@pytest.mark.gen_test
async def test_the_first_visitor_with_the_token_becomes_admin_and_sees_the_checks(tmp_path):
    async with product(tmp_path, wechat=True) as shop, browser(shop) as chromium:
        chromium.expected += [REFUSED]
        token = await shop.running.services.first_admin.new_token()
        page = await (await chromium.someone(locale="en-US")).new_page()
        await page.goto("/")
        await expect(page).to_have_url(f"{shop.origin}/setup")
        await page.locator("[name=username]").fill("zhou")
        await page.locator("[name=new]").fill("short")
        await page.locator("[name=again]").fill(PASSWORD)
        await page.locator("[name=token]").fill("not the token")
        await expect(page.locator(".field-line.bad")).to_contain_text(["12", "differ"])
        await page.locator("[name=new]").fill(PASSWORD)
        await page.locator("form button[type=submit]").click()
        await expect(page.locator(".note-box[role=alert]")).to_contain_text("newest start")
        await page.locator("[name=token]").fill(token)
        await page.locator("form button[type=submit]").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Merchant")
        await expect(page.locator(".finding")).to_contain_text("1900****09")
        await page.get_by_role("button", name="Continue").click()
        await expect(page.locator(".finding.ok")).to_contain_text("WeChat accepts our keys")
        assert await accessibility(page) == []
        await page.get_by_role("button", name="Self-check").click()
        await page.get_by_role("button", name="Done").click()
        await live(page)
        await page.goto("/setup")
        assert (await page.request.get("/setup")).status == 404


@pytest.mark.gen_test
async def test_a_new_user_comes_in_with_the_first_password_and_is_out_when_disabled(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as chromium:
        chromium.expected += [REFUSED, GONE]
        await shop.running.services.users.create_user("alice", Role.ADMIN, PASSWORD)
        boss = await (await chromium.signed_in("alice")).new_page()
        await boss.goto("/team")
        await boss.get_by_role("button", name="新建成员").click()
        await boss.locator("[name=name]").fill("bob")
        await boss.locator("dialog form button[type=submit]").click()
        first = await boss.locator(".once").inner_text()
        await boss.get_by_role("button", name="我已记下").click()
        row = boss.locator("tr[data-name=bob]")
        await expect(row).to_contain_text("待改密码")

        page = await (await chromium.someone()).new_page()
        await page.goto("/login")
        await sign_in(page, "bob", first)
        await expect(page.get_by_role("heading", level=1)).to_contain_text("先换成自己的密码")
        await new_password(page, first, OTHER)
        await page.get_by_role("heading", name="订单查询", level=1).wait_for()
        await page.goto("/team")
        await expect(page.locator(".empty-title")).to_have_text("没有权限")
        await expect(page.locator(".side")).not_to_contain_text("成员与权限")
        await go_to(page, "实时监控")
        await live(page)

        await boss.get_by_role("button", name="管理 bob").click()
        await boss.locator(".deed").filter(has_text="停用账号").get_by_role("button").click()
        await boss.get_by_role("button", name="停用 bob").click()
        await expect(row).to_contain_text("已停用")
        await expect(page.locator("dialog")).to_contain_text("登录已过期")
        await sign_in(page.locator("dialog"), "bob", OTHER)
        await expect(page.locator("dialog [role=alert]")).to_contain_text("账号或密码不对")

        await boss.locator("dialog").get_by_role("button", name="关闭").click()
        await go_to(boss, "操作日志")
        await expect(boss.locator(".audit-row").filter(has_text="停用了")).to_contain_text("bob")
        await boss.get_by_label("操作人").fill("bob")
        await boss.get_by_label("操作人").press("Enter")
        await expect(boss.locator(".audit-who").first).to_have_text("bob")
        assert await boss.locator(".audit-row").filter(has_text="停用了").count() == 0
        await boss.get_by_role("button", name="核对日志").click()
        await expect(boss.locator(".audit-proof")).to_contain_text("没有改动")


@pytest.mark.gen_test
async def test_a_second_factor_is_set_up_and_then_asked_for(tmp_path):
    async with product(tmp_path, REQUIRE_TOTP="admin") as shop, browser(shop) as chromium:
        chromium.expected += [REFUSED]
        await shop.running.services.users.create_user("alice", Role.ADMIN, PASSWORD)
        page = await (await chromium.someone(locale="en-US")).new_page()
        await page.goto("/audit")
        await sign_in(page, "alice")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("second factor")
        await page.locator("[name=code]").fill("000000")
        await page.locator("form button[type=submit]").click()
        await expect(page.locator(".note-box[role=alert]")).to_contain_text("wait for the next one")
        await page.locator("[name=code]").fill(await code_of(page))
        await page.locator("form button[type=submit]").click()
        recovery = await page.locator(".codes li").first.inner_text()
        await page.get_by_role("button", name="I have kept them").click()
        await page.locator(".audit-row").first.wait_for()

        again = await (await chromium.someone(locale="en-US")).new_page()
        await again.goto("/login")
        await sign_in(again, "alice")
        field = again.locator("[name=code]")
        await expect(field).to_be_focused()
        await field.fill(recovery)
        await field.press("Enter")
        await live(again)
        await again.goto("/me")
        await expect(again.get_by_text("9 recovery codes left")).to_be_visible()
        assert await accessibility(again) == []


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_preferences_follow_the_user_and_the_session_asks_before_it_ends(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as chromium:
        chromium.expected += [REFUSED, GONE]
        await shop.running.services.users.create_user("bob", Role.SUPPORT, PASSWORD)
        await shop.running.services.users.create_user("alice", Role.ADMIN, PASSWORD)
        page = await (await chromium.signed_in("bob", color_scheme="light")).new_page()
        await page.goto("/me")
        async with page.expect_response("**/me/preferences"):
            await page.get_by_role("button", name="深色", exact=True).click()
        async with page.expect_response("**/me/preferences"):
            await page.get_by_role("button", name="English", exact=True).click()

        other = await (await chromium.signed_in("bob", color_scheme="light")).new_page()
        await other.goto("/orders")
        await expect(other.locator("html")).to_have_attribute("data-theme", "dark")
        await expect(other.locator("html")).to_have_attribute("lang", "en")
        await shop.running.store.write(almost_over, None)
        await other.reload()
        await expect(other.locator("dialog.ending")).to_contain_text("almost 12 hours")
        await other.get_by_role("button", name="Stay signed in").click()
        await sign_in(other.locator("dialog"), "bob")
        await expect(other.locator("dialog")).to_have_count(0)


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_the_pages_about_people_fit_every_width_and_are_for_everybody(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as chromium:
        people = shop.running.services.users
        await people.create_user("alice-with-a-rather-long-name", Role.ADMIN, PASSWORD)
        await people.create_user("bob", Role.SUPPORT, None, "alice-with-a-rather-long-name")
        for lang, theme in LOOKS:
            who = await chromium.signed_in(
                "alice-with-a-rather-long-name", locale=lang, color_scheme=theme
            )
            page = await who.new_page()
            for path, sign in PLACES.items():
                await page.goto(path)
                await page.locator(sign).first.wait_for()
                for width in WIDTHS:
                    await page.set_viewport_size({"width": width, "height": 800})
                    assert await page.evaluate(OVERHANG) <= 0, (path, width, lang)
                assert await accessibility(page) == [], (path, lang, theme)
            await who.close()
