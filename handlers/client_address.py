"""The address of the client, which a proxy may name in X-Forwarded-For."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache

from tornado.httputil import HTTPHeaders

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_HOPS = 20


def client_address(peer: str, headers: HTTPHeaders, trusted: Sequence[Network]) -> str:
    """The address of the buyer or caller, in its one form; `peer` is the other end of the line.

    X-Forwarded-For is believed only from a trusted proxy, and then read from the right: the
    first address that is not a trusted proxy is the client. The addresses left of it are ignored:
    the client may have written them.
    """
    return client_of(peer, ",".join(headers.get_list("X-Forwarded-For")), trusted)


def client_of(peer: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """As `client_address`; `forwarded` is X-Forwarded-For, its lines joined with commas."""
    peer = one_form(peer) or peer
    if not trusted or not _is_trusted(peer, trusted):
        return peer
    for hop in reversed(forwarded.split(",")[-MAX_HOPS:]):
        address = one_form(hop)
        if address is None:
            return peer
        if not _is_trusted(address, trusted):
            return address
        peer = address
    return peer


@lru_cache(maxsize=4096)
def one_form(text: str) -> str | None:
    """An address as it is kept, counted and sent to WeChat; None for what is no address. Proxies
    write one with its port (`192.0.2.1:443`, `[2001:db8::1]:443`), with a zone, or an IPv4 address
    in IPv6's form (`::ffff:192.0.2.1`), which would be one network for everybody."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    parsed = _parse(text.partition("%")[0])
    if parsed is None:
        return None
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return str(mapped or parsed)


@lru_cache(maxsize=4096)
def network_of(address: str) -> str:
    """The network by which requests are counted: the /24 of an IPv4 address, the /64 of IPv6."""
    parsed = _parse(one_form(address) or "")
    if parsed is None:
        return "unknown"
    bits = 24 if parsed.version == 4 else 64
    return str(ipaddress.ip_network(f"{parsed}/{bits}", strict=False))


def _is_trusted(address: str, trusted: Sequence[Network]) -> bool:
    parsed = _parse(address)
    return parsed is not None and any(parsed in network for network in trusted)


@lru_cache(maxsize=4096)
def _parse(address: str) -> Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None


def is_loopback(address: str) -> bool:
    parsed = _parse(one_form(address) or "")
    return parsed is not None and parsed.is_loopback
