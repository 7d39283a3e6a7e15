"""Every page of the console with something on it, for the tests that walk them all; holds none
itself."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Page

from payments.merchant import MD5
from tests.recon.day_rows import MATCHED, day_before, put_day, put_difference
from tests.support.browser import Browser, live
from tests.support.rig import PRICE, Product, notify_fields, signed, transaction

BILL_DATE = day_before(3)
ALICE = "alice-with-a-rather-long-name"
STILL = {"reduced_motion": "reduce"}
LONG = "一份名字很长很长的年度健康咨询套餐（含两次复诊与全年电话随访）" * 2


async def busy_shop(shop: Product) -> str:
    """A user and one of everything that a page shows; an order's number."""
    await shop.user(ALICE)
    paid = await shop.order(title=LONG, customer="顾客 003", phone="19900000003")
    first = transaction()
    await shop.pay(paid["orderNum"], first)
    await shop.pay(paid["orderNum"], first)
    await shop.pay(paid["orderNum"])  # paid twice
    wrong = await shop.order(title=LONG, customer="顾客 004")
    await shop.pay(wrong["orderNum"], total_fee=str(PRICE + 1))
    await shop.pay("NOSUCH20250101-0123456789abcdef", total_fee="126850000")
    await shop.pay((await shop.order())["orderNum"], total_fee="-500")
    await shop.pay((await shop.order())["orderNum"], result_code="FAIL", err_code="NOTENOUGH")
    await shop.pay((await shop.order())["orderNum"], appid="wx0000000000000000")
    forged = signed(notify_fields(paid["orderNum"], transaction()), "0" * 32, MD5)
    await shop.notify(forged)
    await put_day(shop.running.store, BILL_DATE, **MATCHED)
    await put_difference(
        shop.running.store,
        BILL_DATE,
        "amount_differs",
        order_num=wrong["orderNum"],
        transaction_id=first,
        ours=str(PRICE),
        wechat=str(PRICE + 1),
        difference_fen=1,
    )
    number: str = wrong["orderNum"]
    return number


def pages(number: str) -> dict[str, str]:
    """Paths, each with what is there when it is complete."""
    return {
        "/": ".feed-row.issue",
        "/alerts": ".alert-row",
        "/alerts/2": ".evidence",
        "/orders": ".order-link",
        f"/orders/{number}": ".timeline",
        "/receipts": ".receipt-row",
        "/receipts?state=waiting&id=1": ".detail form",
        "/recon": ".bill-month",
        f"/recon/{BILL_DATE}": ".difference-row, .difference-lines",
        "/reports": ".report-row",
        "/products": ".product-table",
        "/team": "main table, main .card",
        "/audit": "main table, main .card",
        "/settings": ".set-keys",
        "/me": "main .card",
        "/nowhere": ".empty",
    }


async def show(page: Page, path: str, what: str) -> None:
    """Within the open document, as a link would."""
    await page.evaluate(
        "(p) => { history.pushState(null, '', p); dispatchEvent(new PopStateEvent('popstate')); }",
        path,
    )
    await page.locator(what).first.wait_for()


async def opened(web: Browser, **settings: Any) -> Page:
    profile = await web.signed_in(ALICE, **{**settings, **STILL})
    page = await profile.new_page()
    await page.goto("/")
    await live(page)
    return page
