"""The page that a buyer sees who opens the status address in a browser: one sentence, no script."""

from __future__ import annotations

import secrets
from typing import Any, NamedTuple

from tornado.web import RequestHandler

from handlers.accept_headers import best_language
from services.runtime.clock import rfc3339
from services.views.customer.customer_words import minute
from services.views.customer.sentence_rows import CHINESE, ENGLISH, HEADS, Head
from services.views.order_details import BuyerView

_GLYPHS = {Head.PAID: "done", Head.REFUNDED: "done", Head.CLOSED: "over"}
"""The others wait for something."""


class Words(NamedTuple):
    """Head, fact and what to do, when there is no order to tell of."""

    head: str
    fact: str
    next: str


_MISSING = {
    CHINESE: Words(
        "找不到这笔订单",
        "这个地址不完整，或者不是订单的地址。",
        "请从付款页面重新打开，或联系商家。",
    ),
    ENGLISH: Words(
        "No such order",
        "This address is incomplete, or is not that of an order.",
        "Please open it again from the payment page, or contact the merchant.",
    ),
}
_AWAY = {
    CHINESE: Words("暂时打不开", "现在看不到这笔订单。", "请稍后再试。"),
    ENGLISH: Words(
        "Not available now",
        "This order cannot be shown at the moment.",
        "Please try again in a while.",
    ),
}


def show_order(handler: RequestHandler, view: BuyerView) -> None:
    """Finish with the page of this order."""
    words, language = view.words, language_of(handler)
    sentence = words.sentences[language]
    _show(
        handler,
        head=HEADS[words.head][language],
        fact=sentence.fact,
        next=sentence.next,
        glyph=_GLYPHS.get(words.head, "waits"),
        order_num=view.order_num,
        amount=view.amount,
        at=rfc3339(view.at),
        shown_at=minute(view.at, view.at),
    )


def show_fault(handler: RequestHandler, status: int) -> None:
    """Finish with a page that says why there is no order to show."""
    words = (_MISSING if status < 500 else _AWAY)[language_of(handler)]
    _show(handler, **words._asdict(), glyph="over", order_num="")


def language_of(handler: RequestHandler) -> str:
    return best_language(handler.request.headers.get("Accept-Language", ""))


def _show(handler: RequestHandler, **values: Any) -> None:
    nonce = secrets.token_urlsafe(16)
    language = language_of(handler)
    handler.set_header("Content-Type", "text/html; charset=utf-8")
    handler.set_header("Content-Language", language)
    handler.add_header("Vary", "Accept-Language")
    handler.set_header("Cache-Control", "no-store")
    handler.set_header("X-Robots-Tag", "noindex")
    handler.set_header(
        "Content-Security-Policy",
        f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
    )
    simulated = handler.application.settings["site"].simulated
    handler.finish(
        handler.render_string(
            "buyer.html", nonce=nonce, lang=language, simulated=simulated, **values
        )
    )
