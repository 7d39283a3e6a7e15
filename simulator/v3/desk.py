"""WeChat's desk of API v3: orders, queries, closes, refunds and certificates."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from payments.merchant import Merchant, Merchants
from simulator.state.clock import SimulatedClock
from simulator.state.faults import RESTRICTED_WORDS
from simulator.state.refunds import RefundRefused, Refusal, SimulatedRefunds
from simulator.state.signing_keys import Keys
from simulator.v2 import envelope
from simulator.v2.replies import Reply
from simulator.v2.trade_ops import TradeOps
from simulator.v3 import messages, order_rules
from simulator.v3.envelope import AnswerSigner, RefusedV3, Request, check_heads, odd, proven, sent

Json = dict[str, Any]

_CODES = {
    "ORDERPAID": (400, "ORDER_PAID"),
    "ORDERCLOSED": (400, "ORDER_CLOSED"),
    "OUT_TRADE_NO_USED": (403, "OUT_TRADE_NO_USED"),
    "ORDERNOTEXIST": (404, "ORDER_NOT_EXIST"),
}
"""From API v2's word to the status and the word of API v3."""
_MISSING = (RefundRefused.NO_TRADE, RefundRefused.NO_REFUND)
_AGAIN = "请求重入时，参数与首次请求时不一致"


Restricts = Callable[[str, str | None], bool]
"""Whether a call, about this order, is refused because the merchant is restricted."""


def never(_call: str, _order_num: str | None) -> bool:
    return False


@dataclass(frozen=True)
class Answered:
    """The reply to a request; `call` in API v2's word, '' for an address that does not exist."""

    reply: Reply
    call: str
    order_num: str | None
    sealer: AnswerSigner


@dataclass(frozen=True)
class _Asked:
    request: Request
    merchant: Merchant
    named: str
    """The last variable part of the address."""


class DeskV3:
    """Answers the calls; `origin` is our own address, for the pages of H5 orders."""

    def __init__(
        self,
        merchants: Merchants,
        trade_ops: TradeOps,
        refunds: SimulatedRefunds,
        clock: SimulatedClock,
        keys: Keys,
        origin: str,
    ) -> None:
        self._merchants = merchants
        self._trade_ops = trade_ops
        self._refunds = refunds
        self._clock = clock
        self._keys = keys
        self._origin = origin
        self.on_echo: Callable[[Merchant, str, str], None] = lambda merchant, message, url: None
        """Called with the message that is to come back to a notify address, and that address."""
        orders = "/v3/pay/transactions"
        number = "/out-trade-no/([^/]+)"
        self._routes: list[tuple[str, str, str, Callable[[_Asked], Json | None]]] = [
            ("POST", f"{orders}/(jsapi|native|app|h5)", "unifiedorder", self._order),
            ("GET", f"{orders}{number}", "orderquery", self._by_order),
            ("GET", f"{orders}/id/([^/]+)", "orderquery", self._by_transaction),
            ("POST", f"{orders}{number}/close", "closeorder", self._close),
            ("POST", "/v3/refund/domestic/refunds()", "refund", self._refund),
            ("GET", "/v3/refund/domestic/refunds/([^/]+)", "refundquery", self._refund_query),
            (
                "POST",
                "/v3/refund/domestic/refunds/([^/]+)/apply-abnormal-refund",
                "abnormalrefund",
                self._abnormal,
            ),
            ("GET", "/v3/certificates()", "certificates", self._certificates),
            ("POST", "/v3/security/echo()", "", self._echo),
        ]

    def answer(self, request: Request, restricts: Restricts = never) -> Answered:
        """One call, unless `restricts` says that the merchant may not make it. Never raises on
        what came."""
        sealer = AnswerSigner(self._keys, request)
        path = urlsplit(request.uri).path
        for method, pattern, call, act in self._routes:
            if (found := re.fullmatch(pattern, path)) and method == request.method:
                named = unquote(found[1])
                order_num = self._order_num(request, call, named)
                act = _restricted if restricts(call, order_num) else act
                return Answered(self._reply(request, named, act, sealer), call, order_num, sealer)
        unknown = RefusedV3(404, "RESOURCE_NOT_EXISTS", "请求的资源不存在")
        return Answered(sealer.refusal(unknown), "", None, sealer)

    def _reply(
        self,
        request: Request,
        named: str,
        act: Callable[[_Asked], Json | None],
        sealer: AnswerSigner,
    ) -> Reply:
        try:
            check_heads(request)
            merchant = proven(request, self._merchants, self._clock.real())
            return sealer.success(act(_Asked(request, merchant, named)))
        except RefusedV3 as refused:
            return sealer.refusal(refused)
        except envelope.RefusedV2 as refused:
            status, code = _CODES[refused.code]
            words = _AGAIN if code == "OUT_TRADE_NO_USED" else refused.words
            return sealer.refusal(RefusedV3(status, code, words))
        except Refusal as refusal:
            status, code = (400, "INVALID_REQUEST")
            if refusal.reason in _MISSING:
                status, code = (404, "RESOURCE_NOT_EXISTS")
            return sealer.refusal(RefusedV3(status, code, refusal.reason.value))

    def _order_num(self, request: Request, call: str, named: str) -> str | None:
        """Whom a fault is for."""
        if call in ("unifiedorder", "refund", "abnormalrefund"):
            try:
                return self._trade_ops.order_num_of(sent(request))
            except RefusedV3:
                return None
        name = "out_refund_no" if call == "refundquery" else "out_trade_no"
        if "/transactions/id/" in request.uri:
            name = "transaction_id"
        return self._trade_ops.order_num_of({name: named})

    def _order(self, asked: _Asked) -> Json:
        fields, account = sent(asked.request), asked.merchant
        order_rules.check_order(asked.named, fields, self._clock.real())
        _check_account(fields["mchid"], account)
        merchant = self._merchants.find(fields["appid"], account.mch_id)
        if merchant is None:
            raise RefusedV3(400, "APPID_MCHID_NOT_MATCH", "appid和mchid不匹配")
        trade = self._trade_ops.take(order_rules.ordered(asked.named, fields, merchant), fields)
        if asked.named == "native":
            return {"code_url": trade.code_url}
        if asked.named == "h5":
            return {"h5_url": f"{self._origin}/pay/{trade.prepay_id}"}
        return {"prepay_id": trade.prepay_id}

    def _by_order(self, asked: _Asked) -> Json:
        return self._found(asked, asked.named, None)

    def _by_transaction(self, asked: _Asked) -> Json:
        return self._found(asked, None, asked.named)

    def _found(self, asked: _Asked, order_num: str | None, transaction_id: str | None) -> Json:
        query = parse_qs(urlsplit(asked.request.uri).query)
        _check_account((query.get("mchid") or [""])[0], asked.merchant, "query")
        trade = self._trade_ops.find(asked.merchant, order_num, transaction_id)
        transaction = self._trade_ops.told(trade, transaction_id)
        if transaction is None:
            return messages.unpaid(trade)
        return messages.paid(trade.merchant, trade, transaction)

    def _close(self, asked: _Asked) -> None:
        fields = sent(asked.request)
        order_rules.CLOSE.check(fields)
        _check_account(fields["mchid"], asked.merchant)
        self._trade_ops.close(self._trade_ops.find(asked.merchant, asked.named))

    def _refund(self, asked: _Asked) -> Json:
        wanted = order_rules.refund(sent(asked.request), asked.merchant)
        return messages.refund(self._refunds.take(wanted))

    def _refund_query(self, asked: _Asked) -> Json:
        found = self._refunds.find(asked.merchant.mch_id, asked.named)
        if found is None:
            raise Refusal(RefundRefused.NO_REFUND)
        return messages.refund(found)

    def _abnormal(self, asked: _Asked) -> Json:
        refund_num = order_rules.check_abnormal(sent(asked.request))
        found = self._refunds.by_id(asked.merchant.mch_id, asked.named)
        if found is None or found.refund_num != refund_num:
            raise Refusal(RefundRefused.NO_REFUND)
        self._refunds.pay_elsewhere(found)
        return messages.refund(found)

    def _certificates(self, asked: _Asked) -> Json:
        """A merchant that has only the public key is told that there are none."""
        if not asked.merchant.api_v3_key or not (listed := self._keys.certificates(asked.merchant)):
            raise RefusedV3(
                404,
                "RESOURCE_NOT_EXISTS",
                "无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥",
            )
        return {"data": listed}

    def _echo(self, asked: _Asked) -> Json:
        """WeChat's own test: the message comes back, and to the notify address too."""
        fields = sent(asked.request)
        message, url = fields.get("echo_message"), fields.get("notify_url")
        if not (isinstance(message, str) and 0 < len(message) <= 256):
            raise odd("/echo_message", None, "echo_message不符合规则")
        if not asked.request.headers.get("Wechatpay-Serial"):
            raise odd("Wechatpay-Serial", None, "Http头缺少Wechatpay-Serial", "header")
        if isinstance(url, str):
            self.on_echo(asked.merchant, message, url)
        return {"echo_message": message}


def _restricted(_asked: _Asked) -> None:
    raise RefusedV3(403, "RULE_LIMIT", RESTRICTED_WORDS)


def _check_account(mch_id: str, merchant: Merchant, location: str = "body") -> None:
    if mch_id != merchant.mch_id:
        raise odd("/mchid", mch_id[:32], "mchid与Authorization中的商户号不一致", location)
