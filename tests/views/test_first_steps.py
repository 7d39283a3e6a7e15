"""What a new shop has to do ticks itself, from what is there."""

from __future__ import annotations

from typing import Any

import pytest

from models.user import Role
from services.checks.first_steps import count_backups
from tests.support.rig import Console, product


async def done(who: Console) -> list[str]:
    steps = (await who.get("first-steps"))["steps"]
    assert [step["name"] for step in steps] == [
        "account", "product", "order", "notify", "person", "channel", "backup",
    ]  # fmt: skip
    return [step["name"] for step in steps if step["done"]]


@pytest.mark.gen_test
async def test_each_step_is_done_by_what_is_there(tmp_path: Any) -> None:
    async with product(tmp_path, NOTIFY_URLS="json://127.0.0.1:1/x", by_hand=True) as shop:
        alice = await shop.user("alice")
        assert await done(alice) == ["account", "product", "channel"]
        number = (await shop.order())["orderNum"]
        assert await done(alice) == ["account", "product", "order", "channel"]
        await shop.pay(number)
        assert "notify" in await done(alice)
        await shop.user("victor", Role.VIEWER)
        assert "person" not in await done(alice), "a viewer decides nothing"
        bob = await shop.user("bob", Role.SUPPORT)
        assert "person" in await done(alice)
        assert "backup" not in await done(alice)
        await shop.running.store.write(count_backups, 1)
        assert len(await done(alice)) == 7
        assert (await bob.fetch("first-steps")).code == 403


@pytest.mark.gen_test
async def test_who_has_put_them_away_is_not_shown_them_again(tmp_path: Any) -> None:
    async with product(tmp_path, by_hand=True) as shop:
        alice = await shop.user("alice")
        chosen = await alice.post("me/preferences", {"steps": False})
        assert chosen.code == 200
        assert (await alice.get("me"))["preferences"]["steps"] is False
        assert (await alice.post("me/preferences", {"steps": "no"})).code == 400
