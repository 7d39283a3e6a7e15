"""Asking WeChat what became of an order; the answer goes through the same door as a notify."""

from __future__ import annotations

from payments.merchant import Merchant
from payments.payment_rules import Verdict
from services.settlement.settlement import Settlement
from services.wechat.client import WeChatClient

SOURCE = "wechat query"


class OrderQuery:
    def __init__(self, wechat: WeChatClient, settlement: Settlement) -> None:
        self._wechat = wechat
        self._settlement = settlement

    async def ask(self, merchant: Merchant, order_num: str) -> Verdict | None:
        """Settle what WeChat says; None when it holds no payment.

        Raises WeChatRefused, WeChatUntrusted, WeChatUnreachable (the order is left as it is)
        or Busy.
        """
        notice, body = await self._wechat.query(merchant, order_num)
        if notice is None:
            return None
        return await self._settlement.settle(notice, body, SOURCE, asked=True)
