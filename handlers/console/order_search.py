"""Orders in lists: found by a text and filters, a page at a time, or all as a file."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from handlers.base import BIGGEST
from handlers.session import ConsoleHandler
from payments.errors import BadRequest
from payments.money import MAX_FEN
from payments.states import OrderStatus, ServiceStatus, TradeType
from services.views.export import LANGUAGES
from services.views.list_position import ListPosition, read_position
from services.views.order_filter import OrderFilter, RefundState
from services.views.search import MAX_PAGE, PAGE

Word = TypeVar("Word", bound=StrEnum)


class OrderFilterHandler(ConsoleHandler):
    """Reads the filters, which a list and its file share."""

    def wanted(self) -> OrderFilter:
        """Raises BadRequest."""
        merchant = self.query("merchant")
        since, until = self._period("created")
        paid_since, paid_until = self._period("paid")
        return OrderFilter(
            q=self.query("q"),
            statuses=self._words("status", OrderStatus),
            services=self._words("service", ServiceStatus),
            since=since,
            until=until,
            paid_since=paid_since,
            paid_until=paid_until,
            min_fen=self.number("minFen", 0, 0, MAX_FEN) or None,
            max_fen=self.number("maxFen", MAX_FEN, 0, MAX_FEN) if self.query("maxFen") else None,
            mch_id=self.services.merchant_list.mch_id(merchant) if merchant else None,
            trades=self._words("trade", TradeType),
            refunds=self._words("refund", RefundState),
            with_alerts=bool(self.number("alerts", 0, 0, 1)),
        )

    def _period(self, name: str) -> tuple[int | None, int | None]:
        return self.services.search.period(name, self.query(name))

    def _words(self, name: str, known: type[Word]) -> tuple[Word, ...]:
        """`PAID` or `INIT,WAIT_PAY`."""
        text = self.query(name)
        words = tuple(dict.fromkeys(text.split(","))) if text else ()
        if not set(words) <= {word.value for word in known}:
            raise BadRequest(f"{name} must be one or more of {', '.join(known)}.")
        return tuple(known(word) for word in words)


class OrdersHandler(OrderFilterHandler):
    async def get(self) -> None:
        limit = self.number("limit", PAGE, 1, MAX_PAGE)
        by = self.principal.name
        self.reply(await self.services.search.orders(self.wanted(), by, self._place(), limit))

    def _place(self) -> ListPosition | None:
        """Raises BadRequest."""
        if (before := self.query("before")) not in ("", "0"):
            place = read_position(before)
            if place is None:
                raise BadRequest("before must be the next of a page.")
            return place
        top = self.number("top", 0, 0, BIGGEST)
        return ListPosition(top, at=True) if top else None


class OrdersFileHandler(OrderFilterHandler):
    async def get(self) -> None:
        language = self.query("lang") or LANGUAGES[0]
        if language not in LANGUAGES:
            raise BadRequest(f"lang must be one of {', '.join(LANGUAGES)}.")
        export = await self.services.exports.begin(self.wanted(), self.principal, language)
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="orders.csv"')
        self.set_header("X-Rows", str(len(export.ids)))
        self.set_header("X-Cut", "1" if export.cut else "0")
        async for text in self.services.exports.lines(export):
            self.write(text)
            await self.flush()
