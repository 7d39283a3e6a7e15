"""The levers of bills: faults of a day's bill, what they changed, and the four ways in which a
merchant's books and WeChat's come apart."""

from __future__ import annotations

from datetime import date
from typing import Any

from simulator.bills.bill_faults import MADE, PlantedFault
from simulator.bills.days import day_of
from simulator.bills.fees import DEFAULT_RATE, MAX_RATE, percent
from simulator.bills.gaps import GAPS, BadGap
from simulator.http.base import Declined, EdgeHandler
from simulator.state.clock import rfc3339
from simulator.state.faults import BadFault

NEXT, ALL = "next", "all"
CORRECTED = "corrected"
_FIELDS = {
    "fault": ("kind", str),
    "bill": ("bill", str),
    "times": ("times", int),
    "count": ("count", int),
    "orderNum": ("order_num", str),
    "refundNum": ("refund_num", str),
    "fen": ("fen", int),
    "state": ("state", str),
    "column": ("column", str),
}
"""Their names in JSON, ours, and their types."""


class BillsHandler(EdgeHandler):
    """GET tells what a day's bill is and what was changed in it; POST {"faults": […], "account"?}
    adds faults to the bill of a day, to the next one or to all, {"clear": true} forgets those that
    wait."""

    def get(self, date_text: str) -> None:
        account, day = self._account(self.get_argument("account", "")), self._day(date_text)
        if day is None:
            raise Declined(400, "bad_request", "A date as 2026-01-31.")
        self.answer(self._told(account, day))

    def post(self, date_text: str) -> None:
        wanted, day = self.sent_object(), self._day(date_text)
        if set(wanted) - {"faults", "account", "clear"}:
            raise Declined(400, "bad_request", "Only faults, account and clear.")
        given = wanted.get("account")
        account = None if given is None else self._account(given)
        if wanted.get("clear") is True:
            self.world.bills.faults.clear(account, day)
        self._add(wanted.get("faults", []), account, day, lasting=date_text == ALL)
        owner = account or self._account("")
        waiting = [fault.as_json() for fault in self.world.bills.faults.all()]
        self.answer(self._told(owner, day) if day else {"waiting": waiting})

    def _add(self, given: Any, account: str | None, day: date | None, *, lasting: bool) -> None:
        if not isinstance(given, list):
            raise Declined(400, "bad_request", "faults is a list.")
        corrects = CORRECTED in given
        if corrects and day is None:
            raise Declined(400, "bad_request", "Only the bill of a day can be corrected.")
        try:
            faults = [
                _fault(one, account, day, lasting=lasting) for one in given if one != CORRECTED
            ]
            if not corrects and any(fault.kind in MADE for fault in faults):
                self._must_be_open(account, day)
            self.world.bills.faults.add(faults)
        except BadFault as error:
            raise Declined(400, "bad_request", str(error)) from error
        if corrects and day is not None:
            for owner in self._owners(account):
                self.world.bills.desk.correct(owner, day)

    def _must_be_open(self, account: str | None, day: date | None) -> None:
        """A bill that is made takes no more changes."""
        if day and any(self.world.bills.desk.found(owner, day) for owner in self._owners(account)):
            words = f'The bill of this day is made; add "{CORRECTED}" to have it made again.'
            raise Declined(409, "made", words)

    def _told(self, account: str, day: date) -> dict[str, Any]:
        world = self.world
        made = world.bills.desk.found(account, day)
        return {
            "date": day.isoformat(),
            "account": account,
            "state": world.bills.desk.state(account, day),
            "madeAt": rfc3339(made.made_at) if made else None,
            "rows": len(made.trade_rows) if made else world.bills.books.count(account, day),
            "lostRows": world.bills.books.lost(account, day),
            "waiting": [f.as_json() for f in world.bills.faults.wait_for(account, day)],
            "changes": [change.as_json() for change in world.bills.desk.changes(account, day)],
        }

    def _day(self, text: str) -> date | None:
        if text in (NEXT, ALL):
            return None
        if (day := day_of(text, "-")) is None:
            raise Declined(400, "bad_request", f"A date as 2026-01-31, {NEXT} or {ALL}.")
        return day

    def _owners(self, account: str | None) -> list[str]:
        return [account] if account else [m.mch_id for m in self.world.bills.merchants]

    def _account(self, given: Any) -> str:
        """The account that is named, or the only one."""
        merchants = self.world.bills.merchants
        found = merchants.of_account(str(given)) if given else merchants.default
        if found is None:
            raise Declined(404, "not_found", "There is no such account.")
        return found.mch_id


class FeesHandler(EdgeHandler):
    """GET tells the rates; POST {"account", "rate"} sets one, in hundredths of a percent, for the
    bills that are made from now on."""

    def get(self) -> None:
        rates = self.world.bills.desk.rates
        accounts = {merchant.mch_id for merchant in self.world.bills.merchants}
        self.answer({a: percent(rates.get(a, DEFAULT_RATE)) for a in sorted(accounts)})

    def post(self) -> None:
        wanted = self.sent_object()
        account, rate = wanted.get("account"), wanted.get("rate")
        if self.world.bills.merchants.of_account(str(account)) is None:
            raise Declined(404, "not_found", "There is no such account.")
        if type(rate) is not int or not 0 <= rate <= MAX_RATE:
            raise Declined(400, "bad_request", f"rate is between 0 and {MAX_RATE}.")
        self.world.bills.desk.rates[str(account)] = rate
        self.get()


class GapsHandler(EdgeHandler):
    """POST {"gap", "orderNum"} lets the merchant's books and WeChat's come apart about an order;
    answers with the difference that the bill must show, and of which day."""

    def post(self) -> None:
        wanted = self.sent_object()
        gap, number = wanted.get("gap"), wanted.get("orderNum")
        if set(wanted) - {"gap", "orderNum", "fen"} or gap not in GAPS:
            raise Declined(400, "bad_request", f"orderNum, fen, and gap: {', '.join(GAPS)}.")
        fen = wanted.get("fen", 0)
        if type(fen) is not int:
            raise Declined(400, "bad_request", "fen is a whole number.")
        try:
            planted = self.world.bills.gaps.plant(gap, str(number), fen)
        except BadGap as error:
            raise Declined(409, "refused", str(error)) from error
        self.answer(planted.as_json(), 201)


def _fault(given: Any, account: str | None, day: date | None, *, lasting: bool) -> PlantedFault:
    """A fault by its name, or an object. Raises BadFault."""
    wanted = {"fault": given} if isinstance(given, str) else given
    if not isinstance(wanted, dict) or set(wanted) - set(_FIELDS):
        raise BadFault(f"A fault is its name, or an object of {', '.join(_FIELDS)}.")
    values: dict[str, Any] = {}
    for name, value in wanted.items():
        field, kind = _FIELDS[name]
        if not (name == "times" and value is None) and type(value) is not kind:
            raise BadFault(f"{name} is a {'whole number' if kind is int else 'text'}.")
        values[field] = value
    return PlantedFault.of(account=account, day=day, lasting=lasting, **values)
