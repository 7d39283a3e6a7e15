"""The addresses behind the simulator's page, the product beside a real simulator."""

from __future__ import annotations

import json
from typing import Any

import pytest

from payments.protocol import WireAnswer
from tests.simulator.test_product import house
from tests.support.ports import free_port
from tests.support.rig import PRICE, Console, product, until

__all__ = ["product"]


async def played(alice: Console, name: str, **wishes: Any) -> dict[str, Any]:
    answer = await alice.post(f"simulator/{name}", wishes)
    assert answer.code == 201, answer.body
    run: dict[str, Any] = json.loads(answer.body)["run"]

    async def over() -> Any:
        found = (await alice.get(f"simulator/runs/{run['id']}"))["run"]
        return found["state"] != "running" and found

    found: dict[str, Any] = await until(over)
    return found


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_in_production_there_is_no_simulator_for_anybody(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        for path in ("simulator", "simulator/runs/0"):
            assert (await alice.fetch(path)).code == 404
        for path in ("simulator/paid", "simulator/orders", "simulator/runs/0/stop"):
            assert (await alice.post(path, {})).code == 404
        for headers in ({"Cookie": alice.cookie}, {}):
            assert (await shop.fetch("/simulator", headers=headers)).code == 404
            assert (await shop.fetch("/api/v1/simulator", headers=headers)).code == 404


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_what_a_scenario_expects_is_told_before_it_is_played(tmp_path):
    async with house(tmp_path, MODE="simulation") as (shop, wechat):
        alice = await shop.user()
        told = await alice.get("simulator")
        names = [scenario["name"] for scenario in told["scenarios"]]
        assert {"paid", "duplicate", "wrong_amount", "negative", "storm"} <= set(names)
        assert not any(name.startswith("v3_") for name in names)  # this merchant is on API v2
        assert all(scenario["expectsZh"] and scenario["expects"] for scenario in told["scenarios"])
        assert told["limits"]["perSecond"] == {"min": 1, "max": 200}
        assert told["limits"]["seconds"] == {"min": 1, "max": 60}
        assert told["address"] == wechat
        assert (await shop.fetch("/simulator", headers={"Cookie": alice.cookie})).code == 200


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_scenario_is_played_over_the_amounts_that_were_chosen(tmp_path):
    async with house(tmp_path, MODE="simulation") as (shop, _wechat):
        alice = await shop.user()
        run = await played(alice, "wrong_amount", totalFen=128_000, notifyFen=1280)
        assert run["asExpected"] is True, run["steps"]
        assert run["orderNum"].startswith("SIM-")
        (alert,) = (await alice.get(f"alerts?orderNum={run['orderNum']}"))["alerts"]
        assert (alert["kind"], alert["expected"], alert["actual"]) == (
            "amount_mismatch",
            128_000,
            1280,
        )
        repeated = await played(alice, "duplicate", times=3)
        answers = [step["name"] for step in repeated["steps"]].count("notify again")
        assert (repeated["asExpected"], answers) == (True, 3)
        log = await shop.audited("scenario")
        assert [(by, action, subject) for by, action, subject, _ in log] == [
            ("alice", "scenario.played", "wrong_amount"),
            ("alice", "scenario.played", "duplicate"),
        ]


@pytest.mark.gen_test
async def test_orders_of_scenarios_are_in_no_figure_and_a_shops_order_is(tmp_path):
    async with house(tmp_path, MODE="simulation") as (shop, _wechat):
        alice = await shop.user()
        assert (await played(alice, "paid"))["asExpected"] is True
        assert (await played(alice, "wrong_amount"))["asExpected"] is True
        waits = await shop.order(orderNum="SIM-0001")
        summary = await alice.get("summary")
        today = summary["today"]
        assert (today["paidCount"], today["paidFen"], today["successRate"]) == (0, 0, None)
        assert (today["pendingCount"], today["oldestPendingAt"]) == (0, None)
        assert sum(minute["failedCount"] for minute in summary["minutes"]) == 0
        await shop.merchant(f"orders/{waits['orderNum']}/close", "POST")
        ours = await shop.order()
        assert (await alice.get("summary"))["today"]["pendingCount"] == 1
        await shop.pay(ours["orderNum"])
        today = (await alice.get("summary"))["today"]
        assert (today["paidCount"], today["paidFen"], today["pendingCount"]) == (1, PRICE, 0)


@pytest.mark.gen_test
async def test_in_production_an_order_of_that_number_counts_as_any_other(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        order = await shop.order(orderNum="SIM-0001")
        assert (await alice.get("summary"))["today"]["pendingCount"] == 1
        await shop.pay(order["orderNum"])
        today = (await alice.get("summary"))["today"]
        assert (today["paidCount"], today["paidFen"], today["pendingCount"]) == (1, PRICE, 0)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_a_storm_is_measured_and_can_be_stopped(tmp_path):
    async with house(tmp_path, MODE="simulation") as (_shop, _wechat):
        alice = await _shop.user()
        run = await played(alice, "storm", perSecond=60, seconds=1, anomalyShare=0.1)
        assert run["asExpected"] is True, run["steps"]
        checks = {step["name"]: step["actual"] for step in run["steps"] if step["ok"]}
        assert checks["answers"] == {"SUCCESS": 54}
        assert checks["wrong amounts refused"] == 6
        answer = await alice.post("simulator/storm", {"perSecond": 10, "seconds": 60})
        run_id = json.loads(answer.body)["run"]["id"]

        async def underway() -> Any:
            return (await alice.get(f"simulator/runs/{run_id}"))["run"]["progress"]

        await until(underway)
        assert (await alice.post(f"simulator/runs/{run_id}/stop", {})).code == 200

        async def stopped() -> Any:
            found = (await alice.get(f"simulator/runs/{run_id}"))["run"]
            return found["steps"][-1]["name"] == "stopped" and found

        found = await until(stopped)
        assert (found["state"], found["asExpected"]) == ("stopped", None)


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_beyond_the_limits_nothing_is_played(tmp_path):
    async with house(tmp_path, MODE="simulation") as (shop, _wechat):
        alice = await shop.user()
        for name, wishes in (
            ("storm", {"perSecond": 201}),
            ("storm", {"seconds": 61}),
            ("paid", {"times": 2}),
            ("duplicate", {"times": 21}),
            ("paid", {"totalFen": 0}),
            ("paid", {"totalFen": 1.5}),
        ):
            answer = await alice.post(f"simulator/{name}", wishes)
            assert json.loads(answer.body)["error"] == "simulator_refused", (name, wishes)
        for wishes in ({"orderNum": "X"}, {"totalFen": "1"}, {"times": True}):
            assert (await alice.post("simulator/paid", wishes)).code == 400
        assert (await alice.post("simulator/nothing", {})).code == 404
        assert (await alice.fetch("simulator/runs/abc")).code == 404
        assert await shop.events() == []


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_an_order_to_try_a_product_with_waits_at_the_buyers_page(tmp_path):
    async with house(tmp_path, MODE="simulation") as (shop, wechat):
        alice = await shop.user()
        answer = await alice.post("simulator/orders", {"productId": "p1"})
        tried = json.loads(answer.body)
        assert answer.code == 201
        number = tried["orderNum"]
        assert number.startswith("SIM-")
        assert tried["payUrl"] == f"{wechat}/pay/by-order/{number}"
        assert (await shop.read(number))["status"] == "WAIT_PAY"
        assert (await alice.post("simulator/orders", {"productId": "p2"})).code == 409


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_where_nobody_answers_the_address_is_named(tmp_path):
    silent = f"http://127.0.0.1:{free_port()}"
    async with product(tmp_path, MODE="simulation", WECHAT_BASE_URL=silent) as shop:
        alice = await shop.user()
        answer = await alice.fetch("simulator")
        told = json.loads(answer.body)
        assert (answer.code, told["error"]) == (502, "simulator_away")
        assert silent in told["message"]
        assert told["detail"] == {"address": silent}
        assert (await alice.post("simulator/paid", {})).code == 502
        assert await shop.audited("scenario") == []


@pytest.mark.one_database
@pytest.mark.gen_test
async def test_another_machine_is_never_asked_for_scenarios(tmp_path):
    """In simulation mode without an address of its own, WeChat's real one is in the settings."""
    settings = {"MODE": "simulation", "WECHAT_BASE_URL": "https://api.mch.weixin.qq.com"}
    async with product(tmp_path, **settings) as shop:
        asked: list[Any] = []

        async def send(request: Any) -> WireAnswer:
            asked.append(request)
            return WireAnswer(200, b"{}")

        shop.running.services.simulator_client._send = send
        alice = await shop.user()
        assert (await alice.fetch("simulator")).code == 502
        assert (await alice.post("simulator/paid", {})).code == 502
        assert asked == []
