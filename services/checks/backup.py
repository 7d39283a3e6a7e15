"""Whether `paywatch backup` can do its work: the program that dumps the database is here, and its
role may read all that the dump holds."""

from __future__ import annotations

import shutil

from models.inspection import Inspection
from services.checks.check_codes import CheckCode
from services.checks.installation import CheckResult, Grade

MYSQL_TOOLS = ("mariadb-dump", "mysqldump")
POSTGRESQL_TOOLS = ("pg_dump",)
TOOLS = {"PostgreSQL": POSTGRESQL_TOOLS, "MariaDB": MYSQL_TOOLS, "MySQL": MYSQL_TOOLS}
"""The programs by the first word of the database's kind. SQLite is copied without a program."""


def dump_tool(names: tuple[str, ...]) -> str | None:
    """The path of the first of these programs that is here."""
    return next(filter(None, map(shutil.which, names)), None)


def backup_finding(seen: Inspection) -> CheckResult:
    if seen.unreadable:
        first, others = seen.unreadable[0], len(seen.unreadable) - 1
        values = {"table": first, "more": f" (+{others})" if others else ""}
        return CheckResult("backup", Grade.FAILED, CheckCode.BACKUP_FORBIDDEN, values)
    tools = TOOLS.get(seen.kind.split()[0], ())
    if tools and not dump_tool(tools):
        needed = {"tools": " / ".join(tools)}
        return CheckResult("backup", Grade.WARNING, CheckCode.BACKUP_TOOL_MISSING, needed)
    return CheckResult("backup", Grade.OK, CheckCode.BACKUP_POSSIBLE)
