"""Takes the pictures of the documents from a running console:
`python -m bench.pictures FOLDER URL USER PASSWORD`. Let the demo run for an hour first."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

from playwright.async_api import Locator, Page, async_playwright

LOOK = {"width": 1440, "height": 900}
FLAGS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars")
SETTLE_S = 6.0
PATIENCE_MS = 5 * 60_000


async def main(folder: Path, url: str, user: str, password: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as driver:
        chromium = await driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(FLAGS)
        )
        profile = await chromium.new_context(viewport=LOOK, locale="zh-CN", base_url=url)
        page = await profile.new_page()
        await page.goto("/login")
        await page.locator("[name=username]").fill(user)
        await page.locator("[name=password]").fill(password)
        await page.locator("form button[type=submit]").click()
        await page.mouse.move(700, 30)  # a pointer over the feed would hold it still
        await page.locator(".feed-row").first.wait_for()
        finding = page.locator(".feed-row.issue:nth-child(-n + 5)").first
        await take(page, folder / "monitor.png", finding)
        alert = await latest(page, "amount_mismatch")
        await page.goto(f"/alerts/{alert['id']}")
        await page.locator(".evidence").wait_for()
        await take(page, folder / "alert.png")
        paid_twice = await latest(page, "illegal_transition", but="CLOSED")
        await page.goto(f"/orders/{paid_twice['orderNum']}")
        await page.locator(".timeline").first.wait_for()
        await take(page, folder / "order.png")
        await chromium.close()


async def latest(page: Page, kind: str, but: str = "") -> dict[str, str]:
    """The newest alert of a kind, except those that expect `but`; waits until there is one."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while True:
            answer = await page.request.get(f"/api/v1/alerts?kind={kind}&limit=100")
            for alert in (await answer.json())["alerts"]:
                if alert["expected"] != but:
                    found: dict[str, str] = alert
                    return found
            await asyncio.sleep(SETTLE_S)


async def take(page: Page, path: Path, what: Locator | None = None) -> None:
    """A picture of the settled page, at the moment when `what` is on it."""
    await asyncio.sleep(SETTLE_S)  # live, with a round trip measured and rows that have come in
    if what:
        await what.wait_for(timeout=PATIENCE_MS)
        await asyncio.sleep(0.7)  # the figures have followed
    await page.screenshot(path=path, scale="css")
    print(f"{path}  {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
