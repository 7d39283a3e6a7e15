"""Refunds, receipts, asking and closing in a real browser: what may be typed, what is sent, how
often, and what each role is offered."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from models.transaction import Batch, NewEvent
from tests.browser.fake_trade import Trade, receipt, refund
from tests.support.browser import PASSWORD, Browser, browser, cast, live
from tests.support.rig import APP_ID, PRICE, Product, product

RECEIPTS = [
    receipt(1, "late", PRICE, possible=["refund", "reopen", "accept"]),
    receipt(2, "paid_twice", 880000, orderStatus="PAID"),
    receipt(3, "reused_id", PRICE, proposal="accept", possible=["accept"], orderStatus="PAID"),
]
SUMS = {"receivedFen": 905600, "bookedFen": 8800, "refundedFen": 0, "waitingFen": 896800}


async def paid_order(shop: Product) -> str:
    order = await shop.order(customer="顾客 003", title="咨询 60 分钟")
    await shop.pay(order["orderNum"])
    number: str = order["orderNum"]
    return number


async def page_of(web: Browser, name: str, trade: Trade, path: str) -> Page:
    profile = await web.signed_in(name, reduced_motion="reduce")
    await trade.before(profile)
    page = await profile.new_page()
    await page.goto(path)
    await live(page)
    return page


def final(page: Page) -> Any:
    return page.locator("dialog button[type=submit]").last


def refusal(code: str, status: int) -> tuple[int, dict[str, Any]]:
    return status, {"error": code, "message": "As the server says it."}


@pytest.mark.gen_test
async def test_a_refund_takes_yuan_by_its_digits_and_never_more_than_is_left(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        number = await paid_order(shop)
        trade = Trade(refunds=[refund("RF1", 3000, "PROCESSING"), refund("RF2", 800, "REQUESTED")])
        page = await page_of(web, "alice", trade, f"/orders/{number}")
        await expect(page.locator(".facts .sum")).to_have_text("可退¥50.00")
        await page.get_by_role("button", name="退款…").click()
        amount, problem = page.locator("#refund-amount"), page.locator("#refund-problem")
        await expect(amount).to_be_focused()
        for text, words in (
            ("50.01", "最多能退 ¥50.00，请改小金额。"),
            ("0.005", "请写成元，最多两位小数"),
            ("0.00", "退款金额必须大于 0。"),
        ):
            await amount.fill(text)
            await expect(problem).to_contain_text(words)
            await expect(final(page)).to_be_disabled()
            await expect(final(page)).to_have_attribute("aria-describedby", "refund-problem")
        await page.get_by_role("button", name="全部可退").click()
        await expect(amount).to_have_value("50.00")
        await amount.fill("1０．1")  # as a Chinese keyboard may write 10.1
        await expect(final(page)).to_have_text("确认退款 ¥10.10")
        await final(page).click()
        await expect(page.locator("#reason-problem")).to_have_text("请选择退款原因。")
        await page.get_by_role("button", name="服务未提供").click()
        await final(page).dblclick()
        await expect(page.locator("dialog")).to_have_count(0)
        await expect(page.locator(".toast")).to_contain_text("微信已受理退款 ¥10.10")
        ((path, body),) = trade.sent
        assert path == f"orders/{number}/refunds"
        assert (body["amountFen"], body["reason"]) == (1010, "服务未提供")
        assert re.fullmatch(r"RF\d{12}[0-9A-Z]{8}", body["refundNum"])
        await expect(page.locator(".refund-item")).to_have_count(3)
        await expect(page.locator(".facts .sum")).to_have_text("可退¥39.90")


@pytest.mark.gen_test
async def test_password_and_lost_answer_repeat_the_same_refund_and_typing_is_kept(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        web.expected = ["/refunds .*(403|504)", "/confirm .*401"]
        await cast(shop, "alice")
        number = await paid_order(shop)
        refunds = f"orders/{number}/refunds"
        trade = Trade(
            fails={
                refunds: [refusal("confirm_password", 403), refusal("wechat_unreachable", 504)],
                "confirm": [refusal("bad_credentials", 401)],
            }
        )
        page = await page_of(web, "alice", trade, f"/orders/{number}")
        await page.get_by_role("button", name="退款…").wait_for()
        await page.keyboard.press("r")
        await page.locator("#refund-amount").fill("88")
        await page.get_by_role("button", name="重复付款").click()
        for _twice in range(2):  # a second Esc in a row must not close it either
            await page.keyboard.press("Escape")
        await page.keyboard.press("Escape")
        await expect(page.get_by_text("放弃已填写的内容？")).to_be_visible()
        await page.get_by_role("button", name="继续填写").click()
        await expect(page.locator("#refund-amount")).to_have_value("88")
        await final(page).click()

        password = page.locator("dialog.narrow input[name=password]")
        await expect(password).to_be_focused()
        for words in ("a wrong password", PASSWORD):
            await password.fill(words)
            await password.press("Enter")
            if words != PASSWORD:
                await expect(page.locator("dialog.narrow [role=alert]")).to_have_text("密码不对。")
        fault = page.locator("dialog [role=alert]")
        await expect(fault).to_contain_text("没有收到微信的答复，结果未知")
        await expect(fault).to_contain_text("同一退款单号只会退一次")
        await final(page).click()
        await expect(page.locator("dialog")).to_have_count(0)
        sent = [body for path, body in trade.sent if path == refunds]
        assert len(sent) == 3
        assert sent[0] == sent[1] == sent[2]


@pytest.mark.gen_test
async def test_each_role_is_offered_its_own_deeds_and_nobody_approves_ones_own_refund(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice", "bob", "charlie")
        number, waiting = await paid_order(shop), (await shop.order())["orderNum"]
        trade = Trade(
            refunds=[
                refund("RF1", 3000, "REQUESTED", requestedBy="bob"),
                refund("RF2", 1000, "REQUESTED", requestedBy="alice"),
            ]
        )
        alice = await page_of(web, "alice", trade, f"/orders/{number}")
        await offered(alice, "向微信查单", "开始接待", "退款… R")
        approve = alice.get_by_role("button", name="批准…")
        await expect(approve.nth(1)).to_be_disabled()
        await expect(alice.locator(".refund-own")).to_contain_text("请另一位管理员处理")
        await approve.first.click()
        await expect(final(alice)).to_have_text("批准并退款 ¥30.00")
        await final(alice).click()
        await expect(alice.locator(".refund-item").first).to_contain_text("微信处理中")
        await alice.goto(f"/orders/{waiting}")
        await offered(alice, "向微信查单", "关单…")
        await alice.get_by_role("button", name="关单…").click()
        await alice.get_by_role("button", name="关闭订单 ¥88.00").click()
        await expect(alice.locator(".toast")).to_have_text("订单已关闭。")

        bob = await page_of(web, "bob", trade, f"/orders/{number}")
        await offered(bob, "向微信查单", "开始接待", "请求退款… R")
        await expect(bob.get_by_role("button", name="批准…")).to_have_count(0)
        await bob.get_by_role("button", name="开始接待").click()
        await bob.get_by_role("button", name="添加备注").click()
        await bob.locator("dialog textarea").fill("客户已到")
        await bob.get_by_role("button", name="保存").click()
        await expect(bob.locator("dialog")).to_have_count(0)
        await bob.get_by_role("button", name="向微信查单").click()
        await expect(bob.locator(".toast")).to_have_text("微信说还没有支付。")
        charlie = await page_of(web, "charlie", trade, f"/orders/{number}")
        await expect(charlie.locator(".refund-item")).to_have_count(2)
        await offered(charlie)
        assert (trade.sent[2][1]["to"], trade.sent[3][1]["note"]) == ("IN_SERVICE", "客户已到")
        assert [path for path, _ in trade.sent] == [
            "refunds/RF1/approve",
            f"orders/{waiting}/close",
            f"orders/{number}/service",
            f"orders/{number}/note",
            f"orders/{number}/query",
        ]


async def offered(page: Page, *words: str) -> None:
    await expect(page.locator(".order-amount")).to_have_text("¥88.00")
    await expect(page.locator(".order-actions > button")).to_have_text(list(words))


@pytest.mark.gen_test
async def test_a_receipt_is_decided_with_a_note_and_a_second_admin_above_the_limit(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        web.expected = ["/decide .*409", "/notifies/.*404"]
        await cast(shop, "alice", "bob")
        trade = Trade(receipts=[dict(r) for r in RECEIPTS], sums=SUMS)
        trade.fails["receipts/1/decide"] = [refusal("conflict", 409)]
        page = await page_of(web, "alice", trade, "/receipts")
        figures = page.locator(".sum-figure dd")
        await expect(figures).to_have_text(["¥9,056.00", "=¥88.00", "+¥0.00", "+¥8,968.00"])
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile(r"\?state=waiting&id=2$"))
        await expect(page.locator(".choice.chosen")).to_contain_text("原路退回 建议")
        await final_of(page).click()
        await expect(page.locator("#receipt-fault")).to_have_text("请写备注。")
        await expect(page.locator(".detail")).to_contain_text("达到 ¥5,000.00")
        await page.locator("#receipt-note").fill("客户确认付了两次")
        await final_of(page).click()
        await expect(page.locator(".toast")).to_contain_text("等待另一位管理员复核")
        trade.receipts[1]["proposedBy"] = "alice"
        await page.reload()
        await page.goto("/receipts?state=proposed&id=2")
        await expect(page.locator("#own-proposal")).to_be_visible()
        await expect(final_of(page)).to_be_disabled()
        trade.receipts[1]["proposedBy"] = "dora"
        await page.reload()
        await expect(page.locator(".detail form")).to_contain_text("dora 提议：原路退回")
        await page.locator("#receipt-note").fill("核对过了")
        await final_of(page).click()
        await expect(page.locator(".detail .tag").first).to_have_text("退款中")

        await page.goto("/receipts?id=1")
        await page.locator(".choice", has_text="恢复订单并入账").click()
        await page.locator("#receipt-note").fill("客户还要这次服务")
        await expect(final_of(page)).to_have_text("恢复订单，入账 ¥88.00")
        trade.receipts[0] |= {"state": "accepted", "action": "accept", "version": 2}
        await final_of(page).click()
        await expect(page.locator(".toast")).to_contain_text("有人抢先处理了")
        await expect(page.locator(".detail .tag").first).to_have_text("已留下")
        await page.keyboard.press("Escape")
        await expect(page).to_have_url(f"{shop.origin}/receipts?state=all")
        sent = [(path, body["action"], body["version"]) for path, body in trade.sent]
        assert sent == [
            ("receipts/2/decide", "refund", 1),
            ("receipts/2/decide", "refund", 2),
            ("receipts/1/decide", "reopen", 1),
        ]

        page = await page_of(web, "bob", trade, "/receipts?id=3")
        await expect(page.locator(".detail")).to_contain_text("只有管理员能处理未对上的款项。")
        await expect(page.locator(".detail form")).to_have_count(0)


def final_of(page: Page) -> Any:
    return page.locator(".detail form button[type=submit]")


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_receipts_say_when_there_are_none_when_they_failed_and_when_sums_differ(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        web.expected = ["/receipts.*(500|403)"]
        await cast(shop, "alice")
        trade = Trade(sums={**SUMS, "waitingFen": 896799})
        page = await page_of(web, "alice", trade, "/receipts")
        await expect(page.locator(".empty-title")).to_have_text("没有未对上的款项等待处理")
        await expect(page.locator(".sums [role=alert]")).to_have_text("对不上，差 ¥0.01")
        for status, words in ((500, "未对上的款项没能载入"), (403, "没有权限")):
            answer = {"status": status, "json": {"error": "internal", "message": "Odd."}}
            await page.route("**/api/v1/receipts*", lambda r, _q, a=answer: r.fulfill(**a))
            await page.goto("/receipts?state=all")
            await expect(page.locator(".empty-title")).to_have_text(words)


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_the_feed_marks_what_was_healed_and_shows_refunds_alone(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        number = await paid_order(shop)
        about = {"title": "咨询 60 分钟", "customer": "顾客 003", "amountFen": PRICE}
        back = {**about, "amountFen": 1000, "totalFen": PRICE, "by": "alice"}
        await emit(
            shop,
            NewEvent("order.healed", number, about),
            NewEvent("refund.approved", number, back),
            NewEvent(
                "refund.failed", number, {**back, "status": "REFUSED", "failure": "NOTENOUGH"}
            ),
            NewEvent("receipt.decided", number, {**about, "action": "accept", "by": "alice"}),
        )
        page = await page_of(web, "alice", Trade(), "/")
        await expect(page.locator(".feed-row", has_text="支付成功")).to_have_count(0)
        healed = page.locator(".feed-row", has_text="查单补记")
        await expect(healed).to_contain_text("没有收到通知，向微信查单后入账")
        await page.locator(".feed-filters").get_by_role("button", name="退款").click()
        rows = page.locator(".feed-row")
        await expect(rows).to_have_count(3)
        for row, words in enumerate(
            (
                "留下 ¥88.00，不记到订单 · 由 alice",
                "微信不受理 · 商户号余额不足",
                "¥88.00 中的一部分 · 由 alice",
            )
        ):
            await expect(rows.nth(row)).to_contain_text(words)
        await expect(rows.nth(2).locator(".feed-amount")).to_have_text("−¥10.00")


async def emit(shop: Product, *events: NewEvent) -> None:
    def change(batch: Batch, items: Any) -> list[None]:
        for event in events:
            batch.emit(event)
        return [None] * len(items)

    await shop.running.store.write(change, 0)


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_a_merchant_can_be_chosen_only_where_there_are_several(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        web.expected = ["/api/v1/orders.*merchant.* 400"]
        await cast(shop, "alice")
        number = await paid_order(shop)
        trade = Trade(
            merchants=[{"key": "1", "name": "总店", "mchId": "1900****09", "appIds": []}],
        )
        page = await page_of(web, "alice", trade, "/orders")
        choice = page.locator(".order-filters .drop", has_text="商户")
        await expect(page.locator(".order-filters .drop").first).to_be_visible()
        await expect(choice).to_have_count(0)
        trade.merchants += [{"key": "b", "name": "二店", "mchId": "1900****10", "appIds": [APP_ID]}]
        await page.reload()
        async with page.expect_request(re.compile(r"/orders\?.*merchant=")) as asked:
            await choice.get_by_role("button").click()
            await choice.get_by_label("二店 · 1900****10").check()
        assert "merchant=b" in (await asked.value).url
        await page.goto(f"/orders/{number}")
        await expect(page.locator(".facts").nth(1)).to_contain_text("收款商户二店")
