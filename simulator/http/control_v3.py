"""The levers of API v3 and of refunds: which key signs, how a refund ends after all, and a refund
that somebody makes on the merchant platform."""

from __future__ import annotations

from simulator.http.base import Declined, EdgeHandler
from simulator.http.control import refund_json
from simulator.state.refunds import ENDED, Refusal


class KeysHandler(EdgeHandler):
    """GET gives WeChat's public keys away; POST {"use"}, {"announce"} or {"retire"} switches."""

    def get(self) -> None:
        self.answer(self.world.keys.as_json())

    def post(self) -> None:
        keys = self.world.keys
        acts = {"announce": keys.announce, "use": keys.use, "retire": keys.retire}
        wanted = self.sent_object()
        if not wanted or set(wanted) - set(acts):
            raise Declined(400, "bad_request", f"One or more of {', '.join(acts)}.")
        try:
            for name, act in acts.items():
                if name in wanted:
                    act(wanted[name])
        except ValueError as error:
            raise Declined(400, "bad_request", str(error)) from error
        self.get()


class RefundHandler(EdgeHandler):
    """GET shows one refund; POST {"result": "success"|"abnormal"|"closed"} ends it, as the buyer's
    bank or the merchant on WeChat's platform would, and the notify goes out."""

    def get(self, refund_num: str) -> None:
        found = self.world.refunds.named(refund_num)
        if found is None:
            raise Declined(404, "not_found", "There is no such refund.")
        self.answer({"refund": refund_json(found)})

    def post(self, refund_num: str) -> None:
        found = self.world.refunds.named(refund_num)
        result = self.sent_object().get("result")
        if found is None:
            raise Declined(404, "not_found", "There is no such refund.")
        if not isinstance(result, str) or result not in ENDED:
            raise Declined(400, "bad_request", f"result is one of {', '.join(ENDED)}.")
        if not self.world.refunds.end(found, ENDED[result]):
            raise Declined(409, "ended", "This refund has ended for good.")
        self.get(refund_num)


class PlatformRefundHandler(EdgeHandler):
    """POST {"orderNum", "amountFen"?, "told"?} refunds a paid order as on the merchant platform,
    all that is left unless an amount is given; with `told` false WeChat's notify of it is lost."""

    def post(self) -> None:
        wanted, refunds = self.sent_object(), self.world.refunds
        if set(wanted) - {"orderNum", "amountFen", "told"}:
            raise Declined(400, "bad_request", "Only orderNum, amountFen and told.")
        trade = self.world.trades.by_order(str(wanted.get("orderNum")))
        if trade is None or not trade.is_paid:
            raise Declined(404, "not_found", "There is no paid order with this number.")
        fen, told = wanted.get("amountFen", refunds.left(trade)), wanted.get("told", True)
        if type(fen) is not int or fen < 1 or type(told) is not bool:
            raise Declined(400, "bad_request", "amountFen is a whole number, told true or false.")
        try:
            refund = refunds.outside(trade, fen, told=told)
        except Refusal as refusal:
            raise Declined(409, "refused", refusal.reason.value) from refusal
        self.answer({"refund": refund_json(refund)}, 201)
