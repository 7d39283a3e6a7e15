"""What WeChat's app would show: the buyer's page, and WeChat's own addresses beside it."""

from __future__ import annotations

from contextlib import suppress

from tornado.iostream import StreamClosedError

from payments.money import yuan
from simulator import qr
from simulator.edge import Declined, Edge
from simulator.envelope import order_num_of, unsigned
from simulator.faults import Fault
from simulator.replies import Reply, spoiled
from simulator.till import NotPayable
from simulator.trades import Trade, TradeState

LOOKED_AT = 500
LISTED = 30
PIECES = 10
"""A slow answer is written in so many."""

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


class CallHandler(Edge):
    """POST /pay/unifiedorder, /pay/orderquery and /pay/closeorder."""

    async def get(self, _call: str) -> None:
        await self._send(Reply(unsigned("请使用post方法")))

    async def post(self, call: str) -> None:
        reply = Reply(self.world.desk.answer(call, self.request.body))
        fault = self.world.faults.take(call, order_num_of(self.request.body))
        if fault is None:
            await self._send(reply)
            return
        merchant = self.world.till.merchant
        with suppress(StreamClosedError):  # the merchant's patience ended
            await self._send(spoiled(reply, fault, merchant, self.request.path), fault)

    async def _send(self, reply: Reply, fault: Fault | None = None) -> None:
        self.set_status(reply.status)
        self.set_header("Content-Type", "text/xml; charset=utf-8")
        self.set_header("Content-Length", len(reply.body))
        if reply.location:
            self.set_header("Location", reply.location)
        if reply.cut:
            # With its head gone, no client takes the silence for a stale connection and repeats.
            await self.flush()
            self.detach().close()
            return
        if fault and reply.takes_s:
            await self._drip(reply, fault)
            return
        self.finish(reply.body)

    async def _drip(self, reply: Reply, fault: Fault) -> None:
        step = -(-len(reply.body) // PIECES)
        for start in range(0, len(reply.body), step):
            await self.world.faults.hold(fault, reply.takes_s / PIECES)
            self.write(reply.body[start : start + step])
            await self.flush()
        self.finish()


class HomeHandler(Edge):
    """The newest orders that nobody has paid: where a buyer begins."""

    def get(self) -> None:
        newest = self.world.trades.newest(LOOKED_AT)
        open_ones = [trade for trade in newest if trade.state == TradeState.NOTPAY]
        self.set_header("Content-Security-Policy", _POLICY)
        self.render("home.html", trades=open_ones[:LISTED], yuan=yuan)


class PayHandler(Edge):
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
        till = self.world.till
        act = till.decline if self.get_body_argument("result", "") == "fail" else till.pay
        with suppress(NotPayable):
            self.world.notifier.begin(act(trade))
        self.redirect(f"/pay/{trade.prepay_id}", status=303)

    def _trade(self, prepay_id: str) -> Trade:
        return _found(self.world.trades.by_prepay(prepay_id))


class FindHandler(Edge):
    """From what a shop has (order number, or the code of a QR) to the buyer's page."""

    def get(self, by: str, value: str) -> None:
        trades = self.world.trades
        trade = _found(trades.by_order(value) if by == "order" else trades.by_code(value))
        self.redirect(f"/pay/{trade.prepay_id}")


def _found(trade: Trade | None) -> Trade:
    if trade is None:
        raise Declined(404, "not_found", "There is no such trade.")
    return trade
