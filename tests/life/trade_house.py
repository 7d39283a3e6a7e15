"""What a deed about a refund, or about money on no order, does to the real services; and what the
scripted WeChat says of refunds. For tests; holds none itself."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from typing import Any, Protocol

from payments.v2 import refund_notify, wire
from services.notify.inbound import Inbound
from services.refunds.receipts import Receipts
from services.refunds.refunds import Refunds
from tests.life.words import Deed, by_transaction
from tests.support.notify_rig import reply_to
from tests.support.rig import APP_ID, MCH_ID, MERCHANT

OTHER_KEY = "AnotherKeyAnotherKeyAnotherKey12"


SAID = {"ABNORMAL": "CHANGE"}
"""WeChat's word for a state that has another name here."""


class OwnList(Protocol):
    there: dict[str, Deed]


class Looking(Protocol):
    def look(self, sql: str, *values: Any) -> list[Any]: ...


def refund_fields(house: Looking, at: int, deed: Deed) -> dict[str, str]:
    """What WeChat says of the refund at this place, with what the deed draws to be wrong."""
    ((num, order, tx, total, fen),) = house.look(
        "SELECT refund_num, order_num, transaction_id, total_fen, amount_fen FROM refunds"
        " ORDER BY id LIMIT 1 OFFSET ?",
        at,
    )
    fields = {
        "transaction_id": tx,
        "out_trade_no": order,
        "out_refund_no": num,
        "refund_id": f"5000{num}"[:32],
        "total_fee": str(total),
        "refund_fee": str(fen + deed.get("off", 0)),
    }
    return fields | {
        "unknown refund": {"out_refund_no": "NOBODYS-REFUND"},
        "other order": {"out_trade_no": "ANOTHERS"},
        "other transaction": {"transaction_id": "4200-NOBODYS"},
        "other total": {"total_fee": str(total + 1)},
    }.get(deed.get("flaw") or "", {})


def refund_body(fields: dict[str, str], deed: Deed) -> bytes:
    """The bytes of one refund notify of API v2."""
    flaw = deed["flaw"]
    if flaw == "unreadable":
        return b"<xml><return_code>SUCCESS</return_code>"
    if flaw == "no proof":
        return b"<xml><return_code>SUCCESS</return_code></xml>"
    inner = wire.write({**fields, "refund_status": deed["said"]})
    root = inner.replace(b"<xml>", b"<root>").replace(b"</xml>", b"</root>")
    key = OTHER_KEY if flaw == "other key" else MERCHANT.api_v2_key
    sealed = base64.b64encode(refund_notify.encrypt(root, key)).decode()
    mch_id = "1900000999" if flaw == "other merchant" else MCH_ID
    outer = {"return_code": "SUCCESS", "appid": APP_ID, "mch_id": mch_id, "nonce_str": "n"}
    return wire.write({**outer, "req_info": sealed})


def listed(fields: dict[str, str], said: str) -> dict[str, str]:
    """One refund as the answer to a refund query has it."""
    own = ("out_refund_no", "refund_id", "refund_fee")
    numbered = {f"{name}_0": fields[name] for name in own} | {"refund_status_0": said}
    shared = {name: text for name, text in fields.items() if name not in own}
    return {**shared, **numbered, "refund_count": "1"}


def listed_all(found: Sequence[Deed]) -> dict[str, str]:
    """Refunds of one payment as the answer to a refund query has them."""
    fields: dict[str, str] = {
        "refund_count": str(len(found)),
        "total_refund_count": str(len(found)),
    }
    for i, out in enumerate(found):
        own = listed(outside_fields(out), out["said"])
        fields |= {**own, **fields} | {
            name.removesuffix("_0") + f"_{i}": text
            for name, text in own.items()
            if name.endswith("_0")
        }
    return fields


def outside_fields(out: Deed) -> dict[str, str]:
    """What WeChat says of a refund that was made on its own platform."""
    return {
        "transaction_id": out["tx"],
        "out_trade_no": out["order"],
        "out_refund_no": out["name"],
        "refund_id": f"5000{out['name']}"[:32],
        "total_fee": str(out["total"]),
        "refund_fee": str(out["fen"]),
    }


class TradeDeeds:
    """The half of a House that does what `trade_model` tells."""

    intake: Inbound
    wechat: OwnList
    refunds: Refunds
    receipts: Receipts

    def look(self, sql: str, *values: Any) -> list[Any]:
        raise NotImplementedError

    def script(self, call: str, about: str, deed: Deed) -> None:
        raise NotImplementedError

    def script_send(self, order: str, deed: Deed) -> None:
        """The answer to the first send of a refund, and to the question after a refusal."""
        self.script("refund", order, deed)
        self.script("refundcheck", order, {**deed, "state": deed["check"]})

    def refund_num(self, at: int) -> str:
        found = self.look("SELECT refund_num FROM refunds ORDER BY id LIMIT 1 OFFSET ?", at)
        return str(found[0][0])

    def place(self, refund_num: str) -> int:
        """Where this refund stands in the sequence of all."""
        found = (
            "SELECT count(*) FROM refunds WHERE id < (SELECT id FROM refunds WHERE refund_num = ?)"
        )
        return int(self.look(found, refund_num)[0][0])

    async def _request(self, deed: Deed) -> Any:
        self.script_send(deed["order"], deed)
        asked = [
            self.refunds.request(
                deed["order"],
                deed["fen"],
                "changed their mind",
                deed["by"],
                refund_num=deed["refund"],
                may_approve=deed["by"] != "bob",
            )
            for _ in range(deed["times"])
        ]
        views = await asyncio.gather(*asked, return_exceptions=True)
        failed = [view for view in views if isinstance(view, BaseException)]
        if failed:
            raise failed[0]
        said = [str(view["status"]) for view in views]  # one of them made it, and waited for WeChat
        return next((status for status in said if status != "APPROVED"), "APPROVED")

    async def _approve(self, deed: Deed) -> Any:
        num = self.refund_num(deed["at"])
        self.script_send(self.order_of(num), deed)
        return (await self.refunds.approve(num, deed["by"]))["status"]

    def order_of(self, num: str) -> str:
        found = self.look("SELECT order_num FROM refunds WHERE refund_num = ?", num)
        return str(found[0][0])

    async def _reject(self, deed: Deed) -> Any:
        num = self.refund_num(deed["at"])
        return (await self.refunds.reject(num, deed["by"], "no"))["status"]

    async def _ask_refund(self, deed: Deed) -> Any:
        num = self.refund_num(deed["at"])
        self.script("refundquery", num, deed)
        self.script("refund", self.order_of(num), deed)
        return await self.refunds.ask(num)

    async def _end_refund(self, deed: Deed) -> Any:
        num = self.refund_num(deed["at"])
        self.script("refundquery", num, deed)
        return (await self.refunds.end(num, "settled", deed["by"]))["status"]

    async def _refund_notify(self, deed: Deed) -> bytes:
        body = refund_body(refund_fields(self, deed["at"], deed), deed)
        return await reply_to(self.intake.refund_v2, body, deed["source"])

    async def _outside_notify(self, deed: Deed) -> bytes:
        body = refund_body(outside_fields(deed["out"]), deed)
        return await reply_to(self.intake.refund_v2, body, deed["source"])

    async def _give_back_there(self, deed: Deed) -> None:
        self.wechat.there[deed["name"]] = {**deed}

    async def _move_there(self, deed: Deed) -> None:
        self.wechat.there[deed["name"]]["said"] = deed["said"]

    def as_seen(self, deed: Deed) -> Deed:
        """With the version of the receipt that everybody sees who decides at once."""
        if deed["do"] != "decide receipt":
            return deed
        found = "SELECT id, version FROM receipts WHERE transaction_id = ? AND order_num = ?"
        ((receipt, version),) = self.look(found, *deed["receipt"])
        return {**deed, "id": receipt, "version": version - deed["stale"]}

    async def _decide_receipt(self, deed: Deed) -> Any:
        self.script_send(deed["receipt"][1], deed)
        decided = await self.receipts.decide(
            deed["id"], deed["action"], deed["version"], "seen", deed["by"]
        )
        return decided["state"]

    def taken_refunds(self, *, of_any_state: bool = False) -> dict[str, Deed]:
        """Our refunds that WeChat has taken, as WeChat would list them."""
        query = "SELECT refund_num, order_num, transaction_id, total_fen, amount_fen, status"
        names = ("name", "order", "tx", "total", "fen", "said")
        found = [dict(zip(names, row, strict=True)) for row in self.look(query + " FROM refunds")]
        taken = ("PROCESSING", "SUCCESS", "ABNORMAL")
        return {
            refund["name"]: {**refund, "said": SAID.get(refund["said"], refund["said"])}
            for refund in found
            if of_any_state or refund["said"] in taken
        }

    def trade_state(self) -> dict[str, Any]:
        """Refunds in their sequence, and receipts, as the model has them."""
        refunds = self.look(
            "SELECT r.order_num, t.transaction_id, r.transaction_id, r.total_fen, r.amount_fen,"
            " r.status FROM refunds r LEFT JOIN receipts t ON t.id = r.receipt_id ORDER BY r.id"
        )
        receipts = self.look(
            "SELECT transaction_id, order_num, amount_fen, reason, state FROM receipts ORDER BY id"
        )
        claims = self.look(
            "SELECT c.claimed FROM refunds r LEFT JOIN refund_checks c"
            " ON c.refund_num = r.refund_num ORDER BY r.id"
        )
        return {
            "claims": [claimed for (claimed,) in claims],
            "refunds": [
                (num, (held, num) if held else None, *rest) for num, held, *rest in refunds
            ],
            "receipts": {(tx, num): tuple(rest) for tx, num, *rest in receipts},
            "came": by_transaction([(tx, num) for tx, num, *_ in receipts]),
        }


def answer_head() -> dict[str, str]:
    return {"return_code": "SUCCESS", "appid": APP_ID, "mch_id": MCH_ID, "nonce_str": "n"}
