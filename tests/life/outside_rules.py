"""The part of a life that is about refunds made on WeChat's own platform. For tests; holds none
itself."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.life.outside_model import holder
from tests.life.trade_draws import SOURCE
from tests.life.trade_rules import PICK, pick
from tests.life.words import Deed, World

SAID = st.sampled_from(["SUCCESS", "SUCCESS", "PROCESSING", "CHANGE", "REFUNDCLOSE"])
FLAWS = st.sampled_from([None] * 6 + ["unreadable", "no proof", "other key", "other merchant"])


class OutsideRules(RuleBasedStateMachine):
    world: World

    def do(self, *deeds: Deed) -> None:
        raise NotImplementedError

    def money(self) -> list[tuple[str, str]]:
        raise NotImplementedError

    @rule(n=PICK, whole=st.booleans(), said=SAID, told=st.booleans())
    def give_back_on_wechats_platform(self, n: int, whole: bool, said: str, told: bool) -> None:
        known = [(tx, holder(self.world, tx)) for tx, _ in self.money()]
        found: Any = pick([(tx, *held) for tx, held in known if held], n)
        if found is None:
            return
        tx, order, _, total = found
        gone = sum(out["fen"] for out in self.there() if out["tx"] == tx)
        fen = total - gone if whole else max(1, (total - gone) // 2)
        if fen <= 0:
            return
        name = f"OUTSIDE-{len(self.world['there'])}"
        about = {"name": name, "order": order, "tx": tx, "total": total, "fen": fen, "said": said}
        self.do({"do": "give back there", **about})
        if told:
            self.tell(about, said, None)

    def there(self) -> list[Deed]:
        """WeChat's list, of money that is known here."""
        return [out for out in self.world["there"].values() if holder(self.world, out["tx"])]

    @rule(n=PICK, said=SAID)
    def wechat_goes_on_with_it(self, n: int, said: str) -> None:
        going = [out for out in self.there() if out["said"] in ("PROCESSING", "CHANGE")]
        if out := pick(going, n):
            self.do({"do": "move there", "name": out["name"], "said": said})

    @rule(n=PICK, said=st.one_of(SAID, SAID, st.just("MAYBE")), flaw=FLAWS)
    def tell_of_an_outside_refund(self, n: int, said: str, flaw: str | None) -> None:
        if out := pick(self.there(), n):
            self.tell(out, said, flaw)

    @rule(n=PICK, said=SAID)
    def tell_of_a_refund_that_is_none(self, n: int, said: str) -> None:
        if out := pick(self.there(), n):
            self.tell({**out, "name": "NOWHERE"}, said, "denied")

    def tell(self, out: Deed, said: str, flaw: str | None) -> None:
        about = {"do": "outside notify", "out": out, "said": said, "flaw": flaw}
        self.do({**about, "source": SOURCE})

    @rule(n=PICK)
    def wechat_asked_about_the_order_says_that_money_went_back(self, n: int) -> None:
        if out := pick(self.there(), n):
            order = holder(self.world, out["tx"])
            asked = {"do": "ask", "state": "REFUND", "order": order and order[0], "tx": out["tx"]}
            self.do({**asked, "total": out["total"], "off": 0, "old": False})
