"""A real Chromium beside the product of the rig: people's open pages, and everything that went
wrong in them. For tests; holds none itself."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser as Chromium
from playwright.async_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    async_playwright,
    expect,
)

from models.user import Role
from tests.support.patience import PATIENCE_S
from tests.support.rig import PASSWORD, Product

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CHROMIUMS = ("chromium-headless-shell", "chromium")
"""The best first: without a window's own pages, a test costs two thirds of the CPU."""
DESK = {"width": 1440, "height": 900}
PATIENCE_MS = PATIENCE_S * 1000
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
TELL_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', (event) =>
  console.error('CSP', event.violatedDirective, event.blockedURI, event.sourceFile));
"""
NETWORK = """
let connected = true;
Object.defineProperty(Navigator.prototype, 'onLine', { get: () => connected });
window.setConnected = (value) => {
  connected = value;
  dispatchEvent(new Event(value ? 'online' : 'offline'));
};"""
"""Pages believe in a network until `connect` says otherwise: a machine that has none beside its own
loopback address would tell them, and be right, that it is offline."""
expect.set_options(timeout=PATIENCE_MS)
RUN_AXE = "(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags } })"


@dataclass
class Browser:
    """One Chromium. `troubles` are page errors, policy violations, and errors and warnings of the
    console, of all pages; `expected` are patterns of those that a test provokes."""

    shop: Product
    chromium: Chromium
    troubles: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    async def someone(self, **settings: Any) -> BrowserContext:
        """A browser profile of its own, with nobody signed in."""
        given = {"viewport": DESK, "locale": "zh-CN", "base_url": self.shop.origin, **settings}
        context = await self.chromium.new_context(**given)
        context.set_default_timeout(PATIENCE_MS)
        await context.add_init_script(TELL_VIOLATIONS)
        await context.add_init_script(NETWORK)
        context.on("page", self._watch)
        return context

    def _watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url} {error}"))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(f"{message.location.get('url', '')} {message.text}")

    async def signed_in(self, name: str, **settings: Any) -> BrowserContext:
        """The profile of a user that the product knows."""
        context = await self.someone(**settings)
        session = await self.shop.sign_in(name)
        cookie, value = session.cookie.split("=", 1)
        await context.add_cookies([{"name": cookie, "value": value, "url": self.shop.origin}])
        return context

    def unexpected(self) -> list[str]:
        return [t for t in self.troubles if not any(re.search(e, t) for e in self.expected)]


def program() -> str:
    """The Chromium of this machine."""
    found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    assert found, (
        f"The browser tests need {' or '.join(CHROMIUMS)} on PATH; "
        "`make test` installs it or says how."
    )
    return found


class KeptChromium:
    """The Chromium of this test process: started when a test first asks for it, used by all that
    follow on the same event loop, each with profiles of its own."""

    def __init__(self) -> None:
        self._driver: Playwright | None = None
        self._chromium: Chromium | None = None

    async def get(self) -> Chromium:
        """It is started again when it has ended."""
        if self._chromium is None or not self._chromium.is_connected():
            await self.close()
            self._driver = await async_playwright().start()
            self._chromium = await self._driver.chromium.launch(
                executable_path=program(), args=list(FLAGS)
            )
        return self._chromium

    async def close(self) -> None:
        chromium, driver = self._chromium, self._driver
        self._chromium = self._driver = None
        if chromium is not None:
            await chromium.close()
        if driver is not None:
            await driver.stop()


KEPT = KeptChromium()


@asynccontextmanager
async def browser(shop: Product) -> AsyncIterator[Browser]:
    """A browser; at the end its profiles are closed, and nothing unexpected may have gone wrong in
    any of its pages."""
    chromium = await KEPT.get()
    opened = Browser(shop, chromium)
    try:
        yield opened
        assert not opened.unexpected(), opened.unexpected()
    finally:
        for context in chromium.contexts:
            await context.close()


async def connect(page: Page, connected: bool) -> None:
    """Plug the computer of this page into the network, or unplug it."""
    await page.context.set_offline(not connected)
    await page.evaluate("(connected) => window.setConnected(connected)", connected)


async def sign_in(page: Page | Locator, name: str, password: str = PASSWORD) -> None:
    """By the form, as people do."""
    await page.locator("[name=username]").fill(name)
    await page.locator("[name=password]").fill(password)
    await page.locator("form button[type=submit]").click()


async def live(page: Page) -> None:
    """Wait until the page is live."""
    await page.locator(".pill-word.tone-ok").wait_for()


async def accessibility(page: Page) -> list[str]:
    """What axe-core finds wrong, as `rule: selector`."""
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(AXE.read_text("utf-8"))
    found = await page.evaluate(RUN_AXE, WCAG)
    return [
        f"{rule['id']}: {json.dumps(node['target'], ensure_ascii=False)} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


CAST = {"alice": Role.ADMIN, "bob": Role.SUPPORT, "charlie": Role.VIEWER}


async def cast(shop: Product, *names: str) -> None:
    for name in names:
        await shop.running.services.users.create_user(name, CAST[name], PASSWORD)


async def go_to(page: Page, name: str) -> None:
    """By the navigation, without loading the page anew."""
    await page.locator(".side").get_by_role("link", name=name).click()
    await page.get_by_role("heading", name=name, level=1).wait_for()
