"""Orders as a CSV file: safe and exact in a spreadsheet, masked, bounded by role, and logged."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from tornado.httpclient import HTTPResponse

import services.views.export as export
from models import AuditEntry
from models.base import dicts
from models.user import Role
from services.runtime.clock import DAY_MS
from tests.support.rig import PRICE, Console, MovedClock, product
from tests.views.test_search import NOON, OPEN_ID, PHONE, Desk, desk

NAMES = (
    "=1+1",
    "+86",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=cmd|' /C calc'!A0",
    "＝1+1",
    " =1+1",
    '"quoted", 王',
)


async def fetch(user: Console, **query: Any) -> HTTPResponse:
    return await user.fetch(f"orders/export.csv?{urlencode(query)}")


def table(response: HTTPResponse) -> list[list[str]]:
    """As a spreadsheet reads it."""
    text = response.body.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


async def log_of(at: Desk) -> list[dict[str, Any]]:
    def read() -> list[dict[str, Any]]:
        return dicts(
            AuditEntry.select()
            .where(AuditEntry.action == "orders.exported")
            .order_by(AuditEntry.seq)
        )

    entries = await at.shop.running.store.read(read)
    return [{**entry, "detail": json.loads(entry["detail"])} for entry in entries]


@pytest.mark.gen_test
async def test_the_file_holds_the_orders_of_the_filter_exactly_and_masked(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop)
        tx = "4200001234567890123456789012"
        await at.put(
            "261123142744000000000000000001",
            DAY_MS,
            status="PARTIALLY_REFUNDED",
            open_id=OPEN_ID,
            phone=PHONE,
            customer="陈晓彤",
            transaction_id=tx,
            total_fen=126_850_000,
            refunded_fen=50_000,
            service_status="IN_SERVICE",
            trade_type="JSAPI",
            title=f"给 {PHONE} 的礼物",
        )
        await at.put("OTHER-1", 2 * DAY_MS)
        answer = await fetch(at.user, status="PARTIALLY_REFUNDED", created="7d")
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="orders.csv"'
        assert (answer.headers["X-Rows"], answer.headers["X-Cut"]) == ("1", "0")
        assert answer.body.startswith(b"\xef\xbb\xbf")
        assert PHONE.encode() not in answer.body
        assert OPEN_ID.encode() not in answer.body
        head, row = table(answer)
        assert head[0] == "订单号"
        assert row == [
            "\t261123142744000000000000000001",
            "2026-11-23 12:00:00",
            "\tp1",
            "给 138****5678 的礼物",
            "陈**",
            "138****5678",
            "oUpF8u****eS6o",
            "1268500.00",
            "1268500.00",
            "500.00",
            "部分退款",
            "接待中",
            "2026-11-24 12:00:00",
            "",
            f"\t{tx}",
            "JSAPI",
        ]
        english = table(await fetch(at.user, lang="en"))
        assert (english[0][0], english[1][10]) == ("Order no.", "Part refunded")
        assert [line[0] for line in english[1:]] == [
            "\t261123142744000000000000000001",
            "\tOTHER-1",
        ]
        assert (await fetch(at.user, lang="fr")).code == 400
        assert (await fetch(at.user, status="x")).code == 400


@pytest.mark.gen_test
async def test_nothing_that_somebody_wrote_becomes_a_formula(tmp_path):
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop)
        for i, name in enumerate(NAMES):
            await at.put(f"F-{i:05}", i, title=name, customer=name[:1] + "x", phone="=HYPERLINK()")
        lines = table(await fetch(at.user))[1:]
        assert len(lines) == len(NAMES)
        dangerous = tuple("=+-@＝\r\n")
        for line in lines:
            assert len(line) == 16
            for cell in line:
                assert not cell.lstrip(" \t\r").startswith(dangerous), cell
        assert [line[3] for line in lines][-1] == '"quoted", 王'


@pytest.mark.gen_test
async def test_a_role_takes_so_many_rows_and_every_taking_is_in_the_log(tmp_path, monkeypatch):
    monkeypatch.setattr(export, "PAGE", 3)
    monkeypatch.setitem(export.MOST_ROWS, Role.SUPPORT, 7)
    async with product(tmp_path, clock=MovedClock(NOON)) as shop:
        at = await desk(shop)
        alice = await shop.user("alice", Role.ADMIN)
        charlie = await shop.user("charlie", Role.VIEWER)
        for i in range(8):
            await at.put(f"R-{i:05}", i, phone=PHONE if i < 7 else None)
        mine = await fetch(at.user, lang="en")
        assert mine.headers["X-Cut"] == "1"
        lines = table(mine)
        assert [line[0] for line in lines[1:8]] == [f"\tR-{i:05}" for i in range(7)]
        assert lines[8:] == [
            ["Only the first 7 orders; there are more. Narrow the filters and export again."]
        ]
        assert len(table(await fetch(alice))) == 9
        assert len(table(await fetch(at.user, q=PHONE, minFen=PRICE))) == 8
        assert (await fetch(charlie)).code == 403
        told = [(row["by"], row["action"], row["detail"]) for row in await log_of(at)]
        assert told == [
            ("bob", "orders.exported", {"rows": 7, "cut": True}),
            ("alice", "orders.exported", {"rows": 8, "cut": False}),
            ("bob", "orders.exported", {"as": "phone", "minFen": PRICE, "rows": 7, "cut": False}),
        ]
