"""Is this installation fit to take money? Each check is one finding: ok, a warning or a failure,
with what to do."""

from __future__ import annotations

import asyncio
import ipaddress
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from models.inspection import Inspection
from payments.causes import CauseValues
from payments.merchant import Api
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from services.alerts.channels import Channels
from services.checks.check_codes import CheckCode, check_sentence
from services.checks.http_probe import BadCertificate, HttpProbe, NoAnswer, ProbeAnswer
from services.runtime import check_probe
from services.runtime.clock import Clock
from services.runtime.redis_errors import redis_errors

if TYPE_CHECKING:
    import redis.asyncio as aioredis

MAX_CLOCK_ERROR_S = 60

BuildRedis = Callable[[str], "aioredis.Redis | None"]
"""A client of the address; None for an empty one."""


class Grade(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class CheckResult:
    """The answer to one question: `code` says what was found, with its values; `words` are its
    English sentence, with what to do unless it is ok."""

    check: str
    grade: Grade
    code: CheckCode
    values: CauseValues = field(default_factory=dict)

    @property
    def words(self) -> str:
        return check_sentence(self.code, self.values)


def database_findings(seen: Inspection) -> Iterator[CheckResult]:
    yield CheckResult("database", Grade.OK, CheckCode.DATABASE_REACHED, {"kind": seen.kind})
    for flaw in seen.flaws:
        yield CheckResult("safety", Grade.FAILED, CheckCode(flaw.code), flaw.values)
    if not seen.flaws:
        yield CheckResult("safety", Grade.OK, CheckCode.DATABASE_SAFE)
    if seen.pending:
        count = {"count": len(seen.pending)}
        yield CheckResult("migrations", Grade.FAILED, CheckCode.MIGRATIONS_MISSING, count)
        return
    yield CheckResult("migrations", Grade.OK, CheckCode.MIGRATIONS_DONE)
    if seen.refusal:
        problem = {"problem": seen.refusal}
        yield CheckResult("writing", Grade.FAILED, CheckCode.WRITE_REFUSED, problem)
    else:
        yield CheckResult("writing", Grade.OK, CheckCode.WRITE_TAKEN)
    yield _needed("users", seen.admins, CheckCode.ADMINS_THERE, CheckCode.ADMINS_MISSING)
    yield _needed("api keys", seen.api_keys, CheckCode.API_KEYS_THERE, CheckCode.API_KEYS_MISSING)
    yield _needed("products", seen.products, CheckCode.PRODUCTS_THERE, CheckCode.PRODUCTS_MISSING)


def database_clock_findings(seen: Inspection, clock: Clock) -> Iterator[CheckResult]:
    """Our clock beside the database server's, and beside the newest event; nothing where it
    agrees."""
    now = clock.now_ms()
    if seen.clock_ms is not None:
        off_s = abs(now - seen.clock_ms) / 1000
        if off_s > MAX_CLOCK_ERROR_S:
            seconds = {"seconds": round(off_s)}
            yield CheckResult("clock", Grade.FAILED, CheckCode.CLOCK_NOT_DATABASES, seconds)
    ahead_s = ((seen.newest_ms or 0) - now) / 1000
    if ahead_s > MAX_CLOCK_ERROR_S:
        seconds = {"seconds": round(ahead_s)}
        yield CheckResult("clock", Grade.FAILED, CheckCode.CLOCK_BEHIND_EVENTS, seconds)


def _needed(check: str, count: int, there: CheckCode, missing: CheckCode) -> CheckResult:
    if count:
        return CheckResult(check, Grade.OK, there, {"count": count})
    return CheckResult(check, Grade.WARNING, missing)


async def redis_finding(client: aioredis.Redis | None, url: str) -> CheckResult:
    """`client` is None when Redis is not used."""
    if client is None:
        return CheckResult("redis", Grade.OK, CheckCode.REDIS_UNUSED)
    try:
        await client.ping()
    except redis_errors() as error:
        problem = {"problem": str(error)}
        return CheckResult("redis", Grade.FAILED, CheckCode.REDIS_SILENT, problem)
    finally:
        await client.aclose()
    parts = urlsplit(url)
    if not parts.password and not _is_loopback(parts.hostname or ""):
        return CheckResult("redis", Grade.WARNING, CheckCode.REDIS_WITHOUT_PASSWORD)
    return CheckResult("redis", Grade.OK, CheckCode.REDIS_ANSWERS)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def domain_findings(probe: HttpProbe, domains: Sequence[str]) -> list[CheckResult]:
    """Whether each of WeChat's domains is reached; the first is the main one."""
    silent = (CheckCode.DOMAIN_SILENT, *[CheckCode.BACKUP_DOMAIN_SILENT] * (len(domains) - 1))
    pairs = zip(domains, silent, strict=True)
    return list(await asyncio.gather(*(_domain_finding(probe, *pair) for pair in pairs)))


async def _domain_finding(probe: HttpProbe, domain: str, silent: CheckCode) -> CheckResult:
    try:
        await probe.get(domain + "/")
    except NoAnswer as error:
        values = {"domain": domain, "problem": str(error)}
        return CheckResult("domain", Grade.WARNING, silent, values)
    return CheckResult("domain", Grade.OK, CheckCode.DOMAIN_ANSWERS, {"domain": domain})


async def clock_finding(probe: HttpProbe, clock: Clock, wechat_url: str) -> CheckResult:
    """Our clock beside the Date header of WeChat's address."""
    try:
        theirs_ms = await wechat_ms(probe, wechat_url)
    except NoAnswer as error:
        problem = {"problem": str(error)}
        return CheckResult("clock", Grade.WARNING, CheckCode.CLOCK_NOT_COMPARED, problem)
    except ValueError:
        return CheckResult("clock", Grade.WARNING, CheckCode.CLOCK_NOT_TOLD)
    off_s = abs(clock.now_ms() - theirs_ms) / 1000
    if off_s > MAX_CLOCK_ERROR_S:
        seconds = {"seconds": round(off_s)}
        return CheckResult("clock", Grade.FAILED, CheckCode.CLOCK_WRONG, seconds)
    return CheckResult("clock", Grade.OK, CheckCode.CLOCK_RIGHT)


async def wechat_ms(probe: HttpProbe, wechat_url: str) -> int:
    """WeChat's time in ms UTC. Raises NoAnswer, and ValueError for an answer without a Date."""
    seen = await probe.get(wechat_url + "/")
    return int(parsedate_to_datetime(seen.date).timestamp() * 1000)


def file_finding(path: Path) -> CheckResult:
    """Whether others on this machine may read the file of the accounts."""
    if path.stat().st_mode & stat.S_IRWXO:
        file = {"file": str(path)}
        return CheckResult("accounts", Grade.WARNING, CheckCode.ACCOUNTS_FILE_OPEN, file)
    return CheckResult("accounts", Grade.OK, CheckCode.ACCOUNTS_FILE_CLOSED)


def channels_finding(urls: Sequence[str]) -> CheckResult:
    """Whether alerts can leave by the channels of the settings; nothing is sent."""
    channels = Channels(urls)
    if not channels.installed:
        return CheckResult("channels", Grade.WARNING, CheckCode.CHANNELS_NOT_INSTALLED)
    odd = channels.odd()
    if odd:
        places = {"places": ", ".join(map(str, odd))}
        return CheckResult("channels", Grade.WARNING, CheckCode.CHANNELS_NOT_UNDERSTOOD, places)
    count = {"count": len(channels.channels)}
    return CheckResult("channels", Grade.OK, CheckCode.CHANNELS_READY, count)


async def notify_finding(
    probe: HttpProbe, api: Api, notify_url: str, simulated: bool, secret: str, now_s: int
) -> CheckResult:
    """Whether what we tell WeChat leads here, and body and headers arrive as they were sent."""
    parts, url = urlsplit(notify_url), {"url": notify_url}
    if parts.query or parts.fragment:
        return CheckResult("notify", Grade.FAILED, CheckCode.NOTIFY_WITH_QUERY, url)
    body, headers = check_probe.probe(secret, now_s, api)
    kind = "text/xml" if api is Api.V2 else "application/json"
    try:
        seen = await probe.post(notify_url, body, {**headers, "Content-Type": kind})
    except BadCertificate as error:
        values = {**url, "problem": str(error)}
        return CheckResult("notify", Grade.FAILED, CheckCode.NOTIFY_BAD_CERTIFICATE, values)
    except NoAnswer as error:
        values = {**url, "problem": str(error)}
        return CheckResult("notify", Grade.WARNING, CheckCode.NOTIFY_NOT_REACHED, values)
    trouble, more = _not_whole(seen, api)
    if trouble:
        told: CauseValues = {**url, "status": seen.status, **more}
        return CheckResult("notify", Grade.FAILED, trouble, told)
    if parts.scheme != "https" and not simulated:
        return CheckResult("notify", Grade.WARNING, CheckCode.NOTIFY_NOT_HTTPS)
    return CheckResult("notify", Grade.OK, CheckCode.NOTIFY_LEADS_HERE, url)


def _not_whole(seen: ProbeAnswer, api: Api) -> tuple[CheckCode | None, dict[str, str]]:
    """The fault that the answer to the probe shows; None when there is none. API v2 needs no
    headers."""
    words = seen.body.decode("utf-8", "replace")
    if check_probe.CHANGED in words:
        return CheckCode.NOTIFY_BODY_CHANGED, {}
    if check_probe.LOST in words:
        names = words.partition(check_probe.LOST)[2]
        lost = " ".join(name for name in names.split() if name.startswith("Wechatpay-"))
        lost = "".join(c for c in lost if c.isalnum() or c in "- ")
        return (None, {}) if api is Api.V2 else (CheckCode.NOTIFY_HEADERS_LOST, {"headers": lost})
    if check_probe.WHOLE in words:
        return None, {}
    ours = [REPLIES[outcome] for outcome in (Outcome.UNREADABLE, Outcome.UNPROVEN)]
    if seen.body in [reply.xml for reply in ours] + [reply.json for reply in ours]:
        return CheckCode.NOTIFY_PROBE_LOST, {}
    return _not_ours(seen), {}


def _not_ours(seen: ProbeAnswer) -> CheckCode:
    busy = REPLIES[Outcome.BUSY]
    if seen.body in (busy.xml, busy.json):
        return CheckCode.NOTIFY_BUSY
    if 300 <= seen.status < 400:
        return CheckCode.NOTIFY_REDIRECTS
    if seen.status in (502, 504):
        return CheckCode.NOTIFY_PROXY_ALONE
    return CheckCode.NOTIFY_ELSEWHERE
