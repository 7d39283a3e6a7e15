"""Money that goes back, from a click in a real browser to WeChat and back into the page."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.auth.test_unmask import forget_confirmation
from tests.browser.test_trade import final, paid_order
from tests.refunds.test_receipts import late
from tests.refunds.test_refunds import ask, paid
from tests.support.browser import PASSWORD, browser, cast, live
from tests.support.fake_refunds import refund_shop
from tests.support.rig import product

__all__ = ["product"]


@pytest.mark.gen_test
async def test_a_refund_is_asked_for_approved_and_seen_to_arrive(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat), browser(shop) as web:
        await cast(shop, "alice", "bob")
        number = await paid(shop, wechat)
        bob = await (await web.signed_in("bob")).new_page()
        await bob.goto(f"/orders/{number}")
        await live(bob)
        await bob.get_by_role("button", name="请求退款…").click()
        await bob.locator("#refund-amount").fill("8.8")
        await bob.get_by_role("button", name="客户取消预约").click()
        await bob.locator("dialog button[type=submit]").dblclick()
        await expect(bob.locator(".toast")).to_contain_text("等待管理员批准")
        await expect(bob.locator(".refund-item")).to_contain_text("待批准")
        await bob.get_by_role("button", name="开始接待").click()
        await expect(bob.locator(".order-tags")).to_contain_text("接待中")
        await bob.get_by_role("button", name="添加备注").click()
        await bob.locator("dialog textarea").fill("客户已到")
        await bob.get_by_role("button", name="保存").click()
        await expect(bob.locator(".timeline li").first).to_contain_text("客户已到")

        alice = await (await web.signed_in("alice")).new_page()
        await alice.goto(f"/orders/{number}")
        await live(alice)
        await alice.get_by_role("button", name="批准…").click()
        await alice.locator("dialog button[type=submit]").click()
        await expect(alice.locator(".refund-item")).to_contain_text("微信处理中")
        await expect(alice.locator(".order-tags")).to_contain_text("退款中")
        wechat.finish()
        await alice.get_by_role("button", name="向微信查退款").click()
        await expect(alice.locator(".refund-item")).to_contain_text("已到账")
        await expect(alice.locator(".order-tags")).to_contain_text("部分退款")
        await expect(alice.locator(".timeline li").first).to_contain_text("退款到账 ¥8.80")
        # Bob's open page hears of it by itself.
        await expect(bob.locator(".refund-item")).to_contain_text("已到账")
        assert len(wechat.sent) == 1


@pytest.mark.gen_test
async def test_late_money_is_given_back_from_the_page_and_asks_for_the_password(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat), browser(shop) as web:
        web.expected = ["/decide .*403"]
        await cast(shop, "alice")
        await late(shop, wechat)
        page = await (await web.signed_in("alice")).new_page()
        await shop.running.store.write(forget_confirmation, 0)
        await page.goto("/receipts")
        await live(page)
        await expect(page.locator(".sum-figure dd").last).to_have_text("+¥88.00")
        await page.locator(".receipt-row").click()
        await page.locator("#receipt-note").fill("关单后付的，退回")
        await page.get_by_role("button", name="退回 ¥88.00").click()
        await page.locator("dialog.narrow input").fill(PASSWORD)
        await page.locator("dialog.narrow input").press("Enter")
        await expect(page.locator(".detail .tag").first).to_have_text("退款中")
        await expect(page).to_have_url(re.compile("state=waiting&id=1$"))
        (number,) = wechat.sent
        wechat.finish()
        await ask(shop, number)
        # The row has left the list of what waits; the open receipt is still told.
        await expect(page.locator(".detail .tag").first).to_have_text("已退回")
        await expect(page.locator(".empty-title")).to_have_text("没有未对上的款项等待处理")
        await expect(page.locator(".sum-figure dd")).to_have_text(
            ["¥88.00", "=¥0.00", "+¥88.00", "+¥0.00"]
        )


@pytest.mark.gen_test
async def test_a_refund_that_stands_still_is_told_with_wechats_words_and_ended(tmp_path):
    async with refund_shop(tmp_path) as (shop, wechat), browser(shop) as web:
        web.expected = ["/abnormal .*409", "/ask .*502"]
        await cast(shop, "alice", "bob")
        number, other = await paid(shop, wechat), await paid(shop, wechat)
        wechat.faults = ["NOTENOUGH"]
        for each in (number, other):
            body = {"amountFen": 800, "reason": "缺货", "refundNum": f"RF-{each}"}
            await shop.merchant(f"orders/{each}/refunds", "POST", body)
        page = await (await web.signed_in("alice")).new_page()
        await page.goto(f"/orders/{number}")
        await live(page)
        panel = page.locator(".refund-item")
        await expect(panel).to_contain_text("会用同一单号再发。微信说： 商户号余额不足")
        await expect(page.locator(".answer")).to_contain_text("微信支付还没有确认")
        await page.get_by_role("button", name="结束…").click()
        await page.locator("dialog button[type=submit]").click()
        await expect(page.locator("dialog .bad")).to_have_text("请写明为什么结束。")
        await page.locator("dialog textarea").fill("已银行转账")
        await page.locator("dialog button[type=submit]").click()
        await expect(panel).to_contain_text("管理员已结束")
        await expect(panel).to_contain_text("已银行转账")
        await expect(page.locator(".order-tags")).to_contain_text("已支付")

        wechat.finish("CHANGE")
        await ask(shop, f"RF-{other}")
        await page.goto(f"/orders/{other}")
        await page.get_by_role("button", name="退到商户银行账户…").click()
        await page.locator("dialog button[type=submit]").click()
        await expect(page.locator("dialog .bad")).to_contain_text("API v2 没有这个功能")
        bob = await (await web.signed_in("bob")).new_page()
        await bob.goto(f"/orders/{other}")
        await expect(bob.locator(".refund-item")).to_contain_text("退款异常")
        await expect(bob.get_by_role("button", name="结束…")).to_have_count(0)


@pytest.mark.gen_test
async def test_an_entered_refund_is_in_the_money_the_answer_and_the_timeline(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice", "bob")
        number = await paid_order(shop)
        page = await (await web.signed_in("alice", reduced_motion="reduce")).new_page()
        await page.goto(f"/orders/{number}")
        await live(page)
        await page.get_by_role("button", name="补记微信已退回的钱").click()
        await page.locator("#refund-amount").fill("88.01")
        await expect(page.locator("#refund-problem")).to_be_visible()
        await page.locator("#refund-amount").fill("30")
        await final(page).click()
        await expect(page.locator("dialog [role=alert]")).to_have_text("请写明为什么在平台上退款。")
        await page.locator("#outside-id").fill("5030000001")
        await page.locator("#outside-reason").fill("客户在商户平台退款")
        await final(page).click()
        await expect(page.locator(".answer-state")).to_contain_text("微信商户平台")
        await expect(page.locator(".facts .sum")).to_have_text("可退¥58.00")
        await expect(page.locator(".refund-item")).to_contain_text("在微信商户平台退的，alice 补记")
        await expect(page.locator(".timeline li").first).to_contain_text("由 alice")
        await expect(page.locator(".timeline li").first).not_to_contain_text("微信通知")
        (refund,) = [e["data"] for e in await shop.events() if e["kind"] == "refund.succeeded"]
        assert (refund["origin"], refund["amountFen"], refund["by"]) == ("wechat", 3000, "alice")
        other = await (await web.signed_in("bob", reduced_motion="reduce")).new_page()
        await other.goto(f"/orders/{number}")
        await live(other)
        await expect(other.locator(".refund-item")).to_be_visible()
        await expect(other.get_by_role("button", name="补记微信已退回的钱")).to_have_count(0)
