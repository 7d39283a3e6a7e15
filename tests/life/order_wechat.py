"""WeChat as a life has it: it answers each call as the deeds have drawn, and sends the notifies
that they name. For tests; holds none itself."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from typing import Any, Protocol

from payments.errors import WeChatUnreachable
from payments.merchant import HMAC_SHA256
from payments.protocol import WireAnswer, WireRequest
from payments.v2 import wire
from tests.life.refund_calls import WORDS
from tests.life.trade_house import Looking, answer_head, listed, listed_all, refund_fields
from tests.life.words import Deed
from tests.support.rig import MERCHANT, notify_fields, signed

GARBLED = b"<html>502 Bad Gateway</html>"
CHANGING = ("nonce_str", "sign")
LONG_AGO = "20200101120000"
CODE_URL = "weixin://wxpay/bizpayurl?pr="


def notify_body(deed: Deed) -> bytes:
    """The bytes of one notify, with the flaw that its deed names."""
    flaw, total = deed["flaw"], str(deed["total"])
    changes: dict[str, str | None] = {
        "other app": {"appid": "wx0000000000000000"},
        "other merchant": {"mch_id": "1900000999"},
        "no result": {"result_code": None},
        "no transaction": {"transaction_id": None},
        "failed": {"result_code": "FAIL", "err_code": "NOTENOUGH"},
        "negative cash": {"cash_fee": "-1"},
        "dollars": {"fee_type": "USD"},
        "old": {"time_end": LONG_AGO},
    }.get(flaw, {})
    fields = notify_fields(deed["order"], deed["tx"], total_fee=total, cash_fee="1") | changes
    kept = {name: text for name, text in fields.items() if text is not None}
    if flaw == "unreadable":
        return b"<xml><a>1</a><a>2</a></xml>"
    if flaw == "no sign":
        return wire.write(kept)
    return signed(kept, "AnotherKey" if flaw == "bad sign" else MERCHANT.api_v2_key)


class Surroundings(Looking, Protocol):
    """What WeChat needs of the house that asks it."""

    deliveries: list[Deed]

    async def perform(self, deed: Deed) -> Any: ...
    def place(self, refund_num: str) -> int: ...
    def order_of(self, num: str) -> str: ...


_KNOWN = "SELECT 1 FROM refunds WHERE refund_num = ?"


class WeChat:
    """Answers calls as `script` says: for a call and an order, what the deeds have drawn."""

    def __init__(self) -> None:
        self.script: dict[tuple[str, str], deque[Any]] = defaultdict(deque)
        self.calls: list[tuple[str, Any]] = []
        self.sent: dict[str, list[dict[str, str]]] = defaultdict(list)
        self.refunded: dict[str, list[dict[str, str]]] = defaultdict(list)
        """What was asked for with each refund number."""
        self.there: dict[str, Deed] = {}
        """The refunds that were not asked for by us, or not by what we remember."""
        self.hanging = asyncio.Event()
        self.house: Surroundings

    async def __call__(self, request: WireRequest) -> WireAnswer:
        return WireAnswer(200, await self._body(request))

    async def _body(self, request: WireRequest) -> bytes:
        fields = wire.read(request.body)
        name = request.path.rsplit("/", 1)[1]
        if name.startswith("refund"):
            return await self._refund(name, fields)
        num = fields["out_trade_no"]
        self.calls.append((name, num))
        deed = self.script[name, num].popleft()
        if name == "orderquery":
            return await self._queried(deed)
        if name == "unifiedorder":
            self.sent[num].append(fields)
        if deed["outcome"] == "ok" and deed.get("meanwhile"):
            await self.house.perform(deed["meanwhile"])
        return await self._said(deed["outcome"], self._good(name, deed))

    async def _refund(self, name: str, fields: dict[str, str]) -> bytes:
        num = fields.get("out_refund_no", "")
        if name == "refundquery" and not self.house.look(_KNOWN, num):
            of_it = (num, fields.get("transaction_id"))
            found = [
                out
                for out in self.there.values()
                if of_it[0] == out["name"] or of_it[1] == out["tx"]
            ]
            return await self._said("ok" if found else "REFUNDNOTEXIST", listed_all(found))
        at = self.house.place(num)
        self.calls.append((name, at))
        if name == "refundquery":
            asked = self.script[name, num]
            deed = (asked or self.script["refundcheck", self.house.order_of(num)]).popleft()
            good = listed(refund_fields(self.house, at, deed), deed["state"])
            return await self._said("ok" if deed["state"] in WORDS else deed["state"], good)
        self.refunded[num].append({k: v for k, v in fields.items() if k not in CHANGING})
        deed = self.script[name, self.house.order_of(num)].popleft()
        if deed.get("meanwhile") and deed["outcome"] != "crash":
            await self.house.perform({**deed["meanwhile"], "at": at})
        return await self._said(deed["outcome"], refund_fields(self.house, at, deed))

    def _good(self, name: str, deed: Deed) -> dict[str, str]:
        if name == "closeorder":
            return {}
        given = {"trade_type": deed["type"], "prepay_id": deed["gives"]}
        return given | ({"code_url": CODE_URL + deed["gives"]} if deed["type"] == "NATIVE" else {})

    async def _said(self, outcome: str, good: dict[str, str]) -> bytes:
        if outcome == "crash":
            self.hanging.set()
            await asyncio.Event().wait()
        if outcome == "timeout":
            raise WeChatUnreachable
        if outcome == "garbled":
            return GARBLED
        if outcome == "FAIL":
            return wire.write({"return_code": "FAIL", "return_msg": "签名错误"})
        return self._answer(outcome, good)

    async def _queried(self, deed: Deed) -> bytes:
        state = deed["state"]
        if state in ("crash", "timeout", "garbled", "ORDERNOTEXIST", "SYSTEMERROR"):
            return await self._said(state, {})
        paid = state in ("SUCCESS", "REFUND")
        self.house.deliveries += (
            [{**deed, "flaw": "old" if deed.get("old") else None}] if paid else []
        )
        fields = notify_fields(deed["order"], deed["tx"], total_fee=str(deed["total"]))
        if deed.get("old"):
            fields["time_end"] = LONG_AGO
        return self._answer("ok", {**fields, "cash_fee": "1", "trade_state": state})

    def _answer(self, outcome: str, good: dict[str, str]) -> bytes:
        fields = answer_head()
        if outcome == "ok":
            fields |= {"result_code": "SUCCESS", **good}
        else:
            fields |= {"result_code": "FAIL", "err_code": outcome, "err_code_des": "不行"}
        return signed(fields, sign_type=HMAC_SHA256)
