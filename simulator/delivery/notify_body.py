"""Puts what happened into a notify of the interface that its trade was ordered on."""

from __future__ import annotations

from payments.merchant import Api, Merchant
from simulator.state.refunds import SimulatedRefund
from simulator.state.trades import Trade, Transaction
from simulator.v2.messages import NotifiesV2, NotifyMessage
from simulator.v3.messages import NotifiesV3


class NotifyWriter:
    def __init__(self, v2: NotifiesV2, v3: NotifiesV3) -> None:
        self._voices: dict[Api, NotifiesV2 | NotifiesV3] = {Api.V2: v2, Api.V3: v3}

    def paid(
        self, trade: Trade, transaction: Transaction, merchant: Merchant | None = None
    ) -> NotifyMessage:
        """The notify of one transaction; as of another `merchant`'s, and under that one's keys,
        where one is given."""
        return self._voices[trade.api].paid(merchant or trade.merchant, trade, transaction)

    def failed(self, trade: Trade, open_id: str) -> NotifyMessage:
        return self._voices[trade.api].failed(trade, open_id)

    def forged(self, trade: Trade, transaction: Transaction) -> NotifyMessage:
        return self._voices[trade.api].forged(trade, transaction)

    def tampered(self, trade: Trade, transaction: Transaction) -> NotifyMessage:
        return self._voices[trade.api].tampered(trade, transaction)

    def refunded(self, refund: SimulatedRefund) -> NotifyMessage:
        """On the interface that the refund was asked for on."""
        return self._voices[refund.wanted.api].refunded(refund)
