"""The commands about people and programs: what they let in, and what they let in no longer."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess

import pytest

from models.user import Role
from services.auth.api_keys import ApiKeys
from services.auth.credentials import BadCredentials
from services.auth.sessions import BrowserPlace
from tests.support.patience import PATIENCE_S
from tests.support.rig import PASSWORD, Product, product, until
from tests.support.shell import Shell, failed

pytestmark = pytest.mark.one_database

NEW_PASSWORD = "staple battery horse"


def beside(shop: Product, shell: Shell) -> Shell:
    """The shell of the machine on which this product runs."""
    return Shell(shop.folder, int(shop.origin.rpartition(":")[2]))


async def run(shell: Shell, *arguments: str, stdin: str = "") -> tuple[int, str, str]:
    """While the product goes on."""
    return await asyncio.to_thread(shell.command, *arguments, stdin=stdin.encode())


async def login(shop: Product, name: str, password: str) -> int:
    body = {"username": name, "password": password}
    return (await shop.fetch("/api/v1/login", "POST", body)).code


# --- users ---------------------------------------------------------------------------------------


def test_a_user_is_made_once_with_a_password_from_standard_input(shell):
    make = ("create-user", "alice", "--role", "admin", "--password-stdin")
    assert "12 to 128" in failed(shell.command(*make, stdin=b"short\n"))
    assert "UTF-8" in failed(shell.command(*make, stdin=b"\xff" * 12))
    status, out, err = shell.process(*make, stdin=f"{PASSWORD}\n".encode())
    assert (status, err) == (0, "")
    assert "alice" in out
    assert PASSWORD not in out
    assert "exists" in failed(shell.command(*make, stdin=f"{PASSWORD}\n".encode()))
    bad_name = ("create-user", "a b", "--role", "viewer", "--password-stdin")
    failed(shell.command(*bad_name, stdin=f"{PASSWORD}\n".encode()))
    ((name, role, hashed),) = shell.rows("select name, role, password_hash from users")
    assert (name, role) == ("alice", "admin")
    assert hashed.startswith("$argon2id$")


def typed(shell: Shell, *arguments: str, lines: list[str]) -> tuple[int, str]:
    """The exit status and what is said to somebody on a terminal, who types one of these lines at
    each prompt."""
    ours, theirs = os.openpty()
    with os.fdopen(ours, "wb", buffering=0) as keys, os.fdopen(theirs, "rb") as terminal:
        asked = subprocess.Popen(
            [*shell.program, *arguments],
            cwd=shell.folder,
            env=shell.environment(),
            stdin=terminal,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that no other terminal is there to be asked
        )
        said = b""
        with asked.stderr as prompts:
            while piece := os.read(prompts.fileno(), 1000):
                said += piece
                if piece.endswith(b": "):
                    keys.write(f"{lines.pop(0)}\n".encode())
    return asked.wait(PATIENCE_S), said.decode()


def test_a_password_that_is_too_short_is_asked_for_once(shell):
    make = ("create-user", "alice", "--role", "admin")
    status, said = typed(shell, *make, lines=["short"])
    assert status == 1
    assert said.endswith("paywatch: A password must have 12 to 128 characters.\n")
    assert "Again" not in said
    status, said = typed(shell, *make, lines=[PASSWORD, PASSWORD])
    assert (status, said.count("Again")) == (0, 1), said


@pytest.mark.gen_test
async def test_a_new_password_opens_and_the_old_one_does_not(tmp_path, shell):
    async with product(tmp_path) as shop:
        await shop.user("alice")
        reset = ("reset-password", "alice", "--password-stdin")
        status, out, err = await run(beside(shop, shell), *reset, stdin=f"{NEW_PASSWORD}\n")
        assert (status, err) == (0, "")
        assert "alice" in out
        assert NEW_PASSWORD not in out
        assert await login(shop, "alice", PASSWORD) == 401
        assert await login(shop, "alice", NEW_PASSWORD) == 200


@pytest.mark.gen_test
async def test_a_new_password_ends_the_sessions_of_this_user_and_closes_the_monitors(
    tmp_path, shell
):
    async with product(tmp_path) as shop:
        alice, bob = await shop.user("alice"), await shop.user("bob", Role.SUPPORT)
        monitor = await alice.live()
        reset = ("reset-password", "alice", "--password-stdin")
        await run(beside(shop, shell), *reset, stdin=NEW_PASSWORD)
        assert (await alice.fetch("me")).code == 401
        assert (await bob.fetch("me")).code == 200

        async def closed() -> bool:
            return await monitor.read_message() is None

        await until(closed)
        assert monitor.close_code == 4001


@pytest.mark.gen_test
async def test_a_new_password_forgets_the_failed_sign_ins_of_this_user_alone(tmp_path, shell):
    async with product(tmp_path) as shop:
        here = beside(shop, shell)
        for name in ("alice", "Alice"):
            await shop.user(name)
            assert await login(shop, name, "not the password") == 401
        await run(here, "reset-password", "alice", "--password-stdin", stdin=NEW_PASSWORD)
        keys = [key for (key,) in here.rows("select key from login_failures")]
        failures = [key.split("|")[0] for key in keys if "|" in key]
        assert set(failures) == {"Alice"}


@pytest.mark.gen_test
async def test_the_old_password_opens_nothing_while_the_new_one_is_being_set(tmp_path):
    """It was right when it was read, and is checked when the session is made."""
    async with product(tmp_path) as shop:
        await shop.user("alice")
        services = shop.running.services
        matches = services.passwords.matches

        async def reset_meanwhile(stored: str, password: str) -> bool:
            right = await matches(stored, password)
            await services.users.reset_password("alice", NEW_PASSWORD)
            return right

        services.passwords.matches = reset_meanwhile
        with pytest.raises(BadCredentials):
            await services.authentication.login("alice", PASSWORD, BrowserPlace("127.0.0.0/24"))


def test_a_reset_names_what_hinders_it_and_nothing_secret(shell):
    shell.command(
        "create-user", "alice", "--role", "admin", "--password-stdin", stdin=PASSWORD.encode()
    )
    reset = ("reset-password", "alice", "--password-stdin")
    assert "12 to 128" in failed(shell.command(*reset, stdin=b"short"))
    nobody = ("reset-password", "mallory", "--password-stdin")
    line = failed(shell.command(*nobody, stdin=NEW_PASSWORD.encode()))
    assert "no user" in line
    assert not {"alice", "mallory", NEW_PASSWORD} & set(line.split())


# --- API keys ------------------------------------------------------------------------------------


def test_an_api_key_is_printed_once_as_the_last_word(shell):
    status, out, err = shell.command("create-api-key", "shop")
    assert (status, err) == (0, "")
    key = out.split()[-1]
    assert (len(out.splitlines()), key[:3]) == (1, "pw_")
    assert len(key) >= 43
    assert "exists" in failed(shell.command("create-api-key", "shop"))
    ((name, kept),) = shell.rows("select name, key_hash from api_keys")
    assert name == "shop"
    assert key not in kept
    assert kept not in key


def test_the_list_names_every_key_and_shows_none(shell):
    assert "create-api-key" in shell.command("list-api-keys")[1]
    keys = [shell.command("create-api-key", name)[1].split()[-1] for name in ("shop", "old-shop")]
    shell.command("revoke-api-key", "old-shop")
    status, out, err = shell.command("list-api-keys")
    assert (status, err) == (0, "")
    head, *lines = [line.split() for line in out.splitlines()]
    assert head == ["NAME", "CREATED", "STATE", "MAY"]
    assert [(line[0], line[2]) for line in lines] == [("old-shop", "revoked"), ("shop", "active")]
    assert all(line[1].endswith("Z") for line in lines)
    hashes = [row[0] for row in shell.rows("select key_hash from api_keys")]
    assert not any(secret in out for secret in [*keys, *hashes])


def test_a_key_has_the_rights_that_its_words_name(shell):
    words = ("--may", "refunds,orders", "--account", "1900000109")
    more = ("--refund-day-fen", "50000", "--days", "90")
    _, out, _ = shell.command("create-api-key", "erp", *words, *more)
    rights = "orders, refunds of account 1900000109, refunds up to 50000 fen a day"
    assert f"may {rights}, for 90 days; shown only now: pw_" in out
    assert "do everything" in shell.command("create-api-key", "shop")[1]
    _, listed, _ = shell.command("list-api-keys")
    assert rights in listed
    assert "until 20" in listed


def test_an_odd_right_is_bad_usage(shell):
    for words in (
        ("--may", ""),
        ("--may", "orders,all"),
        ("--refund-day-fen", "0"),
        ("--refund-day-fen", "1.5"),
        ("--days", "0"),
        ("--days", "99999"),
    ):
        assert shell.command("create-api-key", "erp", *words)[0] == 2, words
    assert "digits" in failed(shell.command("create-api-key", "erp", "--account", "mine"))
    assert shell.rows("select * from api_keys") == []


@pytest.mark.gen_test
async def test_a_revoked_key_opens_nothing_from_then_on(tmp_path, shell):
    async with product(tmp_path) as shop:
        other = await ApiKeys(shop.running.store).create("other")
        assert (await shop.merchant("products")).code == 200
        status, out, err = await run(beside(shop, shell), "revoke-api-key", "shop")
        assert (status, err) == (0, "")
        assert "shop" in out
        refused = await shop.merchant("products")
        assert (refused.code, json.loads(refused.body)["error"]) == (401, "unauthorized")
        shop.api_key = other
        assert (await shop.merchant("products")).code == 200


def test_revoking_twice_is_fine_and_keeps_the_first_time(shell):
    shell.command("create-api-key", "shop")
    first = shell.command("revoke-api-key", "shop")
    revoked_at = shell.rows("select revoked_at from api_keys")
    second = shell.command("revoke-api-key", "shop")
    assert (first[0], second[0], second[2]) == (0, 0, "")
    assert "before" in second[1]
    assert shell.rows("select revoked_at from api_keys") == revoked_at


def test_an_unknown_key_cannot_be_revoked(shell):
    assert "no API key" in failed(shell.command("revoke-api-key", "shop"))


def test_the_name_of_a_revoked_key_stays_its_own(shell):
    shell.command("create-api-key", "shop")
    shell.command("revoke-api-key", "shop")
    assert "revoked" in failed(shell.command("create-api-key", "shop"))
    assert len(shell.rows("select * from api_keys")) == 1
