"""Every page by keyboard alone, without motion, and in one language at a time."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.extent import FULL
from tests.support.browser import browser, cast, live
from tests.support.console_pages import busy_shop, opened, pages, show
from tests.support.rig import product

MOST_STEPS = 300
FOCUS = """
() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 12)];
  const within = (n, most) => Math.min(Math.max(n, 0), most - 1);
  const above = document.elementFromPoint(within(x, innerWidth), within(y, innerHeight));
  const marked = (e) => e && getComputedStyle(e).outlineStyle !== 'none';
  const ring = marked(at) || marked(at.closest('.input'));
  return {
    name: at.outerHTML.slice(0, 120), ring,
    covered: !(at.contains(above) || above?.contains(at) || above?.closest('label')?.contains(at)),
  };
}
"""
MOVING = """
() => document.getAnimations().filter((a) => a.playState === 'running'
  && a.effect.getComputedTiming().duration > 1).map((a) => a.effect.target?.outerHTML.slice(0, 80))
"""
HAN = """
() => {
  const own = 'bdi, .user, .mono, .raw, [lang]:not(html)';
  const walker = document.createTreeWalker(document.querySelector('#app'), NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const at = walker.currentNode;
    if (/[\\u4e00-\\u9fff]/.test(at.data) && !at.parentElement.closest(own)) found.push(at.data);
  }
  return found;
}
"""


async def tabbed(page: Page) -> list[dict[str, object]]:
    """Every stop of the Tab key, from the top of the page until it comes round."""
    await page.evaluate("() => { document.activeElement?.blur(); window.scrollTo(0, 0); }")
    stops: list[dict[str, object]] = []
    for _ in range(MOST_STEPS):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(FOCUS)
        if stop is None:
            break
        stops.append(stop)
    return stops


@pytest.mark.gen_test
async def test_the_focus_is_seen_and_never_covered_on_any_page(tmp_path):
    async with product(tmp_path, MODE="simulation") as shop, browser(shop) as web:
        number = await busy_shop(shop)
        page = await opened(web)
        bad = {}
        for width in (1440, 390) if FULL else (1440,):
            await page.set_viewport_size({"width": width, "height": 844})
            for path, what in pages(number).items():
                await show(page, path, what)
                stops = await tabbed(page)
                assert len(stops) > 5, path
                poor = [stop for stop in stops if stop["covered"] or not stop["ring"]]
                if poor:
                    bad[width, path] = poor
        assert bad == {}


@pytest.mark.check_browser
@pytest.mark.gen_test
async def test_nothing_moves_for_those_who_asked_for_less_motion(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        number = await busy_shop(shop)
        page = await opened(web)
        moving = {}
        for path, what in pages(number).items():
            await show(page, path, what)
            if found := await page.evaluate(MOVING):
                moving[path] = found
        assert moving == {}


@pytest.mark.gen_test
async def test_no_page_mixes_the_languages(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        number = await busy_shop(shop)
        page = await opened(web, locale="en-GB")
        left = {}
        for path, what in pages(number).items():
            await show(page, path, what)
            if found := await page.evaluate(HAN):
                left[path] = found
        assert left == {}


@pytest.mark.gen_test
async def test_single_keys_stay_out_of_boxes_and_can_be_switched_off(tmp_path):
    async with product(tmp_path) as shop, browser(shop) as web:
        await cast(shop, "alice")
        await shop.order()
        page = await (await web.signed_in("alice")).new_page()
        await page.goto("/")
        await live(page)
        await page.keyboard.press("/")
        await page.keyboard.type("gap?")
        await expect(page.locator(".top-search input")).to_have_value("gap?")
        await expect(page).to_have_url(re.compile(r"/$"))
        await expect(page.locator("dialog[open]")).to_have_count(0)
        await page.locator(".top-search input").evaluate("(box) => box.blur()")

        await page.keyboard.press("?")
        await page.get_by_label("使用单键快捷键").uncheck()
        await page.keyboard.press("Escape")
        for key in ("g", "a", "p", "?"):
            await page.keyboard.press(key)
        await expect(page).to_have_url(re.compile(r"/$"))
        await expect(page.locator("dialog[open]")).to_have_count(0)
        await page.keyboard.press("Control+k")  # no single key
        await expect(page.get_by_role("combobox", name="命令")).to_be_focused()
