"""WeChat's addresses for complaints and their images."""

from __future__ import annotations

from tornado.web import stream_request_body

from payments.merchant import Api
from simulator.http.wechat_calls import AnswerWriter
from simulator.v3.envelope import AnswerSigner, Request


class ComplaintCallHandler(AnswerWriter):
    """Everything under /v3/merchant-service/ but images."""

    async def get(self) -> None:
        await self._call("GET")

    async def post(self) -> None:
        await self._call("POST")

    async def put(self) -> None:
        await self._call("PUT")

    async def delete(self) -> None:
        await self._call("DELETE")

    async def _call(self, method: str) -> None:
        sent = self.request
        request = Request(method, sent.uri or "", sent.headers, sent.body)
        done = self.world.complaint_desk.answer(request)
        await self._answer(done.reply, done.call, done.order_num, Api.V3, done.sealer.spoilers())


@stream_request_body
class ComplaintImageHandler(AnswerWriter):
    """GET of one image, and POST of /images/upload, whose parts the desk takes apart itself."""

    def prepare(self) -> None:
        super().prepare()
        self._sent = bytearray()

    def data_received(self, chunk: bytes) -> None:
        self._sent += chunk

    async def get(self, _media_id: str) -> None:
        request = Request("GET", self.request.uri or "", self.request.headers)
        sealer = AnswerSigner(self.world.keys, request)
        reply = self.world.complaint_desk.image(request)
        await self._answer(reply, "complaintimage", None, Api.V3, sealer.spoilers())

    async def post(self, _name: str) -> None:
        sent = self.request
        request = Request("POST", sent.uri or "", sent.headers, bytes(self._sent))
        sealer = AnswerSigner(self.world.keys, request)
        reply = self.world.complaint_desk.upload(request)
        await self._answer(reply, "complaintimage", None, Api.V3, sealer.spoilers())
