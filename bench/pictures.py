"""Takes the pictures of the documents from the demo, which it starts and stops:
`python -m bench.pictures FOLDER [MINUTES]`. The demo runs for MINUTES (10) first, so that there is
something on the pages."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from tests.support.browser import program
from tests.support.ports import free_port

ROOT = Path(__file__).parent.parent
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
FLAGS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars")
SETTLE_S = 4.0
PATIENCE_S = 300
MINUTES = 10.0


@dataclass(frozen=True)
class Demo:
    url: str
    user: str
    password: str


@dataclass(frozen=True)
class Shot:
    """One picture: where, and what must be there before it is taken."""

    name: str
    path: str
    what: str
    phone: bool = False
    dark: bool = False
    english: bool = False


async def main(folder: Path, minutes: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    async with running_demo() as demo, async_playwright() as driver:
        print(f"The demo runs for {minutes:g} minutes at {demo.url} before its pictures are taken.")
        await asyncio.sleep(minutes * 60)
        chromium = await driver.chromium.launch(executable_path=program(), args=list(FLAGS))
        state = await signed_in(chromium, demo)
        for shot in await shots(chromium, demo, state):
            await take(chromium, demo, state, shot, folder)
        await chromium.close()


@asynccontextmanager
async def running_demo(where: Path | None = None) -> AsyncIterator[Demo]:
    """The demo on a free port and in a folder of its own, or in `where`, until it is left."""
    with tempfile.TemporaryDirectory() as own:
        folder, port = where or Path(own), free_port()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            ROOT / "server.py",
            "demo",
            cwd=folder,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "PAYWATCH_LISTEN": f"127.0.0.1:{port}"},
        )
        try:
            async with asyncio.timeout(PATIENCE_S):
                demo = await greeting(process)
            yield demo
        finally:
            process.send_signal(signal.SIGTERM)
            await process.wait()


async def greeting(process: asyncio.subprocess.Process) -> Demo:
    """The output of the demo: its address, the admin and the password."""
    assert process.stdout
    url = ""
    while line := (await process.stdout.readline()).decode():
        if found := re.search(r"Console\s+(http://\S+?)/", line):
            url = found[1]
        if found := re.search(r"(admin)\s+password (\S+)", line):
            return Demo(url, found[1], found[2])
    raise RuntimeError("the demo did not start")


async def signed_in(chromium: Browser, demo: Demo) -> Any:
    profile = await chromium.new_context(base_url=demo.url)
    page = await profile.new_page()
    await page.goto("/login")
    await page.locator("[name=username]").fill(demo.user)
    await page.locator("[name=password]").fill(demo.password)
    await page.locator("form button[type=submit]").click()
    await page.locator(".feed-row").first.wait_for()
    return await profile.storage_state()


async def shots(chromium: Browser, demo: Demo, state: Any) -> list[Shot]:
    profile = await chromium.new_context(base_url=demo.url, storage_state=state)
    page = await profile.new_page()
    alert = await latest(page, "amount_mismatch")
    twice = await latest(page, "illegal_transition", but="CLOSED")
    await profile.close()
    case, order = f"/alerts/{alert['id']}", f"/orders/{twice['orderNum']}"
    return [
        Shot("monitor", "/", ".feed-row.issue"),
        Shot("monitor-dark-en", "/", ".feed-row.issue", dark=True, english=True),
        Shot("monitor-phone", "/", ".feed-row", phone=True),
        Shot("alerts", "/alerts", ".alert-row"),
        Shot("alert", case, ".evidence"),
        Shot("orders", "/orders", ".order-link"),
        Shot("order", order, ".timeline"),
        Shot("order-past", f"{order}?asOf={twice['firstSeen']}", ".past-answer"),
        Shot("receipts", "/receipts", ".receipt-row"),
        Shot("recon", "/recon", ".day-head"),
        Shot("reports", "/reports?range=yesterday", ".report-row"),
        Shot("simulator", "/simulator", "main .card"),
        Shot("team", "/team", "main .card"),
        Shot("audit", "/audit", "main .card"),
        Shot("settings", "/settings", "main .card"),
    ]


async def latest(page: Page, kind: str, but: str = "") -> dict[str, str]:
    """The newest alert of a kind, except those that expect `but`; waits until there is one."""
    while True:
        answer = await page.request.get(f"/api/v1/alerts?kind={kind}&limit=100")
        for alert in (await answer.json())["alerts"]:
            if alert["expected"] != but:
                found: dict[str, str] = alert
                return found
        await asyncio.sleep(SETTLE_S)


async def take(chromium: Browser, demo: Demo, state: Any, shot: Shot, folder: Path) -> None:
    """The settled page, at the moment when what it is about is on it."""
    profile = await chromium.new_context(
        viewport=PHONE if shot.phone else DESK,
        locale="en-GB" if shot.english else "zh-CN",
        color_scheme="dark" if shot.dark else "light",
        base_url=demo.url,
        storage_state=state,
    )
    page = await profile.new_page()
    await page.goto(shot.path)
    await page.locator(shot.what).first.wait_for(timeout=PATIENCE_S * 1000)
    await page.mouse.move(700, 30)  # a pointer over the feed would hold it still
    await asyncio.sleep(SETTLE_S)  # live, with a round trip measured and rows that have come in
    path = folder / f"{shot.name}.png"
    await page.screenshot(path=path, scale="css")
    print(f"{path}  {path.stat().st_size // 1024} KiB")
    await profile.close()


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 3:
        sys.exit(__doc__)
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) == 3 else MINUTES))
