"""Two who turn the same rule at once, on every database."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.support.rig import product
from tests.views.test_settings_api import knobs, turn


@pytest.mark.gen_test
async def test_of_two_who_change_the_same_setting_one_is_told(tmp_path):
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user()
        answers = await asyncio.gather(
            *(turn(alice, late__p95_ms=(ms, 0), success__percent=(50, 0)) for ms in (2000, 4000))
        )
        assert sorted(answer.code for answer in answers) == [200, 409]
        (loser,) = [json.loads(answer.body) for answer in answers if answer.code == 409]
        assert (loser["error"], sorted(loser["detail"]["names"])) == (
            "conflict",
            ["late.p95_ms", "success.percent"],
        )
        now = await knobs(alice)
        assert now["late.p95_ms"]["version"] == 1
        assert now["late.p95_ms"]["changedBy"] == "alice"
        assert (await turn(alice, late__p95_ms=(2500, 1))).code == 200
