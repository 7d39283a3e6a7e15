"""What WeChat's refusals mean where its code alone does not say."""

from __future__ import annotations

GONE = ("ORDERCLOSED", "ORDERNOTEXIST")
"""WeChat's words for an order that nobody can pay."""
VAGUE = ("INVALID_REQUEST", "TRADE_ERROR")
BY_WORDS = {
    "已支付": "ORDERPAID",
    "已关闭": "ORDERCLOSED",
    "已失效": "ORDERCLOSED",
    "参数与首次请求时不一致": "OUT_TRADE_NO_USED",
    "商户订单号重复": "OUT_TRADE_NO_USED",
}
"""The sentences of WeChat that tell the meanings of a vague code apart, with API v2's word."""


def meaning_of(code: str, words: str) -> str:
    """API v2's word for a refusal; the code itself where its words tell no more."""
    if code not in VAGUE:
        return code
    return next((meant for known, meant in BY_WORDS.items() if known in words), code)
