"""The states of an order and of its service, and the only moves between them."""

from __future__ import annotations

from enum import StrEnum


class OrderStatus(StrEnum):
    INIT = "INIT"
    WAIT_PAY = "WAIT_PAY"
    PAID = "PAID"
    CLOSED = "CLOSED"
    REFUNDING = "REFUNDING"
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED"
    REFUNDED = "REFUNDED"


class ServiceStatus(StrEnum):
    SERVICE_WAIT = "SERVICE_WAIT"
    IN_SERVICE = "IN_SERVICE"
    SERVED = "SERVED"
    SERVICE_CANCELLED = "SERVICE_CANCELLED"


SERVICE_MOVES: dict[ServiceStatus, frozenset[ServiceStatus]] = {
    ServiceStatus.SERVICE_WAIT: frozenset(
        {ServiceStatus.IN_SERVICE, ServiceStatus.SERVICE_CANCELLED}
    ),
    ServiceStatus.IN_SERVICE: frozenset({ServiceStatus.SERVED, ServiceStatus.SERVICE_CANCELLED}),
    ServiceStatus.SERVED: frozenset(),
    ServiceStatus.SERVICE_CANCELLED: frozenset(),
}


class TradeType(StrEnum):
    """How the buyer pays; WeChat's own words."""

    JSAPI = "JSAPI"
    NATIVE = "NATIVE"
    APP = "APP"
    MWEB = "MWEB"


LEGAL_MOVES: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.INIT: frozenset({OrderStatus.WAIT_PAY, OrderStatus.PAID, OrderStatus.CLOSED}),
    OrderStatus.WAIT_PAY: frozenset({OrderStatus.PAID, OrderStatus.CLOSED}),
    OrderStatus.PAID: frozenset({OrderStatus.REFUNDING}),
    OrderStatus.PARTIALLY_REFUNDED: frozenset({OrderStatus.REFUNDING}),
    OrderStatus.REFUNDING: frozenset(
        {OrderStatus.PARTIALLY_REFUNDED, OrderStatus.REFUNDED, OrderStatus.PAID}
    ),
    OrderStatus.REFUNDED: frozenset(),
    OrderStatus.CLOSED: frozenset(),
}
"""CLOSED → PAID exists only as an admin's audited decision, never by a message."""

PAYABLE = frozenset(
    s
    for s, moves in LEGAL_MOVES.items()
    if OrderStatus.PAID in moves and s != OrderStatus.REFUNDING
)
"""States in which a first payment is expected: INIT and WAIT_PAY."""

SETTLED = frozenset(
    {OrderStatus.PAID, OrderStatus.REFUNDING, OrderStatus.PARTIALLY_REFUNDED, OrderStatus.REFUNDED}
)
"""States that an order reaches only after it was paid."""


def may_move(before: OrderStatus, after: OrderStatus) -> bool:
    return after in LEGAL_MOVES[before]
