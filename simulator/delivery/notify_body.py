"""Puts what happened into a notify of the interface that its trade was ordered on."""

from __future__ import annotations

from payments.merchant import Api, Merchant
from simulator.state.refunds import Refund
from simulator.state.trades import Trade, Transaction
from simulator.v2.messages import Message, VoiceV2
from simulator.v3.messages import VoiceV3


class Teller:
    def __init__(self, v2: VoiceV2, v3: VoiceV3) -> None:
        self._voices: dict[Api, VoiceV2 | VoiceV3] = {Api.V2: v2, Api.V3: v3}

    def paid(
        self, trade: Trade, transaction: Transaction, merchant: Merchant | None = None
    ) -> Message:
        """The notify of one transaction; as of another `merchant`'s, and under that one's keys,
        where one is given."""
        return self._voices[trade.api].paid(merchant or trade.merchant, trade, transaction)

    def failed(self, trade: Trade, open_id: str) -> Message:
        return self._voices[trade.api].failed(trade, open_id)

    def forged(self, trade: Trade, transaction: Transaction) -> Message:
        return self._voices[trade.api].forged(trade, transaction)

    def tampered(self, trade: Trade, transaction: Transaction) -> Message:
        return self._voices[trade.api].tampered(trade, transaction)

    def refunded(self, refund: Refund) -> Message:
        """On the interface that the refund was asked for on."""
        return self._voices[refund.wanted.api].refunded(refund)
