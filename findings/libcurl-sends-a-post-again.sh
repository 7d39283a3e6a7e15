#!/usr/bin/env bash
# libcurl (by pycurl 7.49.0): a POST whose kept connection the server closes without an answer.
#
# Guess, written before the run: a POST is not idempotent, so a client library that is told to make one
# makes one. If the connection ends after the body was sent and before an answer came, it reports an
# error, and the caller decides. (A payment system counts on that for every order and every refund.)
#
# What happens: on a connection that was kept from an earlier request libcurl takes the end for a
# connection that had died, opens a new one, and sends the POST again by itself. The caller asked once,
# sees one answer and no error; the server got the same order twice. On a new connection it reports
# error 52 (nothing came back). What protects a caller is a number in the body that the server takes
# once, or FRESH_CONNECT / FORBID_REUSE.
#
# Source: the run below; libcurl's own words for it in its trace are "Connection died, retrying a fresh
# connect".
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pycurl==7.49.0 2>/dev/null

"$folder/venv/bin/python" - <<'PYTHON'
import io
import socket
import sys
import threading

import pycurl

got = []
server = socket.create_server(("127.0.0.1", 0))
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def read_request(connection):
    """The body of the next request, or nothing at the end."""
    text = b""
    while b"\r\n\r\n" not in text:
        part = connection.recv(65536)
        if not part:
            return b""
        text += part
    head, _, body = text.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return body


def serve():
    """Answers every request but the first of this body, at which it hangs up."""
    while True:
        connection, _ = server.accept()
        with connection:
            while body := read_request(connection):
                got.append(body)
                if body.startswith(b"hang up") and got.count(body) == 1:
                    break
                connection.sendall(ANSWER)


threading.Thread(target=serve, daemon=True).start()


def post(handle, body):
    """What the caller sees of one POST."""
    handle.setopt(pycurl.URL, "http://127.0.0.1:%d/order" % server.getsockname()[1])
    handle.setopt(pycurl.POSTFIELDS, body)
    handle.setopt(pycurl.WRITEDATA, io.BytesIO())
    handle.setopt(pycurl.TIMEOUT, 10)
    try:
        handle.perform()
    except pycurl.error as error:
        return f"error {error.args[0]}"
    return handle.getinfo(pycurl.RESPONSE_CODE)


kept = pycurl.Curl()
first = post(kept, "pay 1")
on_kept = post(kept, "hang up 2"), got.count(b"hang up 2")
kept.close()
on_new = post(pycurl.Curl(), "hang up 3"), got.count(b"hang up 3")
print(pycurl.version)
print(f"first POST: {first}")
print(f"POST on the kept connection: the caller sees {on_kept[0]}, the server got it {on_kept[1]} times")
print(f"POST on a new connection: the caller sees {on_new[0]}, the server got it {on_new[1]} times")
same = (first, on_kept, on_new) == (200, (200, 2), ("error 52", 1))
sys.exit(0 if same else "this has changed")
PYTHON
