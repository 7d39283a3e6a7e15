"""The moment of payment: a buyer pays, or fails to. Says nothing to the merchant yet."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from itertools import count

from payments.merchant import Merchant
from simulator.delivery.notify_body import NotifyWriter
from simulator.state.clock import SimulatedClock
from simulator.state.trades import Ordered, Trade, Trades, TradeState, Transaction, china
from simulator.v2.messages import NotifyMessage

_BANKS = ("OTHERS", "CFT", "CMB_DEBIT", "ICBC_DEBIT", "CCB_CREDIT")


class NotPayable(Exception):
    """The trade is paid or closed."""


class PaymentDesk:
    """`merchant` is the one that a trade is for which nobody ordered."""

    def __init__(
        self, merchant: Merchant, trades: Trades, clock: SimulatedClock, notify_writer: NotifyWriter
    ) -> None:
        self.merchant = merchant
        self.trades = trades
        self.notify_writer = notify_writer
        self._clock = clock
        self._counter = count()

    def pay(
        self,
        trade: Trade,
        *,
        coupon_fen: int = 0,
        says: Mapping[str, str] | None = None,
        paid_at: float | None = None,
    ) -> NotifyMessage:
        """Take the money once; returns the notify of it. `says` are fields that WeChat shall
        tell otherwise from now on; `paid_at` (seconds UTC) is for a number that was paid before.
        Raises NotPayable."""
        if trade.state is not TradeState.NOTPAY:
            raise NotPayable(trade.state)
        trade.overrides = dict(says or {})
        return self.charge(trade, coupon_fen=coupon_fen, paid_at=paid_at)

    def charge(
        self, trade: Trade, *, coupon_fen: int = 0, paid_at: float | None = None
    ) -> NotifyMessage:
        """Take money whatever the state is: late, a second time, or (at `paid_at`) long ago."""
        transaction = self.transaction(trade, min(coupon_fen, trade.total_fen - 1), paid_at)
        self.trades.book(trade, transaction)
        return self.notify_writer.paid(trade, transaction)

    def decline(self, trade: Trade) -> NotifyMessage:
        """The buyer tried and could not; the trade stays open."""
        if trade.state is not TradeState.NOTPAY:
            raise NotPayable(trade.state)
        return self.notify_writer.failed(trade, _payer(trade))

    def again(self, trade: Trade) -> NotifyMessage:
        """The notify of the first transaction once more, with a nonce of its own."""
        return self.notify_writer.paid(trade, trade.transactions[0])

    def transaction(
        self, trade: Trade, coupon_fen: int = 0, paid_at: float | None = None
    ) -> Transaction:
        """A transaction that is not booked."""
        now = self.time() if paid_at is None else paid_at
        bank = _BANKS[secrets.randbelow(len(_BANKS))]
        return Transaction(self._number(now), _payer(trade), bank, now, coupon_fen)

    def time(self) -> float:
        """True time, whatever the speed of the clock."""
        return self._clock.real()

    def stranger(self, order_num: str, total_fen: int, notify_url: str) -> Trade:
        """A trade that no unified order asked for."""
        ours = self.merchant
        ordered = Ordered(
            ours.api,
            ours,
            order_num,
            total_fen,
            "NATIVE",
            "(no order of the shop)",
            notify_url,
            sign_type=ours.sign_type,
        )
        return self.trades.open(ordered, {}, self.time())

    def _number(self, now: float) -> str:
        """28 digits as WeChat's: 4200, six of chance, the day, and ten of the time of day."""
        day, ms_of_day = china(now).strftime("%Y%m%d"), int(now * 1000) % 86_400_000
        return (
            f"4200{secrets.randbelow(10**6):06d}{day}{ms_of_day:08d}{next(self._counter) % 100:02d}"
        )


def _payer(trade: Trade) -> str:
    """The openid of the order; without one, that of the buyer who scanned the code."""
    return trade.ordered.open_id or f"oSim{secrets.token_hex(12)}"
