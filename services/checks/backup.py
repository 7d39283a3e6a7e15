"""Whether `paywatch backup` can do its work: the program that dumps the database is here, and its
role may read all that the dump holds."""

from __future__ import annotations

import shutil

from models.inspection import Inspection
from services.checks.installation import CheckResult, Grade

MYSQL_TOOLS = ("mariadb-dump", "mysqldump")
POSTGRESQL_TOOLS = ("pg_dump",)
TOOLS = {"PostgreSQL": POSTGRESQL_TOOLS, "MariaDB": MYSQL_TOOLS, "MySQL": MYSQL_TOOLS}
"""By the first word of the database's kind. SQLite is copied without a program."""


def dump_tool(names: tuple[str, ...]) -> str | None:
    """The path of the first of these programs that is here."""
    return next(filter(None, map(shutil.which, names)), None)


def backup_finding(seen: Inspection) -> CheckResult:
    if seen.unreadable:
        first, others = seen.unreadable[0], len(seen.unreadable) - 1
        words = (
            f"`paywatch backup` may not read {first}{f' and {others} more' if others else ''}: "
            "GRANT SELECT ON ALL TABLES and ON ALL SEQUENCES to the role of PAYWATCH_DATABASE_URL."
        )
        return CheckResult("backup", Grade.FAILED, words)
    tools = TOOLS.get(seen.kind.split()[0], ())
    if tools and not dump_tool(tools):
        words = (
            f"`paywatch backup` needs {' or '.join(tools)}: install the database's client programs."
        )
        return CheckResult("backup", Grade.WARNING, words)
    return CheckResult("backup", Grade.OK, "It can be made.")
