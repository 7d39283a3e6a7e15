"""The trades of the simulated WeChat, with their transactions and deliveries."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any, Protocol

from payments.merchant import MD5, Api, Merchant
from payments.payment_result import CHINA

MAX_TRADES = 20_000
MAX_DELIVERIES = 40
"""Deliveries that are kept of one trade; the ladder has 16."""


class TradeState(StrEnum):
    NOTPAY = "NOTPAY"
    SUCCESS = "SUCCESS"
    REFUND = "REFUND"
    """Paid, and something of it goes back or went back."""
    CLOSED = "CLOSED"


@dataclass(frozen=True)
class Ordered:
    """An order of a merchant, independent of the two interfaces."""

    api: Api
    """The interface that it was ordered on: its notify comes on the same."""
    merchant: Merchant
    order_num: str
    total_fen: int
    trade_type: str
    title: str
    notify_url: str
    open_id: str = ""
    sign_type: str = MD5
    attach: str = ""
    device: str = ""


@dataclass(frozen=True)
class Transaction:
    """Money that moved. `paid_at` is true time."""

    id: str
    open_id: str
    bank_type: str
    paid_at: float
    coupon_fen: int = 0


@dataclass(frozen=True)
class Delivery:
    """One notify that was sent. `status` is None when no answer came in time."""

    at: float
    clock_at: float
    status: int | None
    answer: str
    ms: int
    ok: bool


class Notified(Protocol):
    """Something that notifies tell of."""

    @property
    def order_num(self) -> str: ...

    @property
    def deliveries(self) -> deque[Delivery]: ...


@dataclass
class Trade:
    """One order number at WeChat. `request` is the unified order as it came: of API v2 without
    `sign`, of API v3 the object."""

    prepay_id: str
    code: str
    ordered: Ordered
    request: Mapping[str, Any]
    created_at: float
    repeat: Mapping[str, Any] | None = None
    """The unified order as it came last, when it came again."""
    state: TradeState = TradeState.NOTPAY
    transactions: list[Transaction] = field(default_factory=list)
    overrides: dict[str, str] = field(default_factory=dict)
    """Fields that WeChat tells wrongly about this trade, in notifies and queries alike, under
    API v2's names."""
    untold: TradeState | None = None
    """While it is paid in silence: the state that queries and closes are answered with instead."""
    deliveries: deque[Delivery] = field(default_factory=lambda: deque(maxlen=MAX_DELIVERIES))

    @property
    def order_num(self) -> str:
        return self.ordered.order_num

    @property
    def merchant(self) -> Merchant:
        return self.ordered.merchant

    @property
    def api(self) -> Api:
        return self.ordered.api

    @property
    def title(self) -> str:
        return self.ordered.title

    @property
    def total_fen(self) -> int:
        return self.ordered.total_fen

    @property
    def told_fen(self) -> int:
        """The amount that WeChat reports as paid."""
        return int(self.overrides.get("total_fee", self.total_fen))

    @property
    def trade_type(self) -> str:
        return self.ordered.trade_type

    @property
    def is_paid(self) -> bool:
        return self.state in (TradeState.SUCCESS, TradeState.REFUND)

    @property
    def told_state(self) -> TradeState:
        """The state that the merchant's calls meet."""
        return self.untold or self.state

    def transaction(self, transaction_id: str | None) -> Transaction | None:
        """The named transaction; the first when none is named; None when there is none."""
        return next((t for t in self.transactions if transaction_id in (None, t.id)), None)

    @property
    def code_url(self) -> str:
        return f"weixin://wxpay/bizpayurl?pr={self.code}"

    @property
    def confirmed(self) -> bool:
        """The merchant said SUCCESS at least once."""
        return any(delivery.ok for delivery in self.deliveries)


class Trades:
    """The newest trades by every name they have; older ones are forgotten."""

    def __init__(self, limit: int = MAX_TRADES) -> None:
        self._limit = limit
        self._by_order: dict[str, Trade] = {}
        self._by_prepay: dict[str, Trade] = {}
        self._by_code: dict[str, Trade] = {}
        self._by_transaction: dict[str, Trade] = {}
        self.on_booked: Callable[[Trade, Transaction], None] = lambda trade, transaction: None
        """Called with money that has just moved."""

    def __len__(self) -> int:
        return len(self._by_order)

    def open(self, ordered: Ordered, request: Mapping[str, Any], now: float) -> Trade:
        """Keep a new trade for a number that is not known yet."""
        stamp = china(now).strftime("%Y%m%d%H%M%S")
        prepay_id, code = f"wx{stamp}{secrets.token_hex(10)}", secrets.token_urlsafe(9)
        trade = Trade(prepay_id, code, ordered, dict(request), now)
        if len(self._by_order) >= self._limit:
            self._forget(next(iter(self._by_order.values())))
        self._by_order[trade.order_num] = self._by_prepay[prepay_id] = trade
        self._by_code[code] = trade
        return trade

    def book(self, trade: Trade, transaction: Transaction) -> None:
        """Money moved on `trade`, whatever its state was."""
        trade.transactions.append(transaction)
        trade.state = TradeState.SUCCESS
        if trade.order_num in self._by_order:
            self._by_transaction[transaction.id] = trade
        self.on_booked(trade, transaction)

    def by_order(self, order_num: str) -> Trade | None:
        return self._by_order.get(order_num)

    def by_prepay(self, prepay_id: str) -> Trade | None:
        return self._by_prepay.get(prepay_id)

    def by_code(self, code: str) -> Trade | None:
        return self._by_code.get(code)

    def by_transaction(self, transaction_id: str) -> Trade | None:
        return self._by_transaction.get(transaction_id)

    def newest(self, limit: int) -> Iterator[Trade]:
        return islice(reversed(self._by_order.values()), limit)

    def _forget(self, trade: Trade) -> None:
        del self._by_order[trade.order_num], self._by_prepay[trade.prepay_id]
        del self._by_code[trade.code]
        for transaction in trade.transactions:
            self._by_transaction.pop(transaction.id, None)


def china(seconds: float) -> datetime:
    """WeChat's local time, UTC+8."""
    return datetime.fromtimestamp(seconds, CHINA)
