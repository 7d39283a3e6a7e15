"""Access with a clock that the test holds: delays that grow, sessions that age."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from assembly.database import ready_database
from models.store import Store
from models.user import Role
from payments.encryption import Sealer
from payments.errors import BadRequest
from services.auth.authentication import Authentication
from services.auth.credentials import BadCredentials, SlowDown, Unauthenticated
from services.auth.known_devices import KnownDevices
from services.auth.passwords import Passwords
from services.auth.second_factor import SecondFactor
from services.auth.sessions import BrowserPlace
from services.auth.users import Users
from tests.support.rig import CHEAP, PASSWORD

pytestmark = pytest.mark.one_database

HERE, THERE = BrowserPlace("192.0.2.0/24"), BrowserPlace("198.51.100.0/24")
MINUTE, HOUR = 60, 3600


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.ms = 1_735_800_000_000

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.ms / 1000

    def go(self, seconds: float) -> None:
        self.ms += int(seconds * 1000)


@asynccontextmanager
async def access_at(tmp_path, clock: Clock) -> AsyncIterator[Authentication]:
    """Access on a database of its own, with Alice."""
    store = Store(ready_database(f"sqlite:///{tmp_path}/paywatch.db"), clock.now_ms)
    store.open()
    passwords = Passwords(CHEAP)
    factor = SecondFactor(store, Sealer(("x" * 32,)), clock)
    try:
        access = Authentication(
            store, clock, passwords, factor, frozenset(), KnownDevices("x" * 32)
        )
        await people(access).create_user("alice", Role.ADMIN, PASSWORD)
        yield access
    finally:
        passwords.close()
        await store.close()


def people(access: Authentication) -> Users:
    """The team of the same database."""
    return Users(access._store, access._passwords, access._clock)


async def fail(access: Authentication, place: BrowserPlace = HERE) -> int:
    """One wrong password; the seconds to wait when it was not even looked at."""
    try:
        await access.login("alice", "wrong password!!", place)
    except BadCredentials:
        return 0
    except SlowDown as slow:
        return int(slow.detail["seconds"])
    raise AssertionError("a wrong password opened the door")


@pytest.mark.gen_test
async def test_the_delay_grows_to_a_minute_and_is_never_a_lock(tmp_path):
    clock = Clock()
    async with access_at(tmp_path, clock) as access:
        assert [await fail(access) for _ in range(5)] == [0] * 5
        waits = []
        for _ in range(8):
            waits.append(await fail(access))
            clock.go(waits[-1])
            assert await fail(access) == 0
        assert waits == sorted(waits)
        assert 1 <= waits[0] <= 2
        assert 60 <= waits[-1] <= 61
        with pytest.raises(SlowDown):
            await access.login("alice", PASSWORD, HERE)
        # Whoever sits elsewhere is not locked out by it, and here it is over after a minute.
        assert (await access.login("alice", PASSWORD, THERE)).principal.name == "alice"
        clock.go(61)
        await access.login("alice", PASSWORD, HERE)
        assert await fail(access) == 0


@pytest.mark.gen_test
async def test_old_failures_are_forgotten_after_an_hour(tmp_path):
    clock = Clock()
    async with access_at(tmp_path, clock) as access:
        assert [await fail(access) for _ in range(6)][:5] == [0] * 5
        clock.go(HOUR + 1)
        assert await fail(access) == 0


@pytest.mark.gen_test
async def test_a_session_lives_by_use_and_dies_by_time(tmp_path):
    clock = Clock()
    async with access_at(tmp_path, clock) as access:
        opened = await access.login("alice", PASSWORD, HERE)
        for _ in range(24):
            clock.go(29 * MINUTE)
            assert (await access.session(opened.cookie)).name == "alice"
        clock.go(25 * MINUTE)  # twelve hours and a minute, in use all the time
        with pytest.raises(Unauthenticated):
            await access.session(opened.cookie)
        idle = await access.login("alice", PASSWORD, HERE)
        clock.go(30 * MINUTE)
        with pytest.raises(Unauthenticated):
            await access.session(idle.cookie)


@pytest.mark.gen_test
async def test_an_open_monitor_counts_as_use_until_the_twelve_hours_are_over(tmp_path):
    clock = Clock()
    async with access_at(tmp_path, clock) as access:
        opened = await access.login("alice", PASSWORD, HERE)
        session = opened.principal.session
        for _ in range(12 * 60 - 1):
            clock.go(MINUTE)
            assert await access.ended([session]) == set()
        clock.go(MINUTE)
        assert await access.ended([session]) == {session}


@pytest.mark.gen_test
async def test_a_clock_that_jumps_back_opens_nothing_that_was_ended(tmp_path):
    clock = Clock()
    async with access_at(tmp_path, clock) as access:
        opened = await access.login("alice", PASSWORD, HERE)
        await access.logout(opened.principal)
        clock.go(-HOUR)
        with pytest.raises(Unauthenticated):
            await access.session(opened.cookie)


@pytest.mark.gen_test
@pytest.mark.parametrize("password", ["x" * 11, "x" * 129, ""])
async def test_a_password_has_12_to_128_characters(tmp_path, password):
    async with access_at(tmp_path, Clock()) as access:
        with pytest.raises(BadRequest, match="12 to 128"):
            await people(access).create_user("bob", Role.VIEWER, password)


@pytest.mark.gen_test
async def test_a_password_is_taken_as_it_is(tmp_path):
    async with access_at(tmp_path, Clock()) as access:
        for number, password in enumerate(
            ("  two  blanks  ", "密码很长很难猜" + "密" * 121, "line\nand\ttab x")
        ):
            await people(access).create_user(f"user{number}", Role.VIEWER, password)
            assert await access.login(f"user{number}", password, HERE)
            with pytest.raises(BadCredentials):
                await access.login(f"user{number}", password.strip() + "y", HERE)


@pytest.mark.gen_test
async def test_guesses_at_once_are_all_counted(tmp_path):
    async with access_at(tmp_path, Clock()) as access:
        waits = []
        for _ in range(5):
            waits += await asyncio.gather(*(fail(access) for _ in range(8)))
        assert waits.count(0) <= 5


@pytest.mark.gen_test
async def test_a_password_is_kept_as_argon2id_over_64_mib():
    passwords = Passwords()
    kept = await passwords.hashed(PASSWORD, "alice")
    assert kept.startswith("$argon2id$v=19$m=65536,t=2,p=1$")
    assert await passwords.matches(kept, PASSWORD) is True
    assert await passwords.matches(kept, PASSWORD + "x") is False
    assert await passwords.matches("", PASSWORD) is False
    passwords.close()
