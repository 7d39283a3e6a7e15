"""The pages that WeChat's app would show: the orders that wait to be paid, and the buyer's page."""

from __future__ import annotations

from contextlib import suppress

from payments.money import yuan
from simulator.delivery.payment import NotPayable
from simulator.http import qr
from simulator.http.base import Declined, EdgeHandler
from simulator.state.trades import Trade, TradeState

LOOKED_AT = 500
LISTED = 30

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


class HomeHandler(EdgeHandler):
    """The newest orders that nobody has paid: where a buyer begins."""

    def get(self) -> None:
        newest = self.world.trades.newest(LOOKED_AT)
        open_ones = [trade for trade in newest if trade.state == TradeState.NOTPAY]
        self.set_header("Content-Security-Policy", _POLICY)
        self.render("home.html", trades=open_ones[:LISTED], yuan=yuan)


class PayHandler(EdgeHandler):
    """The page of one prepay id. Paying here starts the notify."""

    def get(self, prepay_id: str) -> None:
        trade = self._trade(prepay_id)
        self.set_header("Content-Security-Policy", _POLICY)
        native = trade.trade_type == "NATIVE"
        code = qr.svg(trade.code_url) if native and not trade.transactions else None
        self.render("pay.html", trade=trade, yuan=yuan(trade.total_fen), qr=code)

    def post(self, prepay_id: str) -> None:
        """Pay, or with `result=fail` try in vain; a paid or closed order is only shown."""
        trade = self._trade(prepay_id)
        payment_desk = self.world.payment_desk
        act = (
            payment_desk.decline
            if self.get_body_argument("result", "") == "fail"
            else payment_desk.pay
        )
        with suppress(NotPayable):
            self.world.notifier.begin(act(trade))
        self.redirect(f"/pay/{trade.prepay_id}", status=303)

    def _trade(self, prepay_id: str) -> Trade:
        return _found(self.world.trades.by_prepay(prepay_id))


class FindHandler(EdgeHandler):
    """From what a shop has (order number, or the code of a QR) to the buyer's page."""

    def get(self, by: str, value: str) -> None:
        trades = self.world.trades
        trade = _found(trades.by_order(value) if by == "order" else trades.by_code(value))
        self.redirect(f"/pay/{trade.prepay_id}")


def _found(trade: Trade | None) -> Trade:
    if trade is None:
        raise Declined(404, "not_found", "There is no such trade.")
    return trade
