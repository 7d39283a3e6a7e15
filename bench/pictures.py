"""Takes the pictures of the documents from a running console:
`python -m bench.pictures FOLDER URL USER PASSWORD`. Let the demo run for an hour first."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

from playwright.async_api import Page, async_playwright

LOOK = {"width": 1440, "height": 900}
FLAGS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars")
SETTLE_S = 6.0
ALERT, PAID_TWICE = "amount_mismatch", "illegal_transition"


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
        await page.locator(".feed-row").first.wait_for()
        await take(page, folder / "monitor.png")
        await page.goto(f"/alerts/{(await latest(page, ALERT))['id']}")
        await page.locator(".evidence").wait_for()
        await take(page, folder / "alert.png")
        await page.goto(f"/orders/{(await latest(page, PAID_TWICE))['orderNum']}")
        await page.locator(".timeline").first.wait_for()
        await take(page, folder / "order.png")
        await chromium.close()


async def latest(page: Page, kind: str) -> dict[str, str]:
    """The newest alert of a kind."""
    answer = await page.request.get(f"/api/v1/alerts?kind={kind}&limit=1")
    found: dict[str, str] = (await answer.json())["alerts"][0]
    return found


async def take(page: Page, path: Path) -> None:
    await asyncio.sleep(SETTLE_S)  # live, with a round trip measured and rows that have come in
    await page.screenshot(path=path, scale="css")
    print(f"{path}  {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
