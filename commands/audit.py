"""`paywatch verify-audit`: is the audit log whole?"""

from __future__ import annotations

from assembly.database import CommandError, with_store
from models.store import Store
from services.runtime.audit_log import AuditCheck, AuditLog


def run_verify_audit(url: str, anchor: tuple[int, str] | None = None) -> None:
    """Walk the whole chain, also while it serves. Raises CommandError at the first row that was
    edited, deleted, moved or cut off, and when the row of `anchor` (its number and the hash that
    was written down) has another hash by now: then somebody has made the chain anew."""

    async def look(store: Store) -> tuple[AuditCheck, bool]:
        log = AuditLog(store)
        return await log.verify(), anchor is None or await log.keeps(*anchor)

    verdict, kept = with_store(url, look)
    if verdict.flaw:
        raise CommandError(f"The audit log is not whole: {verdict.flaw}")
    if anchor and not kept:
        raise CommandError(f"The audit log was made anew: row {anchor[0]} had another hash.")
    print(f"The audit log is whole: {verdict.rows} rows, the last hash is {verdict.hash or '-'}.")
