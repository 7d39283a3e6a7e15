#!/usr/bin/env bash
# tornado 6.6.1: a request that waits in the socket when the idle time of its connection is over.
#
# Guess, written before the run: `idle_connection_timeout` closes connections on which nothing came.
# A request that came within the time, while the process was busy with something else until after it,
# is read first, as the loop asks its sockets before it runs its timers, and is answered.
#
# What happens: it is never answered; the connection is closed. In one turn the loop reads the request,
# but the coroutine that waits for the head goes on a turn later, and the timer of the idle time runs
# between the two and wins. So after any standstill longer than the idle time (a slow call in a handler,
# a machine that was paused) every request that waits on a kept connection is lost, though its client
# did nothing wrong. A sender of notifies comes again; one that posts an order may not.
#
# Source: tornado/http1connection.py (`_read_message`, `header_timeout`) and tornado/gen.py
# (`with_timeout`); found by running it.
set -euo pipefail

folder=$(mktemp -d /tmp/tornado.XXXXXX)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'tornado==6.6.1' 2>/dev/null

"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import time

import tornado
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

IDLE_S = 2
REQUEST = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"


class Hello(RequestHandler):
    def get(self):
        self.write("hello")


async def second_answer(busy_s):
    """The answer to a second request, which is sent at once and then waits for a busy process."""
    server = HTTPServer(Application([("/", Hello)]), idle_connection_timeout=IDLE_S)
    sock, port = bind_unused_port()
    server.add_socket(sock)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST)
    assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
    await asyncio.sleep(0.3)
    writer.write(REQUEST)  # it is in the socket of the server from here on
    time.sleep(busy_s)
    try:
        answer = await asyncio.wait_for(reader.read(4096), 10)
    except ConnectionError:
        answer = b""
    writer.close()
    server.stop()
    return answer.split(b"\r\n")[0].decode()


async def main():
    short, long = await second_answer(IDLE_S / 2), await second_answer(IDLE_S + 1)
    print(f"tornado {tornado.version}, idle time {IDLE_S} s, a request 0.3 s after the one before")
    print(f"process busy for {IDLE_S / 2} s: {short!r}")
    print(f"process busy for {IDLE_S + 1} s: {long!r}")
    assert (short, long) == ("HTTP/1.1 200 OK", "")


asyncio.run(main())
PYTHON
