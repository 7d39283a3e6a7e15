"""What the monitor page of a signed-in user costs on the wire, in a real Chromium over real demo
data: requests and bytes, with an empty cache and with a filled one, and the time to the first row
of the feed on a line of 400 kbit/s with 400 ms of latency.

`python -m bench.page_weight [SECONDS]`; the demo makes the data for SECONDS (30) first."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bench.pictures import FLAGS, ROOT, Demo, running_demo
from tests.support.browser import program
from tests.support.ports import free_port
from tests.support.rig import environment

ROUNDS = 3
DATA_S = 30.0
QUIET_S = 3.0
"""So long after the page is live the requests are counted: nothing of the load is under way then,
and the script of the other pages is not asked for yet."""
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
FIRST_ROW = """
new MutationObserver((_, observer) => {
  if (!document.querySelector('.feed-row')) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.firstRow = performance.now(); }));
}).observe(document, { childList: true, subtree: true });
"""


@dataclass
class Load:
    """One load of a page. `requests` are those that reached the server, a websocket is one."""

    requests: list[str] = field(default_factory=list)
    bytes: float = 0
    first_row_s: float = 0
    _cached: set[str] = field(default_factory=set)
    _sent: dict[str, str] = field(default_factory=dict)

    async def watch(self, page: Page, slow: bool) -> None:
        tools = await page.context.new_cdp_session(page)
        tools.on("Network.requestWillBeSent", self._on_request)
        tools.on("Network.requestServedFromCache", lambda e: self._cached.add(e["requestId"]))
        tools.on("Network.responseReceived", self._on_response)
        tools.on("Network.loadingFinished", self._on_finished)
        tools.on("Network.webSocketCreated", lambda e: self.requests.append(e["url"]))
        await tools.send("Network.enable")
        if slow:
            await tools.send("Network.emulateNetworkConditions", SLOW)

    def _on_request(self, event: dict[str, Any]) -> None:
        if not event["request"]["url"].startswith("data:"):
            self._sent[event["requestId"]] = event["request"]["url"]

    def _on_response(self, event: dict[str, Any]) -> None:
        answer = event["response"]
        if answer.get("fromDiskCache") or answer.get("fromPrefetchCache"):
            self._cached.add(event["requestId"])

    def _on_finished(self, event: dict[str, Any]) -> None:
        request = event["requestId"]
        if request in self._sent and request not in self._cached:
            self.requests.append(self._sent[request])
            self.bytes += event["encodedDataLength"]


async def load(context: BrowserContext, path: str = "/", slow: bool = False) -> Load:
    """Open the page, and close it when it has come to rest."""
    page, seen = await context.new_page(), Load()
    await page.add_init_script(FIRST_ROW)
    await seen.watch(page, slow)
    await page.goto(path)
    if path == "/":
        await page.locator(".pill-word.tone-ok").wait_for()
        seen.first_row_s = await page.evaluate("window.firstRow") / 1000
    await asyncio.sleep(QUIET_S)
    await page.close()
    return seen


@asynccontextmanager
async def serving(folder: Path, demo: Demo) -> AsyncIterator[str]:
    """The product over the data that the demo left, without traffic; its origin."""
    port = free_port()
    database = f"sqlite:///{folder}/data/demo/paywatch.db"
    variables = environment(folder, port, MODE="simulation", DATABASE_URL=database)
    process = await asyncio.create_subprocess_exec(
        sys.executable, ROOT / "server.py", "serve", cwd=folder, env=variables,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stderr
        while b"listens on" not in (line := await process.stderr.readline()):
            assert line, "the product did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.communicate()


async def signed_in(chromium: Browser, origin: str, demo: Demo) -> Any:
    context = await chromium.new_context(base_url=origin, locale="zh-CN")
    page = await context.new_page()
    await page.goto("/login")
    await page.locator("[name=username]").fill(demo.user)
    await page.locator("[name=password]").fill(demo.password)
    await page.locator("form button[type=submit]").click()
    await page.locator(".feed-row").first.wait_for()
    state = await context.storage_state()
    await context.close()
    return state


async def rounds(origin: str, demo: Demo) -> dict[str, list[Load]]:
    found: dict[str, list[Load]] = {"cold": [], "warm": [], "slow cold": [], "slow warm": []}
    found["sign-in"] = []
    async with async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path=program(), args=list(FLAGS))
        state = await signed_in(chromium, origin, demo)
        for _ in range(ROUNDS):
            for slow in ("", "slow "):
                context = await chromium.new_context(
                    base_url=origin, locale="zh-CN", storage_state=state
                )
                for kind in ("cold", "warm"):
                    found[slow + kind].append(await load(context, slow=bool(slow)))
                await context.close()
        context = await chromium.new_context(base_url=origin, locale="zh-CN")
        found["sign-in"].append(await load(context, "/login"))
        await chromium.close()
    return found


async def _measure(seconds: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with running_demo(folder) as demo:
            await asyncio.sleep(seconds)
        async with serving(folder, demo) as origin:
            found = await rounds(origin, demo)
    figures = {}
    for kind in ("cold", "warm", "sign-in"):
        figures[f"{kind} requests"] = statistics.median(len(each.requests) for each in found[kind])
        figures[f"{kind} kB"] = statistics.median(each.bytes for each in found[kind]) / 1000
    for kind in ("cold", "warm"):
        times = [each.first_row_s for each in found[f"slow {kind}"]]
        figures[f"{kind} first row s"] = statistics.median(times)
    for address in found["cold"][-1].requests:
        print("   ", address.removeprefix(origin), file=sys.stderr)
    return figures


def measure(seconds: float = DATA_S) -> dict[str, float]:
    """Medians. `cold requests`, `cold kB`, `warm requests`, `warm kB`: the whole load, with the
    document, the websocket and the API; `cold first row s`, `warm first row s`: on the slow line;
    `sign-in requests`, `sign-in kB`: the sign-in page, with an empty cache."""
    return asyncio.run(_measure(seconds))


def main() -> dict[str, float]:
    figures = measure(float(sys.argv[1]) if len(sys.argv) > 1 else DATA_S)
    for name, value in figures.items():
        print(f"{name:20} {value:8.1f}")
    return figures


if __name__ == "__main__":
    main()
