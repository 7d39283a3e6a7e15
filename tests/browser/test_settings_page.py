"""The settings page in a real browser: turning rules, two who turn the same, the channels' test."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.alerts.test_outbox import mismatch, quiet
from tests.support.browser import browser, cast
from tests.support.hook import webhook
from tests.support.rig import KEY, product

pytestmark = pytest.mark.one_database


@pytest.mark.gen_test
async def test_an_admin_turns_rules_saves_them_once_and_finds_them_again(tmp_path):
    async with product(tmp_path, by_hand=True) as shop, browser(shop) as web:
        await cast(shop, "alice")
        page = await (await web.signed_in("alice")).new_page()
        await page.goto("/")
        await page.locator(".side").get_by_role("link", name="系统设置").click()
        severity = page.get_by_label("订单不存在的严重度")
        await expect(severity).to_have_value("high")
        bar = page.get_by_role("group", name="未保存的改动")
        await expect(bar).to_have_count(0)
        await severity.select_option("critical")
        late = page.get_by_label("通知延迟 秒")
        await expect(late).to_have_value("3")
        await late.fill("99")
        await expect(page.get_by_text("请填 0.5 到 60")).to_be_visible()
        await expect(bar.get_by_role("button", name="保存")).to_be_disabled()
        await late.fill("4.5")
        await expect(bar).to_contain_text("2 处改动")
        await page.locator(".side").get_by_role("link", name="订单查询").click()
        await page.locator(".side").get_by_role("link", name="系统设置").click()
        await expect(late).to_have_value("4.5")
        await bar.get_by_role("button", name="保存").click()
        await expect(bar).to_have_count(0)
        await page.reload()
        await expect(severity).to_have_value("critical")
        await expect(late).to_have_value("4.5")
        rule = page.get_by_label("启用“验签失败升为严重”")
        await rule.check()
        await expect(page.get_by_label("验签失败升为严重 次")).to_have_value("3")
        await rule.uncheck()
        await expect(bar).to_have_count(0)
        await page.get_by_role("button", name="EN", exact=True).click()
        await expect(page.get_by_label("Severity of Order not found")).to_have_value("critical")


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_of_two_admins_the_second_is_told_before_the_first_ones_value_is_replaced(tmp_path):
    async with product(tmp_path, by_hand=True) as shop, browser(shop) as web:
        web.expected = ["/api/v1/settings .*409"]
        await cast(shop, "alice")
        pages = [await (await web.signed_in("alice")).new_page() for _ in range(2)]
        for page, minutes in zip(pages, ("15", "30"), strict=True):
            await page.goto("/settings")
            await page.get_by_label("收不到通知 分钟").fill(minutes)
        first, second = pages
        await first.get_by_role("button", name="保存").click()
        await expect(first.get_by_role("group", name="未保存的改动")).to_have_count(0)
        await second.get_by_role("button", name="保存").click()
        await expect(second.locator(".set-save [role=alert]")).to_contain_text(
            "收不到通知（alice）"
        )
        await expect(second.get_by_label("收不到通知 分钟")).to_have_value("30")
        await second.get_by_role("button", name="保存").click()
        await expect(second.get_by_role("group", name="未保存的改动")).to_have_count(0)
        values = await shop.running.services.alert_rules.values()
        assert values["silence.minutes"] == 30


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_channels_are_tested_and_shown_without_their_keys_and_support_sees_nothing(tmp_path):
    async with webhook() as good, webhook() as bad:
        urls = f"{good.url} {bad.url}"
        async with (
            product(tmp_path, by_hand=True, NOTIFY_URLS=urls) as shop,
            browser(shop) as web,
        ):
            web.expected = ["/settings .*403"]
            await cast(shop, "alice", "bob")
            bad.answers = [500, 500]
            await mismatch(shop)
            await quiet(shop)
            page = await (await web.signed_in("alice")).new_page()
            await page.goto("/settings")
            channels = page.locator("section", has=page.get_by_role("heading", name="通知通道"))
            await channels.get_by_role("button", name="发送测试").click()
            await expect(channels).to_contain_text("对方已接收")
            await expect(channels).to_contain_text("对方返回 HTTP 500")
            messages = page.locator(".set-message")
            await expect(messages).to_have_count(2)
            for state in ("已发出", "待发送"):
                await expect(messages.filter(has_text=state)).to_have_count(1)
            source = await page.content()
            assert not [word for word in (KEY, "Secret-0123456789", "json://") if word in source]
            await messages.first.get_by_role("link", name="金额不一致").click()
            await page.wait_for_url("**/alerts/1")
            support = await (await web.signed_in("bob")).new_page()
            await support.goto("/settings")
            await expect(support.locator("#main").get_by_text("没有权限")).to_be_visible()
            await expect(support.locator(".side").get_by_text("系统设置")).to_have_count(0)
            assert "测试消息" in good.texts[-1]
