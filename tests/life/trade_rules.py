"""The half of a life that is about refunds, and about money on no order: what people and WeChat do
with them. For tests; holds none itself.

Deeds at once end as their threads meet, so what is there afterwards may differ from run to run:
a choice among it is drawn as a number that fits any size, and a rule that finds nothing makes what
it needs, or does nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.life import order_draws, trade_draws
from tests.life.outside_model import listed_there
from tests.life.refund_moves import PAID_ONCE, UNDER_WAY, left
from tests.life.trade_draws import GOOD_ANSWER
from tests.life.trade_model import UNDECIDED
from tests.life.words import Deed, World

PICK = st.integers(0, 5039)
MONEY: Deed = {"do": "notify", "off": 0, "flaw": None, "source": "198.51.100.0/24"}


def pick(items: Sequence[Any], n: int) -> Any:
    return items[n % len(items)] if items else None


class TradeRules(RuleBasedStateMachine):
    world: World

    def do(self, *deeds: Deed) -> None:
        raise NotImplementedError

    def priced(self, deed: Deed) -> Deed:
        raise NotImplementedError

    # --- refunds ------------------------------------------------------------------------------

    def paid(self, n: int) -> str | None:
        """An order that was paid; one is, when none was."""
        orders = self.world["orders"].items()
        if not any(order["status"] in PAID_ONCE for _, order in orders):
            self.do(self.priced({**MONEY, "order": pick(order_draws.BORN, n), "tx": "42-SOLD"}))
        found = [num for num, order in orders if order["status"] in PAID_ONCE]
        return None if not found else str(pick(found, n))

    def refund(self, n: int, *statuses: str) -> int | None:
        """A refund, of one of these states if there is any such."""
        known = list(enumerate(self.world["refunds"]))
        found = [at for at, refund in known if refund["status"] in statuses]
        at: int | None = pick(found or [at for at, _ in known], n)
        return at

    def wish(self, order: str, part: str, refund: str, by: str, answer: Deed) -> Deed:
        total = self.world["orders"][order]["total"] if order in self.world["orders"] else 100
        rest = left(self.world, order) if order in self.world["orders"] else total
        fen = {
            "all": total,
            "half": max(1, total // 2),
            "one": 1,
            "left": max(1, rest),
            "too much": max(0, rest) + 1,
        }[part]
        about = {"do": "request", "order": order, "fen": fen, "refund": refund, "by": by}
        return {**about, "times": 1, **answer}

    @rule(
        n=PICK,
        part=trade_draws.PARTS,
        refund=trade_draws.REFUNDS,
        by=trade_draws.ASKERS,
        answer=trade_draws.ANSWERS,
        times=st.sampled_from([1, 1, 2]),
    )
    def request_a_refund(
        self, n: int, part: str, refund: str, by: str, answer: Deed, times: int
    ) -> None:
        if order := self.paid(n):
            times = 1 if listed_there(self.world, order) else times
            self.do({**self.wish(order, part, refund, by, answer), "times": times})

    @rule(order=order_draws.NUMBERS, part=trade_draws.PARTS, refund=trade_draws.REFUNDS)
    def request_a_refund_of_anything(self, order: str, part: str, refund: str) -> None:
        self.do(self.wish(order, part, refund, "alice", GOOD_ANSWER))

    @rule(n=PICK, answer=trade_draws.ANSWERS)
    def request_the_same_again(self, n: int, answer: Deed) -> None:
        """The number was chosen by who asked; what a receipt gives back has one of ours."""
        if known := pick([refund for refund in self.world["refunds"] if refund["num"]], n):
            same = {"order": known["order"], "fen": known["fen"], "refund": known["num"]}
            self.do({"do": "request", **same, "by": "shop", "times": 1, **answer})

    @rule(n=PICK, by=trade_draws.ADMINS, answer=trade_draws.ANSWERS)
    def approve_what_waits(self, n: int, by: str, answer: Deed) -> None:
        if (at := self.refund(n, "REQUESTED")) is not None:
            self.do({"do": "approve", "at": at, "by": by, **answer})

    @rule(n=PICK, by=trade_draws.ADMINS, do=st.sampled_from(["approve", "reject"]))
    def decide_on_a_refund(self, n: int, by: str, do: str) -> None:
        if (at := self.refund(n)) is not None:
            self.do({"do": do, "at": at, "by": by, **GOOD_ANSWER})

    @rule(n=PICK, state=trade_draws.QUERIES, answer=trade_draws.ANSWERS)
    def ask_about_a_refund(self, n: int, state: str, answer: Deed) -> None:
        self.ask(self.refund(n, *UNDER_WAY), state, answer)

    @rule(n=PICK, state=trade_draws.QUERIES)
    def ask_about_any_refund(self, n: int, state: str) -> None:
        self.ask(self.refund(n), state, GOOD_ANSWER)

    @rule(n=PICK, state=trade_draws.QUERIES, by=trade_draws.ADMINS)
    def end_a_refund(self, n: int, state: str, by: str) -> None:
        if (at := self.refund(n)) is not None:
            self.do({"do": "end refund", "at": at, "by": by, **GOOD_ANSWER, "state": state})

    def ask(self, at: int | None, state: str, answer: Deed) -> None:
        if at is not None:
            self.do({"do": "ask refund", "at": at, "state": state, **answer})

    @rule(n=PICK, news=trade_draws.NOTIFIES)
    def tell_of_a_refund(self, n: int, news: Deed) -> None:
        if (at := self.refund(n)) is not None:
            self.do({**news, "at": at})

    @rule(n=PICK, news=trade_draws.NEWS, confirmed=st.booleans())
    def tell_of_a_refund_and_be_asked(self, n: int, news: Deed, confirmed: bool) -> None:
        if (at := self.refund(n)) is not None:
            self.do({**news, "at": at})
            self.ask(at, news["said"] if confirmed else "PROCESSING", GOOD_ANSWER)

    # --- receipts -----------------------------------------------------------------------------

    @rule(n=PICK, tx=order_draws.TRANSACTIONS)
    def pay_twice(self, n: int, tx: str) -> None:
        if order := self.paid(n):
            self.do(self.priced({**MONEY, "order": order, "tx": tx}))

    @rule(
        order=order_draws.NUMBERS,
        tx=order_draws.TRANSACTIONS,
        off=st.sampled_from([0, 1]),
        reopen=st.booleans(),
    )
    def pay_late(self, order: str, tx: str, off: int, reopen: bool) -> None:
        self.do({"do": "close", "order": order, "outcome": "ok", "query": {}})
        self.do(self.priced({**MONEY, "order": order, "tx": tx, "off": off}))
        if reopen and (tx, order) in self.world["receipts"]:
            self.do(self.decision((tx, order), "reopen", "alice", False, GOOD_ANSWER))

    @rule(
        n=PICK,
        action=trade_draws.ACTIONS,
        by=trade_draws.ADMINS,
        stale=st.sampled_from([False] * 5 + [True]),
        answer=trade_draws.ANSWERS,
    )
    def decide_on_a_receipt(self, n: int, action: str, by: str, stale: bool, answer: Deed) -> None:
        if receipt := pick(self.receipts(*UNDECIDED), n):
            self.do(self.decision(receipt, action, by, stale, answer))

    @rule(n=PICK, action=trade_draws.ACTIONS, by=trade_draws.ADMINS, stale=st.booleans())
    def decide_on_any_receipt(self, n: int, action: str, by: str, stale: bool) -> None:
        if receipt := pick([*self.world["receipts"]], n):
            self.do(self.decision(receipt, action, by, stale, GOOD_ANSWER))

    @rule(n=PICK, by=trade_draws.ADMINS, answer=trade_draws.ANSWERS)
    def confirm_a_proposal(self, n: int, by: str, answer: Deed) -> None:
        if receipt := pick(self.receipts("proposed"), n):
            action = self.world["receipts"][receipt]["action"]
            self.do(self.decision(receipt, action, by, False, answer))

    def receipts(self, *states: str) -> list[tuple[str, str]]:
        known = self.world["receipts"].items()
        return [on for on, receipt in known if receipt["state"] in states]

    def decision(
        self, receipt: tuple[str, str], action: str, by: str, stale: bool, answer: Deed
    ) -> Deed:
        about: dict[str, Any] = {"do": "decide receipt", "receipt": receipt, "action": action}
        return {**about, "by": by, "stale": stale, **answer}

    # --- at once ------------------------------------------------------------------------------

    @rule(
        n=PICK,
        deeds=st.lists(
            st.tuples(st.sampled_from(["approve", "approve", "reject"]), trade_draws.ADMINS),
            min_size=2,
            max_size=3,
        ),
    )
    def several_decide_on_a_refund(self, n: int, deeds: list[tuple[str, str]]) -> None:
        at = self.refund(n, "REQUESTED")
        if at is not None and not listed_there(self.world, self.world["refunds"][at]["order"]):
            self.do(*({"do": do, "at": at, "by": by, **GOOD_ANSWER} for do, by in deeds))

    @rule(
        n=PICK,
        wishes=st.lists(
            st.tuples(trade_draws.PARTS, trade_draws.REFUNDS, trade_draws.ASKERS),
            min_size=2,
            max_size=3,
            unique_by=lambda wish: wish[1],
        ),
        news=order_draws.GOOD,
    )
    def several_want_money_back(
        self, n: int, wishes: list[tuple[str, str, str]], news: Deed
    ) -> None:
        if (order := self.paid(n)) and not listed_there(self.world, order):
            wanted = [self.wish(order, *wish, GOOD_ANSWER) for wish in wishes]
            self.do(*wanted, self.priced({**news, "order": order}))

    @rule(
        n=PICK,
        deeds=st.lists(st.tuples(trade_draws.ACTIONS, trade_draws.ADMINS), min_size=2, max_size=3),
    )
    def several_decide_on_a_receipt(self, n: int, deeds: list[tuple[str, str]]) -> None:
        if receipt := pick(self.receipts(*UNDECIDED), n):
            self.do(*(self.decision(receipt, *deed, False, GOOD_ANSWER) for deed in deeds))

    @rule(n=PICK, news=trade_draws.NEWS, times=st.integers(1, 2), asks=st.integers(1, 2))
    def the_same_news_of_a_refund_from_all_sides(
        self, n: int, news: Deed, times: int, asks: int
    ) -> None:
        if (at := self.refund(n, *UNDER_WAY)) is not None:
            asked = {"do": "ask refund", "at": at, "state": news["said"], **GOOD_ANSWER}
            self.do(*[{**news, "at": at}] * times, *[asked] * asks)
