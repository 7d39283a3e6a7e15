"""The kind of row of which the table of sentences for a customer is made.

`fact` says what is known, with the time of it; `next` says what happens now, and when. A sentence
names amounts and times only. What nobody knows yet is said as not known.
"""

from enum import StrEnum
from typing import NamedTuple

CHINESE, ENGLISH = "zh-CN", "en"


class Head(StrEnum):
    """The state in two words, above the sentence."""

    UNPAID = "unpaid"
    CHECKING = "checking"
    PAID = "paid"
    CLOSED = "closed"
    REFUNDING = "refunding"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"


HEADS: dict[Head, dict[str, str]] = {
    Head.UNPAID: {CHINESE: "还没有付款", ENGLISH: "Not paid yet"},
    Head.CHECKING: {CHINESE: "正在核实", ENGLISH: "Being checked"},
    Head.PAID: {CHINESE: "已付款", ENGLISH: "Paid"},
    Head.CLOSED: {CHINESE: "已关闭", ENGLISH: "Closed"},
    Head.REFUNDING: {CHINESE: "退款处理中", ENGLISH: "Refund in progress"},
    Head.PARTLY_REFUNDED: {CHINESE: "已部分退款", ENGLISH: "Partly refunded"},
    Head.REFUNDED: {CHINESE: "已退款", ENGLISH: "Refunded"},
}


class Sentence(NamedTuple):
    """Two texts with `{names}` of values."""

    fact: str
    next: str = ""


class StateSentence(NamedTuple):
    head: Head
    chinese: Sentence
    english: Sentence

    def of(self, language: str) -> Sentence:
        return self.english if language == ENGLISH else self.chinese


def state_sentence(
    head: Head, chinese_fact: str, chinese_next: str, english_fact: str, english_next: str
) -> StateSentence:
    return StateSentence(
        head, Sentence(chinese_fact, chinese_next), Sentence(english_fact, english_next)
    )
