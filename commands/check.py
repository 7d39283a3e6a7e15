"""`paywatch check`: settings, database, Redis, clock and notify address, in words."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing

from commands.admin import CommandError, existing_database, opening
from models.inspection import inspect
from services.checks.http_probe import Probe
from services.checks.installation import (
    BuildRedis,
    Finding,
    Grade,
    channels_finding,
    clock_finding,
    database_findings,
    file_finding,
    notify_finding,
    redis_finding,
)
from services.checks.merchant_account import account_findings
from services.runtime.clock import SystemClock
from services.wechat.client import CurlTransport
from settings import PLAY_MONEY, VARIABLES, SettingError, Settings, read, read_database_url, unused

ACCOUNTS = "PAYWATCH_MERCHANTS_FILE"
ONE_ACCOUNT = (
    "PAYWATCH_WECHAT_APP_ID",
    "PAYWATCH_WECHAT_MCH_ID",
    "PAYWATCH_WECHAT_API_V2_KEY",
)
PLACEHOLDER = "0" * 32
"""Stands for a required value while the other settings are read."""


def run_check(build_redis: BuildRedis, ca_certs: str | None) -> None:
    """Print one line a finding. Raises CommandError when something failed."""
    failed = 0
    for finding in _findings(build_redis, ca_certs):
        print(f"{finding.grade:<8} {finding.check:<11} {finding.words}", flush=True)
        failed += finding.grade is Grade.FAILED
    if failed:
        raise CommandError(f"{failed} check{'s' if failed > 1 else ''} failed.")


def _findings(build_redis: BuildRedis, ca_certs: str | None) -> Iterator[Finding]:
    complaints = list(_complaints(os.environ))
    for complaint in complaints:
        yield Finding("settings", Grade.FAILED, complaint)
    if not complaints:
        yield Finding("settings", Grade.OK, "All can be read.")
    for name in unused():
        yield Finding("settings", Grade.WARNING, f"{name} is set, and nothing reads it.")
    yield from _of_database()
    if complaints:
        words = "What else needs the settings is looked at when they are right."
        yield Finding("others", Grade.WARNING, words)
    else:
        yield from asyncio.run(_of_network(read(), build_redis, ca_certs))


async def installation(
    settings: Settings, build_redis: BuildRedis, ca_certs: str | None
) -> list[Finding]:
    """The findings about a product that runs with these settings."""
    of_database = await asyncio.to_thread(lambda: list(_look_at(settings.database_url)))
    return [*of_database, *await _of_network(settings, build_redis, ca_certs)]


def _complaints(environment: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with each variable. Reading stops at the first, so what was complained of is
    left out of the next reading, and then replaced, if it is one that must be there."""
    trial, complained = dict(environment), set[str]()
    for _ in range(2 * len(VARIABLES)):
        try:
            read(trial)
            return
        except SettingError as error:
            found = re.match(r"PAYWATCH_\w+", str(error))
            name = found[0].removesuffix("_FILE") if found else ""
            if name not in complained:
                yield str(error)
            elif trial.get(name) == PLACEHOLDER:
                return
            else:
                trial[name] = PLACEHOLDER
                continue
            complained.add(name)
            trial.pop(name, None)
            trial.pop(f"{name}_FILE", None)
            if f"{name}_FILE" == ACCOUNTS:  # without it these must be there, and are not missed
                trial |= {needed: trial.get(needed) or PLACEHOLDER for needed in ONE_ACCOUNT}


def _of_database() -> Iterator[Finding]:
    try:
        url = read_database_url()
    except SettingError:
        return  # it is among the complaints
    yield from _look_at(url)


def _look_at(url: str) -> Iterator[Finding]:
    try:
        database = existing_database(url)
        with opening(), closing(database):
            seen = inspect(database)
    except CommandError as error:
        yield Finding("database", Grade.FAILED, str(error))
        return
    yield from database_findings(seen)


async def _of_network(
    settings: Settings, build_redis: BuildRedis, ca_certs: str | None
) -> Sequence[Finding]:
    probe, transport = Probe(ca_certs), CurlTransport(settings.wechat_base_url, ca_certs)
    accounts = {merchant.mch_id: merchant for merchant in reversed(settings.merchants.all)}
    played = settings.plays and not settings.simulated
    try:
        of_accounts = await asyncio.gather(
            *(
                account_findings(transport, SystemClock(), merchant)
                for merchant in reversed(accounts.values())
            )
        )
        return [
            *([Finding("wechat", Grade.WARNING, PLAY_MONEY)] if played else []),
            *await asyncio.gather(
                redis_finding(build_redis(settings.redis_url), settings.redis_url),
                clock_finding(probe, SystemClock(), settings.wechat_base_url),
                *(
                    notify_finding(probe, api, url, settings.simulated)
                    for api, url in settings.notify_urls.items()
                    if api in settings.merchants.apis
                ),
            ),
            *([file_finding(settings.merchants_file)] if settings.merchants_file else []),
            *([channels_finding(settings.notify_channels)] if settings.notify_channels else []),
            *(finding for findings in of_accounts for finding in findings),
        ]
    finally:
        probe.close()
        transport.close()
