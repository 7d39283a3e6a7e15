"""Sends a text over the channels of the settings, through apprise, which is an extra; to chat bots
by bots.py, which reads their answer.

A send runs in a thread of its own with a bound, never on the loop. The shown name and hint of a
channel hold no key. A reason is a word of Paywatch, because the text of apprise or of a server may
hold a key.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import importlib.util
import logging
import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from services.alerts.bots import BOT_ORIGINS, NotSent, bot_of, send
from services.runtime.clock import SystemClock

SEND_S = 20.0
"""The time limit of one send; after it the message counts as not sent, whether or not it arrives
later."""

_KINDS = {
    "wecombot": "wecom",
    "dingtalk": "dingtalk",
    "feishu": "feishu",
    "lark": "feishu",
    "mailto": "mail",
    "mailtos": "mail",
    **dict.fromkeys(("json", "jsons", "xml", "xmls", "form", "forms"), "webhook"),
}
_BOTS = ("wecom", "dingtalk", "feishu")
_LONG = 16
"""A key so long is still one when its last four are shown."""
_STATUS = re.compile(r"error=(\d{3})")

log = logging.getLogger(__name__)

# What apprise logs may hold an address with its key; we read it ourselves and keep it nowhere.
_apprise_log = logging.getLogger("apprise")
_apprise_log.setLevel(logging.DEBUG)
_apprise_log.propagate = False
_apprise_log.addHandler(logging.NullHandler())


def kind_of(scheme: str) -> str:
    """The kind of a channel by the scheme of its address, as staff call it."""
    return _KINDS.get(scheme, scheme)


@dataclass(frozen=True)
class Channel:
    """Where messages go. `id` is the same in every process and after a restart; `hint` is enough
    to recognise it."""

    url: str = field(repr=False)

    @property
    def _scheme(self) -> str:
        return self.url.partition("://")[0].lower()

    @property
    def id(self) -> str:
        return f"{self._scheme[:20]}-{hashlib.sha256(self.url.encode()).hexdigest()[:8]}"

    @property
    def kind(self) -> str:
        return kind_of(self._scheme)

    @property
    def hint(self) -> str:
        key = self.url.partition("://")[2].partition("?")[0].rstrip("/")
        if self.kind in ("mail", "webhook"):
            return _host(key.rpartition("@")[2])
        last = key.rpartition("@")[2].rpartition("/")[2]
        return f"…{last[-4:]}" if self.kind in _BOTS and len(last) >= _LONG else "…"


def _host(place: str) -> str:
    try:
        parts = urlsplit(f"//{place}")
        return f"{parts.hostname or '…'}{f':{parts.port}' if parts.port else ''}"
    except ValueError:  # an odd address; a send says so
        return "…"


class Channels:
    """`bot_origins` is where each kind of chat bot is; a test may pass others."""

    def __init__(self, urls: Sequence[str], bot_origins: Mapping[str, str] = BOT_ORIGINS) -> None:
        self.bot_origins = bot_origins
        self.channels = tuple(Channel(url) for url in urls)
        self._busy: set[str] = set()

    @property
    def installed(self) -> bool:
        return importlib.util.find_spec("apprise") is not None

    def odd(self) -> list[int]:
        """Which addresses, counted from 1, apprise does not understand. It must be installed."""
        return [n for n, each in enumerate(self.channels, 1) if not _is_understood(each.url)]

    async def send(self, channel: Channel, title: str, text: str) -> NotSent | None:
        """None when the channel took it, else why not: `not_installed`, `not_understood` (the
        address), `unreached`, `slow`, `http_500`, `refused`, of a chat bot also `refused_93000`
        (its code) and `odd_answer`; `busy` while an earlier send hangs."""
        if channel.id in self._busy:
            return NotSent("busy")
        self._busy.add(channel.id)
        loop = asyncio.get_running_loop()
        told: asyncio.Future[NotSent | None] = loop.create_future()

        def over(reason: NotSent | None) -> None:
            self._busy.discard(channel.id)
            if not told.done():
                told.set_result(reason)

        def run() -> None:
            reason = _deliver(channel, title, text, self.bot_origins)
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(over, reason)

        # A daemon: one that hangs keeps nobody from stopping.
        threading.Thread(target=run, name=f"notify {channel.id}", daemon=True).start()
        try:
            async with asyncio.timeout(SEND_S):
                return await told
        except TimeoutError:
            return NotSent("slow")


def _is_understood(url: str) -> bool:
    import apprise  # as below

    return bool(apprise.Apprise().add(url))


def _deliver(
    channel: Channel, title: str, text: str, bot_origins: Mapping[str, str]
) -> NotSent | None:
    try:
        import apprise  # an extra, and heavy: only where a message is sent
    except ImportError:
        return NotSent("not_installed")
    try:
        plugin = apprise.Apprise.instantiate(channel.url)
        if not plugin:
            return NotSent("not_understood")
        if bot := bot_of(plugin):
            return send(bot, bot_origins[bot.kind], title, text, SystemClock().now_ms())
        return _by_apprise(plugin, title, text)
    except Exception as error:  # noqa: BLE001 - a plugin may raise anything
        # Its words may hold a key, its name does not.
        log.error("%s raised %s.", channel.id, type(error).__name__)
        return NotSent("refused")


def _by_apprise(plugin: Any, title: str, text: str) -> NotSent | None:
    import apprise  # as above

    heard: list[str] = []

    def hear(entry: Any, _service: Any) -> None:
        heard.append(entry.message)

    # A redirect would take the message, and its password, to an address that nobody set.
    plugin.redirects = False
    sender = apprise.Apprise()
    sender.add(plugin)
    done = sender.notify(
        body=text,
        title=title,
        body_format=apprise.NotifyFormat.TEXT,
        log_callback=hear,
        log_level=logging.DEBUG,
    )
    return None if done else NotSent(_reason("\n".join(heard)))


def _reason(said: str) -> str:
    if found := _STATUS.search(said):
        return f"http_{found[1]}"
    if "timed out" in said:
        return "slow"
    return "unreached" if "onnection error" in said else "refused"
