"""Whether a password is hard to guess: zxcvbn's estimate, over 10^8 guesses, and none of the words
that everybody would try here first."""

from __future__ import annotations

import re

from zxcvbn import zxcvbn

from payments.errors import BadRequest

LEAST_SCORE = 3
LONGEST_LOOKED_AT = 40
"""What follows makes no password weaker, and the estimate takes the square of the length."""
OURS = (
    "paywatch",
    "wechat",
    "weixin",
    "payment",
    "admin",
    "support",
    "viewer",
    "pay",
    "微信",
    "支付",
)


class WeakPassword(BadRequest):
    code = "weak_password"
    message = (
        "This password is easy to guess. Take several words or many characters, without the user's "
        "name, Paywatch's words, common passwords, dates and rows of keys."
    )


def require_strength(password: str, name: str) -> None:
    """`name` is the user's. Costs up to a tenth of a second. Raises WeakPassword."""
    words = sorted({*OURS, *_parts(name)}, key=len, reverse=True)
    rest = re.sub("|".join(map(re.escape, words)), "", password, flags=re.I)
    for text in {password, rest}:
        looked_at = text[:LONGEST_LOOKED_AT]
        if not looked_at or zxcvbn(looked_at, words)["score"] < LEAST_SCORE:
            raise WeakPassword


def _parts(name: str) -> list[str]:
    """The name, and its parts of three characters and more."""
    return [part for part in (name, *re.split("[._@-]", name)) if len(part) >= 3]
