"""What a match tells is written once, whoever tells it how often: differences, cases, one event."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from models import Alert, BillDay, BillDifference, Order, Refund
from models.base import dicts
from payments.bills.differences import (
    BillStatus,
    DifferenceKind,
    DifferenceStatus,
    Resolution,
)
from services.bills.bill_days import (
    STALE_MS,
    DayRun,
    DayTaken,
    NotMatched,
    claim_days,
    end_unmatched,
    give_up,
)
from services.bills.match_lines import (
    FoundDifference,
    MatchedBill,
    MatchLine,
    MatchProgress,
    MovedBooking,
    ToldDifference,
)
from services.bills.match_ops import MatchEnd, end_matches
from services.bills.match_writer import MatchWriter
from tests.support.rig import MCH_ID, MovedClock, Product, product, transaction

DAY = "2026-11-20"
NOW = 1_795_400_000_000
IN_DAY = 1_795_168_800_000
END = MatchedBill(rows=3)


def found(
    kind: DifferenceKind = DifferenceKind.MISSING_HERE, subject: str = "", **more: Any
) -> FoundDifference:
    number = subject or transaction()
    line = FoundDifference(kind, number, "ORDER-1", number, None, None, 8800, 8800, {"row": None})
    return line._replace(**more)


def missing(subject: str, **more: Any) -> FoundDifference:
    """Booked here, and not in the bill."""
    booked = {"evidence": {"booking": {"at": "2026-11-20T15:59:58.000Z"}}}  # near midnight
    more = booked | more
    return found(DifferenceKind.MISSING_AT_WECHAT, subject, ours=8800, wechat=None, **more)


async def told(lines: list[MatchLine]) -> AsyncIterator[MatchLine]:
    for line in lines:
        yield line


def nobody(_line: MatchProgress) -> None:
    """Nobody follows."""


async def match(
    shop: Product,
    *lines: MatchLine,
    run: str = "r1",
    digest: str | None = "d1",
    day: str = DAY,
) -> None:
    """A whole run that finds these."""
    store, of = shop.running.store, DayRun(MCH_ID, day, run)
    await store.write(claim_days, of)
    bill = await MatchWriter(store, of, nobody).write(told([*lines, END]))
    await store.write(end_matches, MatchEnd(of, bill, digest))


async def day_row(shop: Product, day: str = DAY) -> dict[str, Any]:
    query = lambda: dicts(BillDay.select().where(BillDay.date == day))  # noqa: E731
    (row,) = await shop.running.store.read(query)
    return row


async def differences(shop: Product) -> list[dict[str, Any]]:
    query = lambda: dicts(BillDifference.select().order_by(BillDifference.id))  # noqa: E731
    return await shop.running.store.read(query)


async def cases(shop: Product) -> list[tuple[str, str, int]]:
    query = lambda: [  # noqa: E731
        (row.subject.split()[-1], row.status, row.count)
        for row in Alert.select().where(Alert.kind == "reconcile_gap").order_by(Alert.id)
    ]
    return await shop.running.store.read(query)


async def told_events(shop: Product) -> list[dict[str, Any]]:
    return [e["data"] for e in await shop.events() if e["kind"] == "bill.matched"]


@pytest.mark.gen_test
async def test_a_match_writes_differences_a_case_for_each_kind_and_one_event(tmp_path):
    async with product(tmp_path) as shop:
        await match(
            shop, found(), found(), found(DifferenceKind.FEE_DIFFERS, "7", ours=53, wechat=54)
        )
        day = await day_row(shop)
        assert (day["status"], day["open_count"]) == (BillStatus.DIFFERENCES, 3)
        assert day["unexplained_fen"] == 17600, "fees are not counted"
        assert (day["run"], day["rows_count"]) == (None, 3)
        assert await cases(shop) == [("fee_differs", "open", 1), ("missing_here", "open", 2)]
        assert await told_events(shop) == [
            {
                "date": DAY,
                "account": MCH_ID,
                "rows": 3,
                "differences": 3,
                "unexplainedFen": 17600,
            }
        ]


@pytest.mark.gen_test
async def test_the_same_bill_again_changes_no_case_no_id_and_no_event(tmp_path):
    async with product(tmp_path) as shop:
        lines = [found(subject="4200A"), found(subject="4200B")]
        await match(shop, *lines)
        before = await differences(shop), await cases(shop), len(await shop.events())
        await match(shop, *lines, run="r2")
        rows = [{**row, "run": "r1"} for row in await differences(shop)]
        assert (rows, await cases(shop), len(await shop.events())) == before


@pytest.mark.gen_test
async def test_a_corrected_bill_resolves_what_it_explains(tmp_path):
    async with product(tmp_path) as shop:
        await match(shop, found(subject="4200A"), found(subject="4200B"))
        await match(shop, found(subject="4200B"), run="r2", digest="d2")
        first, second = await differences(shop)
        assert (first["status"], first["resolution"]) == ("resolved", Resolution.HEALED)
        assert second["status"] == "open"
        assert await cases(shop) == [("missing_here", "open", 2)]
        await match(shop, run="r3", digest="d3")
        assert (await day_row(shop))["status"] == BillStatus.MATCHED
        assert await cases(shop) == [("missing_here", "resolved", 2)]


@pytest.mark.gen_test
async def test_what_comes_back_opens_its_case_again(tmp_path):
    async with product(tmp_path) as shop:
        await match(shop, found(subject="4200A"))
        await match(shop, run="r2", digest="d2")
        await match(shop, found(subject="4200A"), run="r3", digest="d1")
        (row,) = await differences(shop)
        assert (row["status"], row["resolution"]) == (DifferenceStatus.OPEN, None)
        assert await cases(shop) == [("missing_here", "open", 1)]


@pytest.mark.gen_test
async def test_what_a_person_has_accepted_stays_so_unless_it_is_another_difference(tmp_path):
    async with product(tmp_path) as shop:
        await match(shop, found(subject="4200A"))
        accepted = {"status": "resolved", "resolution": "accepted", "resolved_by": "alice"}
        accepted |= {"note": "tea", "resolved_at": 1}
        await shop.running.store.write(
            lambda _batch, items: [BillDifference.update(**accepted).execute() for _ in items], None
        )
        await match(shop, found(subject="4200A"), run="r2")
        assert (await differences(shop))[0]["status"] == "resolved"
        await match(shop, found(subject="4200A", wechat=9900, difference_fen=9900), run="r3")
        (row,) = await differences(shop)
        assert (row["status"], row["wechat"], row["difference_fen"]) == ("open", "9900", 9900)
        assert (row["resolved_by"], row["resolved_at"], row["note"]) == (None, None, None)


@pytest.mark.gen_test
async def test_no_two_runs_work_on_a_day_but_a_dead_one_is_replaced(tmp_path):
    clock = MovedClock(NOW)
    async with product(tmp_path, clock=clock) as shop:
        store, one, two = shop.running.store, DayRun(MCH_ID, DAY, "1"), DayRun(MCH_ID, DAY, "2")
        await store.write(claim_days, one)
        with pytest.raises(DayTaken):
            await store.write(claim_days, two)
        clock.ms += STALE_MS + 1
        await store.write(claim_days, two)
        with pytest.raises(DayTaken):
            await MatchWriter(store, one, nobody).write(told([found(), END]))
        with pytest.raises(DayTaken):
            await store.write(end_matches, MatchEnd(one, END, "d"))
        assert (await day_row(shop))["run"] == "2"
        await store.write(give_up, two)
        assert (await day_row(shop))["run"] is None


@pytest.mark.gen_test
async def test_a_run_that_was_killed_half_way_ends_the_same_the_second_time(tmp_path):
    async with product(tmp_path) as shop:
        store, lines = shop.running.store, [found(subject=f"4200{n}") for n in range(1200)]
        killed = DayRun(MCH_ID, DAY, "r0")
        await store.write(claim_days, killed)
        with pytest.raises(RuntimeError):  # the lines end before the last one
            await MatchWriter(store, killed, nobody).write(told(lines[:700]))
        await store.write(give_up, killed)
        await match(shop, *lines)
        assert len(await differences(shop)) == 1200
        assert await cases(shop) == [("missing_here", "open", 1200)]
        assert len(await told_events(shop)) == 1


@pytest.mark.gen_test
async def test_a_held_difference_is_told_when_the_day_beside_has_it_not_either(tmp_path):
    async with product(tmp_path) as shop:
        await match(shop, missing("4200A", held=True))
        assert (await day_row(shop))["open_count"] == 0
        assert await cases(shop) == []
        (row,) = await differences(shop)
        await match(shop, ToldDifference(row["id"]), run="r2", day="2026-11-21")
        assert (await day_row(shop))["open_count"] == 1
        assert (await day_row(shop, "2026-11-21"))["status"] == BillStatus.MATCHED
        assert await cases(shop) == [("missing_at_wechat", "open", 1)]


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.gen_test
async def test_a_bill_explains_what_another_day_missed(tmp_path, held):
    async with product(tmp_path) as shop:
        await match(shop, missing("4200A", held=held))
        moved = MovedBooking(DifferenceKind.MISSING_AT_WECHAT, "4200A", DAY, NOW)
        await match(shop, moved, run="r2", day="2026-11-21")
        rows = await differences(shop)
        assert [(r["status"], r["resolution"]) for r in rows] == (
            [] if held else [("resolved", Resolution.HEALED)]
        )
        assert (await day_row(shop))["status"] == BillStatus.MATCHED
        assert await cases(shop) == ([] if held else [("missing_at_wechat", "resolved", 1)])


@pytest.mark.gen_test
async def test_wechats_time_is_written_onto_the_order(tmp_path):
    async with product(tmp_path) as shop:
        number, tx = (await shop.order())["orderNum"], transaction()
        await shop.prepay(number)
        await shop.pay(number, tx)
        booked = (await shop.read(number))["wechatPaidAt"]
        other_day = MovedBooking(DifferenceKind.MISSING_AT_WECHAT, tx, None, NOW - 86_400_000)
        await match(shop, other_day)
        assert (await shop.read(number))["wechatPaidAt"] == booked
        await match(shop, other_day._replace(at=IN_DAY), run="r2")
        assert (await shop.read(number))["wechatPaidAt"] == "2026-11-20T10:00:00.000Z"


@pytest.mark.gen_test
async def test_a_day_that_failed_says_why_and_keeps_what_was_matched(tmp_path):
    async with product(tmp_path) as shop:
        store, of = shop.running.store, DayRun(MCH_ID, DAY, "r1")
        await store.write(claim_days, of)
        failed = NotMatched(of, BillStatus.FAILED, {"code": "bill_cut"}, NOW)
        await store.write(end_unmatched, failed)
        day = await day_row(shop)
        assert (day["status"], day["tries"], day["due_at"]) == (BillStatus.FAILED, 1, NOW)
        assert day["problem"] == '{"code":"bill_cut"}'
        await match(shop, run="r2")
        await store.write(claim_days, replace(of, run="r3"))
        await store.write(end_unmatched, replace(failed, of=replace(of, run="r3")))
        assert (await day_row(shop))["status"] == BillStatus.MATCHED


@pytest.mark.gen_test
async def test_a_day_that_is_long_over_without_a_bill_is_one_case_until_it_is_matched(tmp_path):
    clock = MovedClock(IN_DAY)
    async with product(tmp_path, clock=clock) as shop:
        told = [("not_there", "open", 1)]
        for hours, expected in ((24, []), (48, told), (72, told)):
            clock.ms = IN_DAY + hours * 3_600_000
            of = DayRun(MCH_ID, DAY, f"r{hours}")
            await shop.running.store.write(claim_days, of)
            problem = {"code": "bill_being_made", "values": {}}
            end = NotMatched(of, BillStatus.WAITING, problem, clock.ms)
            await shop.running.store.write(end_unmatched, end)
            assert await cases(shop) == expected
        await match(shop, run="r99")
        assert await cases(shop) == [("not_there", "resolved", 1)]


@pytest.mark.gen_test
async def test_what_is_booked_later_by_a_notify_resolves_by_itself(tmp_path):
    async with product(tmp_path) as shop:
        number, tx = (await shop.order())["orderNum"], transaction()
        await shop.prepay(number)
        await match(shop, found(subject=tx, order_num=number), found(subject="4200B"))
        await shop.running.bills.heal()
        assert [row["status"] for row in await differences(shop)] == ["open", "open"]
        await shop.pay(number, tx)
        await shop.running.bills.heal()
        first, second = await differences(shop)
        assert (first["status"], first["resolution"]) == ("resolved", Resolution.HEALED)
        assert second["status"] == "open"
        assert (await day_row(shop))["unexplained_fen"] == 8800
        assert [e["unexplainedFen"] for e in await told_events(shop)] == [17600, 8800]


@pytest.mark.gen_test
async def test_a_reversed_payment_resolves_when_all_of_it_went_back_here(tmp_path):
    async with product(tmp_path) as shop:
        number, tx = (await shop.order())["orderNum"], transaction()
        await shop.prepay(number)
        await shop.pay(number, tx)
        sides = {"ours": "PAID", "wechat": "REVOKED", "difference_fen": -8800}
        await match(shop, found(DifferenceKind.STATUS_DIFFERS, tx, transaction_id=tx, **sides))
        await shop.running.bills.heal()
        assert [row["status"] for row in await differences(shop)] == ["open"]
        back = Order.update(status="REFUNDED", refunded_fen=8800).where(Order.order_num == number)
        await shop.running.store.write(lambda _batch, items: [back.execute() for _ in items], None)
        await shop.running.bills.heal()
        (row,) = await differences(shop)
        assert (row["status"], row["resolution"]) == ("resolved", Resolution.HEALED)
        day = await day_row(shop)
        assert (day["our_refunded_fen"], day["our_refund_count"]) == (8800, 1)
        assert await cases(shop) == [("status_differs", "resolved", 1)]


@pytest.mark.gen_test
async def test_a_number_on_an_order_that_is_not_paid_resolves_nothing(tmp_path):
    async with product(tmp_path) as shop:
        number, tx = (await shop.order())["orderNum"], transaction()
        named = Order.update(transaction_id=tx).where(Order.order_num == number)
        await shop.running.store.write(lambda _batch, items: [named.execute() for _ in items], None)
        await match(shop, found(subject=tx, order_num=number))
        await shop.running.bills.heal()
        assert [row["status"] for row in await differences(shop)] == ["open"]


@pytest.mark.gen_test
async def test_a_refund_of_another_account_resolves_nothing(tmp_path):
    async with product(tmp_path) as shop:
        number, tx = (await shop.order())["orderNum"], transaction()
        await shop.prepay(number)
        await shop.pay(number, tx)
        theirs = {
            "refund_num": "R1",
            "order_num": number,
            "app_id": "wx1",
            "mch_id": "1900000999",
            "transaction_id": tx,
            "total_fen": 8800,
            "amount_fen": 800,
            "reason": "",
            "status": "SUCCESS",
            "requested_by": "bob",
            "created_at": 1,
            "updated_at": 1,
        }
        booked = Refund.insert(theirs)
        await shop.running.store.write(
            lambda _batch, items: [booked.execute() for _ in items], None
        )
        await match(
            shop, found(DifferenceKind.REFUND_MISSING_HERE, "R1", refund_num="R1", order_num=number)
        )
        await shop.running.bills.heal()
        assert [row["status"] for row in await differences(shop)] == ["open"]
