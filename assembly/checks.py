"""Looks at everything that a payment needs, and tells what was found."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from assembly.database import CommandError, existing_database, opening
from assembly.network import build_redis, ca_certs
from models.inspection import has_echo, inspect
from payments.merchant import Api, Merchant
from services.checks.backup import backup_finding
from services.checks.check_codes import CheckCode
from services.checks.code_files import code_finding, code_places, current_reader
from services.checks.complaint_address import complaint_address_finding
from services.checks.echo import echo_finding
from services.checks.exposure import Exposure, exposure_findings, h5_findings, people_finding
from services.checks.http_probe import HttpProbe
from services.checks.installation import (
    CheckResult,
    Grade,
    channels_finding,
    clock_finding,
    database_clock_findings,
    database_findings,
    domain_findings,
    file_finding,
    notify_finding,
    redis_finding,
)
from services.checks.merchant_account import account_findings, wechats_keys
from services.runtime.clock import SystemClock
from services.wechat.backup_domain import domains_of, transport_to
from services.wechat.client import Send
from settings import Settings


async def installation(settings: Settings) -> list[CheckResult]:
    """The findings about a product that runs with these settings."""
    url, simulated = settings.database_url, settings.simulated
    of_database = await asyncio.to_thread(lambda: list(database_findings_of(url, simulated)))
    of_code = await asyncio.to_thread(code_finding_of)
    return [of_code, *of_database, *await network_findings(settings)]


def code_finding_of() -> CheckResult:
    python = Path(sys.executable).resolve()
    return code_finding(code_places(Path(__file__).parent.parent), python, current_reader())


def database_findings_of(url: str, simulated: bool) -> Iterator[CheckResult]:
    try:
        database = existing_database(url)
        with opening(), closing(database):
            seen = inspect(database)
    except CommandError as error:
        problem = {"problem": str(error)}
        yield CheckResult("database", Grade.FAILED, CheckCode.DATABASE_FAILED, problem)
        return
    yield from database_findings(seen)
    if not seen.pending:
        yield from database_clock_findings(seen, SystemClock())
        yield from h5_findings(seen)
        if of_people := people_finding(seen, simulated):
            yield of_people
        yield backup_finding(seen)


async def network_findings(settings: Settings, *, echo: bool = False) -> Sequence[CheckResult]:
    """`echo`: also let WeChat send a notify, which is kept and shown as ignored, and set the
    address for complaints where there is none."""
    probe = HttpProbe(ca_certs())
    transport = transport_to(settings.wechat_base_url, ca_certs(), SystemClock())
    accounts = {merchant.mch_id: merchant for merchant in reversed(settings.merchants.all)}
    played = settings.plays and not settings.simulated
    secret, now_s = settings.notice_secrets[0], SystemClock().now_ms() // 1000
    try:
        of_accounts = await asyncio.gather(
            *(
                account_findings(transport, SystemClock(), merchant)
                for merchant in reversed(accounts.values())
            )
        )
        notifies = await asyncio.gather(
            *(
                notify_finding(probe, api, url, settings.simulated, secret, now_s)
                for api, url in settings.notify_urls.items()
                if api in settings.merchants.apis
            )
        )
        serves = all(found.code is not CheckCode.NOTIFY_NOT_REACHED for found in notifies)
        asked = await _asked(settings, transport, accounts.values(), serves) if echo else []
        return [
            *([CheckResult("wechat", Grade.WARNING, CheckCode.PLAY_MONEY)] if played else []),
            *await asyncio.gather(
                redis_finding(build_redis(settings.redis_url), settings.redis_url),
                clock_finding(probe, SystemClock(), settings.wechat_base_url),
            ),
            *await domain_findings(probe, domains_of(settings.wechat_base_url)),
            *notifies,
            *exposure_findings(_exposure(settings)),
            *([file_finding(settings.merchants_file)] if settings.merchants_file else []),
            *([channels_finding(settings.notify_channels)] if settings.notify_channels else []),
            *(finding for findings in of_accounts for finding in findings),
            *asked,
        ]
    finally:
        probe.close()
        transport.close()


async def _asked(
    settings: Settings, send: Send, accounts: Iterable[Merchant], serves: bool
) -> list[CheckResult]:
    """Of each account with API v3 whose key of WeChat's is known: an echo, and the address for
    complaints."""
    clock, url = SystemClock(), settings.notify_urls[Api.V3]

    async def heard(message: str) -> bool:
        return await asyncio.to_thread(_has_heard, settings.database_url, message)

    found = []
    for merchant in accounts:
        if merchant.api_v3_key and merchant.private_key and merchant.serial:
            keys, _ = await wechats_keys(send, clock, merchant)
            if keys:
                found.append(
                    await echo_finding(send, clock, merchant, keys, url, heard, serves=serves)
                )
                simulated = settings.simulated
                found.append(
                    await complaint_address_finding(
                        send, clock, merchant, keys, url, simulated=simulated
                    )
                )
    return found


def _has_heard(url: str, message: str) -> bool:
    try:
        database = existing_database(url)
        with opening(), closing(database):
            return has_echo(database, message)
    except CommandError:
        return False


def _exposure(settings: Settings) -> Exposure:
    return Exposure(
        key_files=settings.key_files,
        channels=settings.notify_channels,
        redis_url=settings.redis_url,
        public_origin=settings.public_origin,
        trusts_a_proxy=bool(settings.trusted_proxies),
    )
