"""Requests of each form, to be cut at every byte: in two pieces, of which the second is sent when
the first was read. For tests; holds none itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count, islice

from tests.doors.draws import LANES, Request, Wave, cut, plain
from tests.doors.messages import (
    ODD_FORMS,
    ORDERS_OF_A_LANE,
    Message,
    Sale,
    forged,
    misplaced,
    noise,
    odd,
    paid,
    paid_by_hmac,
    refunded,
    unsigned,
    v3,
)

LONG = 4000
"""Bytes; of a sample that is longer not every byte is a place of its own."""


@dataclass(frozen=True)
class Sample:
    """`is_plain` as of a Request. `is_good`: it is a payment, so that each answer says yes."""

    make: Callable[[Sale], bytes]
    is_plain: bool = True
    is_good: bool = False


def _of(make: Callable[..., Message], *which: int, is_good: bool = False) -> Sample:
    return Sample(lambda sale: plain(make(sale, *which)), is_good=is_good)


def _other(old: bytes, new: bytes) -> Sample:
    """A good payment with other bytes in its head."""
    return Sample(lambda sale: plain(paid(sale)).replace(old, new, 1), is_plain=False)


def _chunked(sale: Sale) -> bytes:
    head, _, body = plain(paid(sale)).partition(b"\r\n\r\n")
    head = head.replace(b"Content-Length: %d" % len(body), b"Transfer-Encoding: chunked")
    half = len(body) // 2
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(each), each) for each in (body[:half], body[half:]))
    return head + b"\r\n\r\n" + chunks + b"0\r\n\r\n"


def _closing(sale: Sale) -> bytes:
    return plain(paid(sale)).replace(b"Host: shop", b"Host: shop\r\nConnection: close")


HEADERS = {
    "close": b"Connection: close",
    "upgrade": b"Connection: upgrade\r\nUpgrade: websocket",
    "expect": b"Expect: 100-continue",
    "gzip": b"Content-Encoding: gzip",
    "identity": b"Content-Encoding: identity",
    "a proxy": b"X-Forwarded-For: 203.0.113.9",
    "a long header": b"X-Long: " + b"x" * 1000,
    "a header that is too long": b"X-Long: " + b"x" * 17_000,
    "a header twice": b"X-Twice: a\r\nX-Twice: b",
    "a folded header": b"X-Folded: a\r\n b",
    "two hosts": b"Host: other",
    "two lengths": b"Content-Length: 1",
    "a header without a name": b": x",
    "a blank at the end": b"X-Blank: a ",
    "a line end alone": b"X-Line: a\nX-Other: b",
}
HTTP = {
    "GET": (b"POST", b"GET"),
    "another address": (b"/pay/notify", b"/pay/notify/"),
    "a query": (b"/pay/notify", b"/pay/notify?a=b"),
    "HTTP/1.0": (b"HTTP/1.1", b"HTTP/1.0"),
    "no host": (b"Host: shop\r\n", b""),
    "no blank": (b"Host: shop", b"Host:shop"),
    "no length": (b"Content-Length", b"X-Length"),
    "an empty line before it": (b"POST", b"\r\nPOST"),
    **{f"with {name}": (b"Host", line + b"\r\nHost") for name, line in HEADERS.items()},
}
SAMPLES: dict[str, Sample] = {
    "v2": _of(paid, is_good=True),
    "v2, HMAC": _of(paid_by_hmac, is_good=True),
    "v2, refund": _of(refunded),
    "v2, forged": _of(forged),
    "v2, a payment at the refunds' address": _of(misplaced),
    **{f"v2, noise {which}": _of(noise, which) for which in range(2)},
    **{f"v2, odd XML {which}": _of(odd, which) for which in range(len(ODD_FORMS))},
    "v3": _of(v3("paid"), 0, is_good=True),
    "v3, refund": _of(v3("refunded"), 0),
    "v3, unsigned": _of(unsigned),
    "v3, forged": _of(v3("forged"), 0),
    "v3, complaint": _of(v3("complaint"), 0),
    **{name: _other(*change) for name, change in HTTP.items()},
    "chunks": Sample(_chunked, is_plain=False, is_good=True),
    "two": Sample(lambda sale: plain(paid(sale)) + plain(v3("paid")(sale, 0)), False, is_good=True),
    "two, of which the first is the last": Sample(lambda sale: 2 * _closing(sale), False, True),
}


def cuts(step: int, most: int) -> Iterator[list[Wave]]:
    """Each sample in two pieces, cut at every `step`-th byte, so fast and so slowly that the fast
    door does not wait; at most so many requests together."""
    found = (
        (requests, is_slow)
        for is_slow in (False, True)
        for sample in SAMPLES.values()
        for requests in _cuts_of(sample, step, is_slow=is_slow)
    )
    while some := list(islice(found, most // LANES)):
        numbers = count(0, LANES)
        yield [Wave(first, each, slow) for first, (each, slow) in zip(numbers, some, strict=False)]


def _cuts_of(sample: Sample, step: int, *, is_slow: bool) -> Iterator[dict[int, Request]]:
    """One a lane. A slow one ends at Tornado's server, so its connection is not used again."""
    length, is_plain = len(sample.make(Sale(0, 0))), sample.is_plain and not is_slow
    places = range(1, length, step * (1 + length // LONG))
    for turn, first in enumerate(range(0, len(places), LANES)):
        yield {
            lane: Request(
                cut(sample.make(Sale(lane, turn % ORDERS_OF_A_LANE)), at), is_plain, sample.is_good
            )
            for lane, at in enumerate(places[first : first + LANES])
        }
