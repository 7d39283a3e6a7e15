"""Chat bots on this machine that answer as the real ones are described. For tests."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

WECOM_KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
DINGTALK_TOKEN, DINGTALK_SECRET = "d1" * 32, "SEC" + "a0b1" * 16
FEISHU_TOKEN = "8f4e5c4e-1b7d-4f1c-9b63-0a1b2c3d4e5f"
OK = {"errcode": 0, "errmsg": "ok"}


@dataclass
class Bots:
    """`origin` is where they are. `refusals` are the next answers; `texts` is what was shown."""

    origin: str = ""
    texts: list[str] = field(default_factory=list)
    refusals: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    redirect: bool = False


class _Bot(RequestHandler):
    def initialize(self, bots: Bots) -> None:
        self.bots = bots

    def post(self, *_args: str) -> None:
        self.bots.asked += 1
        if self.bots.redirect:
            self.redirect("/elsewhere", status=307)
            return
        refusal = self.bots.refusals.pop(0) if self.bots.refusals else self.refused()
        if not refusal:
            self.bots.texts.append(self.shown(json.loads(self.request.body)))
        # 200 in any case: that is how these servers are.
        self.finish(json.dumps(refusal or self.taken()))

    def taken(self) -> dict[str, Any]:
        return OK

    def refused(self) -> dict[str, Any] | None:
        raise NotImplementedError

    def shown(self, body: dict[str, Any]) -> str:
        assert body["msgtype"] == "text"
        return str(body["text"]["content"])


class _WeCom(_Bot):
    def refused(self) -> dict[str, Any] | None:
        key = self.get_query_argument("key")
        if key != WECOM_KEY:
            return {"errcode": 93000, "errmsg": f"invalid webhook url, hint: [1], key {key}"}
        return None


class _DingTalk(_Bot):
    """With 加签: a message whose sign is not the HMAC of its timestamp is refused."""

    def refused(self) -> dict[str, Any] | None:
        if self.get_query_argument("access_token") != DINGTALK_TOKEN:
            return {"errcode": 300001, "errmsg": "token is not exist"}
        at = self.get_query_argument("timestamp", "")
        told = f"{at}\n{DINGTALK_SECRET}".encode()
        right = base64.b64encode(hmac.new(DINGTALK_SECRET.encode(), told, hashlib.sha256).digest())
        if not at or abs(time.time() * 1000 - int(at)) > 3_600_000:
            return {"errcode": 310000, "errmsg": "invalid timestamp"}
        if self.get_query_argument("sign", "").encode() != right:
            return {"errcode": 310000, "errmsg": "sign not match"}
        return None


class _Feishu(_Bot):
    def taken(self) -> dict[str, Any]:
        old = {"StatusCode": 0, "StatusMessage": "success"}
        return {**old, "code": 0, "data": {}, "msg": "success"}

    def refused(self) -> dict[str, Any] | None:
        return None

    def shown(self, body: dict[str, Any]) -> str:
        assert body["msg_type"] == "text"
        return str(body["content"]["text"])

    def post(self, *args: str) -> None:
        if args[0] != FEISHU_TOKEN:
            self.set_status(400)
            self.finish(json.dumps({"code": 19001, "msg": "param invalid: incoming webhook"}))
            return
        super().post(*args)


class _Elsewhere(RequestHandler):
    """Where a redirect leads: nobody must come here."""

    def initialize(self, bots: Bots) -> None:
        self.bots = bots

    def post(self) -> None:
        self.bots.texts.append("followed a redirect")
        self.finish(json.dumps(OK))


@asynccontextmanager
async def chat_bots() -> AsyncIterator[Bots]:
    bots = Bots()
    sock, port = bind_unused_port()
    given = {"bots": bots}
    server = HTTPServer(
        Application(
            [
                ("/cgi-bin/webhook/send", _WeCom, given),
                ("/robot/send", _DingTalk, given),
                ("/open-apis/bot/v2/hook/([^/]+)", _Feishu, given),
                ("/elsewhere", _Elsewhere, given),
            ]
        )
    )
    server.add_socket(sock)
    bots.origin = f"http://127.0.0.1:{port}"
    try:
        yield bots
    finally:
        server.stop()
        await server.close_all_connections()
