#!/usr/bin/env bash
# tornado 6.6.1: whether a connection delegate hears that a connection has ended.
#
# Guess, written before the run: `HTTPServerConnectionDelegate.on_close(server_conn)` is documented as
# "called when a connection has been closed". So a delegate that is handed to `HTTPServer` in place of
# an application may keep something for each connection, and drop it there.
#
# What happens: the delegate hears of every request and of no end. `HTTPServer` is itself the delegate
# of its connections: it forgets the one that ended and tells nobody. What is kept for a connection
# stays for ever; a weak reference to `server_conn` does not.
#
# Source: tornado/httputil.py has the promise, tornado/httpserver.py (`HTTPServer.on_close`) the end of
# the way; found by running it.
set -euo pipefail

folder=$(mktemp -d /tmp/tornado.XXXXXX)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check 'tornado==6.6.1' 2>/dev/null

"$folder/venv/bin/python" - <<'PYTHON'
import asyncio

import tornado
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    ResponseStartLine,
)
from tornado.testing import bind_unused_port


class Answer(HTTPMessageDelegate):
    def __init__(self, connection):
        self.connection = connection

    def finish(self):
        line = ResponseStartLine("HTTP/1.1", 204, "No Content")
        self.connection.write_headers(line, HTTPHeaders())
        self.connection.finish()


class Door(HTTPServerConnectionDelegate):
    ended = 0

    def start_request(self, server_conn, request_conn):
        return Answer(request_conn)

    def on_close(self, server_conn):
        self.ended += 1


async def main():
    door = Door()
    server = HTTPServer(door)
    sock, port = bind_unused_port()
    server.add_socket(sock)
    for _ in range(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 204")
        writer.close()
        await writer.wait_closed()
    await asyncio.sleep(0.5)
    print(f"tornado {tornado.version}: 5 connections, of which {len(server._connections)} are open")
    print(f"on_close was called {door.ended} times")
    assert (len(server._connections), door.ended) == (0, 0)


asyncio.run(main())
PYTHON
