"""WeChat's addresses for bills: the applications, and the files."""

from __future__ import annotations

import asyncio
import zlib
from contextlib import suppress

from tornado.iostream import StreamClosedError

from payments.merchant import Api
from simulator.bills.bill_desk import BASIC
from simulator.bills.downloads import SimulatedDownload
from simulator.http.wechat_calls import AnswerWriter
from simulator.v2.envelope import unsigned
from simulator.v2.replies import Reply
from simulator.v3.envelope import AnswerSigner, Request

CHUNK_BYTES = 64 * 1024
"""Written at once; no more of a bill is held as text."""
_GZIP = 31
"""zlib's window bits for gzip."""


class _BillWriter(AnswerWriter):
    """Sends a bill in chunks, as fast as the merchant reads."""

    async def _send_bill(self, download: SimulatedDownload) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        with suppress(StreamClosedError):  # the merchant went away
            await self._write_bill(download)

    async def _write_bill(self, download: SimulatedDownload) -> None:
        packer = zlib.compressobj(wbits=_GZIP) if download.gzip else None
        waiting = bytearray()
        for line in download.lines():
            waiting += line.encode()
            if len(waiting) >= CHUNK_BYTES:
                self.write(packer.compress(bytes(waiting)) if packer else bytes(waiting))
                waiting.clear()
                await self.flush()
        self.write(packer.compress(bytes(waiting)) if packer else bytes(waiting))
        if download.is_cut:
            self.write(packer.flush(zlib.Z_SYNC_FLUSH) if packer else b"")
            await self.flush()
            self.detach().close()
            return
        self.write(packer.flush() if packer else b"")
        self.finish()


class BillV2Handler(_BillWriter):
    """POST /pay/downloadbill and /pay/downloadfundflow."""

    def get(self, _call: str) -> None:
        self._finish(Reply(unsigned("请使用post方法")))

    async def post(self, call: str) -> None:
        answered = self.world.bills.desk_v2.answer(call, self.request.body)
        if isinstance(answered, Reply):
            self._finish(answered)
            return
        if answered.part == BASIC:
            sha1 = await asyncio.to_thread(answered.made.sha1, answered.part)
            self.set_header("Digest", f"SHA={sha1}")
        await self._send_bill(answered)


class BillV3Handler(_BillWriter):
    """GET /v3/bill/tradebill and /v3/bill/fundflowbill."""

    async def get(self, call: str) -> None:
        request = Request("GET", self.request.uri or "", self.request.headers)
        sealer = AnswerSigner(self.world.keys, request)
        reply = await self.world.bills.desk_v3.apply(call, request, sealer)
        await self._answer(reply, call, None, Api.V3, sealer.spoilers())


class BillFileHandler(_BillWriter):
    """GET /v3/billdownload/file: the bill itself, unsigned."""

    async def get(self) -> None:
        request = Request("GET", self.request.uri or "", self.request.headers)
        sealer = AnswerSigner(self.world.keys, request)
        answered = self.world.bills.desk_v3.download(request, sealer)
        if isinstance(answered, Reply):
            self._finish(answered)
        else:
            await self._send_bill(answered)
