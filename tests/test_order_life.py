"""An order's life, drawn at random and lived by the real services, beside the contract's model.

After every deed the whole state that can be seen (orders, receipts, cases, the new events, the
answer byte for byte) must be the model's, and the invariants must hold. Deeds at once must have
ended as some sequence of them would have. `PAYWATCH_TEST_LIFE_EXAMPLES` is the number of lives,
for a long run; a failure prints the shortest life that shows it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from copy import deepcopy
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from models.database import migrate, open_database
from tests.order_house import HandClock, House
from tests.order_model import CRITICAL, PAYABLE, Deed, World, new_world, play

EXAMPLES = int(os.environ.get("PAYWATCH_TEST_LIFE_EXAMPLES", "150"))
STEPS = 40
NOON = 1_735_790_400_000
STEP_OF = {"order.created": "INIT", "prepay.created": "WAIT_PAY", "order.paid": "PAID",
           "order.closed": "CLOSED"}  # fmt: skip

done: Counter[str] = Counter()
"""What all lives together have met: deeds, and kinds of events."""

# --- what may be drawn ---------------------------------------------------------------------------

BORN = ["ORDER-0", "ORDER-1", "ORDER-2", "ORDER-3"]
"""These are there from the beginning; a fifth may be made or stay unknown."""
NUMBERS = st.sampled_from([*BORN, "ORDER-4"])
ANY_NUMBER = st.sampled_from([*BORN, "ORDER-4", "NOBODYS"])
TRANSACTIONS = st.sampled_from([f"4200{i}" for i in range(6)])
TOTALS = st.sampled_from([1, 100, 8800])
FLAWS = st.sampled_from(
    [None] * 8 + ["unreadable", "bad sign", "bad sign", "no sign", "other app", "other merchant",
     "no result", "no transaction", "failed", "negative cash", "dollars"]
)  # fmt: skip
QUERIES = st.fixed_dictionaries(
    {
        "do": st.just("ask"),
        "state": st.sampled_from(
            ["SUCCESS"] * 3 + ["NOTPAY", "CLOSED", "ORDERNOTEXIST", "timeout", "garbled"]
        ),
        "tx": TRANSACTIONS,
        "off": st.sampled_from([0, 0, 0, 1, -1]),
    }
)
REFUSALS = ["FAIL", "ORDERPAID", "timeout", "garbled", "crash"]
PREPAYS = st.sampled_from(
    ["ok"] * 5 + [*REFUSALS, *["NOTENOUGH"] * 3, "OUT_TRADE_NO_USED", "ORDERCLOSED"]
)
CLOSES = st.sampled_from(
    ["ok"] * 3 + [*REFUSALS, "ORDERPAID", "ORDERCLOSED", "ORDERNOTEXIST", "SYSTEMERROR"]
)
NOTIFIES = st.fixed_dictionaries(
    {
        "do": st.just("notify"),
        "order": ANY_NUMBER,
        "tx": TRANSACTIONS,
        "off": st.sampled_from([0] * 6 + [1, -1, -20_000]),
        "flaw": FLAWS,
        "source": st.sampled_from(["198.51.100.0/24", "203.0.113.0/24"]),
    }
)
GOOD = st.fixed_dictionaries(
    {
        "do": st.just("notify"), "order": NUMBERS, "tx": TRANSACTIONS,
        "off": st.just(0), "flaw": st.none(), "source": st.just("198.51.100.0/24"),
    }
)  # fmt: skip
CLOSE_OK = st.fixed_dictionaries(
    {"do": st.just("close"), "order": NUMBERS, "outcome": st.just("ok")}
)
AT_ONCE = st.lists(
    st.one_of(GOOD, GOOD, NOTIFIES, CLOSE_OK, st.tuples(NUMBERS, QUERIES).map(
        lambda drawn: {**drawn[1], "order": drawn[0]}
    )),
    min_size=2,
    max_size=4,
)  # fmt: skip


class OrderLife(RuleBasedStateMachine):
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

    def teardown(self) -> None:
        assert self.house.look("PRAGMA integrity_check") == [("ok",)]
        self.runner.run(self.house.stop())
        self.runner.close()
        self._folder.cleanup()

    @initialize(totals=st.tuples(TOTALS, TOTALS, TOTALS, TOTALS))
    def some_orders(self, totals: tuple[int, ...]) -> None:
        for order, total in zip(BORN, totals, strict=True):
            self.create_order(order, total, 20 if order == BORN[-1] else 1450, False)

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
        order=NUMBERS, type=st.sampled_from(["NATIVE", "NATIVE", "JSAPI"]), outcome=PREPAYS,
        query=QUERIES, meanwhile=st.none() | GOOD | CLOSE_OK, times=st.sampled_from([1, 1, 3]),
    )  # fmt: skip
    def prepay(
        self, order: str, type: str, outcome: str, query: Deed, meanwhile: Deed | None, times: int
    ) -> None:
        had = self.world["orders"].get(order, {}).get("attempt")
        self.given += 1
        query = self.priced({**query, "order": order})
        meanwhile = meanwhile and self.priced({**meanwhile, "order": order})
        self.do(
            {
                "do": "prepay", "order": order, "type": type, "outcome": outcome, "query": query,
                "meanwhile": meanwhile, "times": times, "gives": f"wx{self.given:030}",
            }
        )  # fmt: skip
        if had and ("unifiedorder", order) in self.house.wechat.calls:
            first, again = self.house.wechat.sent[order][-2:]
            assert first == again, "a repeated call resends the stored parameters unchanged"

    @rule(order=NUMBERS)
    def check_out(self, order: str) -> None:
        asked = {"do": "ask", "state": "NOTPAY", "tx": "42000", "off": 0}
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

    @precondition(lambda self: self.house.deliveries)
    @rule(data=st.data())
    def notify_again(self, data: st.DataObject) -> None:
        earlier = [d for d in self.house.deliveries if d["do"] == "notify"] or [None]
        if deed := data.draw(st.sampled_from(earlier)):
            self.do(deed)

    @precondition(lambda self: self.money())
    @rule(data=st.data(), off=st.sampled_from([0, 0, 1]))
    def known_money_comes_again(self, data: st.DataObject, off: int) -> None:
        """What was booked, or waits on a receipt, perhaps because its total was off before."""
        tx, order = data.draw(st.sampled_from(self.money()))
        drawn = {"do": "notify", "flaw": None, "source": "198.51.100.0/24"}
        self.do(self.priced({**drawn, "tx": tx, "order": order, "off": off}))

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

    @rule(order=NUMBERS, query=QUERIES)
    def orderquery(self, order: str, query: Deed) -> None:
        self.do(self.priced({**query, "order": order}))

    @rule(deeds=AT_ONCE)
    def several_at_once(self, deeds: list[Deed]) -> None:
        self.do(*map(self.priced, deeds))

    @precondition(lambda self: self.world["alerts"])
    @rule(
        data=st.data(),
        action=st.sampled_from(["acknowledge", "resolve", "resolve", "reopen"]),
        stale=st.sampled_from([False, False, False, True]),
    )
    def decide_on_a_case(self, data: st.DataObject, action: str, stale: bool) -> None:
        case = data.draw(st.sampled_from(sorted(self.world["alerts"])))
        self.do({"do": "decide", "case": case, "action": action, "stale": stale})

    @precondition(lambda self: self.closed_cases())
    @rule(data=st.data())
    def what_was_resolved_happens_again(self, data: st.DataObject) -> None:
        self.do(data.draw(st.sampled_from(self.closed_cases())))

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
        assert self.house.look("PRAGMA integrity_check") == [("ok",)]

    # --- the product beside the model -----------------------------------------------------------

    def priced(self, deed: Deed) -> Deed:
        """With the total that the order has, but for what it is drawn to be off."""
        if "off" not in deed:
            return deed
        order = self.world["orders"].get(deed["order"])
        return {**deed, "total": (order["total"] if order else 100) + deed["off"]}

    def do(self, *deeds: Deed) -> None:
        self.house.wechat.calls.clear()
        answers = self.runner.run(self.house.perform_all(deeds))
        events = [(kind, num) for seq, kind, num in self.house.events() if seq > self.head]
        self.head += len(events)
        calls = list(self.house.wechat.calls)
        seen = {**self.house.state(), "answers": answers, "events": events, "calls": calls}
        done.update([*(deed["do"] for deed in deeds), *(kind for kind, _ in events)])
        if len(deeds) == 1:
            self.world, expected = lived(self.world, deeds, (0,))
            assert seen == expected
            return
        ends = (lived(self.world, deeds, way) for way in permutations(range(len(deeds))))
        for world, expected in ends:
            if in_any_order(seen) == in_any_order(expected):
                self.world = world
                return
        raise AssertionError(f"no sequence of {deeds} ends like this: {seen}")

    # --- what always holds ------------------------------------------------------------------------

    @invariant()
    def events_are_numbered_without_a_hole_and_tell_every_status(self) -> None:
        events = self.house.events()
        assert [seq for seq, _, _ in events] == list(range(1, len(events) + 1))
        assert self.house.look("SELECT seq FROM event_head") == [(len(events),)]
        told: dict[str, str] = {}
        for _, kind, num in events:
            if num and kind in STEP_OF:
                told[num] = STEP_OF[kind]
        assert told == dict(self.house.look("SELECT order_num, status FROM orders"))
        paid = Counter(num for _, kind, num in events if kind == "order.paid")
        assert all(n == 1 for n in paid.values())

    @invariant()
    def an_order_is_paid_with_its_proof_and_waits_for_its_service(self) -> None:
        rows = self.house.look(
            "SELECT status, transaction_id IS NOT NULL, paid_at IS NOT NULL, service_status"
            " FROM orders"
        )
        for status, *proof in rows:
            paid = status == "PAID"
            assert proof == [paid, paid, "SERVICE_WAIT" if paid else None]

    @invariant()
    def all_money_that_came_is_on_an_order_or_on_a_receipt(self) -> None:
        came: dict[tuple[str, str], set[int]] = {}
        negative = set()  # kept where the order is unknown, so that its total cannot be judged
        for deed in self.house.deliveries:
            on = deed["tx"], deed["order"]
            if deed["flaw"] in (None, "negative cash") and deed["total"] > 0:
                came.setdefault(on, set()).add(deed["total"])
                negative |= {on} if deed["flaw"] else set()
        state = self.house.state()
        booked = {(tx, num): fen for num, (_, tx, fen) in state["orders"].items() if tx}
        waiting = {on: fen for on, (fen, how) in state["receipts"].items() if how == "waiting"}
        kept = booked.keys() | waiting.keys()
        assert came.keys() - negative <= kept <= came.keys()
        assert not booked.keys() & waiting.keys()
        assert all(fen in came[on] for on, fen in {**booked, **waiting}.items())
        assert self.house.counters().get("paid_fen", 0) == sum(booked.values())

    @invariant()
    def the_tiles_are_what_a_recount_says(self) -> None:
        state, events, tiles = self.house.state(), self.house.events(), self.house.counters()
        kinds = [kind for _, kind, _ in events]
        statuses = [status for status, _, _ in state["orders"].values()]
        unresolved = [k for (k, _), (_, _, how) in state["alerts"].items() if how != "resolved"]
        fresh = ("alert.raised", "alert.reopened")
        refused = sum(a == "notify.refused" and b in fresh for a, b in pairwise(kinds))
        recount = {
            "paid_count": kinds.count("order.paid"),
            "failed_count": kinds.count("payment.failed") + refused,
            "orders_pending": sum(status in PAYABLE for status in statuses),
            "alerts_unresolved": len(unresolved),
            "alerts_critical": sum(kind in CRITICAL for kind in unresolved),
        }
        assert {name: tiles.get(name, 0) for name in recount} == recount

    @invariant()
    def every_case_shows_a_delivery_that_is_kept(self) -> None:
        assert self.house.evidence_is_kept()


def lived(world: World, deeds: tuple[Deed, ...], way: tuple[int, ...]) -> tuple[World, Any]:
    """The model's world after the deeds in this order, and all that is to be seen of them."""
    world = {**deepcopy(world), "events": [], "calls": []}
    answers: list[Any] = [None] * len(deeds)
    for i in way:
        answers[i] = play(world, deeds[i])
    orders = {n: (o["status"], o["tx"], o["total"]) for n, o in world["orders"].items()}
    return world, {
        "orders": orders,
        "receipts": {on: (r["fen"], r["state"]) for on, r in world["receipts"].items()},
        "alerts": {on: (c["order"], c["count"], c["status"]) for on, c in world["alerts"].items()},
        "proven": world["proven"],
        "answers": answers,
        "events": world["events"],
        "calls": world["calls"],
    }


def in_any_order(seen: dict[str, Any]) -> dict[str, Any]:
    """Deeds of one transaction are told as it suits it, and a close may have asked WeChat before
    the payment that beat it: what counts is what is told."""
    return {**seen, "events": Counter(seen["events"]), "calls": None}


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
            stateful_step_count=STEPS,
            deadline=None,
            print_blob=True,
            report_multiple_bugs=False,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    deeds = {name: n for name, n in sorted(done.items()) if "." not in name}
    with capsys.disabled():
        print(f"\n{EXAMPLES} lives, {sum(deeds.values())} deeds: {deeds}")
    assert {"order.paid", "notify.duplicate", "notify.refused", "order.closed"} <= done.keys()
