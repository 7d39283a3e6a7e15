"""What staff do about bills: resolve a difference, fetch again, bring a file."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from models.user import Role
from payments.errors import Busy
from tests.recon.day_rows import (
    MATCHED,
    bill_shop,
    day_before,
    put_day,
    put_difference,
    read_day,
)
from tests.support.rig import MCH_ID, Console, Product, until

DATE = day_before()
FILE = {"Content-Type": "application/octet-stream"}
WORD = {"reason": "explained", "note": "试单，已核对"}


async def resolve(who: Console, number: int, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = await who.post(f"differences/{number}/resolve", body)
    return answer.code, json.loads(answer.body)


async def two_differences(shop: Product) -> list[int]:
    store = shop.running.store
    await put_day(store, DATE, **MATCHED)
    return [
        await put_difference(
            store, DATE, "missing_here", wechat=str(fen), difference_fen=fen, order_num=f"N{fen}"
        )
        for fen in (500, 700)
    ]


@pytest.mark.gen_test
async def test_a_resolved_difference_leaves_the_sums_and_the_last_one_ends_the_case(tmp_path):
    async with bill_shop(tmp_path) as (shop, _):
        alice, (first, second) = await shop.user(), await two_differences(shop)
        code, answer = await resolve(alice, first, **WORD)
        told = answer["difference"]
        assert (code, told["status"], told["resolution"]) == (200, "resolved", "explained")
        assert (told["note"], told["resolvedBy"]) == ("试单，已核对", "alice")
        day = (await read_day(shop, alice, DATE))["day"]
        assert (day["status"], day["openDifferences"], day["unexplainedFen"]) == (
            "differences",
            1,
            700,
        )
        assert (await resolve(alice, second, reason="accepted", note="x"))[0] == 200
        day = (await read_day(shop, alice, DATE))["day"]
        assert (day["status"], day["openDifferences"], day["unexplainedFen"]) == ("matched", 0, 0)
        (case,) = (await alice.get("alerts?kind=reconcile_gap"))["alerts"]
        assert (case["status"], case["count"]) == ("resolved", 2)
        assert [deed[:3] for deed in await shop.audited("difference")] == [
            ("alice", "difference.resolved", "N500"),
            ("alice", "difference.resolved", "N700"),
        ]


@pytest.mark.gen_test
async def test_the_same_word_again_changes_nothing_and_another_is_a_conflict(tmp_path):
    async with bill_shop(tmp_path) as (shop, _):
        alice, ann = await shop.user(), await shop.user("ann")
        first, _second = await two_differences(shop)
        once = await resolve(alice, first, **WORD)
        assert await resolve(alice, first, **WORD) == once
        for who, body in ((ann, WORD), (alice, {**WORD, "reason": "accepted"})):
            code, answer = await resolve(who, first, **body)
            assert (code, answer["error"]) == (409, "conflict")
            assert answer["difference"] == once[1]["difference"]
        assert len(await shop.audited("difference")) == 1


@pytest.mark.gen_test
async def test_of_two_at_once_one_is_first(tmp_path):
    async with bill_shop(tmp_path) as (shop, _):
        people = [await shop.user(), await shop.user("ann")]
        first, _second = await two_differences(shop)
        answers = await asyncio.gather(*(resolve(who, first, **WORD) for who in people))
        assert sorted(code for code, _ in answers) == [200, 409]
        assert len(await shop.audited("difference")) == 1


@pytest.mark.gen_test
async def test_what_is_no_word_of_an_admin_is_refused(tmp_path):
    async with bill_shop(tmp_path) as (shop, _):
        alice, bob = await shop.user(), await shop.user("bob", Role.SUPPORT)
        first, _second = await two_differences(shop)
        for odd in (
            {"reason": "healed", "note": "x"},
            {"reason": ["explained"], "note": "x"},
            {"reason": "explained"},
            {"reason": "explained", "note": " "},
            {"reason": "explained", "note": "x" * 501},
            {**WORD, "version": 1},
        ):
            assert (await resolve(alice, first, **odd))[0] == 400, odd
        assert (await resolve(alice, 10**9, **WORD))[0] == 404
        assert (await resolve(bob, first, **WORD))[0] == 403
        assert await shop.audited("difference") == []


@pytest.mark.gen_test
async def test_a_fetch_begins_the_work_and_shows_it_on_the_day(tmp_path):
    async with bill_shop(tmp_path) as (shop, work):
        bob = await shop.user("bob", Role.SUPPORT)
        answer = await bob.post(f"bills/{DATE}/fetch", {"account": MCH_ID})
        day = json.loads(answer.body)
        assert (answer.code, day["progress"]) == (200, {"step": "fetching", "done": 0, "whole": 0})
        assert work.asked == [(MCH_ID, DATE)]
        assert [deed[:3] for deed in await shop.audited("bill")] == [("bob", "bill.fetched", DATE)]
        for path, body in (
            (f"bills/{day_before(0)}/fetch", {"account": MCH_ID}),
            (f"bills/{day_before(91)}/fetch", {"account": MCH_ID}),
            (f"bills/{DATE}/fetch", {"account": "1"}),
            (f"bills/{DATE}/fetch", {"account": 1}),
            (f"bills/{DATE}/fetch", {"account": MCH_ID, "again": True}),
        ):
            assert (await bob.post(path, body)).code == 400, (path, body)
        work.fails = Busy("Another run works on this day.")
        assert (await bob.post(f"bills/{DATE}/fetch", {"account": MCH_ID})).code == 503
        assert len(await shop.audited("bill")) == 1


@pytest.mark.gen_test
async def test_a_file_goes_to_the_disk_and_from_there_to_the_work(tmp_path):
    async with bill_shop(tmp_path) as (shop, work):
        bob = await shop.user("bob", Role.SUPPORT)
        text = b"x" * (3 * 1024 * 1024 + 7)  # more than any other body may have
        path = f"bills/{DATE}/file?account={MCH_ID}"
        answer = await bob.fetch(path, "POST", text, **{"Content-Type": "text/csv"})
        assert (answer.code, json.loads(answer.body)["progress"]["step"]) == (200, "matching")
        assert work.files == [(MCH_ID, DATE, text)]
        assert [deed[:3] for deed in await shop.audited("bill")] == [("bob", "bill.brought", DATE)]
        assert list(kept(shop)) == []


def kept(shop: Product) -> list[str]:
    folder = shop.running.services.dropped_bills._folder
    return [path.name for path in folder.iterdir()] if folder.exists() else []


@pytest.mark.gen_test
async def test_a_file_that_is_refused_leaves_nothing_behind(tmp_path):
    async with bill_shop(tmp_path) as (shop, work):
        bob, charlie = await shop.user("bob", Role.SUPPORT), await shop.user("c", Role.VIEWER)
        shop.running.services.dropped_bills.most_bytes = 2_000_000

        async def send(who: Console, path: str, size: int, **headers: str) -> int:
            return (await who.fetch(path, "POST", b"x" * size, **{**FILE, **headers})).code

        good = f"bills/{DATE}/file?account={MCH_ID}"
        assert await send(bob, good, 0) == 400
        assert await send(bob, good, 10, **{"Content-Type": "multipart/form-data"}) == 400
        assert await send(bob, f"bills/{DATE}/file?account=1", 10) == 400
        assert await send(bob, f"bills/{day_before(0)}/file", 10) == 400
        assert await send(charlie, good, 10) == 403
        assert await send(bob, good, 10, **{"X-XSRFToken": "x"}) == 403
        assert await send(bob, good, 2_000_001) in (400, 599)  # the answer may meet a closed door
        assert await send(bob, good, 2_000_000) == 200
        work.fails = Busy("Another run works on this day.")
        assert await send(bob, good, 10) == 503
        assert kept(shop) == []


@pytest.mark.gen_test
async def test_a_browser_that_goes_away_leaves_nothing_behind_and_frees_its_place(tmp_path):
    async with bill_shop(tmp_path) as (shop, work):
        bob = await shop.user("bob", Role.SUPPORT)
        host, port = shop.origin.removeprefix("http://").split(":")
        head = (
            f"POST /api/v1/bills/{DATE}/file HTTP/1.1\r\nHost: {host}:{port}\r\n"
            f"Cookie: {bob.cookie}\r\nX-XSRFToken: {bob.xsrf}\r\n"
            f"Content-Type: text/csv\r\nContent-Length: 5000000\r\n\r\n"
        )
        for _ in range(3):  # more than may come at once
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(head.encode() + b"x" * 1_500_000)
            await writer.drain()

            async def came() -> bool:
                return bool(kept(shop))

            await until(came)
            writer.close()
            await writer.wait_closed()

            async def gone() -> bool:
                return not kept(shop)

            await until(gone)
        assert work.files == []
        assert (await bob.fetch(f"bills/{DATE}/file", "POST", b"x", **FILE)).code == 200


@pytest.mark.gen_test
async def test_two_files_may_come_at_once_and_a_third_is_told_to_wait(tmp_path):
    async with bill_shop(tmp_path) as (shop, _):
        bob, dropped = await shop.user("bob", Role.SUPPORT), shop.running.services.dropped_bills
        first, second = dropped.begin(), dropped.begin()
        assert (await bob.fetch(f"bills/{DATE}/file", "POST", b"x", **FILE)).code == 503
        first.remove()
        assert (await bob.fetch(f"bills/{DATE}/file", "POST", b"x", **FILE)).code == 200
        second.remove()
