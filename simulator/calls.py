"""WeChat's addresses for merchants: the desk's answer, on its way through the faults."""

from __future__ import annotations

from contextlib import suppress

from tornado.iostream import StreamClosedError

from simulator.edge import Edge
from simulator.envelope import order_num_of, unsigned
from simulator.faults import Fault
from simulator.replies import Reply, spoiled

PIECES = 10
"""A slow answer is written in so many."""


class CallHandler(Edge):
    """POST /pay/unifiedorder, /pay/orderquery and /pay/closeorder."""

    def get(self, _call: str) -> None:
        self._finish(Reply(unsigned("请使用post方法")))

    async def post(self, call: str) -> None:
        body = self.request.body
        reply = Reply(self.world.desk.answer(call, body))
        fault = self.world.faults.take(call, order_num_of(body))
        if fault is None:
            self._finish(reply)
            return
        reply = spoiled(reply, fault, self.world.till.merchant, self.request.path)
        with suppress(StreamClosedError):  # the merchant's patience ended
            await self._send(reply, fault)

    async def _send(self, reply: Reply, fault: Fault) -> None:
        if reply.cut:
            await self._cut(reply)
        elif reply.takes_s:
            await self._drip(reply, fault)
        else:
            self._finish(reply)

    def _finish(self, reply: Reply) -> None:
        self._head(reply)
        self.finish(reply.body)

    async def _cut(self, reply: Reply) -> None:
        """After the head: no client takes that for a stale connection and repeats by itself."""
        self._head(reply)
        await self.flush()
        self.detach().close()

    async def _drip(self, reply: Reply, fault: Fault) -> None:
        self._head(reply)
        step = -(-len(reply.body) // PIECES)
        for start in range(0, len(reply.body), step):
            await self.world.faults.hold(fault, reply.takes_s / PIECES)
            self.write(reply.body[start : start + step])
            await self.flush()
        self.finish()

    def _head(self, reply: Reply) -> None:
        self.set_status(reply.status)
        self.set_header("Content-Type", "text/xml; charset=utf-8")
        self.set_header("Content-Length", len(reply.body))
        if reply.location:
            self.set_header("Location", reply.location)
