"""A user's own page: who they are, preferences, password, second factor, open sessions."""

from __future__ import annotations

from typing import Any

from handlers.request_body import read_code, read_secret
from handlers.session import ConsoleHandler, introduction, place_of
from services.auth.profile import Profile
from services.auth.second_factor import SecondFactor


class ProfileHandler(ConsoleHandler):
    answers_debtors = True

    def initialize(self, profile: Profile, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self.profile = profile


class MeHandler(ProfileHandler):
    async def get(self) -> None:
        preferences = await self.profile.preferences(self.principal)
        self.reply({**introduction(self.principal), "preferences": preferences})


class PreferencesHandler(ProfileHandler):
    async def post(self) -> None:
        changes = self.json_body()
        self.reply({"preferences": await self.profile.prefer(self.principal, changes)})


class PasswordHandler(ProfileHandler):
    async def post(self) -> None:
        body = self.json_body()
        old, new = read_secret(body, "old"), read_secret(body, "new")
        await self.profile.change_password(self.principal, old, new, place_of(self))
        self.reply({})


class SessionsHandler(ProfileHandler):
    answers_debtors = False

    async def get(self) -> None:
        self.reply({"sessions": await self.profile.sessions(self.principal)})


class EndOthersHandler(ProfileHandler):
    answers_debtors = False

    async def post(self) -> None:
        self.json_body()
        await self.profile.end_others(self.principal)
        self.reply({"sessions": await self.profile.sessions(self.principal)})


class FactorHandler(ConsoleHandler):
    answers_debtors = True

    def initialize(self, factor: SecondFactor, **rest: Any) -> None:  # type: ignore[override]
        super().initialize(**rest)
        self.factor = factor


class TotpHandler(FactorHandler):
    """GET says whether it is on; POST makes a secret, which is shown once."""

    async def get(self) -> None:
        self.reply({"totp": await self.factor.state(self.principal.name)})

    async def post(self) -> None:
        self.json_body()
        self.access.check_confirmed(self.principal)
        self.reply(await self.factor.begin(self.principal))


class TotpEnableHandler(FactorHandler):
    async def post(self) -> None:
        code = read_code(self.json_body())
        self.access.check_confirmed(self.principal)
        masked = place_of(self).masked
        self.reply({"recoveryCodes": await self.factor.enable(self.principal, code, masked)})


class TotpDisableHandler(FactorHandler):
    async def post(self) -> None:
        body = self.json_body()
        code, password, place = read_code(body), read_secret(body, "password"), place_of(self)
        await self.access.confirm(self.principal, password, place)
        await self.factor.disable(self.principal, code, place.masked)
        self.reply({"totp": await self.factor.state(self.principal.name)})
