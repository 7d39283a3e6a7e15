"""`paywatch verify-audit`: is the audit log whole?"""

from __future__ import annotations

from assembly.database import CommandError, with_store
from services.runtime.audit_log import AuditLog


def run_verify_audit(url: str) -> None:
    """Walk the whole chain, also while it serves. Raises CommandError at the first row that was
    edited, deleted, moved or cut off."""
    verdict = with_store(url, lambda store: AuditLog(store).verify())
    if verdict.flaw:
        raise CommandError(f"The audit log is not whole: {verdict.flaw}")
    print(f"The audit log is whole: {verdict.rows} rows, the last hash is {verdict.hash or '-'}.")
