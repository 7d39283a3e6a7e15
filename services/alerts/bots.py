"""The chat bots of WeCom, DingTalk and Feishu (Lark). They answer HTTP 200 also when they refuse a
message, so the code in the answer's JSON decides, which apprise does not read.

Sources: developer.work.weixin.qq.com/document/path/91770 (errcode),
open.dingtalk.com/document/robots (errcode; timestamp and sign),
open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (code).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

BOT_ORIGINS: Mapping[str, str] = {
    "NotifyWeComBot": "https://qyapi.weixin.qq.com",
    "NotifyDingTalk": "https://oapi.dingtalk.com",
    "NotifyFeishu": "https://open.feishu.cn",
    "NotifyLark": "https://open.larksuite.com",
}
"""The origin of each kind of bot, by the name that apprise gives the kind."""
CONNECT_S, ANSWER_S = 4.0, 10.0
MAX_TEXT = {"NotifyWeComBot": 2048}
LONGEST_TEXT = 18_000
"""Bytes of UTF-8 that a bot takes in one text."""
MAX_WORDS = 200


@dataclass(frozen=True)
class NotSent:
    """Why a channel did not take a message: a word of ours, and for a person the bot's own words,
    without our key."""

    reason: str
    words: str = ""


@dataclass(frozen=True)
class Bot:
    """One bot: its kind, its token, for DingTalk the secret of its signature, and whom to name."""

    kind: str
    token: str
    secret: str = ""
    phones: tuple[str, ...] = ()

    def path(self, now_ms: int) -> str:
        """Where a message goes; a signed address holds for an hour."""
        if self.kind == "NotifyWeComBot":
            return f"/cgi-bin/webhook/send?{urlencode({'key': self.token})}"
        if self.kind != "NotifyDingTalk":
            return f"/open-apis/bot/v2/hook/{self.token}"
        query = {"access_token": self.token}
        if self.secret:
            query |= {"timestamp": str(now_ms), "sign": signature(self.secret, now_ms)}
        return f"/robot/send?{urlencode(query)}"

    def message(self, title: str, text: str) -> bytes:
        content = _cut(f"{title}\n{text}", MAX_TEXT.get(self.kind, LONGEST_TEXT))
        if self.kind in ("NotifyFeishu", "NotifyLark"):
            body: dict[str, Any] = {"msg_type": "text", "content": {"text": content}}
        else:
            body = {"msgtype": "text", "text": {"content": content}}
        if self.phones:
            body["at"] = {"atMobiles": list(self.phones), "isAtAll": False}
        return json.dumps(body, ensure_ascii=False).encode()

    def hidden(self, words: str) -> str:
        """The bot's words in one line, without the keys in them."""
        for key in (self.token, self.secret):
            words = words.replace(key, "…") if key else words
        printable = "".join(c if c.isprintable() else " " for c in words)
        return " ".join(printable.split())[:MAX_WORDS]


def bot_of(plugin: Any) -> Bot | None:
    """The bot that apprise read out of an address; None for any other channel."""
    kind = type(plugin).__name__
    if kind not in BOT_ORIGINS:
        return None
    token = plugin.key if kind == "NotifyWeComBot" else plugin.token
    phones = tuple(getattr(plugin, "targets", ()))
    return Bot(kind, token, getattr(plugin, "secret", None) or "", phones)


def signature(secret: str, now_ms: int) -> str:
    """DingTalk's 加签: HMAC-SHA256 of time and secret, in base64. It is percent-encoded once, with
    the rest of the query."""
    signed = hmac.new(secret.encode(), f"{now_ms}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(signed.digest()).decode()


def send(bot: Bot, origin: str, title: str, text: str, now_ms: int) -> NotSent | None:
    """None when the bot took it. Bounded; follows no redirect, which could take the key along."""
    import requests  # comes with apprise, which is an extra

    try:
        answer = requests.post(
            origin + bot.path(now_ms),
            data=bot.message(title, text),
            headers={"Content-Type": "application/json; charset=utf-8", "User-Agent": "paywatch"},
            timeout=(CONNECT_S, ANSWER_S),
            allow_redirects=False,
        )
    except requests.Timeout:
        return NotSent("slow")
    except requests.RequestException:
        return NotSent("unreached")
    return read_answer(bot, answer.status_code, answer.content)


def read_answer(bot: Bot, status: int, body: bytes) -> NotSent | None:
    """The code in the answer decides where there is one, whatever the status is."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    fields = found if isinstance(found, dict) else {}
    code = next(
        (fields[name] for name in ("errcode", "code", "StatusCode") if name in fields), None
    )
    words = bot.hidden(str(fields.get("errmsg") or fields.get("msg") or ""))
    if type(code) is int and code != 0:
        return NotSent(f"refused_{code}"[:20], words)
    if status != 200:
        return NotSent(f"http_{status}", words)
    return None if code == 0 and type(code) is int else NotSent("odd_answer")


def _cut(text: str, most: int) -> str:
    """At most so many bytes, and no half character."""
    given = text.encode()
    return text if len(given) <= most else given[: most - 3].decode("utf-8", "ignore") + "…"
