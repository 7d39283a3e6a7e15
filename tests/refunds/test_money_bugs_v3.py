"""Mistakes by which others have lost money on API v3, each shown not to be ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from tests.notify.test_v3_rows import ROWS, notify_v3, status_of, v3_product

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize("outcome", [o for o in Outcome if not REPLIES[o].success])
def test_no_refusal_of_the_table_is_a_success_on_v3(outcome: Outcome) -> None:
    """WeChat reads the status alone: a FAIL in the body of a 200 would end its repeats."""
    assert REPLIES[outcome].v3_status >= 400


@pytest.mark.gen_test
async def test_a_v3_refusal_is_never_a_200(tmp_path: Path) -> None:
    refused = [row for row in ROWS.values() if not REPLIES[row[1]].success]
    async with v3_product(tmp_path) as shop:
        for made, outcome, _ in refused:
            assert (await notify_v3(shop, *made())).code >= 400, outcome
        assert await status_of(shop) == "INIT"
