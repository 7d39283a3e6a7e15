"""API v3's calls for bills: the application, which is signed, and the download, which is not."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from payments.merchant import Merchant, Merchants
from simulator.bills.bill_desk import (
    ACCOUNT_TYPES,
    BillDesk,
    BillRefusal,
    MadeBill,
    NoBill,
    bill_of,
)
from simulator.bills.days import day_of
from simulator.bills.downloads import DownloadTokens, SimulatedDownload, begun
from simulator.bills.trade_bill import BillType
from simulator.state.clock import SimulatedClock
from simulator.v2.replies import Reply
from simulator.v3.envelope import AnswerSigner, RefusedV3, Request, check_heads, odd, proven

DOWNLOAD = "/v3/billdownload/file"
TRADE_TYPES = (
    *BillType,
    "RECHARGE_REFUND",
    "ALL_SPECIAL",
    "SUC_SPECIAL",
    "REF_SPECIAL",
)
_CODES = {
    NoBill.NOTHING_MOVED: (400, "NO_STATEMENT_EXIST"),
    NoBill.CREATING: (400, "STATEMENT_CREATING"),
    NoBill.TOO_OLD: (400, "INVALID_REQUEST"),
    NoBill.FREQUENT: (429, "FREQUENCY_LIMITED"),
}


class BillDeskV3:
    """`origin` is our own address: downloads come to it."""

    def __init__(
        self,
        merchants: Merchants,
        bills: BillDesk,
        tokens: DownloadTokens,
        clock: SimulatedClock,
        origin: str,
    ) -> None:
        self._merchants = merchants
        self._bills = bills
        self._tokens = tokens
        self._clock = clock
        self._origin = origin

    async def apply(self, call: str, request: Request, sealer: AnswerSigner) -> Reply:
        """`tradebill` or `fundflowbill`. Never raises on what came."""
        try:
            merchant, query = self._opened(request)
            part = _part(call, query)
            packed = _packed(query, "tar_type")
            made = self._bill(merchant, query, part)
            return sealer.success(await self._told(made, part, packed=packed))
        except RefusedV3 as refused:
            return sealer.refusal(refused)

    def download(self, request: Request, sealer: AnswerSigner) -> Reply | SimulatedDownload:
        """The file behind a token, or a signed refusal. Never raises on what came."""
        try:
            merchant, query = self._opened(request)
            granted = self._tokens.granted(query.get("token", ""))
            if granted is None:
                raise RefusedV3(400, "INVALID_REQUEST", "token已失效，请重新申请账单")
            if granted.made.account != merchant.mch_id:
                raise RefusedV3(403, "NO_AUTH", "无权限下载该账单")
            packed = _packed(query, "tartype")
        except RefusedV3 as refused:
            return sealer.refusal(refused)
        return begun(self._bills.faults, granted.made, granted.part, gzip=packed)

    def _opened(self, request: Request) -> tuple[Merchant, dict[str, str]]:
        check_heads(request)
        merchant = proven(request, self._merchants, self._clock.real())
        return merchant, dict(parse_qsl(urlsplit(request.uri).query, keep_blank_values=True))

    def _bill(self, merchant: Merchant, query: Mapping[str, str], part: str) -> MadeBill:
        text = query.get("bill_date", "")
        day = day_of(text, "-")
        if day is None:
            raise odd("/bill_date", text[:32], "bill_date格式须为yyyy-MM-dd", "query")
        about = (merchant.mch_id, day, bill_of(part))
        try:
            if self._bills.faults.take("frequency_limited", *about):
                raise BillRefusal(NoBill.FREQUENT)
            return self._bills.bill(merchant.mch_id, day, part)
        except BillRefusal as refusal:
            status, code = _CODES[refusal.reason]
            raise RefusedV3(status, code, refusal.reason.value) from refusal

    async def _told(self, made: MadeBill, part: str, *, packed: bool) -> dict[str, Any]:
        """A large bill is hashed in a thread, so that other calls are answered meanwhile."""
        wrong = self._bills.faults.take("wrong_hash", made.account, made.day, bill_of(part))
        sha1 = secrets.token_hex(20) if wrong else await asyncio.to_thread(made.sha1, part)
        kind = "&tartype=gzip" if packed else ""
        token = self._tokens.grant(made, part)
        return {
            "hash_type": "SHA1",
            "hash_value": sha1,
            "download_url": f"{self._origin}{DOWNLOAD}?token={token}{kind}",
        }


def _part(call: str, query: Mapping[str, str]) -> str:
    name, known = ("account_type", ACCOUNT_TYPES)
    if call == "tradebill":
        name, known = ("bill_type", TRADE_TYPES)
    part = query.get(name, known[0])
    if part not in known:
        raise odd(f"/{name}", part[:32], f"{name}不符合规则", "query")
    return part


def _packed(query: Mapping[str, str], name: str) -> bool:
    kind = query.get(name)
    if kind is not None and kind.upper() != "GZIP":
        raise odd(f"/{name}", kind[:32], f"{name}只能是GZIP", "query")
    return kind is not None
