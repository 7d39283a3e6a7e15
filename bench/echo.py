"""The yardstick: a bare Tornado handler that reads the body and answers a fixed XML."""

from __future__ import annotations

import asyncio
import sys

from tornado.web import Application, RequestHandler

ANSWER = b"<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>"


class Echo(RequestHandler):
    def post(self) -> None:
        self.request.body  # noqa: B018 - read, as ours is
        self.set_header("Content-Type", "text/xml")
        self.finish(ANSWER)

    def compute_etag(self) -> None:
        return None


async def main(port: int) -> None:
    Application([("/pay/notify", Echo)], log_function=lambda _: None).listen(port, "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
