"""The bills: months, days, differences, and what staff do about them."""

from __future__ import annotations

import asyncio
from typing import Any

from tornado.web import stream_request_body

from handlers.base import BIGGEST, BaseHandler
from handlers.errors import status_of
from handlers.request_body import LONGEST_NOTE, read_text
from handlers.session import ConsoleHandler
from payments.errors import BadRequest, PaymentError
from services.recon.bill_csv import LANGUAGES
from services.recon.bill_views import KINDS, MAX_PAGE, PAGE, STATUSES, DifferenceFilter, read_date
from services.recon.dropped_bills import DroppedBill
from services.recon.recon_desk import REASONS

FILE_TYPES = ("application/octet-stream", "text/csv", "application/gzip", "application/x-gzip")
"""No page of another origin can send these without being asked for."""
LONGEST_S = 1800.0
"""A file that is sent for longer is given up."""


def differences_wanted(handler: BaseHandler) -> DifferenceFilter:
    """Raises BadRequest."""
    kind, status = handler.query("kind"), handler.query("status")
    if kind and kind not in KINDS:
        raise BadRequest(f"kind must be one of {', '.join(KINDS)}.")
    if status and status not in STATUSES:
        raise BadRequest(f"status must be one of {', '.join(STATUSES)}.")
    return DifferenceFilter(
        kind or None,
        status or None,
        handler.number("before", 0, 0, BIGGEST) or None,
        handler.number("limit", PAGE, 1, MAX_PAGE),
    )


class BillMonthHandler(ConsoleHandler):
    async def get(self) -> None:
        self.reply(await self.services.bill_views.month(self.query("month")))


class BillDayHandler(ConsoleHandler):
    async def get(self, date: str) -> None:
        views = self.services.bill_views
        account = views.account(self.query("account"))
        self.reply(await views.day(account, date, differences_wanted(self)))


class BillCsvHandler(ConsoleHandler):
    async def get(self, date: str) -> None:
        read_date(date)
        account = self.services.bill_views.account(self.query("account"))
        language = self.query("lang") or LANGUAGES[0]
        if language not in LANGUAGES:
            raise BadRequest(f"lang must be one of {', '.join(LANGUAGES)}.")
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        name = f"bill-{date}-{account}.csv"
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        async for text in self.services.bill_csv.lines(account, date, language):
            self.write(text)
            await self.flush()


class BillFetchHandler(ConsoleHandler):
    async def post(self, date: str) -> None:
        body = self.json_body()
        if set(body) - {"account"}:
            raise BadRequest("A fetch may have only an account.")
        given = body.get("account") or ""
        if not isinstance(given, str):
            raise BadRequest("account must be a merchant number, as a text.")
        account = self.services.bill_views.account(given)
        self.reply(await self.services.recon_desk.fetch(account, date, self.principal.name))


class DifferenceResolveHandler(ConsoleHandler):
    async def post(self, difference_id: str) -> None:
        body = self.json_body()
        if set(body) - {"reason", "note"}:
            raise BadRequest("To resolve a difference send only a reason and a note.")
        reason, note = body.get("reason"), read_text(body, "note", LONGEST_NOTE)
        if not isinstance(reason, str) or reason not in REASONS:
            raise BadRequest(f"reason must be one of {', '.join(REASONS)}.")
        if note is None:
            raise BadRequest("To resolve a difference write a note.")
        resolved = await self.services.recon_desk.resolve(
            int(difference_id), REASONS[reason], note, self.principal.name
        )
        self.reply({"difference": resolved})


@stream_request_body
class DroppedBillHandler(ConsoleHandler):
    """Takes the file of a bill as the body, plain or gzip: to the disk, as it comes."""

    _bill: DroppedBill | None = None
    _began = 0.0

    async def prepare(self) -> None:
        await super().prepare()
        if self.request.method == "POST":
            self._begin()

    def _begin(self) -> None:
        """Raises BadRequest and Busy."""
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind not in FILE_TYPES:
            raise BadRequest(f"Send the file with a Content-Type of {', '.join(FILE_TYPES)}.")
        read_date(self.path_args[0])
        self._account = self.services.bill_views.account(self.query("account"))
        most = self.services.dropped_bills.most_bytes
        length = self.request.headers.get("Content-Length", "0")
        if length.isascii() and length.isdigit() and int(length[:16]) > most:
            raise BadRequest(f"A bill may have {most} bytes.")
        connection: Any = self.request.connection
        connection.set_max_body_size(most)
        self._bill = self.services.dropped_bills.begin()
        self._began = asyncio.get_running_loop().time()

    async def data_received(self, chunk: bytes) -> None:
        """Where a part cannot be kept the answer comes at once, and the rest is not read."""
        if self._bill is None:
            return
        if asyncio.get_running_loop().time() - self._began < LONGEST_S:
            self.application.settings["more_time"](self.request.connection)
        try:
            await self._bill.write(chunk)
        except PaymentError as error:
            self.send_error(status_of(error), exc_info=(type(error), error, None))

    async def post(self, date: str) -> None:
        bill = self._bill
        if bill is None:  # the browser has gone
            return
        path = await bill.keep()
        self._bill = None  # whoever goes now, the file is at work
        desk, by = self.services.recon_desk, self.principal.name
        try:
            day = await desk.take_file(self._account, date, path, by)
        except BaseException:
            bill.remove()
            raise
        self.reply(day)

    def on_finish(self) -> None:
        self._give_up()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self._give_up()

    def _give_up(self) -> None:
        bill, self._bill = self._bill, None
        if bill is not None:
            bill.remove()
