"""`paywatch verify-audit` and `paywatch verify-events`: is the audit log, or the stream of events,
whole?"""

from __future__ import annotations

from assembly.database import CommandError, existing_database, with_store
from commands.progress import ProgressLine
from models.store import Store
from services.live.event_chain import ChainCheck, EventChain
from services.runtime.audit_log import AuditCheck, AuditLog

Anchor = tuple[int, str]
"""The number of a row and the hash that the service wrote into its log with it."""


def run_verify_audit(url: str, anchor: Anchor | None = None) -> None:
    """Walk the whole chain, also while it serves. Raises CommandError at the first row that was
    edited, deleted, moved or cut off, and when the row of `anchor` has another hash by now: then
    somebody has made the chain anew, or the log ends before it."""
    existing_database(url)

    async def look(store: Store) -> tuple[AuditCheck, bool]:
        log = AuditLog(store)
        return await log.verify(), anchor is None or await log.keeps(*anchor)

    verdict, kept = with_store(url, look)
    if verdict.flaw:
        raise CommandError(f"The audit log is not whole: {verdict.flaw}")
    if anchor and not kept:
        raise CommandError(_broken("audit log", "row", anchor, verdict.seq))
    print(f"The audit log is whole: {verdict.rows} rows, the last hash is {verdict.hash or '-'}.")


def run_verify_events(url: str, anchor: Anchor | None = None) -> None:
    """Walk all events, also while it serves. Raises CommandError at the first that was changed,
    removed, added or moved, and when the chain has another hash at the event of `anchor`, or ends
    before it."""
    existing_database(url)
    line = ProgressLine()

    def told(done: int, whole: int) -> None:
        line.say(f"{done:,} of {whole:,} events")

    async def look(store: Store) -> tuple[ChainCheck, bool]:
        chain = EventChain(store)
        return await chain.verify(told), anchor is None or await chain.keeps(*anchor)

    found, kept = with_store(url, look)
    line.end()
    if found.flaw:
        raise CommandError(f"The stream of events is not whole: {found.flaw}")
    if anchor and not kept:
        raise CommandError(_broken("stream of events", "event", anchor, found.events))
    print(
        f"The stream of events is whole: {found.events} events, the last hash is"
        f" {found.end or '-'}."
    )


def _broken(name: str, one: str, anchor: Anchor, last: int) -> str:
    """Of a chain that is whole in itself and not that of the anchor; `last` is its newest row."""
    if anchor[0] > last:
        return (
            f"The {name} ends with {one} {last}, before {one} {anchor[0]} of the anchor: it was"
            " cut off, or an older backup was restored."
        )
    return f"The {name} was made anew: {one} {anchor[0]} had another hash."
