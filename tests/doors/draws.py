"""Requests at the notify addresses, drawn at random: plain ones, and ones that are odd in all the
ways that HTTP knows; whole, in pieces, or several in one. For tests; holds none itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from tests.doors.messages import Message, message

LANES = 32
CONNECTIONS = ("close", "Close", "keep-alive", "Keep-Alive", "upgrade", "keep-alive, close", "x")
EXTRA = [
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
    ("X-Longest", "x" * 17000),
    ("X-Tab", "a\tb"),
    ("X-Latin", "caf\xe9"),
    ("X-Nul", "a\x00b"),
    ("X_Under", "a"),
    ("Bad Name", "a"),
    ("X-Folded", "a\r\n b"),
    ("X-Blank", "a "),
]


def _lengths(length: str) -> tuple[tuple[str, ...], ...]:
    odd = (
        "0",
        "0" + length,
        "-1",
        "+" + length,
        length + " ",
        "65536",
        "65537",
        "999999",
        "9" * 20,
    )
    return (
        (),
        (length, length),
        (length, "1"),
        (f"{length}, {length}",),
        *((each,) for each in odd),
    )


def _paths(path: str) -> tuple[str, ...]:
    odd = ("?a=b", "?", "/", "#a", ";a", "%20")
    others = ("//pay/notify", "/pay%2Fnotify", "/pay/./notify", "/readyz", "*", path[1:])
    return (*(path + each for each in odd), f"http://shop{path}", *others)


def forwarded(lane: int) -> tuple[str, ...]:
    """Values of X-Forwarded-For. No damage to one byte makes the network of another lane."""
    one, other = 100 + lane, 200 - lane
    return (
        f"203.{one}.{other}.9",
        f"203.{one}.{other}.9, 127.0.0.1",
        f"2001:db8:{one}:{other}::1",
        "nobody",
        f"198.{one}.{other}.1:80",
        ",",
        "a,b",
    )


@dataclass(frozen=True, slots=True)
class Request:
    """One, in the pieces in which it is sent. `is_plain`: it has an answer, and its connection is
    used again; of any other some bytes may be missing, may never be read, or may be taken for a
    next one. `is_good`: every answer to it says yes."""

    pieces: tuple[bytes, ...]
    is_plain: bool = True
    is_good: bool = False


@dataclass(frozen=True, slots=True)
class Wave:
    """Requests that are under way together, by their lanes. `is_slow`: so slow that the fast door
    does not wait for the next piece. `first` is the number of its first lane's in the round."""

    first: int
    requests: dict[int, Request]
    is_slow: bool = False


def waves(seed: int, requests: int, begin: int = 0) -> list[Wave]:
    """The first so many requests of a round, without those before `begin`; whichever are left out,
    the others are the same."""
    random, drawn = Random(seed), []
    for first in range(0, requests, LANES):
        is_slow = random.random() < 0.1
        wave = {lane: request(random, lane) for lane in range(LANES)}
        wanted = range(begin - first, requests - first)
        drawn.append(Wave(first, {i: wave[i] for i in wave if i in wanted}, is_slow))
    return [wave for wave in drawn if wave.requests]


def request(random: Random, lane: int) -> Request:
    """Most in one piece; the others in two, three, or up to twenty."""
    if random.random() < 0.04:
        return _several(random, lane)
    data, is_plain = draw(random, lane)
    (cuts,) = random.choices((0, 1, 2, random.randrange(3, 8), 20), (60, 20, 12, 7, 1))
    return Request(cut(data, *(random.randrange(len(data)) for _ in range(cuts))), is_plain)


def _several(random: Random, lane: int) -> Request:
    """Two or three, one behind the other or in the midst of the other's bytes."""
    several = [draw(random, lane)[0] for _ in range(random.choice((2, 2, 3)))]
    data, end = b"".join(several), len(several[0])
    at = random.choice((0, end, end, random.randrange(len(data))))
    return Request(cut(data, at), is_plain=False)


def numbered(sent: Sequence[Wave]) -> dict[int, Request]:
    return {wave.first + lane: each for wave in sent for lane, each in wave.requests.items()}


def cut(data: bytes, *places: int) -> tuple[bytes, ...]:
    return tuple(data[start:end] for start, end in pairwise(sorted({0, *places, len(data)})))


def plain(message: Message) -> bytes:
    headers = [*message.headers, ("Content-Length", str(len(message.body)))]
    return _head("POST", message.path, "HTTP/1.1", [("Host", "shop"), *headers]) + message.body


def _head(method: str, path: str, version: str, headers: list[tuple[str, str]]) -> bytes:
    lines = [f"{method} {path} {version}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def draw(random: Random, lane: int) -> tuple[bytes, bool]:
    """The bytes of one, and whether it is plain: half of them are, the others are spoilt in one way
    or two."""
    found = message(random, lane)
    headers = [("Host", "shop"), *found.headers]
    if random.random() < 0.3:
        headers.append(("X-Forwarded-For", random.choice(forwarded(lane))))
    if random.random() < 0.4:
        headers.append(("Connection", random.choice(CONNECTIONS)))
    spoils = random.choice((0, 0, 0, 1, 1, 2))
    head, body = _request(random, found, headers, spoils)
    if not spoils and random.random() < 0.85:
        return head + body, True
    return _damaged(random, head, body), False


def _request(
    random: Random, found: Message, headers: list[tuple[str, str]], spoils: int
) -> tuple[bytes, bytes]:
    method, path, version, body = "POST", found.path, "HTTP/1.1", found.body
    length = str(len(body))
    lengths = [length]
    for _ in range(spoils):
        way = random.randrange(12)
        if way == 0:
            method = random.choice(("GET", "PUT", "post", "TRACE", "HEAD"))
        elif way == 1:
            path = random.choice(_paths(path))
        elif way == 2:
            version = random.choice(("HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/1.1 ", "http/1.1"))
        elif way == 3:
            lengths = list(random.choice(_lengths(length)))
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
    return _head(method, path, version, headers), body


def _damaged(random: Random, head: bytes, body: bytes) -> bytes:
    """The bytes of one, now and then damaged."""
    way = random.randrange(24)
    if way == 0:
        head = head.replace(b"\r\n", b"\n")
    elif way == 1:
        head = head.replace(b": ", random.choice((b":", b" : ", b":  ", b":\t")))
    elif way == 2:
        head = random.choice((b"\r\n", b"\n", b" ")) + head
    elif way == 3:
        head = head.lower()
    elif way == 4:
        body += random.choice((b"\r\n", b"x", b"POST /pay/notify"))
    elif way == 5:
        at = random.randrange(len(head))
        head = head[:at] + bytes([random.randrange(256)]) + head[at + 1 :]
    elif way == 6 and body:
        at = random.randrange(len(body))
        body = body[:at] + bytes([random.randrange(256)]) + body[at + 1 :]
    elif way == 7:
        data = head + body
        return data[: random.randrange(1, len(data))]
    return head + body
