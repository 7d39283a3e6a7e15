"""The outside of a v3 call: proving a request, and the shapes of an answer.

Every answer carries WeChat's signature, also one that says no: then a status, a code and words.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from payments.errors import Malformed
from payments.merchant import Merchant, Merchants
from payments.v3 import signing, wire
from simulator.state.signing_keys import Keys
from simulator.v2.envelope import OTHER_MCH_ID
from simulator.v2.replies import TOO_LARGE_BYTES, Reply, Spoilers

JSON = {"Content-Type": "application/json; charset=utf-8"}
SHOWN = 1024
"""Characters of the signed text that a SIGN_ERROR shows."""

_PARAMETER = re.compile(r'([a-z_]+)="([^"]*)"', re.ASCII)
_NEEDED = ("mchid", "nonce_str", "timestamp", "serial_no", "signature")
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


class RefusedV3(Exception):
    """The answer is no: `status`, and `code` in WeChat's words."""

    def __init__(self, status: int, code: str, words: str, detail: Any = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.words = words
        self.detail = detail


@dataclass(frozen=True)
class Request:
    """One request as it came. `uri` is the path with its query; header names in any case."""

    method: str
    uri: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False, default=b"")


def odd(name: str, value: Any, words: str, location: str = "body") -> RefusedV3:
    """A field that is missing or not as it must be; `name` as `/amount/total`."""
    detail = {"field": name, "value": value, "issue": words, "location": location}
    return RefusedV3(400, "PARAM_ERROR", words, detail)


def proven(request: Request, merchants: Merchants, now_s: float) -> Merchant:
    """The account that signed the request, under any of its apps. Raises RefusedV3 (SIGN_ERROR)."""
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    given = dict(_PARAMETER.findall(rest))
    if scheme != signing.SCHEME or not all(given.get(name) for name in _NEEDED):
        raise RefusedV3(
            401,
            "SIGN_ERROR",
            "Http头Authorization值格式错误，请参考《微信支付商户REST API签名规则》",
        )
    time_s = given["timestamp"]
    if not _SECONDS.fullmatch(time_s) or abs(now_s - int(time_s)) > signing.WINDOW_S:
        raise RefusedV3(
            401, "SIGN_ERROR", "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"
        )
    merchant = merchants.of_account(given["mchid"])
    named = merchant is not None and _same_serial(given["serial_no"], merchant.serial)
    if merchant is None or not merchant.private_key or not named:
        raise RefusedV3(401, "SIGN_ERROR", "商户证书序列号有误。请使用签名私钥匹配的证书序列号")
    message = signing.lines(request.method, request.uri, time_s, given["nonce_str"], request.body)
    key = signing.private_key(merchant.private_key).public_key()
    if not signing.is_signed(message, given["signature"], key):
        raise RefusedV3(401, "SIGN_ERROR", "错误的签名，验签失败", _shown(request, message))
    return merchant


def _same_serial(named: str, ours: str) -> bool:
    """A serial is a number in hexadecimal: openssl and the clients write it in either case, with
    or without the zero in front that its DER form may have."""
    return named.upper().lstrip("0") == ours.upper().lstrip("0")


def _shown(request: Request, message: bytes) -> Any:
    """The text that WeChat would have signed, for a comparison with the text of the caller."""
    information = {
        "method": request.method,
        "url": request.uri,
        "sign_message_length": len(message),
        "truncated_sign_message": message.decode("utf-8", "replace")[:SHOWN],
    }
    detail = {"issue": "sign not match"}
    return {
        "field": "signature",
        "location": "authorization",
        "detail": detail,
        "sign_information": information,
    }


def sent(request: Request) -> wire.Fields:
    """The object of a request. Raises RefusedV3."""
    try:
        return wire.read(request.body)
    except Malformed as error:
        raise odd("", None, "请求体不是合法的JSON") from error


def check_heads(request: Request) -> None:
    """The headers that every call needs. Raises RefusedV3 (PARAM_ERROR)."""
    for name in ("User-Agent", "Accept"):
        if not request.headers.get(name):
            raise odd(name, None, f"Http头缺少{name}", "header")
    kind = request.headers.get("Content-Type", "")
    if request.body and not kind.startswith("application/json"):
        raise odd("Content-Type", kind[:64], "Http头Content-Type须为application/json", "header")


class AnswerSigner:
    """Signs answers to one request: with the key that it named, or the one in use."""

    def __init__(self, keys: Keys, request: Request) -> None:
        self._keys = keys
        self._wanted = request.headers.get("Wechatpay-Serial")

    def success(self, fields: wire.Fields | None, status: int = 200) -> Reply:
        """`fields` None is an answer without a body (204)."""
        body = b"" if fields is None else wire.write(fields)
        return self._signed(body, 204 if fields is None else status)

    def refusal(self, refused: RefusedV3) -> Reply:
        fields = {"code": refused.code, "message": refused.words}
        if refused.detail is not None:
            fields["detail"] = refused.detail
        return self._signed(wire.write(fields), refused.status)

    def _signed(self, body: bytes, status: int) -> Reply:
        return Reply(body, status, self._head(body))

    def _head(self, body: bytes) -> dict[str, str]:
        return _dressed(self._keys.head(body, wanted=self._wanted), body)

    def spoilers(self) -> Spoilers:
        keys = self._keys
        return {
            "unsigned": lambda reply: replace(reply, headers=_dressed({}, reply.body)),
            "wrong_signature": lambda r: replace(r, headers=_dressed(keys.forged(r.body), r.body)),
            "unknown_serial": lambda r: replace(r, headers=_dressed(keys.unknown(r.body), r.body)),
            "stale": lambda r: replace(r, headers=_dressed(keys.stale(r.body), r.body)),
            "other_merchant": self._other_merchant,
            "too_large": self._too_large,
        }

    def _other_merchant(self, reply: Reply) -> Reply:
        """Rightly signed, and about somebody else."""
        return self._signed(
            wire.write({**wire.read(reply.body), "mchid": OTHER_MCH_ID}), reply.status
        )

    def _too_large(self, reply: Reply) -> Reply:
        """Rightly signed, with blanks behind the object."""
        status = 200 if reply.status == 204 else reply.status
        return self._signed((reply.body or b"{}").ljust(TOO_LARGE_BYTES), status)


def _dressed(proof: Mapping[str, str], body: bytes) -> dict[str, str]:
    number = f"{secrets.token_hex(16).upper()}-268578704"
    return {**(JSON if body else {}), "Request-ID": number, **proof}
