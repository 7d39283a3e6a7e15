"""API v2's calls for bills: a signed request in XML, and the bill itself as the answer; only what
goes wrong is XML."""

from __future__ import annotations

from collections.abc import Mapping

from payments.merchant import HMAC_SHA256, Merchant, Merchants
from payments.v2 import wire
from simulator.bills.bill_desk import BASIC, BillDesk, BillRefusal, MadeBill, NoBill
from simulator.bills.days import day_of
from simulator.bills.downloads import SimulatedDownload, begun
from simulator.bills.trade_bill import BillType
from simulator.v2 import envelope
from simulator.v2.envelope import NotHeard, RefusedV2
from simulator.v2.replies import Reply

_TRADE_WORDS = {
    NoBill.NOTHING_MOVED: "No Bill Exist",
    NoBill.CREATING: "Bill Creating",
    NoBill.TOO_OLD: "data format error",
}
_NUMBERS = {NoBill.NOTHING_MOVED: "20002"}
"""The `error_code` where it is known."""
_FLOW_CODES = {
    NoBill.NOTHING_MOVED: "NO_BILL_EXIST",
    NoBill.CREATING: "BILL_CREATING",
    NoBill.TOO_OLD: "PARAM_ERROR",
}
_ACCOUNTS = {"Basic": BASIC, "Operation": "OPERATION", "Fees": "FEES"}


class _Failed(Exception):
    """The trade bill's own way to say no: words, and sometimes a number, unsigned."""

    def __init__(self, words: str, number: str = "") -> None:
        super().__init__(words)
        self.number = number


class BillDeskV2:
    """`downloadbill` and `downloadfundflow`. WeChat demands the client certificate for the second;
    over plain http there is none to show."""

    def __init__(self, merchants: Merchants, bills: BillDesk) -> None:
        self._merchants = merchants
        self._bills = bills

    def answer(self, call: str, body: bytes) -> Reply | SimulatedDownload:
        """Never raises on what came."""
        try:
            fields, merchant = envelope.opened(body, self._merchants)
        except NotHeard as error:
            return Reply(envelope.unsigned(str(error)))
        packed = fields.get("tar_type", "").upper() == "GZIP"
        try:
            act = self._trade_bill if call == "downloadbill" else self._flow_bill
            made, part = act(fields, merchant)
        except _Failed as failed:
            number = {"error_code": failed.number} if failed.number else {}
            said = {"return_code": "FAIL", "return_msg": str(failed), **number}
            return Reply(wire.write(said))
        except RefusedV2 as refused:
            sign_type = envelope.sign_type_of(fields)
            return Reply(envelope.refusal(refused, merchant, sign_type))
        return begun(self._bills.faults, made, part, gzip=packed)

    def _trade_bill(self, fields: Mapping[str, str], merchant: Merchant) -> tuple[MadeBill, str]:
        part = fields.get("bill_type") or BillType.ALL
        if part not in (*BillType, "RECHARGE_REFUND"):
            raise _Failed("invalid bill_type")
        if not fields.get("bill_date"):
            raise _Failed("missing parameter")
        if (day := day_of(fields["bill_date"], "")) is None:
            raise _Failed("data format error")
        try:
            return self._bills.bill(merchant.mch_id, day, part), part
        except BillRefusal as refusal:
            words, number = _TRADE_WORDS[refusal.reason], _NUMBERS.get(refusal.reason, "")
            raise _Failed(words, number) from refusal

    def _flow_bill(self, fields: Mapping[str, str], merchant: Merchant) -> tuple[MadeBill, str]:
        part = _ACCOUNTS.get(fields.get("account_type", ""))
        day = day_of(fields.get("bill_date", ""), "")
        if envelope.sign_type_of(fields) != HMAC_SHA256:
            raise RefusedV2("PARAM_ERROR", "sign_type只支持HMAC-SHA256")
        if part is None or day is None:
            raise RefusedV2("PARAM_ERROR", "参数错误")
        try:
            return self._bills.bill(merchant.mch_id, day, part), part
        except BillRefusal as refusal:
            raise RefusedV2(_FLOW_CODES[refusal.reason], refusal.reason.value) from refusal
