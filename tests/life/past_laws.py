"""What an order's page says of a moment is what was so at that moment, whatever came later. For
tests; holds none itself."""

from __future__ import annotations

from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant

from payments.encryption import Sealer
from services.views.order_details import OrderDetails
from tests.life.order_house import MERCHANTS, House

Seen = dict[str, Any]
NOT_TOLD = {"PROCESSING": "APPROVED"}
"""WeChat takes a refund without an event."""
FORGED = "bad_signature"
"""An explanation by forged messages, whose cases name no order: not told of the past."""

NEARLY = {"never_opened": "payment_unknown", "not_paid": "payment_unknown"}
"""No event tells of a call that waits for its answer, nor that WeChat says that nothing is paid."""


class PastLaws(RuleBasedStateMachine):
    house: House
    runner: Any
    seen: dict[tuple[str, int], Seen]
    """By order and moment (ms): what its page said after the last deed of that moment."""
    heard: int
    """The last event whose order's page was looked at."""

    @invariant()
    def the_page_of_this_moment_is_the_page_of_now(self) -> None:
        now = self.house.clock.now_ms()
        if self.seen and now < max(moment for _, moment in self.seen):
            self.seen.clear()  # the clock went back, and such moments come twice
        for num in self._told():
            then, page = self._page(num, now), self._page(num, None)
            if _is_untold(page):
                page["why"] = then["why"]
            self.seen[num, now] = shown(page)
            assert shown(then) == shown(page)

    def nothing_of_the_past_has_changed(self) -> None:
        for (num, moment), page in self.seen.items():
            assert shown(self._page(num, moment)) == page

    def _told(self) -> list[str]:
        """The orders of which something was told since."""
        found = self.house.look(
            "SELECT seq, order_num FROM events WHERE seq > ? AND order_num IN"
            " (SELECT order_num FROM orders) ORDER BY seq",
            self.heard,
        )
        self.heard = found[-1][0] if found else self.heard
        return list(dict.fromkeys(num for _, num in found))

    def _page(self, num: str, moment: int | None) -> Seen:
        clock, sealer = self.house.clock, Sealer(MERCHANTS.secrets)
        details = OrderDetails(
            self.house.store, sealer, clock, 0, frozenset(), *[lambda num: []] * 2
        )
        asked = details.order(num) if moment is None else details.as_of(num, moment)
        page: Seen = self.runner.run(asked)
        return page


def _is_untold(page: Seen) -> bool:
    """Whether its explanation is by what no event tells."""
    taken = any(refund["status"] in NOT_TOLD for refund in page["refunds"])
    return bool(taken or page["why"]["code"] == FORGED)


def shown(found: dict[str, Any]) -> Seen:
    order = dict(found["order"])
    del order["openId"]  # of the buyer as he is known now
    refunds = {
        refund["refundNum"]: (NOT_TOLD.get(refund["status"], refund["status"]), refund["endedFrom"])
        for refund in found["refunds"]
    }
    alerts = {
        alert["id"]: (alert["kind"], alert["status"], alert["assignee"])
        for alert in found["alerts"]
    }
    why = found["why"]
    told = {name: why[name] for name in ("code", "receiptState", "refundNum", "receiptId")}
    told["code"] = NEARLY.get(told["code"], told["code"])
    return {"order": order, "refunds": refunds, "alerts": alerts, "why": told}
