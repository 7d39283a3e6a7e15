"""WeChat's addresses for merchants: the desk's answer, on its way through the faults."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from tornado.iostream import StreamClosedError

from payments.merchant import Api
from simulator.http.base import EdgeHandler
from simulator.state.faults import Fault, possible
from simulator.v2.envelope import unsigned
from simulator.v2.replies import Reply, Spoilers, spoiled, spoilers_v2
from simulator.v3.envelope import Request

PIECES = 10
"""A slow answer is written in so many."""


class AnswerWriter(EdgeHandler):
    """Sends an answer as a fault has it; none at an address that is away."""

    def prepare(self) -> None:
        super().prepare()
        if not self.world.domains.admits(self.request.host):
            self.detach().close()

    async def _answer(
        self, reply: Reply, call: str, order_num: str | None, api: Api, spoilers: Spoilers
    ) -> None:
        fault = self.world.faults.take(call, order_num, possible(call, api)) if call else None
        if fault is None:
            self._finish(reply)
            return
        with suppress(StreamClosedError):  # the merchant's patience ended
            await self._send(spoiled(reply, fault, spoilers, self.request.path), fault)

    async def _send(self, reply: Reply, fault: Fault) -> None:
        if reply.cut:
            await self._cut(reply)
        elif reply.takes_s:
            await self._drip(reply, fault)
        else:
            self._finish(reply)

    def _finish(self, reply: Reply) -> None:
        self._head(reply)
        self.finish(reply.body or None)

    async def _cut(self, reply: Reply) -> None:
        """After the head: no client takes that for a stale connection and repeats by itself. A
        head that promises no body would be a whole answer."""
        self._head(replace(reply, status=200, body=reply.body or b"{}"))
        await self.flush()
        self.detach().close()

    async def _drip(self, reply: Reply, fault: Fault) -> None:
        self._head(reply)
        step = -(-len(reply.body) // PIECES) or 1
        if not reply.body:
            await self.world.faults.hold(fault, reply.takes_s)
        for start in range(0, len(reply.body), step):
            await self.world.faults.hold(fault, reply.takes_s / PIECES)
            self.write(reply.body[start : start + step])
            await self.flush()
        self.finish()

    def _head(self, reply: Reply) -> None:
        self.set_status(reply.status)
        self.clear_header("Content-Type")
        for name, value in reply.headers.items():
            self.set_header(name, value)
        if reply.status != 204:
            self.set_header("Content-Length", len(reply.body))


class CallHandler(AnswerWriter):
    """POST /pay/unifiedorder, /pay/orderquery, /pay/closeorder, /pay/refundquery and
    /secapi/pay/refund."""

    def get(self, _call: str) -> None:
        self._finish(Reply(unsigned("请使用post方法")))

    async def post(self, call: str) -> None:
        desk, body = self.world.desk, self.request.body
        order_num, merchant = desk.whose(body)
        restricted = self.world.faults.restricts(call, order_num)
        reply = Reply(desk.answer(call, body, restricted=restricted))
        order_num, merchant = desk.whose(body)  # a refund query names an order only now
        await self._answer(reply, call, order_num, Api.V2, spoilers_v2(merchant))


class CallV3Handler(AnswerWriter):
    """Everything under /v3/."""

    async def get(self) -> None:
        await self._call("GET")

    async def post(self) -> None:
        await self._call("POST")

    async def _call(self, method: str) -> None:
        sent = self.request
        request = Request(method, sent.uri or "", sent.headers, sent.body)
        done = self.world.desk_v3.answer(request, self.world.faults.restricts)
        await self._answer(done.reply, done.call, done.order_num, Api.V3, done.sealer.spoilers())
