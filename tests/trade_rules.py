"""The half of a life that is about refunds, and about money on no order: what people and WeChat do
with them. For tests; holds none itself."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from tests import order_draws, trade_draws
from tests.model_words import Deed, World
from tests.trade_draws import GOOD_ANSWER
from tests.trade_model import PAID_ONCE, UNDECIDED, UNDER_WAY, left


class TradeRules(RuleBasedStateMachine):
    world: World

    def do(self, *deeds: Deed) -> None:
        raise NotImplementedError

    # --- refunds ------------------------------------------------------------------------------

    def paid(self) -> list[str]:
        orders = self.world["orders"].items()
        return [num for num, order in orders if order["status"] in PAID_ONCE]

    def refunds(self, *statuses: str) -> list[int]:
        known = enumerate(self.world["refunds"])
        return [at for at, refund in known if refund["status"] in statuses or not statuses]

    def wish(self, order: str, part: str, refund: str, by: str, answer: Deed) -> Deed:
        total = self.world["orders"][order]["total"] if order in self.world["orders"] else 100
        rest = left(self.world, order) if order in self.world["orders"] else total
        fen = {"all": total, "half": max(1, total // 2), "one": 1, "left": max(1, rest),
               "too much": max(0, rest) + 1}[part]  # fmt: skip
        about = {"do": "request", "order": order, "fen": fen, "refund": refund, "by": by}
        return {**about, "times": 1, **answer}

    @precondition(lambda self: self.paid())
    @rule(
        data=st.data(), part=trade_draws.PARTS, refund=trade_draws.REFUNDS, by=trade_draws.ASKERS,
        answer=trade_draws.ANSWERS, times=st.sampled_from([1, 1, 2]),
    )  # fmt: skip
    def request_a_refund(
        self, data: st.DataObject, part: str, refund: str, by: str, answer: Deed, times: int
    ) -> None:
        order = data.draw(st.sampled_from(self.paid()))
        self.do({**self.wish(order, part, refund, by, answer), "times": times})

    @rule(order=order_draws.NUMBERS, part=trade_draws.PARTS, refund=trade_draws.REFUNDS)
    def request_a_refund_of_anything(self, order: str, part: str, refund: str) -> None:
        self.do(self.wish(order, part, refund, "alice", GOOD_ANSWER))

    @precondition(lambda self: self.named())
    @rule(data=st.data(), answer=trade_draws.ANSWERS)
    def request_the_same_again(self, data: st.DataObject, answer: Deed) -> None:
        known = self.world["refunds"][data.draw(st.sampled_from(self.named()))]
        same = {"order": known["order"], "fen": known["fen"], "refund": known["num"], "by": "shop"}
        self.do({"do": "request", **same, "times": 1, **answer})

    def named(self) -> list[int]:
        """Refunds whose number was chosen by who asked."""
        return [at for at in self.refunds() if self.world["refunds"][at]["num"]]

    @precondition(lambda self: self.refunds("REQUESTED"))
    @rule(data=st.data(), by=trade_draws.ADMINS, answer=trade_draws.ANSWERS)
    def approve_what_waits(self, data: st.DataObject, by: str, answer: Deed) -> None:
        at = data.draw(st.sampled_from(self.refunds("REQUESTED")))
        self.do({"do": "approve", "at": at, "by": by, **answer})

    @precondition(lambda self: self.refunds())
    @rule(data=st.data(), by=trade_draws.ADMINS, do=st.sampled_from(["approve", "reject"]))
    def decide_on_a_refund(self, data: st.DataObject, by: str, do: str) -> None:
        at = data.draw(st.sampled_from(self.refunds()))
        self.do({"do": do, "at": at, "by": by, **GOOD_ANSWER})

    @precondition(lambda self: self.refunds(*UNDER_WAY))
    @rule(data=st.data(), state=trade_draws.QUERIES, answer=trade_draws.ANSWERS)
    def ask_about_a_refund(self, data: st.DataObject, state: str, answer: Deed) -> None:
        at = data.draw(st.sampled_from(self.refunds(*UNDER_WAY)))
        self.ask(at, state, answer)

    @precondition(lambda self: self.refunds())
    @rule(data=st.data(), state=trade_draws.QUERIES)
    def ask_about_any_refund(self, data: st.DataObject, state: str) -> None:
        self.ask(data.draw(st.sampled_from(self.refunds())), state, GOOD_ANSWER)

    def ask(self, at: int, state: str, answer: Deed) -> None:
        self.do({"do": "ask refund", "at": at, "state": state, **answer})

    @precondition(lambda self: self.refunds())
    @rule(data=st.data(), news=trade_draws.NOTIFIES)
    def tell_of_a_refund(self, data: st.DataObject, news: Deed) -> None:
        self.do({**news, "at": data.draw(st.sampled_from(self.refunds()))})

    @precondition(lambda self: self.refunds())
    @rule(data=st.data(), news=trade_draws.NEWS, confirmed=st.booleans())
    def tell_of_a_refund_and_be_asked(
        self, data: st.DataObject, news: Deed, confirmed: bool
    ) -> None:
        at = data.draw(st.sampled_from(self.refunds()))
        self.do({**news, "at": at})
        self.ask(at, news["said"] if confirmed else "PROCESSING", GOOD_ANSWER)

    # --- receipts -----------------------------------------------------------------------------

    @precondition(lambda self: self.world["receipts"])
    @rule(
        data=st.data(), action=trade_draws.ACTIONS, by=trade_draws.ADMINS,
        stale=st.sampled_from([False] * 5 + [True]), answer=trade_draws.ANSWERS,
    )  # fmt: skip
    def decide_on_a_receipt(
        self, data: st.DataObject, action: str, by: str, stale: bool, answer: Deed
    ) -> None:
        receipt = data.draw(st.sampled_from(self.open_receipts() or [*self.world["receipts"]]))
        self.do(self.decision(receipt, action, by, stale, answer))

    @precondition(lambda self: self.world["receipts"])
    @rule(data=st.data(), action=trade_draws.ACTIONS, by=trade_draws.ADMINS, stale=st.booleans())
    def decide_on_any_receipt(self, data: st.DataObject, action: str, by: str, stale: bool) -> None:
        receipt = data.draw(st.sampled_from([*self.world["receipts"]]))
        self.do(self.decision(receipt, action, by, stale, GOOD_ANSWER))

    @precondition(lambda self: self.proposed())
    @rule(data=st.data(), by=trade_draws.ADMINS, answer=trade_draws.ANSWERS)
    def confirm_a_proposal(self, data: st.DataObject, by: str, answer: Deed) -> None:
        receipt = data.draw(st.sampled_from(self.proposed()))
        action = self.world["receipts"][receipt]["action"]
        self.do(self.decision(receipt, action, by, False, answer))

    def open_receipts(self) -> list[tuple[str, str]]:
        known = self.world["receipts"].items()
        return [on for on, receipt in known if receipt["state"] in UNDECIDED]

    def proposed(self) -> list[tuple[str, str]]:
        known = self.world["receipts"].items()
        return [on for on, receipt in known if receipt["state"] == "proposed"]

    def decision(
        self, receipt: tuple[str, str], action: str, by: str, stale: bool, answer: Deed
    ) -> Deed:
        about: dict[str, Any] = {"do": "decide receipt", "receipt": receipt, "action": action}
        return {**about, "by": by, "stale": stale, **answer}

    # --- at once ------------------------------------------------------------------------------

    @precondition(lambda self: self.refunds())
    @rule(
        data=st.data(),
        deeds=st.lists(st.tuples(st.sampled_from(["approve", "approve", "reject"]),
                                 trade_draws.ADMINS), min_size=2, max_size=3),
    )  # fmt: skip
    def several_decide_on_a_refund(self, data: st.DataObject, deeds: list[tuple[str, str]]) -> None:
        at = data.draw(st.sampled_from(self.refunds("REQUESTED") or self.refunds()))
        self.do(*({"do": do, "at": at, "by": by, **GOOD_ANSWER} for do, by in deeds))

    @precondition(lambda self: self.paid())
    @rule(
        data=st.data(),
        wishes=st.lists(st.tuples(trade_draws.PARTS, trade_draws.REFUNDS, trade_draws.ASKERS),
                        min_size=2, max_size=3, unique_by=lambda wish: wish[1]),
        news=order_draws.GOOD,
    )  # fmt: skip
    def several_want_money_back(
        self, data: st.DataObject, wishes: list[tuple[str, str, str]], news: Deed
    ) -> None:
        order = data.draw(st.sampled_from(self.paid()))
        wanted = [self.wish(order, *wish, GOOD_ANSWER) for wish in wishes]
        self.do(*wanted, self.priced({**news, "order": order}))

    def priced(self, deed: Deed) -> Deed:
        raise NotImplementedError

    @precondition(lambda self: self.world["receipts"])
    @rule(
        data=st.data(),
        deeds=st.lists(st.tuples(trade_draws.ACTIONS, trade_draws.ADMINS), min_size=2, max_size=3),
    )  # fmt: skip
    def several_decide_on_a_receipt(
        self, data: st.DataObject, deeds: list[tuple[str, str]]
    ) -> None:
        receipt = data.draw(st.sampled_from(self.open_receipts() or [*self.world["receipts"]]))
        self.do(*(self.decision(receipt, *deed, False, GOOD_ANSWER) for deed in deeds))

    @precondition(lambda self: self.refunds(*UNDER_WAY))
    @rule(data=st.data(), news=trade_draws.NEWS, times=st.integers(1, 2), asks=st.integers(1, 2))
    def the_same_news_of_a_refund_from_all_sides(
        self, data: st.DataObject, news: Deed, times: int, asks: int
    ) -> None:
        at = data.draw(st.sampled_from(self.refunds(*UNDER_WAY)))
        asked = {"do": "ask refund", "at": at, "state": news["said"], **GOOD_ANSWER}
        self.do(*[{**news, "at": at}] * times, *[asked] * asks)
