"""What holds after every deed of a life, whatever it was: counted anew by SQL of its own. For
tests; holds none itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import pairwise
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant

from services.live.event_chain import EventChain
from tests.life.order_house import House
from tests.life.order_model import CRITICAL, PAYABLE
from tests.life.refund_moves import PAID_ONCE, RESERVING, UNDER_WAY
from tests.life.trade_model import UNDECIDED, counts, left_of
from tests.life.words import World
from tests.reports.recount import failures, kept, recounted

HELD = ("dollars", "other app", "old")
"""Flaws of payments that WeChat holds for us all the same."""
STEP_OF = {
    "order.created": "INIT",
    "prepay.created": "WAIT_PAY",
    "order.paid": "PAID",
    "order.closed": "CLOSED",
}


class OrderLaws(RuleBasedStateMachine):
    house: House
    world: World
    runner: asyncio.Runner
    state: dict[str, Any]
    """All that can be seen, as it is after the last deed."""
    _counted: Any = None

    @invariant()
    def events_are_numbered_without_a_hole_and_tell_every_status(self) -> None:
        events = self.house.events()
        stream = self.runner.run(EventChain(self.house.store).verify())
        assert (stream.flaw, stream.events) == ("", len(events))
        told: dict[str, str] = {}
        for _, kind, num in events:
            if num and kind in STEP_OF:
                told[num] = STEP_OF[kind]
        seen = dict(self.house.look("SELECT order_num, status FROM orders"))
        assert told == {n: "PAID" if how in PAID_ONCE else how for n, how in seen.items()}
        paid = Counter(num for _, kind, num in events if kind == "order.paid")
        assert all(n == 1 for n in paid.values())

    @invariant()
    def an_order_is_paid_with_its_proof_and_waits_for_its_service(self) -> None:
        rows = self.house.look(
            "SELECT status, transaction_id IS NOT NULL, paid_at IS NOT NULL, service_status"
            " FROM orders"
        )
        for status, *proof in rows:
            paid = status in PAID_ONCE
            assert proof == [paid, paid, "SERVICE_WAIT" if paid else None]

    @invariant()
    def all_money_that_came_is_on_an_order_or_on_a_receipt(self) -> None:
        came: dict[tuple[str, str], set[int]] = {}
        negative = set()  # kept where the order is unknown, so that its total cannot be judged
        for deed in self.house.deliveries:
            on = deed["tx"], deed["order"]
            if deed["flaw"] in (None, *HELD, "negative cash") and deed["total"] > 0:
                came.setdefault(on, set()).add(deed["total"])
                negative |= {on} if deed["flaw"] == "negative cash" else set()
        state = self.state
        booked = {(tx, num): fen for num, (_, tx, fen, _) in state["orders"].items() if tx}
        held = {on: fen for on, (fen, _, how) in state["receipts"].items() if how != "booked"}
        kept = booked.keys() | held.keys()
        assert came.keys() - negative <= kept <= came.keys()
        assert not booked.keys() & held.keys()
        assert all(fen in came[on] for on, fen in {**booked, **held}.items())
        assert self.house.counters().get("paid_fen", 0) == sum(booked.values())

    @invariant()
    def received_is_booked_and_refunded_and_waiting_to_the_fen(self) -> None:
        orders = {tx: fen for _, tx, fen, _ in self.state["orders"].values() if tx}
        held: dict[str, tuple[int, str, int]] = {}
        back = self.house.look(
            "SELECT amount_fen, receipt_id FROM refunds WHERE status = 'SUCCESS' ORDER BY id"
        )
        receipts = (
            "SELECT id, transaction_id, amount_fen, currency, state FROM receipts ORDER BY id"
        )
        for id_, tx, fen, currency, how in self.house.look(receipts):
            if tx not in orders:
                gone = sum(amount for amount, receipt in back if receipt == id_)
                held.setdefault(tx, (fen if currency == "CNY" else 0, how, gone))
        if self._counted == (orders, held, back):
            return  # no money has moved
        self._counted = orders, held, back
        of = {
            states: sum(fen - gone for fen, how, gone in held.values() if how in states)
            for states in (("accepted",), UNDECIDED)
        }
        counted = {
            "receivedFen": sum(orders.values()) + sum(fen for fen, _, _ in held.values()),
            "bookedFen": sum(orders.values())
            + of["accepted",]
            - sum(fen for fen, receipt in back if receipt is None),
            "refundedFen": sum(fen for fen, _ in back),
            "waitingFen": of[UNDECIDED],
        }
        told = self.runner.run(self.house.receipts.sums())
        assert {part: told[part] for part in counted} == counted == sums(self.world)
        parts = counted["bookedFen"] + counted["refundedFen"] + counted["waitingFen"]
        assert counted["receivedFen"] == parts

    @invariant()
    def no_more_goes_back_than_was_paid_and_the_order_says_how_much(self) -> None:
        rows = self.house.look(
            "SELECT transaction_id, status, total_fen, amount_fen FROM refunds ORDER BY id"
        )
        gone, reserved, paid = Counter[str](), Counter[str](), {}
        for tx, status, total, fen in rows:
            gone[tx] += fen if status == "SUCCESS" else 0
            reserved[tx] += fen if status in RESERVING else 0
            if status in RESERVING:  # what came to nothing may have been of another total
                assert paid.setdefault(tx, total) == total
        assert all(fen <= paid.get(tx, 0) for tx, fen in gone.items())
        known = self.world["surprised"]
        """WeChat gave these back although it had refused to: what is promised meanwhile stands."""
        assert all(fen <= paid.get(tx, 0) for tx, fen in reserved.items() if tx not in known)
        self._orders_say_what_their_refunds_say()

    def _orders_say_what_their_refunds_say(self) -> None:
        of: dict[str, list[tuple[str, int]]] = {}
        query = "SELECT order_num, status, amount_fen FROM refunds WHERE receipt_id IS NULL"
        for num, status, fen in self.house.look(query):
            of.setdefault(num, []).append((status, fen))
        for num, (status, _, total, said) in self.state["orders"].items():
            mine = of.pop(num, [])
            back = sum(fen for how, fen in mine if how == "SUCCESS")
            assert said == back
            if any(how in UNDER_WAY for how, _ in mine):
                assert status == "REFUNDING"
            elif back:
                assert status == ("REFUNDED" if back == total else "PARTIALLY_REFUNDED")
            else:
                assert status in ("PAID", *(() if mine else ("INIT", "WAIT_PAY", "CLOSED")))
        assert not of

    @invariant()
    def a_refund_is_sent_with_one_number_and_one_amount_after_it_was_approved(self) -> None:
        told: dict[str, list[tuple[str, str]]] = {}
        events = self.house.look(
            "SELECT json_extract(data, '$.refundNum'), kind, json_extract(data, '$.status')"
            " FROM events WHERE kind LIKE 'refund.%' AND json_extract(data, '$.origin') IS NULL"
            " ORDER BY seq"
        )
        for num, kind, status in events:
            told.setdefault(num, []).append((kind, status))
        query = (
            "SELECT refund_num, status, transaction_id, total_fen, amount_fen FROM refunds"
            " WHERE origin = 'paywatch'"
        )
        known = {num: (status, *money) for num, status, *money in self.house.look(query)}
        rows = {num: status for num, (status, *_) in known.items()}
        assert told.keys() == rows.keys()
        for num, status in rows.items():
            assert told[num][0] == ("refund.requested", "REQUESTED")
            again = ("refund.failed", "ENDED") in told[num]  # it may be revived, and end once more
            assert again or len(told[num]) == len(set(told[num]))
            # That it is on its way is told anew only of one that had ended here.
            before = ("APPROVED", "PROCESSING") if status == "PROCESSING" else (status,)
            assert told[num][-1][1] in before
        for num, calls in self.house.wechat.refunded.items():
            assert ("refund.approved", "APPROVED") in told[num]
            assert all(call == calls[0] for call in calls)
            sent = [calls[0][name] for name in ("transaction_id", "total_fee", "refund_fee")]
            assert sent == [str(each) for each in known[num][1:]]
        asked = {num for (num,) in self.house.look("SELECT refund_num FROM refund_checks")}
        assert {num for num, status in rows.items() if status in UNDER_WAY} <= asked

    @invariant()
    def the_tiles_are_what_a_recount_says(self) -> None:
        state, tiles = self.state, self.house.counters()
        told = self.house.look(
            "SELECT kind FROM events WHERE json_extract(data, '$.refundNum') IS NULL ORDER BY seq"
        )
        kinds = [kind for (kind,) in told]
        statuses = [status for status, *_ in state["orders"].values()]
        unresolved = [k for (k, _), (_, _, how) in state["alerts"].items() if how != "resolved"]
        fresh = ("alert.raised", "alert.reopened")
        refused = sum(a == "notify.refused" and b in fresh for a, b in pairwise(kinds))
        recount: dict[str, Any] = {
            "paid_count": kinds.count("order.paid"),
            "failed_count": kinds.count("payment.failed") + refused,
            "orders_pending": sum(status in PAYABLE for status in statuses),
            "alerts_unresolved": len(unresolved),
            "alerts_critical": sum(kind in CRITICAL for kind in unresolved),
        }
        assert {name: tiles.get(name, 0) for name in recount} == recount

    @invariant()
    def the_reports_are_what_a_recount_says(self) -> None:
        assert kept(self.house.look) == recounted(self.house.look)
        ours, monitors = failures(self.house.look)
        assert ours == monitors

    @invariant()
    def every_case_shows_a_delivery_that_is_kept(self) -> None:
        assert self.house.evidence_is_kept()


def sums(world: World) -> dict[str, int]:
    """All money, a transaction once, wherever it is."""
    paid = sum(order["total"] for order in world["orders"].values() if order["tx"])
    held = {on: r for on, r in world["receipts"].items() if counts(world, on) and r["yuan"]}
    of = {
        states: sum(left_of(r) for r in held.values() if r["state"] in states)
        for states in (("accepted",), UNDECIDED)
    }
    done = [refund for refund in world["refunds"] if refund["status"] == "SUCCESS"]
    back = sum(refund["fen"] for refund in done if not refund["receipt"])
    return {
        "receivedFen": paid + sum(receipt["fen"] for receipt in held.values()),
        "bookedFen": paid + of["accepted",] - back,
        "refundedFen": sum(refund["fen"] for refund in done),
        "waitingFen": of[UNDECIDED],
    }
