"""The levers: clock, scenarios, trades, traffic. For the product's simulator page and for tests."""

from __future__ import annotations

import math
from typing import Any

from simulator.http.base import Declined, EdgeHandler
from simulator.scenarios.catalogue import SCENARIOS, Scenario
from simulator.scenarios.options import BOUNDS, BadScenarioOption, read
from simulator.scenarios.runner import NeedsKey, NeedsV3, TooManyRuns
from simulator.state.clock import rfc3339
from simulator.state.faults import Fault
from simulator.state.refunds import SimulatedRefund
from simulator.state.trades import Delivery, Trade, Transaction

MAX_TRADES_SHOWN = 200


class ClockHandler(EdgeHandler):
    """GET tells the time; POST {"speed": N}, {"jumpSeconds": N} and {"dateSkewSeconds": N} change
    it."""

    def get(self) -> None:
        self.answer(self._time())

    def post(self) -> None:
        wanted, clock = self.sent_object(), self.world.clock
        try:
            if "speed" in wanted:
                clock.set_speed(_number(wanted["speed"]))
            if "jumpSeconds" in wanted:
                clock.jump(_number(wanted["jumpSeconds"]))
            if "dateSkewSeconds" in wanted:
                clock.skew_date(_number(wanted["dateSkewSeconds"]))
        except ValueError as error:
            raise Declined(400, "bad_request", str(error)) from error
        self.answer(self._time())

    def _time(self) -> dict[str, Any]:
        clock, notifier = self.world.clock, self.world.notifier
        return {
            "now": rfc3339(clock.now()),
            "realNow": rfc3339(clock.real()),
            "aheadSeconds": max(0.0, round(clock.now() - clock.real(), 3)),
            "speed": clock.speed,
            "waitingNotifies": notifier.waiting,
            "nextNotifyAt": None if notifier.next_at is None else rfc3339(notifier.next_at),
        }


class TradesHandler(EdgeHandler):
    """Newest first; `limit`, or one trade by `orderNum`."""

    def get(self) -> None:
        if order_num := self.get_argument("orderNum", ""):
            found = self.world.trades.by_order(order_num)
            trades = [found] if found else []
        else:
            limit = self.get_argument("limit", "50")
            count = int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 6 else 50
            trades = list(self.world.trades.newest(min(count, MAX_TRADES_SHOWN)))
        refunds = self.world.refunds
        self.answer({"trades": [_trade(trade, refunds.of_trade(trade)) for trade in trades]})


class ScenariosHandler(EdgeHandler):
    def get(self) -> None:
        playable = self.world.runner.can_play
        scenarios = [{**_scenario(n, s), "playable": playable(s)} for n, s in SCENARIOS.items()]
        limits = {name: {"min": low, "max": high} for name, (low, high) in BOUNDS.items()}
        self.answer({"scenarios": scenarios, "limits": limits})


class PlayHandler(EdgeHandler):
    """POST starts a scenario; the run fills while it is read at /_control/runs/{id}."""

    def post(self, name: str) -> None:
        wanted = self.sent_object()
        order_num = wanted.pop("orderNum", None)
        if name not in SCENARIOS:
            raise Declined(404, "not_found", "There is no such scenario.")
        if order_num is not None and not isinstance(order_num, str):
            raise Declined(400, "bad_request", "orderNum is a text.")
        try:
            options = read(wanted, SCENARIOS[name].takes)
            run = self.world.runner.start(name, order_num, options)
        except BadScenarioOption as error:
            raise Declined(400, "bad_request", str(error)) from error
        except NeedsKey as error:
            words = "Start the simulator with --api-key-file."
            raise Declined(409, "api_key_needed", words) from error
        except NeedsV3 as error:
            words = "Give the merchant what API v3 needs, and choose it."
            raise Declined(409, "api_v3_needed", words) from error
        except TooManyRuns as error:
            raise Declined(503, "busy", "Several scenarios are running already.") from error
        self.answer(run.as_json(), 201)


class RunsHandler(EdgeHandler):
    def get(self) -> None:
        self.answer({"runs": [run.as_json() for run in self.world.runs.newest()]})


class RunHandler(EdgeHandler):
    def get(self, run_id: str) -> None:
        run = self.world.runs.find(run_id)
        if run is None:
            raise Declined(404, "not_found", "There is no such run.")
        self.answer(run.as_json())


class StopHandler(EdgeHandler):
    """POST ends a run where it is."""

    def post(self, run_id: str) -> None:
        run = self.world.runs.find(run_id)
        if run is None:
            raise Declined(404, "not_found", "There is no such run.")
        self.world.runner.stop_run(run)
        self.answer(run.as_json())


class FaultsHandler(EdgeHandler):
    """GET tells what waits; POST {"on", "fault", …} adds a fault, POST {"clear": true} forgets
    all."""

    def get(self) -> None:
        self.answer({"faults": self.world.faults.as_json()})

    def post(self) -> None:
        wanted = self.sent_object()
        if wanted.get("clear") is True:
            self.world.faults.clear()
        else:
            self._add(wanted)
        self.get()

    def _add(self, wanted: dict[str, Any]) -> None:
        if unknown := set(wanted) - set(_FAULT_FIELDS):
            raise Declined(400, "bad_request", f"Not known: {', '.join(sorted(unknown))[:100]}.")
        try:
            given = {_FAULT_FIELDS[name]: _typed(name, value) for name, value in wanted.items()}
            self.world.faults.add(Fault(**{"on": "", "kind": "", **given}))
        except ValueError as error:
            raise Declined(400, "bad_request", str(error)) from error


class TrafficHandler(EdgeHandler):
    """GET tells; POST {"paused": true|false} stops the buyers at the door, or lets them in."""

    def get(self) -> None:
        traffic = self.world.traffic
        self.answer(traffic.as_json() if traffic else {"paused": True, "buyers": 0, "total": {}})

    def post(self) -> None:
        paused = self.sent_object().get("paused")
        if self.world.traffic is None:
            raise Declined(409, "no_traffic", "Start the simulator with --traffic.")
        if not isinstance(paused, bool):
            raise Declined(400, "bad_request", "paused is true or false.")
        self.world.traffic.paused = paused
        self.get()


class DomainsHandler(EdgeHandler):
    """GET tells of the two addresses; POST {"mainAway": true|false} has calls to the first go
    unanswered, or not."""

    def get(self) -> None:
        self.answer(self.world.domains.as_json())

    def post(self) -> None:
        away = self.sent_object().get("mainAway")
        if not self.world.domains.second:
            raise Declined(409, "no_second", "Start the simulator with --second-port.")
        if not isinstance(away, bool):
            raise Declined(400, "bad_request", "mainAway is true or false.")
        self.world.domains.main_away = away
        self.get()


class HealthHandler(EdgeHandler):
    def get(self) -> None:
        self.answer({"ok": True})


def _number(value: Any) -> float:
    """Raises ValueError for what is no finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("A number is needed.")
    if not math.isfinite(value):
        raise ValueError("A finite number is needed.")
    return float(value)


def _scenario(name: str, scenario: Scenario) -> dict[str, Any]:
    return {
        "name": name,
        "title": scenario.title,
        "titleZh": scenario.title_zh,
        "expects": scenario.expects,
        "expectsZh": scenario.expects_zh,
        "needsKey": scenario.needs_key,
        "needsV3": scenario.needs_v3,
        "takesOrder": scenario.takes_order,
        "takes": list(scenario.takes),
    }


_FAULT_FIELDS = {
    "on": "on",
    "fault": "kind",
    "times": "times",
    "orderNum": "order_num",
    "seconds": "seconds",
    "copies": "copies",
}
"""Their names in JSON, and ours."""


def _typed(name: str, value: Any) -> Any:
    """Raises ValueError for a value of the wrong type."""
    if value is None and name in ("times", "orderNum"):
        return None
    if name == "seconds":
        return _number(value)
    wanted = int if name in ("times", "copies") else str
    if isinstance(value, bool) or not isinstance(value, wanted):
        raise ValueError(f"{name} is a {'whole number' if wanted is int else 'text'}.")
    return value


def _trade(trade: Trade, refunds: list[SimulatedRefund]) -> dict[str, Any]:
    return {
        "orderNum": trade.order_num,
        "prepayId": trade.prepay_id,
        "payUrl": f"/pay/{trade.prepay_id}",
        "codeUrl": trade.code_url if trade.trade_type == "NATIVE" else None,
        "title": trade.title,
        "api": trade.api,
        "mchId": trade.merchant.mch_id,
        "totalFen": trade.total_fen,
        "tradeType": trade.trade_type,
        "state": trade.state,
        "createdAt": rfc3339(trade.created_at),
        "overrides": trade.overrides,
        "confirmed": trade.confirmed,
        "transactions": [_transaction(transaction) for transaction in trade.transactions],
        "refunds": [refund_json(refund) for refund in refunds],
        "deliveries": [_delivery(delivery) for delivery in trade.deliveries],
    }


def _transaction(transaction: Transaction) -> dict[str, Any]:
    return {
        "transactionId": transaction.id,
        "paidAt": rfc3339(transaction.paid_at),
        "bankType": transaction.bank_type,
        "couponFen": transaction.coupon_fen,
    }


def refund_json(refund: SimulatedRefund) -> dict[str, Any]:
    ended_at = refund.ended_at
    return {
        "refundNum": refund.refund_num,
        "refundId": refund.id,
        "orderNum": refund.trade.order_num,
        "transactionId": refund.transaction.id,
        "amountFen": refund.refund_fen,
        "reason": refund.wanted.reason,
        "status": refund.status,
        "createdAt": rfc3339(refund.created_at),
        "endedAt": None if ended_at is None else rfc3339(ended_at),
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "at": rfc3339(delivery.at),
        "clockAt": rfc3339(delivery.clock_at),
        "status": delivery.status,
        "answer": delivery.answer,
        "ms": delivery.ms,
        "ok": delivery.ok,
    }
