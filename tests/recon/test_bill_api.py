"""What the bills say, as staff and the merchant's own server read it."""

from __future__ import annotations

import csv
import io
import json

import pytest

from models.user import Role
from services.auth.api_keys import ApiKeys, KeyRights, Scope
from tests.orders.test_merchants_http import OUTLET, two_accounts
from tests.recon.day_rows import (
    MATCHED,
    bill_shop,
    day_before,
    evidence,
    heal,
    put_day,
    put_difference,
    read_day,
)
from tests.support.rig import MCH_ID, OPEN_ID, PRICE

DATE = day_before()
TX = "4200001234202611220000000001"
BLANK = {
    "wechat": dict.fromkeys(
        ("paidFen", "paidCount", "refundedFen", "refundCount", "feeFen", "netFen"), 0
    ),
    "ours": dict.fromkeys(("paidFen", "paidCount", "refundedFen", "refundCount"), 0),
}


@pytest.mark.gen_test
async def test_a_month_has_its_days_with_both_sides_and_the_accounts(tmp_path):
    async with bill_shop(tmp_path) as (shop, _):
        store, alice = shop.running.store, await shop.user()
        await put_day(store, DATE, **MATCHED)
        await put_day(store, day_before(89), status="none", fetched_at=1)
        answer = await alice.get(f"bills?month={DATE[:7]}")
        assert {name: answer[name] for name in ("month", "accounts", "newest", "oldest")} == {
            "month": DATE[:7],
            "accounts": [{"account": MCH_ID, "name": ""}],
            "newest": DATE,
            "oldest": day_before(90),
        }
        (day,) = answer["days"]
        assert day == {
            "date": DATE,
            "account": MCH_ID,
            "status": "matched",
            "fetchedAt": "2026-11-23T02:13:20.000Z",
            "rows": 1296,
            "wechat": {
                "paidFen": 48_554_450,
                "paidCount": 1284,
                "refundedFen": 312_000,
                "refundCount": 12,
                "feeFen": 291_327,
                "netFen": 47_951_123,
            },
            "ours": {
                "paidFen": 48_510_470,
                "paidCount": 1281,
                "refundedFen": 312_000,
                "refundCount": 12,
            },
            "openDifferences": 0,
            "unexplainedFen": 0,
            "flowNetFen": None,
            "fromFile": False,
            "progress": None,
            "problem": None,
            "dueAt": None,
            "tries": 0,
        }
        assert (await alice.get("bills"))["month"] == DATE[:7]
        for odd in ("2026-13", "2026-1", "26-01", "2026-01-01", "x"):
            assert (await alice.fetch(f"bills?month={odd}")).code == 400, odd


@pytest.mark.gen_test
async def test_a_day_has_its_differences_with_their_case_their_order_and_both_facts(tmp_path):
    async with bill_shop(tmp_path) as (shop, _):
        store, alice = shop.running.store, await shop.user()
        number = (await shop.order())["orderNum"]
        await put_day(store, DATE, **MATCHED)
        told = evidence(
            row={"line": 7, "at": "2026-11-23T02:13:20.000Z", "fen": PRICE + 1, "openid": OPEN_ID},
            booking={"at": "2026-11-23T02:13:21.000Z", "fen": PRICE},
        )
        made = await put_difference(
            store,
            DATE,
            "amount_differs",
            order_num=number,
            transaction_id=TX,
            ours=str(PRICE),
            wechat=str(PRICE + 1),
            difference_fen=1,
            evidence=told,
        )
        answer = await read_day(shop, alice, DATE)
        (case,) = (await alice.get("alerts?kind=reconcile_gap"))["alerts"]
        (found,) = answer["differences"]
        assert found.pop("foundAt")
        assert found == {
            "id": made,
            "date": DATE,
            "account": MCH_ID,
            "kind": "amount_differs",
            "orderNum": number,
            "transactionId": TX,
            "refundNum": None,
            "ours": PRICE,
            "wechat": PRICE + 1,
            "differenceFen": 1,
            "status": "open",
            "resolution": None,
            "alertId": case["id"],
            "proposal": "look",
            "orderStatus": "INIT",
            "note": None,
            "resolvedBy": None,
            "resolvedAt": None,
            "evidence": {
                "row": {
                    "line": 7,
                    "at": "2026-11-23T02:13:20.000Z",
                    "fen": PRICE + 1,
                    "openid": "oUpF8u****eS6o",
                },
                "booking": {"at": "2026-11-23T02:13:21.000Z", "fen": PRICE},
            },
        }
        assert answer["parts"] == [
            {
                "kind": "amount_differs",
                "open": 1,
                "resolved": 0,
                "healed": 0,
                "differenceFen": 1,
                "netFen": 1,
            }
        ]
        day = answer["day"]
        assert (day["status"], day["openDifferences"], day["unexplainedFen"]) == (
            "differences",
            1,
            1,
        )
        assert (answer["next"], (await alice.get("inbox"))["differences"]) == (None, 1)


@pytest.mark.gen_test
async def test_the_parts_say_how_each_kind_moves_payments_less_refunds(tmp_path):
    """A row of a refund counts the other way; a fee, and a refund that both sides have, not."""
    async with bill_shop(tmp_path) as (shop, _):
        store, alice = shop.running.store, await shop.user()
        await put_day(store, DATE, **MATCHED)
        for number, (kind, fen, refund) in enumerate(
            (
                ("missing_here", 100, None),
                ("refund_missing_here", 20, "RF1"),
                ("refund_missing_at_wechat", -5, "RF2"),
                ("refund_status_differs", -7, "RF3"),
                ("status_differs", -300, "RF4"),
                ("duplicate_row", 40, None),
                ("duplicate_row", 8, "RF5"),
                ("foreign_row", 3, "RF6"),
                ("fee_differs", 1, None),
            )
        ):
            await put_difference(
                store,
                DATE,
                kind,
                order_num=f"N{number}",
                refund_num=refund,
                difference_fen=fen,
            )
        healed = await put_difference(store, DATE, "missing_here", difference_fen=9, order_num="H")
        await heal(store, healed)
        parts = (await read_day(shop, alice, DATE))["parts"]
        assert {part["kind"]: (part["open"], part["netFen"]) for part in parts} == {
            "missing_here": (1, 100),
            "status_differs": (1, -300),
            "refund_missing_here": (1, -20),
            "refund_missing_at_wechat": (1, 5),
            "refund_status_differs": (1, 0),
            "fee_differs": (1, 0),
            "duplicate_row": (2, 32),
            "foreign_row": (1, -3),
        }
        assert parts[0]["resolved"] == 1


@pytest.mark.gen_test
async def test_a_difference_that_is_held_is_neither_shown_nor_counted(tmp_path):
    async with bill_shop(tmp_path) as (shop, _):
        store, alice = shop.running.store, await shop.user()
        await put_day(store, DATE, **MATCHED)
        held = await put_difference(store, DATE, "missing_at_wechat", ours="100", status="held")
        answer = await read_day(shop, alice, DATE)
        assert (answer["differences"], answer["parts"]) == ([], [])
        assert (answer["day"]["status"], answer["day"]["openDifferences"]) == ("matched", 0)
        assert (await alice.get("inbox"))["differences"] == 0
        text = (await alice.fetch(f"bills/{DATE}.csv")).body.decode("utf-8-sig")
        assert len(list(csv.reader(io.StringIO(text)))) == 1
        body = {"reason": "accepted", "note": "x"}
        assert (await alice.post(f"differences/{held}/resolve", body)).code == 404


@pytest.mark.gen_test
async def test_differences_come_newest_first_a_page_at_a_time_by_kind_and_status(tmp_path):
    async with bill_shop(tmp_path) as (shop, _):
        store, alice = shop.running.store, await shop.user()
        await put_day(store, DATE, **MATCHED)
        kinds = ["missing_here", "missing_here", "fee_differs", "summary_differs", "missing_here"]
        ids = [
            await put_difference(store, DATE, kind, wechat="5", difference_fen=5, order_num=str(n))
            for n, kind in enumerate(kinds)
        ]
        first = await read_day(shop, alice, DATE, "&limit=2")
        then = await read_day(shop, alice, DATE, f"&limit=2&before={first['next']}")
        last = await read_day(shop, alice, DATE, f"&limit=2&before={then['next']}")
        pages = [[d["id"] for d in page["differences"]] for page in (first, then, last)]
        assert (pages, last["next"]) == ([[ids[4], ids[3]], [ids[2], ids[1]], [ids[0]]], None)
        assert first["differences"][1]["wechat"] == "5"  # a summary is text
        chosen = await read_day(shop, alice, DATE, "&kind=missing_here&status=open")
        assert [d["id"] for d in chosen["differences"]] == [ids[4], ids[1], ids[0]]
        body = {"reason": "explained", "note": "x"}
        assert (await alice.post(f"differences/{ids[0]}/resolve", body)).code == 200
        chosen = await read_day(shop, alice, DATE, "&kind=missing_here&status=resolved")
        assert [d["id"] for d in chosen["differences"]] == [ids[0]]
        for odd in ("kind=x", "status=held", "before=x", "limit=101", "status=open&status=open"):
            assert (await alice.fetch(f"bills/{DATE}?{odd}")).code == 400, odd
        # Fees and summaries are differences, and leave no money unexplained.
        assert (await read_day(shop, alice, DATE))["day"]["unexplainedFen"] == 10


@pytest.mark.gen_test
async def test_a_day_nobody_has_worked_on_waits_and_one_without_a_bill_is_not_found(tmp_path):
    async with bill_shop(tmp_path) as (shop, _):
        charlie = await shop.user("charlie", Role.VIEWER)
        answer = await read_day(shop, charlie, DATE)
        day = answer["day"]
        assert (day["status"], day["fetchedAt"], day["rows"]) == ("waiting", None, 0)
        assert (day["wechat"], day["ours"]) == (BLANK["wechat"], BLANK["ours"])
        assert (answer["differences"], answer["next"], answer["parts"]) == ([], None, [])
        for gone in (day_before(0), day_before(91)):
            assert (await charlie.fetch(f"bills/{gone}")).code == 404, gone
        for odd in ("2026-02-30", "2026-1--01"):
            assert (await charlie.fetch(f"bills/{odd}")).code == 400, odd


@pytest.mark.gen_test
async def test_the_file_keeps_long_numbers_and_no_cell_is_a_formula(tmp_path):
    async with bill_shop(tmp_path) as (shop, _):
        store, charlie = shop.running.store, await shop.user("charlie", Role.VIEWER)
        await put_day(store, DATE, **MATCHED)
        told = evidence(row={"at": "2026-11-23T02:13:20.000Z"}, booking=None)
        await put_difference(
            store,
            DATE,
            "missing_here",
            order_num="=1+1",
            transaction_id=TX,
            wechat="12999",
            difference_fen=12999,
            evidence=told,
        )
        answer = await charlie.fetch(f"bills/{DATE}.csv?account={MCH_ID}&lang=en")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"] == (
            f'attachment; filename="bill-{DATE}-{MCH_ID}.csv"'
        )
        assert answer.body.startswith(b"\xef\xbb\xbf")
        head, row = csv.reader(io.StringIO(answer.body.decode("utf-8-sig")))
        told_row = dict(zip(head, row, strict=True))
        assert told_row["Order no."] == "\t'=1+1"
        assert told_row["WeChat ID"] == f"\t{TX}"
        assert (told_row["WeChat bill (CNY)"], told_row["Ours (CNY)"]) == ("129.99", "")
        assert told_row["WeChat time"] == "2026-11-23 10:13:20"
        assert (told_row["Difference"], told_row["Status"]) == ("WeChat only", "Open")
        assert (await charlie.fetch(f"bills/{DATE}.csv?lang=fr")).code == 400


@pytest.mark.gen_test
async def test_with_several_accounts_one_must_be_named(tmp_path):
    async with two_accounts(tmp_path) as shop:
        alice, store = await shop.user(), shop.running.store
        await put_day(store, DATE, **MATCHED)
        await put_day(store, DATE, mch_id=OUTLET, status="failed", problem='{"code":"sha1"}')
        listed = (await alice.get(f"bills?month={DATE[:7]}"))["days"]
        assert {day["account"]: day["status"] for day in listed} == {
            MCH_ID: "matched",
            OUTLET: "failed",
        }
        assert (await alice.get(f"bills/{DATE}?account={OUTLET}"))["day"]["problem"] == {
            "code": "sha1"
        }
        assert (await alice.fetch(f"bills/{DATE}")).code == 400
        assert (await alice.fetch(f"bills/{DATE}?account=1")).code == 400
        # The monitor's day is the newest that is closed; one account's is not known.
        assert (await alice.get("bills"))["last"] == {
            "date": DATE,
            "openDifferences": 0,
            "unexplainedFen": 0,
            "unknown": 1,
        }


@pytest.mark.gen_test
async def test_the_monitor_is_told_what_the_last_closed_day_leaves_unexplained(tmp_path):
    async with bill_shop(tmp_path) as (shop, _):
        store, alice = shop.running.store, await shop.user()
        assert (await alice.get("bills"))["last"] is None
        await put_day(store, DATE, status="waiting")
        assert (await alice.get("bills"))["last"] is None
        await put_day(store, day_before(2), **MATCHED)
        await put_difference(
            store, day_before(2), "missing_here", wechat="500", difference_fen=500, order_num="n1"
        )
        expected = {"openDifferences": 1, "unexplainedFen": 500, "unknown": 0}
        assert (await alice.get("bills"))["last"] == {"date": day_before(2), **expected}
        await put_day(store, DATE, status="none")
        assert (await alice.get("bills"))["last"]["date"] == DATE


@pytest.mark.gen_test
async def test_the_merchants_server_reads_the_days_of_its_keys_account(tmp_path):
    async with two_accounts(tmp_path) as shop:
        store = shop.running.store
        await put_day(store, DATE, **MATCHED)
        await put_difference(
            store, DATE, "missing_here", wechat="500", difference_fen=500, order_num="n1"
        )
        shop.api_key = await ApiKeys(store).create("b", KeyRights((Scope.BILLS,), MCH_ID))
        answer = json.loads((await shop.merchant(f"bills/{DATE}")).body)
        assert set(answer) == {"day", "differences", "next"}
        assert set(answer["day"]) == {
            *("date", "account", "status", "fetchedAt", "rows", "wechat", "ours"),
            *("openDifferences", "unexplainedFen"),
        }
        assert set(answer["differences"][0]) == {
            *("id", "date", "account", "kind", "orderNum", "transactionId", "refundNum"),
            *("ours", "wechat", "differenceFen", "status", "resolution", "alertId", "proposal"),
        }
        await put_day(store, DATE, mch_id=OUTLET, **MATCHED)
        other = f"bills/{DATE}?account={OUTLET}"
        assert (await shop.merchant(other)).code == 404
        shop.api_key = await ApiKeys(store).create("a", KeyRights((Scope.BILLS,)))
        assert (await shop.merchant(other)).code == 200
        shop.api_key = await ApiKeys(store).create("o", KeyRights((Scope.ORDERS,)))
        assert (await shop.merchant(f"bills/{DATE}?account={MCH_ID}")).code == 403
