"""A small WeChat for refunds on API v2: it keeps what it took, answers signed, and can lose an
answer or refuse."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from payments.merchant import HMAC_SHA256, Merchant, Merchants
from payments.v2 import signing, wire
from payments.v2.refund_notify import encrypt
from tests.support.rig import APP_ID, KEY, MCH_ID, Product, product

OURS = Merchant(APP_ID, MCH_ID, KEY, client_cert="a certificate", private_key="its key")

A_PAGE = 3
LOSE, LOSE_BEFORE, FORGE = "lose", "lose before", "forge"
"""Do it and lose the answer; lose the request; answer with a wrong signature."""
UNSIGNED, PAGE = "unsigned", "page"
"""Refuse without a signature; answer a page of HTML with status 400, as for a wrong certificate."""


@dataclass
class Taken:
    """A refund that this WeChat took."""

    refund_num: str
    transaction_id: str
    total: str
    fen: str
    refund_id: str
    status: str = "PROCESSING"


@dataclass
class FakeRefunds:
    """`faults` are used up one a refund request: one of the words above, or a code to refuse
    with. `finish` moves every refund."""

    faults: list[str] = field(default_factory=list)
    taken: dict[str, Taken] = field(default_factory=dict)
    sent: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    orders: dict[str, str] = field(default_factory=dict)
    """Order number by transaction."""
    listed: list[str] = field(default_factory=list)
    """The transactions whose refunds were asked for."""
    hides_lists: bool = False
    """It says of every transaction that it has no refund."""
    denials: int = 0
    """So many refund queries more say that there is no such refund, whatever it took."""
    queries: dict[str, bytes] = field(default_factory=dict)
    """What it says of an order, by its number."""

    def finish(self, status: str = "SUCCESS") -> None:
        for each in self.taken.values():
            each.status = status

    def answer_as_taken(self, number: str, transaction_id: str, fen: int, status: str) -> None:
        """It says of a refund from now on that it has taken it, whatever it said before."""
        total = "8800"
        self.taken[number] = Taken(number, transaction_id, total, str(fen), "50009", status)

    def answer(self, path: str, body: bytes) -> bytes | None:
        fields = wire.read(body)
        if path == "/secapi/pay/refund":
            return self._refund(fields)
        if path == "/pay/refundquery":
            if number := fields.get("out_refund_no"):
                return self._query(number)
            return self._list(fields["transaction_id"], int(fields.get("offset", 0)))
        if path == "/pay/unifiedorder":
            kind, url = fields["trade_type"], "weixin://wxpay/bizpayurl?pr=abc"
            return signed_answer(trade_type=kind, prepay_id="wx1", code_url=url)
        told = self.queries.get(fields["out_trade_no"]) if path == "/pay/orderquery" else None
        return told or signed_answer(result_code="FAIL", err_code="ORDERNOTEXIST")

    def _refund(self, fields: dict[str, str]) -> bytes | None:
        number = fields["out_refund_no"]
        self.sent.append(number)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == LOSE_BEFORE:
            return None
        if fault == UNSIGNED:
            return wire.write({"return_code": "FAIL", "return_msg": "签名错误"})
        if fault == PAGE:
            return _PAGE
        if fault and fault not in (LOSE, FORGE):
            return signed_answer(result_code="FAIL", err_code=fault, err_code_des="不行")
        taken = self.taken.setdefault(
            number,
            Taken(
                number,
                fields["transaction_id"],
                fields["total_fee"],
                fields["refund_fee"],
                f"5000{len(self.taken):024d}",
            ),
        )
        if fault == LOSE:
            return None
        return signed_answer(
            "0" * 32 if fault == FORGE else KEY,
            transaction_id=taken.transaction_id,
            out_trade_no=self.orders.get(taken.transaction_id, ""),
            out_refund_no=number,
            refund_id=taken.refund_id,
            refund_fee=taken.fen,
            total_fee=taken.total,
        )

    def _query(self, number: str) -> bytes:
        self.asked.append(number)
        taken = self.taken.get(number)
        if self.denials:
            self.denials, taken = self.denials - 1, None
        if taken is None:
            return signed_answer(result_code="FAIL", err_code="REFUNDNOTEXIST")
        return self._listed(taken.transaction_id, [taken])

    def _list(self, transaction_id: str, offset: int) -> bytes:
        """All refunds of a transaction, `A_PAGE` at a time."""
        self.listed.append(transaction_id)
        found = [each for each in self.taken.values() if each.transaction_id == transaction_id]
        if self.hides_lists or not found:
            return signed_answer(result_code="FAIL", err_code="REFUNDNOTEXIST")
        page = found[offset : offset + A_PAGE]
        return self._listed(transaction_id, page, total_refund_count=str(len(found)))

    def _listed(self, transaction_id: str, refunds: list[Taken], **more: str) -> bytes:
        numbered = {n: v for i, each in enumerate(refunds) for n, v in _numbered(i, each).items()}
        return signed_answer(
            transaction_id=transaction_id,
            out_trade_no=self.orders.get(transaction_id, ""),
            total_fee=refunds[0].total,
            refund_count=str(len(refunds)),
            **more,
            **numbered,
        )

    def outside(self, transaction_id: str, fen: int, total: int, status: str = "SUCCESS") -> Taken:
        """A refund that somebody made on the merchant platform."""
        number = f"PLATFORM{len(self.taken):06d}"
        id_ = f"5000{len(self.taken):024d}"
        refund = Taken(number, transaction_id, str(total), str(fen), id_, status)
        self.taken[number] = refund
        return refund


def _numbered(place: int, refund: Taken) -> dict[str, str]:
    done = {"refund_success_time": "2025-01-02 11:05:00"} if refund.status == "SUCCESS" else {}
    fields = {
        "out_refund_no": refund.refund_num,
        "refund_id": refund.refund_id,
        "refund_fee": refund.fen,
        "refund_status": refund.status,
        **done,
    }
    return {f"{name}_{place}": value for name, value in fields.items()}


def signed_answer(key: str = KEY, **fields: str) -> bytes:
    about = {"return_code": "SUCCESS", "result_code": "SUCCESS", "appid": APP_ID, "mch_id": MCH_ID}
    sent = {name: value for name, value in {**about, "nonce_str": "n", **fields}.items() if value}
    return wire.write({**sent, "sign": signing.sign(sent, key, HMAC_SHA256)})


def refund_notify(key: str = KEY, mch_id: str = MCH_ID, **fields: str) -> bytes:
    """A refund notify of API v2; `fields` are those inside."""
    inner = wire.write(fields).replace(b"<xml>", b"<root>").replace(b"</xml>", b"</root>")
    sealed = base64.b64encode(encrypt(inner, key)).decode()
    return wire.write(
        {"return_code": "SUCCESS", "appid": APP_ID, "mch_id": mch_id, "req_info": sealed}
    )


_PAGE = b"<html><title>400 The SSL certificate error</title></html>"


class _Handler(RequestHandler):
    def initialize(self, fake: FakeRefunds) -> None:
        self.fake = fake

    async def post(self) -> None:
        answer = self.fake.answer(self.request.path, self.request.body)
        if answer is None:
            self.request.connection.stream.close()
            return
        self.set_header("Connection", "close")  # cURL repeats by itself what a kept one lost
        if answer == _PAGE:
            self.set_status(400)
        await self.finish(answer)


@asynccontextmanager
async def refund_shop(folder: Path, **settings: str) -> AsyncIterator[tuple[Product, FakeRefunds]]:
    """The product, with a client certificate, beside a WeChat that refunds."""
    fake = FakeRefunds()
    sockets = bind_sockets(0, "127.0.0.1")
    app = Application([(r"/.*", _Handler, {"fake": fake})], log_function=lambda _handler: None)
    server = HTTPServer(app)
    server.add_sockets(sockets)
    base_url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}"
    ours = Merchants((OURS,))
    try:
        async with product(folder, merchants=ours, WECHAT_BASE_URL=base_url, **settings) as shop:
            yield shop, fake
    finally:
        server.stop()
        await server.close_all_connections()
