"""The sentences for a customer: one row for each state of an order, in Chinese and English."""

from __future__ import annotations

from services.views.customer.payment_sentences import PAYMENTS
from services.views.customer.refund_sentences import REFUNDS, returning
from services.views.customer.sentence_rows import Head, StateSentence, state_sentence

ROWS: dict[str, StateSentence] = {**PAYMENTS, **REFUNDS, **returning()}
"""By the code of an explanation, or by `code.step` where what became of the money or is done next
makes another sentence of it."""

COMPLAINT = state_sentence(
    Head.CHECKING,
    "您 {complained} 在微信支付提交的投诉我们已经收到。",
    "{reply}。",
    "We have received the complaint that you made at WeChat Pay at {complained}.",
    "{reply}.",
)
"""Beside the sentence of the order while a complaint about it is open."""
