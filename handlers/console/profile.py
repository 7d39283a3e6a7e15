"""A user's own page: name and role, preferences, password, second factor, open sessions."""

from __future__ import annotations

from handlers.request_body import read_code, read_secret
from handlers.session import ConsoleHandler, introduction, place_of


class ProfileHandler(ConsoleHandler):
    """Answers also a user who must first set a password or a second factor."""

    allows_owing = True


class MeHandler(ProfileHandler):
    async def get(self) -> None:
        preferences = await self.services.profile.preferences(self.principal)
        self.reply({**introduction(self.principal), "preferences": preferences})


class PreferencesHandler(ProfileHandler):
    async def post(self) -> None:
        changes = self.json_body()
        self.reply({"preferences": await self.services.profile.prefer(self.principal, changes)})


class PasswordHandler(ProfileHandler):
    async def post(self) -> None:
        body = self.json_body()
        old, new = read_secret(body, "old"), read_secret(body, "new")
        await self.services.profile.change_password(self.principal, old, new, place_of(self))
        self.reply({})


class SessionsHandler(ConsoleHandler):
    async def get(self) -> None:
        self.reply({"sessions": await self.services.profile.sessions(self.principal)})


class EndOthersHandler(ConsoleHandler):
    async def post(self) -> None:
        self.json_body()
        await self.services.profile.end_others(self.principal)
        self.reply({"sessions": await self.services.profile.sessions(self.principal)})


class TotpHandler(ProfileHandler):
    """GET says whether it is on; POST makes a secret, which is shown once."""

    async def get(self) -> None:
        self.reply({"totp": await self.services.second_factor.state(self.principal.name)})

    async def post(self) -> None:
        self.json_body()
        self.check_confirmed()
        self.reply(await self.services.second_factor.begin(self.principal))


class TotpEnableHandler(ProfileHandler):
    async def post(self) -> None:
        code = read_code(self.json_body())
        self.check_confirmed()
        factor, masked = self.services.second_factor, place_of(self).masked
        self.reply({"recoveryCodes": await factor.enable(self.principal, code, masked)})


class TotpDisableHandler(ProfileHandler):
    async def post(self) -> None:
        body = self.json_body()
        code, password, place = read_code(body), read_secret(body, "password"), place_of(self)
        await self.services.authentication.confirm(self.principal, password, place)
        await self.services.second_factor.disable(self.principal, code, place.masked)
        self.reply({"totp": await self.services.second_factor.state(self.principal.name)})
