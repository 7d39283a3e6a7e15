"""Images of complaints: those at WeChat, fetched and checked by us, and those that a reply is to
show."""

from __future__ import annotations

from typing import Any

from tornado.web import stream_request_body

from handlers.session import ConsoleHandler
from payments.errors import BadRequest
from services.complaints.complaint_desk import LONGEST_UPLOAD, UPLOAD_TYPES


class ComplaintMediaHandler(ConsoleHandler):
    """Whatever WeChat has there leaves as an image or not at all, and no browser runs any of it."""

    async def get(self, complaint_id: str, n: str) -> None:
        image = await self.services.complaint_desk.image(complaint_id, int(n))
        self.set_header("Content-Type", image.kind)
        self.set_header("Content-Security-Policy", "default-src 'none'; sandbox")
        name = f"complaint-{n}.{image.kind.partition('/')[2]}"
        self.set_header("Content-Disposition", f'inline; filename="{name}"')
        self.finish(image.content)


@stream_request_body
class ComplaintUploadHandler(ConsoleHandler):
    """Takes an image as the body, for a reply from the account `account`."""

    _content: bytearray | None = None

    async def prepare(self) -> None:
        await super().prepare()
        if self.request.method == "POST":
            self._begin()

    def _begin(self) -> None:
        """Raises BadRequest."""
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind not in UPLOAD_TYPES:
            raise BadRequest(f"Send the image with a Content-Type of {', '.join(UPLOAD_TYPES)}.")
        length = self.request.headers.get("Content-Length", "0")
        if length.isascii() and length.isdigit() and int(length[:16]) > LONGEST_UPLOAD:
            raise BadRequest(f"An image may have {LONGEST_UPLOAD} bytes.")
        connection: Any = self.request.connection
        connection.set_max_body_size(LONGEST_UPLOAD)
        self._content = bytearray()

    def data_received(self, chunk: bytes) -> None:
        if self._content is not None:
            self._content += chunk

    async def post(self) -> None:
        if self._content is None:  # the browser has gone
            return
        desk, account = self.services.complaint_desk, self.query("account")
        media_id = await desk.upload(account, bytes(self._content))
        self.reply({"mediaId": media_id}, 201)
