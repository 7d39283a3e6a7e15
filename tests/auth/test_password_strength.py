"""A password that everybody would try is refused at every door that sets one."""

from __future__ import annotations

import json

import pytest

from services.auth.password_strength import WeakPassword, require_strength
from tests.support.rig import PASSWORD, product

__all__ = ["product"]
WEAK = (
    "password1234",
    "aaaaaaaaaaaa",
    "bobbobbobbob",
    "qwertyuiop12",
    "123456789012",
    "wechatpay2026",
    "Paywatch-admin-1",
    "Bob.Jones-2026!",
    "x" * 128,
)
STRONG = (PASSWORD, "tea shop on main street", "第一次登录用的密码啊啊", "kq7x-mm2p-w9tz-a4rd")


@pytest.mark.parametrize("password", WEAK)
def test_a_weak_password_is_refused(password):
    with pytest.raises(WeakPassword):
        require_strength(password, "bob.jones")


@pytest.mark.parametrize("password", STRONG)
def test_a_strong_one_is_taken(password):
    require_strength(password, "bob.jones")


@pytest.mark.gen_test
@pytest.mark.one_database
async def test_every_door_refuses_it(tmp_path):
    async with product(tmp_path) as shop:
        alice = await shop.user()
        await shop.user("bob")
        weak = "password1234"
        for path, body in (
            ("users", {"name": "dave", "role": "viewer", "password": weak}),
            ("users/bob/password", {"password": weak}),
            ("me/password", {"old": PASSWORD, "new": weak}),
        ):
            answer = await alice.post(path, body)
            assert (answer.code, json.loads(answer.body)["error"]) == (400, "weak_password"), path
        made = await alice.post("users", {"name": "dave", "role": "viewer"})  # one is made
        assert made.code == 201
