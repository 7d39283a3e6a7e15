"""The probe of `paywatch check`: a request to our own notify address, by which the service that
serves there tells whether a gateway passes body and headers on as they were sent. Who does not have
our secrets can neither send one nor tell that there is such a thing."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

from payments.merchant import Api

WINDOW_S = 300
SERIAL = "PAYWATCH_CHECK"
_TOKEN = re.compile(r"paywatch-check-([0-9]{1,12})-[0-9a-f]{32}", re.ASCII)
_MARK = b"paywatch-check-"
_BODIES = {
    # A gateway that reads and writes them anew changes blanks, escapes or Chinese characters.
    Api.V2: (
        "<xml>\n <check><![CDATA[{token}]]></check>\n"
        "  <text><![CDATA[支付 <&> 'x']]></text>\n</xml>"
    ),
    Api.V3: '{{ "check" : "{token}",\n  "text":"支付 \\u4ed8 \\/ x" }}\n',
}
WHOLE = "CHECK whole"
"""The words of the answer when everything came as it was sent."""
CHANGED = "CHECK body changed"
LOST = "CHECK headers lost: "
"""Followed by the names of those that did not come, or came with another value."""


def probe(secret: str, now_s: int, api: Api) -> tuple[bytes, dict[str, str]]:
    """Body and headers to send; the headers are those by which WeChat signs on API v3."""
    token = f"paywatch-check-{now_s}-{_sealed(secret, f'paywatch check {now_s}'.encode())[:32]}"
    body = _BODIES[api].format(token=token).encode()
    return body, {
        "Wechatpay-Timestamp": str(now_s),
        "Wechatpay-Nonce": token,
        "Wechatpay-Serial": SERIAL,
        "Wechatpay-Signature": _sealed(secret, token.encode() + b"\n" + body),
    }


def report(
    body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now_s: int, api: Api
) -> str | None:
    """What came of a probe, in the words above; None for what is none. Header names are in lower
    case. Either of body and headers is enough to know it by."""
    if _MARK not in body and headers.get("wechatpay-serial") != SERIAL:
        return None
    text = f"{body.decode('utf-8', 'replace')}\n{headers.get('wechatpay-nonce', '')}"
    for found in _TOKEN.finditer(text):
        sent_s = int(found[1])
        if abs(now_s - sent_s) > WINDOW_S:
            continue
        for secret in secrets:
            sent, sent_headers = probe(secret, sent_s, api)
            if hmac.compare_digest(sent_headers["Wechatpay-Nonce"], found[0]):
                return _compared(body, headers, sent, sent_headers)
    return None


def _compared(
    body: bytes, headers: Mapping[str, str], sent: bytes, sent_headers: Mapping[str, str]
) -> str:
    if body != sent:
        return CHANGED
    lost = [name for name, value in sent_headers.items() if headers.get(name.lower()) != value]
    return LOST + " ".join(lost) if lost else WHOLE


def _sealed(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
