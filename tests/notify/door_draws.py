"""Requests at the notify addresses, drawn at random: plain ones, and ones that are odd in all the
ways that HTTP knows. For tests; holds none itself."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.support.rig import notify_fields, signed
from tests.support.v3_keys import NOW_S, notify_body, signed_headers, transaction_of

Headers = list[tuple[str, str]]
ORDERS = [f"ORD2025010200{i:04}" for i in range(40)]
PAID = "20250102110405"
CONNECTIONS = ("close", "Close", "keep-alive", "Keep-Alive", "upgrade", "keep-alive, close", "x")
FORWARDED = (
    "203.0.113.9",
    "203.0.113.9, 127.0.0.1",
    "::1",
    "nobody",
    "198.51.100.1:80",
    ",",
    "a,b",
)
EXTRA: Headers = [
    ("Expect", "100-continue"),
    ("Content-Encoding", "gzip"),
    ("Content-Encoding", "identity"),
    ("Transfer-Encoding", "chunked"),
    ("Transfer-Encoding", "gzip"),
    ("Host", "other"),
    ("Upgrade", "websocket"),
    ("TE", "trailers"),
    ("X-Empty", ""),
    ("X-Long", "x" * 5000),
    ("X-Longer", "x" * 9000),
    ("X-Tab", "a\tb"),
    ("X-Latin", "caf\xe9"),
    ("X-Nul", "a\x00b"),
    ("X_Under", "a"),
    ("Bad Name", "a"),
    ("X-Folded", "a\r\n b"),
    ("X-Blank", "a "),
]


@dataclass(frozen=True)
class Drawn:
    """One request. `hangs`: no answer may come, as something is missing. `is_spoilt`: some of its
    bytes may be taken for a next one, or never be read, so its connection is not used again."""

    data: bytes
    hangs: bool = False
    is_spoilt: bool = False


@dataclass(frozen=True)
class Message:
    path: str
    headers: Headers
    body: bytes


def messages() -> list[Message]:
    """Bodies of every kind, each made once: a signature of API v3 costs a millisecond."""
    found = []
    for i, number in enumerate(ORDERS):
        tx = f"42000000012025010200000{i:05}"
        fields = notify_fields(number, tx, time_end=PAID, nonce_str="n" * 16)
        found.append(Message("/pay/notify", [("Content-Type", "text/xml")], signed(fields)))
        if i % 4 == 0:
            wrong = signed({**fields, "total_fee": "1"})
            forged = signed(fields, "0" * 32)
            found += [Message("/pay/notify", [], body) for body in (wrong, forged, b"<xml>", b"x")]
            found.append(Message("/pay/notify/refund", [], signed(fields)))
        if i % 2 == 0:
            body = notify_body(transaction_of(number, tx))
            found.append(Message("/pay/notify/v3", list(signed_headers(body, NOW_S).items()), body))
            found.append(Message("/pay/notify/v3", [], body))
    return found


def draw(random: Random, among: list[Message]) -> Drawn:
    """Half of them plain, the others spoilt in one way or two."""
    message = random.choice(among)
    method, path, version = "POST", message.path, "HTTP/1.1"
    headers: Headers = [("Host", "shop"), *message.headers]
    body, length = message.body, str(len(message.body))
    if random.random() < 0.3:
        headers.append(("X-Forwarded-For", random.choice(FORWARDED)))
    if random.random() < 0.4:
        headers.append(("Connection", random.choice(CONNECTIONS)))
    spoils = random.choice((0, 0, 1, 1, 2))
    lengths = [length]
    for _ in range(spoils):
        way = random.randrange(12)
        if way == 0:
            method = random.choice(("GET", "PUT", "post", "TRACE", "HEAD"))
        elif way == 1:
            path = random.choice((path + "?a=b", path + "/", "//pay/notify", "/readyz", "*", path))
        elif way == 2:
            version = random.choice(("HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/1.1 ", "http/1.1"))
        elif way == 3:
            lengths = random.choice(
                ([], [length, length], [length, "1"], ["0"], ["0" + length], ["-1"], [f"+{length}"])
            )
        elif way == 4 and headers:
            headers.pop(random.randrange(len(headers)))
        elif way in (5, 6, 7, 8):
            headers.append(random.choice(EXTRA))
        elif way == 9:
            headers.append(random.choice(headers or EXTRA))
        else:
            body = body[: random.randrange(len(body) + 1)]
            lengths = [str(len(body))]
    chunked = ("Transfer-Encoding", "chunked") in headers
    if chunked and random.random() < 0.8:
        lengths, body = [], b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    headers += [("Content-Length", each) for each in lengths]
    if random.random() < 0.5:
        random.shuffle(headers)
    lines = [f"{method} {path} {version}", *(f"{name}: {value}" for name, value in headers)]
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    if not spoils and random.random() < 0.8:
        return Drawn(head + body)
    return _spoilt(random, head, body)


def _spoilt(random: Random, head: bytes, body: bytes) -> Drawn:
    """The bytes of one, now and then damaged."""
    way = random.randrange(40)
    if way == 0:
        head = head.replace(b"\r\n", b"\n")
    elif way == 1:
        head = head.replace(b": ", random.choice((b":", b" : ", b":  ", b":\t")))
    elif way == 2:
        head = random.choice((b"\r\n", b"\n", b" ")) + head
    elif way == 3:
        head = head.lower()
    elif way == 4:
        body += random.choice((b"\r\n", b"x", head + body))
    elif way == 5:
        at = random.randrange(len(head))
        head = head[:at] + bytes([random.randrange(256)]) + head[at + 1 :]
    elif way == 6 and body:
        at = random.randrange(len(body))
        body = body[:at] + bytes([random.randrange(256)]) + body[at + 1 :]
    elif way == 7:
        cut = random.randrange(1, len(head + body))
        return Drawn((head + body)[:cut], hangs=True, is_spoilt=True)
    return Drawn(head + body, is_spoilt=True)
