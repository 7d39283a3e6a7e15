"""The team: users and their roles. Every change needs a fresh password."""

from __future__ import annotations

from typing import Any

from handlers.base import BIGGEST
from handlers.request_body import read_secret
from handlers.session import ConsoleHandler
from services.auth.users import MAX_PAGE, PAGE, GivenPassword, known_role


class TeamHandler(ConsoleHandler):
    def body(self) -> dict[str, Any]:
        found = self.json_body()
        self.check_confirmed()
        return found

    async def answer(
        self, name: str, given: GivenPassword | None = None, status: int = 200
    ) -> None:
        """Answers with the user, and with the password if one was generated: it is never shown
        again."""
        told = {"password": given.made} if given and given.made else {}
        self.reply({"user": await self.services.users.get(name), **told}, status)


class UsersHandler(TeamHandler):
    async def get(self) -> None:
        before = self.number("before", 0, 0, BIGGEST) or None
        self.reply(await self.services.users.page(before, self.number("limit", PAGE, 1, MAX_PAGE)))

    async def post(self) -> None:
        body = self.body()
        name, role = read_secret(body, "name"), known_role(body.get("role"))
        given = await self.services.users.create_user(
            name, role, _password(body), self.principal.name
        )
        await self.answer(name, given, 201)


class UserRoleHandler(TeamHandler):
    async def post(self, name: str) -> None:
        await self.services.users.change_role(
            name, known_role(self.body().get("role")), self.principal.name
        )
        await self.answer(name)


class UserPasswordHandler(TeamHandler):
    async def post(self, name: str) -> None:
        password = _password(self.body())
        await self.answer(
            name, await self.services.users.reset_password(name, password, self.principal.name)
        )


class UserActionHandler(TeamHandler):
    async def post(self, name: str, deed: str) -> None:
        self.body()
        users = self.services.users
        do = {
            "disable": users.disable,
            "enable": users.enable,
            "end-sessions": users.end_sessions,
            "remove-totp": users.remove_factor,
        }[deed]
        await do(name, self.principal.name)
        await self.answer(name)


def _password(body: dict[str, Any]) -> str | None:
    """None when the server is to generate one."""
    return read_secret(body, "password") if body.get("password") else None
