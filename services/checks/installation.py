"""Is this installation fit to take money? Each check is one finding: ok, a warning or a failure,
with what to do."""

from __future__ import annotations

import ipaddress
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import redis.asyncio as aioredis
from redis.exceptions import RedisError

from models.inspection import Inspection
from payments.merchant import Api
from payments.notify_replies import REPLIES
from payments.outcomes import Outcome
from services.alerts.channels import Channels
from services.checks.http_probe import BadCertificate, HttpProbe, NoAnswer, ProbeAnswer
from services.runtime.clock import Clock

MAX_CLOCK_ERROR_S = 60

BuildRedis = Callable[[str], aioredis.Redis | None]
"""A client of the address; None for an empty one."""


class Grade(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class CheckResult:
    """The answer to one question; `words` say what was found and, unless it is ok, what to do."""

    check: str
    grade: Grade
    words: str


def database_findings(seen: Inspection) -> Iterator[CheckResult]:
    yield CheckResult("database", Grade.OK, f"{seen.kind} is reached.")
    for flaw in seen.flaws:
        yield CheckResult("safety", Grade.FAILED, flaw)
    if not seen.flaws:
        yield CheckResult("safety", Grade.OK, "What is committed stays, and nobody else reads it.")
    if seen.pending:
        needed = f"{len(seen.pending)} missing: run `paywatch migrate`."
        yield CheckResult("migrations", Grade.FAILED, needed)
        return
    yield CheckResult("migrations", Grade.OK, "All are done.")
    if seen.refusal:
        yield CheckResult("writing", Grade.FAILED, f"No write is taken: {seen.refusal}")
    else:
        yield CheckResult("writing", Grade.OK, "A write is taken.")
    yield _needed("users", seen.admins, "administrator", "paywatch create-user NAME --role admin")
    yield _needed("api keys", seen.api_keys, "valid API key", "paywatch create-api-key NAME")
    yield _needed(
        "products", seen.products, "active product", "paywatch add-product ID TITLE PRICE_FEN"
    )


def _needed(check: str, count: int, what: str, command: str) -> CheckResult:
    if count:
        return CheckResult(check, Grade.OK, f"{count} {what}{'s' if count > 1 else ''}.")
    return CheckResult(check, Grade.WARNING, f"There is no {what}: `{command}` makes one.")


async def redis_finding(client: aioredis.Redis | None, url: str) -> CheckResult:
    """`client` is None when Redis is not used."""
    if client is None:
        return CheckResult("redis", Grade.OK, "Not used; the lock stays in the process.")
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        words = f"No answer at PAYWATCH_REDIS_URL: {error} Payments would go on without it."
        return CheckResult("redis", Grade.FAILED, words)
    finally:
        await client.aclose()
    parts = urlsplit(url)
    if not parts.password and not _is_loopback(parts.hostname or ""):
        words = "It answers without a password, and not only to this machine: give it one."
        return CheckResult("redis", Grade.WARNING, words)
    return CheckResult("redis", Grade.OK, "It answers.")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def clock_finding(probe: HttpProbe, clock: Clock, wechat_url: str) -> CheckResult:
    """Our clock beside the Date header of WeChat's address."""
    try:
        seen = await probe.get(wechat_url + "/")
        theirs_ms = parsedate_to_datetime(seen.date).timestamp() * 1000
    except NoAnswer as error:
        words = f"WeChat's address is not reached, so there is nothing to compare with: {error}."
        return CheckResult("clock", Grade.WARNING, words)
    except ValueError:
        return CheckResult(
            "clock", Grade.WARNING, "WeChat's address answers without a readable Date."
        )
    off_s = abs(clock.now_ms() - theirs_ms) / 1000
    if off_s > MAX_CLOCK_ERROR_S:
        words = f"It is {off_s:.0f} s away from WeChat's; let the machine keep time (NTP)."
        return CheckResult("clock", Grade.FAILED, words)
    return CheckResult("clock", Grade.OK, "It agrees with WeChat's to the minute.")


def file_finding(path: Path) -> CheckResult:
    """Whether others on this machine may read the file of the accounts."""
    if path.stat().st_mode & stat.S_IRWXO:
        words = f"Everybody on this machine may read {path}, which names keys: chmod o= {path}"
        return CheckResult("accounts", Grade.WARNING, words)
    return CheckResult("accounts", Grade.OK, "Nobody else may read the file of the accounts.")


def channels_finding(urls: Sequence[str]) -> CheckResult:
    """Whether alerts can leave by the channels of the settings; nothing is sent."""
    channels = Channels(urls)
    if not channels.installed:
        words = "No alert can leave: pip install 'paywatch[notify]', for PAYWATCH_NOTIFY_URLS."
        return CheckResult("channels", Grade.WARNING, words)
    odd = channels.odd()
    if odd:
        listed = ", ".join(map(str, odd))
        words = f"apprise does not understand these addresses of PAYWATCH_NOTIFY_URLS: {listed}."
        return CheckResult("channels", Grade.WARNING, words)
    words = f"{len(channels.channels)} channels; the settings page can send a test."
    return CheckResult("channels", Grade.OK, words)


async def notify_finding(
    probe: HttpProbe, api: Api, notify_url: str, simulated: bool
) -> CheckResult:
    """Whether what we tell WeChat leads here: an empty notify must get our own refusal."""
    parts = urlsplit(notify_url)
    if parts.query or parts.fragment:
        words = f"WeChat takes no address with a query: {notify_url}"
        return CheckResult("notify", Grade.FAILED, words)
    try:
        seen = await probe.post(notify_url, b"")
    except BadCertificate as error:
        words = f"The certificate at {notify_url} would not satisfy WeChat: {error}."
        return CheckResult("notify", Grade.FAILED, words)
    except NoAnswer as error:
        words = (
            f"{notify_url} is not reached from here: {error}. Whether WeChat reaches it, "
            "only the outside can tell: try it from another network, while Paywatch serves."
        )
        return CheckResult("notify", Grade.WARNING, words)
    trouble = _not_ours(seen, api)
    if trouble:
        return CheckResult("notify", Grade.FAILED, f"{notify_url} {trouble}")
    if parts.scheme != "https" and not simulated:
        words = "It leads here, but WeChat calls https only: set PAYWATCH_PUBLIC_ORIGIN."
        return CheckResult("notify", Grade.WARNING, words)
    return CheckResult("notify", Grade.OK, f"{notify_url} leads here.")


def _not_ours(seen: ProbeAnswer, api: Api) -> str:
    """The fault of an answer to an empty notify; empty when it is right."""
    refusal, busy = REPLIES[Outcome.UNREADABLE], REPLIES[Outcome.BUSY]
    ours = {
        Api.V2: (refusal.http_status, refusal.xml),
        Api.V3: (refusal.v3_status, refusal.json),
    }
    if (seen.status, seen.body) == ours[api]:
        return ""
    if seen.body in (busy.xml, busy.json):
        return "leads here, but Paywatch takes no notify now: see its log."
    if 300 <= seen.status < 400:
        return f"redirects ({seen.status}), and WeChat follows no redirect."
    if seen.status in (502, 504):
        return f"leads to a proxy that does not reach Paywatch ({seen.status}): does it serve?"
    return f"is answered by something else ({seen.status}): let the proxy pass it to Paywatch."
