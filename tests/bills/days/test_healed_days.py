"""Differences that the books explain by now, on however many days."""

from __future__ import annotations

from typing import Any

import pytest

from payments.merchant import Merchants
from services.bills.healing import Healing
from tests.bills.test_days_written import DAY, day_row, differences, found, match
from tests.support.rig import MERCHANT, Product, product, transaction

DAYS = (DAY, "2026-11-21", "2026-11-22")


def healing(shop: Product, days_a_round: int) -> Healing:
    """As the product's, which asks nobody here."""
    asks: Any = None
    return Healing(shop.running.store, Merchants((MERCHANT,)), asks, asks, days_a_round)


async def open_days(shop: Product) -> list[str]:
    return [row["date"] for row in await differences(shop) if row["status"] == "open"]


@pytest.mark.parametrize(("row", "our_fen"), [({"bill": "fundflow"}, 0), ({"line": 2}, 8800)])
@pytest.mark.gen_test
async def test_our_side_of_a_day_is_of_what_its_trade_bill_has(tmp_path, row, our_fen):
    async with product(tmp_path) as shop:
        number, tx = (await shop.order())["orderNum"], transaction()
        await shop.prepay(number)
        await match(shop, found(subject=tx, order_num=number, evidence={"row": row}))
        await shop.pay(number, tx)
        await shop.running.bills.heal()
        (difference,) = await differences(shop)
        day = await day_row(shop)
        assert difference["resolution"] == "healed"
        assert (day["our_paid_fen"], day["our_paid_count"]) == (our_fen, bool(our_fen))


@pytest.mark.gen_test
async def test_a_step_looks_at_some_days_and_the_next_one_goes_on(tmp_path):
    async with product(tmp_path) as shop:
        number, tx = (await shop.order())["orderNum"], transaction()
        await shop.prepay(number)
        for at, day in enumerate(DAYS):
            await match(shop, found(subject=tx), found(), run=f"r{at}", day=day)
        await shop.pay(number, tx)
        steps = healing(shop, days_a_round=2)
        await steps.step()
        assert (await open_days(shop)).count(DAYS[-1]) == 2
        await steps.step()
        assert await open_days(shop) == list(DAYS), "what nobody booked stays open"

        number, tx = (await shop.order())["orderNum"], transaction()
        await shop.prepay(number)
        await match(shop, found(subject=tx), run="r9")
        await shop.pay(number, tx)
        await steps.step()
        assert await open_days(shop) == list(DAYS[1:]), "the rounds begin anew"
