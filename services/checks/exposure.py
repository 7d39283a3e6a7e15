"""What lets others in, or in vain: files of keys that anybody may read, certificates that are not
verified, admins without a second factor, a proxy that is not named."""

from __future__ import annotations

import ipaddress
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from models.inspection import Inspection
from services.checks.check_codes import CheckCode
from services.checks.installation import CheckResult, Grade

OFF = ("no", "none", "false", "0", "off")
UNVERIFIED = ("verify", "ssl_cert_reqs", "ssl_check_hostname")
"""The parts of an address by which a client is told to trust any certificate."""


@dataclass(frozen=True)
class Exposure:
    """The settings that decide it. `channels` are addresses with keys: only their place is told."""

    key_files: tuple[Path, ...]
    channels: tuple[str, ...]
    redis_url: str
    public_origin: str
    trusts_a_proxy: bool


def exposure_findings(given: Exposure) -> Iterator[CheckResult]:
    if given.key_files:
        yield key_files_finding(given.key_files)
    yield from _unverified(given)
    # We speak plain http only, so https in front of us is a proxy's.
    if given.public_origin.startswith("https://") and not given.trusts_a_proxy:
        origin = {"origin": given.public_origin}
        yield CheckResult("proxy", Grade.WARNING, CheckCode.PROXY_NOT_TRUSTED, origin)


def key_files_finding(files: Sequence[Path]) -> CheckResult:
    """Whether everybody on this machine may read a file that holds a key."""
    open_ones = [str(file) for file in files if _is_open(file)]
    if open_ones:
        told = {"files": " ".join(open_ones)}
        return CheckResult("key files", Grade.WARNING, CheckCode.KEY_FILES_OPEN, told)
    return CheckResult("key files", Grade.OK, CheckCode.KEY_FILES_CLOSED, {"count": len(files)})


def _is_open(file: Path) -> bool:
    try:
        return bool(file.stat().st_mode & stat.S_IRWXO)
    except OSError:
        return False


def _unverified(given: Exposure) -> Iterator[CheckResult]:
    places = [str(n) for n, url in enumerate(given.channels, 1) if _trusts_anybody(url)]
    if places:
        told = {"places": ", ".join(places)}
        yield CheckResult("channels", Grade.WARNING, CheckCode.CHANNELS_UNVERIFIED, told)
    if _trusts_anybody(given.redis_url):
        yield CheckResult("redis", Grade.WARNING, CheckCode.REDIS_UNVERIFIED)


def _trusts_anybody(url: str) -> bool:
    try:
        query = parse_qs(urlsplit(url).query)
    except ValueError:
        return False
    return any(value.lower() in OFF for name in UNVERIFIED for value in query.get(name, []))


def people_finding(seen: Inspection, simulated: bool) -> CheckResult | None:
    """Whether every admin has a second factor; in simulation nobody needs one."""
    if simulated or not seen.admins:
        return None
    if seen.admins_by_password:
        count = {"count": seen.admins_by_password}
        return CheckResult("2nd factor", Grade.WARNING, CheckCode.SECOND_FACTOR_MISSING, count)
    return CheckResult("2nd factor", Grade.OK, CheckCode.SECOND_FACTOR_THERE)


def h5_findings(seen: Inspection) -> Iterator[CheckResult]:
    """WeChat refuses H5 payments whose buyer has a private address (M/4012791845): a proxy is not
    named in the settings, or hides the buyer."""
    address = next((each for each in seen.h5_addresses if _is_private(each)), None)
    if address:
        told = {"address": address}
        yield CheckResult("h5", Grade.WARNING, CheckCode.H5_ADDRESS_PRIVATE, told)


def _is_private(text: str) -> bool:
    try:
        return not ipaddress.ip_address(text).is_global
    except ValueError:
        return True
