"""An order's life, drawn at random and lived by the real services, beside the contract's model.

After every deed the whole state that can be seen (orders, refunds, receipts, cases, the new events,
the calls to WeChat, the answer byte for byte) must be the model's, and the invariants must hold.
Deeds at once must have ended as some sequence of them would have. `PAYWATCH_TEST_LIFE_EXAMPLES` is
the number of lives, for a long run; a failure prints the shortest life that shows it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from copy import deepcopy
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    rule,
    run_state_machine_as_test,
)

from models.database import migrate, open_database
from tests.life.order_draws import (
    AT_ONCE,
    BORN,
    CLOSE_OK,
    CLOSES,
    GOOD,
    NOTIFIES,
    NUMBERS,
    PREPAYS,
    QUERIES,
    TOTALS,
)
from tests.life.order_house import Backup, HandClock, House
from tests.life.order_laws import OrderLaws
from tests.life.order_model import Deed, World, new_world, play
from tests.life.outside_rules import OutsideRules
from tests.life.past_laws import PastLaws
from tests.life.trade_model import look_outside
from tests.life.trade_rules import PICK, TradeRules, pick
from tests.life.words import by_transaction

pytestmark = [pytest.mark.one_database, pytest.mark.long]

EXAMPLES = int(os.environ.get("PAYWATCH_TEST_LIFE_EXAMPLES", "60"))
ALWAYS_THE_SAME = "PAYWATCH_TEST_LIFE_EXAMPLES" not in os.environ
"""The suite lives the same lives every time; a long run draws new ones."""
STEPS = 40
NOON = 1_735_790_400_000
REFUND = ("order", "receipt", "tx", "total", "fen", "status")
done: Counter[str] = Counter()
"""What all lives together have met: deeds, and kinds of events."""


class OrderLife(TradeRules, OutsideRules, OrderLaws, PastLaws):
    template: Path
    """A database with its tables and products, copied for every life."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory(dir=self.template.parent)
        file = Path(self._folder.name) / "paywatch.db"
        shutil.copy(self.template, file)
        self.runner = asyncio.Runner()
        self.world = new_world(NOON)
        self.house = House(file, HandClock(NOON))
        self.runner.run(self.house.start())
        self.head = len(self.house.events())
        self.given = 0
        self.saved: tuple[World, Backup] | None = None
        self.lost: list[Deed] = []
        self.seen, self.heard = {}, 0

    def teardown(self) -> None:
        self.nothing_of_the_past_has_changed()
        assert self.house.look("PRAGMA integrity_check") == [("ok",)]
        self.runner.run(self.house.stop())
        self.runner.close()
        self._folder.cleanup()

    @initialize(
        totals=st.tuples(TOTALS, TOTALS, TOTALS, TOTALS), paid=st.sets(st.sampled_from(BORN[:3]))
    )
    def some_orders(self, totals: tuple[int, ...], paid: set[str]) -> None:
        for order, total in zip(BORN, totals, strict=True):
            self.create_order(order, total, 20 if order == BORN[-1] else 1450, False)
        for order in sorted(paid):
            first = {"tx": f"42-{order}", "off": 0, "flaw": None, "source": "198.51.100.0/24"}
            self.do(self.priced({"do": "notify", "order": order, **first}))

    # --- rules --------------------------------------------------------------------------------

    @rule(
        order=st.sampled_from(["ORDER-0", "ORDER-4"]),
        total=TOTALS,
        minutes=st.sampled_from([20, 1450, 1450]),
        more=st.booleans(),
    )
    def create_order(self, order: str, total: int, minutes: int, more: bool) -> None:
        key = f"{order} {total}" if more else order
        self.do({"do": "create", "order": order, "total": total, "minutes": minutes, "key": key})

    @rule(
        order=NUMBERS,
        type=st.sampled_from(["NATIVE", "NATIVE", "JSAPI"]),
        outcome=PREPAYS,
        query=QUERIES,
        meanwhile=st.none() | GOOD | CLOSE_OK,
        times=st.sampled_from([1, 1, 3]),
    )
    def prepay(
        self, order: str, type: str, outcome: str, query: Deed, meanwhile: Deed | None, times: int
    ) -> None:
        had = self.world["orders"].get(order, {}).get("attempt")
        self.given += 1
        query = self.priced({**query, "order": order})
        meanwhile = meanwhile and self.priced({**meanwhile, "order": order})
        self.do(
            {
                "do": "prepay",
                "order": order,
                "type": type,
                "outcome": outcome,
                "query": query,
                "meanwhile": meanwhile,
                "times": times,
                "gives": f"wx{self.given:030}",
            }
        )
        if had and ("unifiedorder", order) in self.house.wechat.calls:
            first, again = self.house.wechat.sent[order][-2:]
            assert first == again, "a repeated call resends the stored parameters unchanged"

    @rule(order=NUMBERS)
    def check_out(self, order: str) -> None:
        asked = {"do": "ask", "state": "NOTPAY", "tx": "42000", "off": 0, "old": False}
        self.prepay(order, "NATIVE", "ok", asked, None, 1)

    @rule(deed=NOTIFIES)
    def notify(self, deed: Deed) -> None:
        self.do(self.priced(deed))

    @rule(deed=GOOD, flaw=st.sampled_from(["bad sign", "no sign"]), times=st.integers(1, 5))
    def forge(self, deed: Deed, flaw: str, times: int) -> None:
        for _ in range(times):
            self.do(self.priced({**deed, "flaw": flaw}))

    @rule(deed=GOOD)
    def pay(self, deed: Deed) -> None:
        self.do(self.priced(deed))

    @rule(n=PICK)
    def notify_again(self, n: int) -> None:
        came = [*self.house.deliveries, *self.lost]
        if deed := pick([deed for deed in came if deed["do"] == "notify"], n):
            self.do(deed)

    @rule(n=PICK, off=st.sampled_from([0, 0, 1]))
    def known_money_comes_again(self, n: int, off: int) -> None:
        """What was booked, or waits on a receipt, perhaps because its total was off before."""
        if known := pick(self.money(), n):
            again = {"tx": known[0], "order": known[1], "off": off}
            drawn = {"do": "notify", "flaw": None, "source": "198.51.100.0/24"}
            self.do(self.priced({**drawn, **again}))

    def money(self) -> list[tuple[str, str]]:
        booked = [(order["tx"], num) for num, order in self.world["orders"].items() if order["tx"]]
        return sorted({*booked, *self.world["receipts"]})

    @rule(order=NUMBERS, outcome=CLOSES, query=QUERIES)
    def close(self, order: str, outcome: str, query: Deed) -> None:
        query = self.priced({**query, "order": order})
        self.do({"do": "close", "order": order, "outcome": outcome, "query": query})

    @rule(order=NUMBERS, outcome=CLOSES, query=QUERIES)
    def close_what_wechat_knows(self, order: str, outcome: str, query: Deed) -> None:
        self.check_out(order)
        self.close(order, outcome, query)

    @rule(order=NUMBERS, query=QUERIES, crash=st.sampled_from([False] * 7 + [True]))
    def orderquery(self, order: str, query: Deed, crash: bool) -> None:
        asked = {**query, "state": "crash"} if crash else query
        self.do(self.priced({**asked, "order": order}))

    @rule(deeds=AT_ONCE)
    def several_at_once(self, deeds: list[Deed]) -> None:
        self.do(*map(self.priced, deeds))

    @rule(
        n=PICK,
        action=st.sampled_from(["acknowledge", "resolve", "resolve", "reopen"]),
        stale=st.sampled_from([False, False, False, True]),
    )
    def decide_on_a_case(self, n: int, action: str, stale: bool) -> None:
        if case := pick(sorted(self.world["alerts"]), n):
            self.do({"do": "decide", "case": case, "action": action, "stale": stale})

    @rule(n=PICK)
    def what_was_resolved_happens_again(self, n: int) -> None:
        if deed := pick(self.closed_cases(), n):
            self.do(deed)

    def closed_cases(self) -> list[Deed]:
        """The earlier notifies about whatever has a case that is resolved."""
        cases = self.world["alerts"].items()
        subjects = {on for (_, on), case in cases if case["status"] == "resolved"}
        earlier = [deed for deed in self.house.deliveries if deed["do"] == "notify"]
        return [deed for deed in earlier if subjects & {deed["order"], deed["source"]}]

    @rule(minutes=st.sampled_from([30, 30, 120]))
    def advance_clock(self, minutes: int) -> None:
        self.do({"do": "wait", "minutes": minutes})

    @rule()
    def crash_and_restart(self) -> None:
        self.runner.run(self.house.restart())
        assert self.house.state() == self.state
        assert self.house.look("PRAGMA integrity_check") == [("ok",)]

    @rule(hours=st.sampled_from([8, 30, -8, -30]))
    def set_the_clock(self, hours: int) -> None:
        since = (self.world["now"] - NOON) // 60_000  # nobody was here before
        self.do({"do": "jump", "minutes": max(hours * 60, -since)})

    @rule()
    def make_a_backup(self) -> None:
        self.save()

    def save(self) -> None:
        file = Path(self._folder.name) / f"backup-{self.given}-{len(self.lost)}.db"
        self.saved = deepcopy(self.world), self.house.backup(file)

    @rule()
    def restore_the_backup(self) -> None:
        """What came since is lost here; WeChat, and whoever paid, know it. Without a backup there
        is one now: few lives draw both deeds in this order."""
        if self.saved is None:
            self.save()
            return
        then, backup = self.saved
        taken = self.house.taken_refunds()
        done["restore"] += 1
        self.lost += self.runner.run(self.house.restore(backup))
        known = self.house.taken_refunds(of_any_state=True)
        there = self.world["there"] | {n: out for n, out in taken.items() if n not in known}
        self.world = {**deepcopy(then), "there": there, "now": self.world["now"]}
        self.house.wechat.there = deepcopy(there)
        self.head = len(self.house.events())
        self.seen, self.heard = {}, self.head
        self.do()

    # --- the product beside the model -----------------------------------------------------------

    def priced(self, deed: Deed) -> Deed:
        """With the total that the order has, but for what it is drawn to be off."""
        if "off" not in deed:
            return deed
        order = self.world["orders"].get(deed["order"])
        return {**deed, "total": (order["total"] if order else 100) + deed["off"]}

    def told_in_yuan(self, deed: Deed) -> Deed:
        """Of money in another currency no refunds are recorded, so none is asked for."""
        query = deed.get("query", deed)
        odd = {on[0] for on, r in self.world["receipts"].items() if not r["yuan"]}
        if (query.get("state"), query.get("tx") in odd) != ("REFUND", True):
            return deed
        told = {**query, "state": "SUCCESS"}
        return {**deed, "query": told} if "query" in deed else told

    def do(self, *deeds: Deed) -> None:
        deeds = tuple(map(self.told_in_yuan, deeds))
        self.house.wechat.calls.clear()
        answers = self.runner.run(self.house.perform_all(deeds))
        events = [(kind, num) for seq, kind, num in self.house.events() if seq > self.head]
        self.head += len(events)
        calls = list(self.house.wechat.calls)
        self.state = self.house.state()
        seen = {**self.state, "answers": answers, "events": events, "calls": calls}
        done.update([*(deed["do"] for deed in deeds), *(kind for kind, _ in events)])
        done.update(moves(self.world["refunds"], self.state["refunds"]))
        claims = seen.pop("claims")
        if len(deeds) == 1:
            self.world, expected = lived(self.world, deeds, (0,))
            assert seen == expected
            return
        ends = [lived(self.world, deeds, way) for way in ways(deeds)]
        for world, expected in ends:
            if in_any_order(seen) == in_any_order(expected):
                self.world = world
                # A notify that comes while its refund is asked about may leave its claim behind,
                # and WeChat is asked once more: no state of an order, so it is taken over.
                for refund, claimed in zip(world["refunds"], claims, strict=True):
                    refund["claimed"] = claimed
                return
        apart = [differing(in_any_order(seen), in_any_order(expected)) for _, expected in ends]
        raise AssertionError(f"no sequence of {deeds} ends so: {min(apart, key=len)}, in {seen}")


def ways(deeds: tuple[Deed, ...]) -> list[tuple[int, ...]]:
    """The sequences in which deeds at once may have ended. Who asks about a refund while somebody
    asks makes no question of their own, and has the answer of the first."""
    alone = [
        i for i, deed in enumerate(deeds) if deeds.index(deed) == i or deed["do"] != "ask refund"
    ]
    every = range(len(deeds))
    shared = [] if len(alone) == len(deeds) else permutations(alone)
    return [*permutations(every), *shared]


def lived(world: World, deeds: tuple[Deed, ...], way: tuple[int, ...]) -> tuple[World, Any]:
    """The model's world after the deeds in this order, and all that is to be seen of them."""
    world = {**deepcopy(world), "events": [], "calls": [], "decided": set()}
    answers: list[Any] = [None] * len(deeds)
    for i in way:
        answers[i] = play(world, deeds[i])
    for i in set(range(len(deeds))) - set(way):
        answers[i] = answers[deeds.index(deeds[i])]
    look_outside(world)
    orders = world["orders"].items()
    return world, {
        "orders": {n: (o["status"], o["tx"], o["total"], o["back"]) for n, o in orders},
        "refunds": [tuple(r[name] for name in REFUND) for r in world["refunds"]],
        "receipts": {
            on: (r["fen"], r["reason"], r["state"]) for on, r in world["receipts"].items()
        },
        "came": by_transaction(list(world["receipts"])),
        "alerts": {on: (c["order"], c["count"], c["status"]) for on, c in world["alerts"].items()},
        "proven": world["proven"],
        "answers": answers,
        "events": world["events"],
        "calls": world["calls"],
    }


def moves(before: list[Any], after: list[Any]) -> list[str]:
    """The refunds whose state is another than it was, as `before → after`."""
    was = [refund["status"] for refund in before]
    was += ["none"] * (len(after) - len(was))
    return [f"{old} → {row[-1]}" for old, row in zip(was, after, strict=True) if old != row[-1]]


def in_any_order(seen: dict[str, Any]) -> dict[str, Any]:
    """Deeds of one transaction are told as it suits it, and a close may have asked WeChat before
    the payment that beat it: what counts is what is told."""
    return {**seen, "events": Counter(seen["events"]), "calls": None}


def differing(seen: dict[str, Any], expected: dict[str, Any]) -> dict[str, Any]:
    """What was seen and what the model has, of all in which they differ."""
    return {part: (seen[part], end) for part, end in expected.items() if seen[part] != end}


async def stocked(file: Path) -> None:
    house = House(file, HandClock(NOON))
    await house.start()
    await house.stock()
    await house.stop()


def test_every_life_of_an_order_is_the_one_that_the_contract_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    OrderLife.template = tmp_path / "template.db"
    database = open_database(f"sqlite:///{OrderLife.template}")
    migrate(database)
    database.close()
    asyncio.run(stocked(OrderLife.template))
    run_state_machine_as_test(
        OrderLife,
        settings=settings(
            max_examples=EXAMPLES,
            derandomize=ALWAYS_THE_SAME,
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            report_multiple_bugs=False,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    moved = {name: n for name, n in sorted(done.items()) if " → " in name}
    deeds = {n: times for n, times in sorted(done.items()) if "." not in n and n not in moved}
    with capsys.disabled():
        print(f"\n{EXAMPLES} lives, {sum(deeds.values())} deeds: {deeds}, refunds moved: {moved}")
    assert {"order.paid", "notify.duplicate", "notify.refused", "order.closed"} <= done.keys()
    assert {"refund.succeeded", "refund.failed", "receipt.decided"} <= done.keys()
    assert {"give back there", "outside notify", "jump", "restore", "end refund"} <= done.keys()
