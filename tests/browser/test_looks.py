"""Every page of the console at every width, in both themes and both languages: reachable for
everybody (axe-core), never wider than the window, and never flashing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.extent import FULL
from tests.support.browser import accessibility, browser, live
from tests.support.console_pages import busy_shop, opened, pages, show
from tests.support.rig import product

WIDTHS = (320, 390, 768, 1024, 1280, 1440, 1920)
LOOKS = (
    ("light", "zh-CN"),
    ("dark", "zh-CN"),
    ("light", "en-GB"),
    ("dark", "en-GB"),
)
CHINESE = (320,)  # English is the wider one
OVERHANG = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
ASTRAY = """
() => [...document.querySelectorAll('.main, .main *, .top *')].filter((e) => e.checkVisibility()
  && !e.closest('svg, .sr, .list-scroll, .evidence-box, .raw, .seg, .feed-scroll, .feed-filters')
  && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 100))
"""


def chosen(number: str, first: bool) -> dict[str, str]:
    """In the suite every second page: each is seen once in a wide window, half on the phone."""
    every = pages(number)
    return every if FULL else dict(list(every.items())[0 if first else 1 :: 2])


@pytest.mark.gen_test
async def test_axe_finds_nothing_on_any_page_theme_and_language(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        web.expected = ["/api/v1/me .*401"]
        number = await busy_shop(shop)
        faults: dict[str, list[str]] = {}
        for theme, locale in LOOKS if FULL else (LOOKS[0], LOOKS[3]):
            look: dict[str, Any] = {"color_scheme": theme, "locale": locale}
            page = await (await web.someone(**look)).new_page()
            await page.goto("/login")
            await page.locator(".login-form").wait_for()
            faults[f"{theme} {locale} /login"] = await accessibility(page)
            page = await opened(web, **look)
            for path, what in chosen(number, first=theme == "light").items():
                await show(page, path, what)
                faults[f"{theme} {locale} {path}"] = await accessibility(page)
        await page.set_viewport_size({"width": 390, "height": 844})
        for path, what in chosen(number, first=True).items():
            await show(page, path, what)
            faults[f"phone {path}"] = await accessibility(page)
        assert {where: found for where, found in faults.items() if found} == {}


@pytest.mark.gen_test
async def test_no_page_is_wider_than_its_window(tmp_path):
    async with product(tmp_path, MODE="simulation") as shop, browser(shop) as web:
        web.expected = ["/api/v1/me .*401"]
        number = await busy_shop(shop)
        zh, en = await opened(web), await opened(web, locale="en-GB")
        login = await (await web.someone(locale="en-GB")).new_page()
        await login.goto("/login")
        too_wide = {}
        for width in WIDTHS if FULL else (320, 768, 1440):
            views = [(en, pages(number)), (login, {"/login": "form"})]
            if FULL or width in CHINESE:
                views.append((zh, pages(number)))
            for page, those in views:
                await page.set_viewport_size({"width": width, "height": 844})
                for path, what in those.items():
                    await show(page, path, what)
                    if over := await page.evaluate(OVERHANG) or await page.evaluate(ASTRAY):
                        too_wide[width, page is en, path] = over
        assert too_wide == {}


@pytest.mark.gen_test
async def test_language_and_theme_change_in_place_and_are_kept(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await busy_shop(shop)
        page = await opened(web)
        await page.goto("/orders?q=1x")
        root = page.locator("html")
        await expect(root).to_have_attribute("lang", "zh-CN")
        await expect(page.get_by_role("heading", level=1)).to_have_text("订单查询")
        await page.get_by_role("button", name="EN").click()
        await expect(root).to_have_attribute("lang", "en")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Orders")
        await expect(page).to_have_title(re.compile("Orders · Pay Console"))
        await expect(page.locator(".empty-title")).to_have_text("No match for “1x”")
        han = "() => document.querySelector('.shell').innerText.match(/[\\u4e00-\\u9fff]+/g)"
        assert await page.evaluate(han) == ["中"]
        await expect(root).to_have_attribute("data-theme", "light")
        await page.get_by_role("button", name="Switch to dark").click()
        await expect(root).to_have_attribute("data-theme", "dark")

        # Before anything is painted, the saved theme and language stand.
        await page.add_init_script("""
          new PerformanceObserver((list) => list.getEntries().forEach((entry) => {
            window.first ??= [entry.name, document.documentElement.dataset.theme];
          })).observe({ type: 'paint', buffered: true });
          window.themes = new Set();
          new MutationObserver(() => {
            if (document.body) window.themes.add(getComputedStyle(document.body).backgroundColor);
          }).observe(document, { subtree: true, childList: true, attributes: true });
        """)
        await page.reload()
        await live(page)
        await expect(root).to_have_attribute("lang", "en")
        assert await page.evaluate("() => window.first[1]") == "dark"
        colours = await page.evaluate("() => [...window.themes]")
        assert "rgb(12, 17, 15)" in colours
        assert "rgb(243, 245, 244)" not in colours
