"""`paywatch check`: settings, database, Redis, clock and notify address, in words."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Iterator, Mapping

from assembly.checks import code_finding_of, database_findings_of, network_findings
from assembly.database import CommandError
from services.checks.check_codes import CheckCode
from services.checks.installation import (
    CheckResult,
    Grade,
)
from settings import VARIABLES, SettingError, read, read_database_url, unused

ACCOUNTS = "PAYWATCH_MERCHANTS_FILE"
ONE_ACCOUNT = (
    "PAYWATCH_WECHAT_APP_ID",
    "PAYWATCH_WECHAT_MCH_ID",
    "PAYWATCH_WECHAT_API_V2_KEY",
)
PLACEHOLDER = "0" * 32
"""Stands for a required value while the other settings are read."""


def run_check() -> None:
    """Print one line a finding. Raises CommandError when something failed."""
    failed = 0
    for finding in _findings():
        print(f"{finding.grade:<8} {finding.check:<11} {finding.words}", flush=True)
        failed += finding.grade is Grade.FAILED
    if failed:
        raise CommandError(f"{failed} check{'s' if failed > 1 else ''} failed.")


def _findings() -> Iterator[CheckResult]:
    complaints = list(_complaints(os.environ))
    for complaint in complaints:
        yield CheckResult("settings", Grade.FAILED, CheckCode.SETTING_WRONG, {"problem": complaint})
    if not complaints:
        yield CheckResult("settings", Grade.OK, CheckCode.SETTINGS_READ)
    for name in unused():
        yield CheckResult("settings", Grade.WARNING, CheckCode.SETTING_UNUSED, {"setting": name})
    yield code_finding_of()
    yield from _of_database()
    if complaints:
        yield CheckResult("others", Grade.WARNING, CheckCode.SETTINGS_FIRST)
    else:
        yield from asyncio.run(network_findings(read(), echo=True))


def _complaints(environment: Mapping[str, str]) -> Iterator[str]:
    """The fault of each variable. Reading stops at the first fault, so a faulty variable is left
    out of the next reading, and then replaced if it is required."""
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


def _of_database() -> Iterator[CheckResult]:
    try:
        url = read_database_url()
    except SettingError:
        return  # it is among the complaints
    simulated = os.environ.get("PAYWATCH_MODE") == "simulation"
    yield from database_findings_of(url, simulated)
