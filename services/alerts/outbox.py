"""Alerts that leave the browser: a message is written with its case, given to every channel, and
sent until the channel takes it or it is given up.

One process does it at a time, and takes a message for a while before it sends: what it had in hand
when it died is sent by another after HOLD_MS. Between a channel's yes and our own note of it lies a
moment in which a death doubles the message; it is never lost.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from models import Alert, AlertMessage
from models.alert import MessageState
from models.base import dicts, locked, rows
from models.store import Store
from models.transaction import Batch
from payments.alert_kinds import AlertKind
from payments.causes import Cause
from payments.payment_rules import Compared
from services.alerts.cases import Finding, raise_all
from services.alerts.channels import Channel, Channels, kind_of
from services.alerts.message_text import ToldCase, compose, trial
from services.runtime.audit_log import Deed, record
from services.runtime.clock import DAY_MS, MINUTE_MS, Clock, rfc3339

log = logging.getLogger(__name__)

AT_ONCE = 200
"""Messages that one step takes."""
HOLD_MS = 2 * MINUTE_MS
"""The time for which a message belongs to the process that took it; longer than SINGLE sends of
`channels.SEND_S`."""
MAX_ATTEMPTS = 8
FIRST_DELAY_MS, LONGEST_DELAY_MS = 15_000, 60 * MINUTE_MS
TOO_OLD_MS = DAY_MS
KEPT_MS = 30 * DAY_MS
SINGLE = 3
"""Up to so many due at once on a channel are sent one by one, more in one message: chat bots take
about twenty a minute."""
SHOWN = 20

_ENDED = (MessageState.SENT, MessageState.FAILED, MessageState.DROPPED)


@dataclass(frozen=True)
class Taken:
    """A message in our hands, with the case that it tells of."""

    id: int
    channel: str
    attempts: int
    told: ToldCase


@dataclass(frozen=True)
class Sent:
    """The result of messages that were sent as one; without a `reason` the channel accepted
    them."""

    messages: tuple[Taken, ...]
    reason: str | None
    chance: float
    """0 to 1, so that many do not come again at one moment."""


class Outbox:
    """`step` is run every few seconds, in one process at a time."""

    def __init__(
        self, store: Store, clock: Clock, channels: Channels, origin: str, *, simulated: bool
    ) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels
        self._origin = origin
        self._simulated = simulated
        self._by_id = {channel.id: channel for channel in channels.channels}

    async def step(self) -> None:
        """Give new messages to the channels and send what is due. Raises Busy."""
        fresh, due = await self._store.read(_read_work, self._clock.now_ms())
        known = tuple(self._by_id)
        if fresh:
            await self._store.write(give, known)
        if fresh or due:
            taken = await self._store.write(take, known)
            await asyncio.gather(*(self._send_all(c, m) for c, m in _by_channel(taken)))

    async def _send_all(self, channel: str, messages: list[Taken]) -> None:
        """A few one by one, many as one; after a no the rest of the channel need not be tried."""
        left = list(messages)
        size = 1 if len(left) <= SINGLE else len(left)
        while left:
            bundle = left[:size]
            told = [message.told for message in bundle]
            title, text = compose(told, self._origin, simulated=self._simulated)
            refusal = await self._channels.send(self._by_id[channel], title, text)
            reason = refusal.reason if refusal else None
            if reason:
                log.warning("%s did not take %d alerts: %s", channel, len(left), reason)
                bundle = left
            chance = random.random()  # noqa: S311 - jitter
            await self._store.write(finish, Sent(tuple(bundle), reason, chance))
            left = left[len(bundle) :]

    async def test(self, by: str) -> list[dict[str, Any]]:
        """Send a test over every channel at once; what each said. Writes it into the audit log.
        Raises Busy."""
        title, text = trial(self._origin, by, simulated=self._simulated)
        channels = self._channels.channels
        sends = (self._channels.send(channel, title, text) for channel in channels)
        answers = await asyncio.gather(*sends)
        said = {c.id: no.reason if no else "ok" for c, no in zip(channels, answers, strict=True)}
        await self._store.write(note_test, Deed(by, "channel.tested", "channels", said))
        return [
            {
                **public(channel),
                "ok": no is None,
                "reason": no.reason if no else None,
                "words": no.words if no else "",
            }
            for channel, no in zip(channels, answers, strict=True)
        ]

    async def report(self) -> dict[str, Any]:
        """The channels, whether they can be used, how much waits, and the latest messages."""
        waiting, latest = await self._store.read(_read_report)
        return {
            "installed": self._channels.installed,
            "channels": [public(channel) for channel in self._channels.channels],
            "waiting": waiting,
            "messages": [self._shown(row) for row in latest],
        }

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        channel = self._by_id.get(row["channel"])
        return {
            "id": row["id"],
            "alertId": row["alert"],
            "alertKind": row["kind"],
            "channel": row["channel"],
            "channelKind": channel.kind if channel else kind_of(_scheme(row["channel"])),
            "cause": row["cause"],
            "state": row["state"],
            "attempts": row["attempts"],
            "reason": row["reason"],
            "createdAt": rfc3339(row["created_at"]),
            "dueAt": rfc3339(row["due_at"]) if row["state"] == MessageState.WAITING else None,
            "endedAt": rfc3339(row["ended_at"]),
        }


def _scheme(channel_id: str) -> str:
    return channel_id.rpartition("-")[0]


def public(channel: Channel) -> dict[str, Any]:
    return {"id": channel.id, "kind": channel.kind, "hint": channel.hint}


def _by_channel(taken: Sequence[Taken]) -> list[tuple[str, list[Taken]]]:
    found: dict[str, list[Taken]] = {}
    for message in taken:
        found.setdefault(message.channel, []).append(message)
    return list(found.items())


# --- ops -----------------------------------------------------------------------------------------


def give(batch: Batch, channels: Sequence[tuple[str, ...]]) -> list[None]:
    """Make a message for each channel out of every new one, and drop it when there is no channel.
    Messages that ended long ago are deleted."""
    known = channels[-1]
    query = (
        AlertMessage.select()
        .where(AlertMessage.state == MessageState.NEW)
        .order_by(AlertMessage.id)
    )
    fresh = list(locked(query.limit(AT_ONCE)))
    given = [
        {
            "alert": row.alert_id,
            "channel": channel,
            "cause": row.cause,
            "count": row.count,
            "state": MessageState.WAITING.value,
            "attempts": 0,
            "created_at": row.created_at,
            "due_at": batch.now,
        }
        for row in fresh
        for channel in known
    ]
    batch.sql.insert(AlertMessage, given)
    gone = AlertMessage.id.in_([row.id for row in fresh])
    if batch.may_forget:
        gone |= AlertMessage.state.in_(_ENDED) & (AlertMessage.ended_at < batch.now - KEPT_MS)
    AlertMessage.delete().where(gone).execute()
    return [None] * len(channels)


def take(batch: Batch, channels: Sequence[tuple[str, ...]]) -> list[list[Taken]]:
    """Take the messages that are due, for HOLD_MS. Messages that are too old, or of a removed
    channel, are dropped."""
    known = channels[-1]
    query = (
        AlertMessage.select()
        .where(AlertMessage.state == MessageState.WAITING, _is_due(batch.now))
        .order_by(AlertMessage.id)
        .limit(AT_ONCE)
    )
    due = list(locked(query))
    too_old = batch.now - TOO_OLD_MS
    stale = [row for row in due if row.created_at <= too_old and batch.may_forget]
    gone = [row for row in due if row.channel not in known and row not in stale]
    _end(batch, [row.id for row in stale], MessageState.DROPPED, "too_old")
    _end(batch, [row.id for row in gone], MessageState.DROPPED, "no_channel")
    _complain(batch, {row.channel for row in stale}, "too_old")
    left = [row for row in due if row not in stale and row not in gone]
    AlertMessage.update(attempts=AlertMessage.attempts + 1, due_at=batch.now + HOLD_MS).where(
        AlertMessage.id.in_([row.id for row in left])
    ).execute()
    told = _read_told([row.alert_id for row in left])
    taken = [
        Taken(
            row.id,
            row.channel,
            row.attempts + 1,
            ToldCase(**told[row.alert_id], cause=row.cause, count=row.count),
        )
        for row in left
    ]
    return [taken, *([[]] * (len(channels) - 1))]


def _is_due(now: int) -> Any:
    """Also when it is due later than a delay can make it: the clock was ahead then."""
    return (AlertMessage.due_at <= now) | (AlertMessage.due_at > now + 2 * LONGEST_DELAY_MS)


def finish(batch: Batch, outcomes: Sequence[Sent]) -> list[None]:
    """Note what became of messages, unless somebody else has taken them since."""
    for sent in outcomes:
        for message in sent.messages:
            ours = (AlertMessage.id == message.id) & (AlertMessage.attempts == message.attempts)
            ours &= AlertMessage.state == MessageState.WAITING
            changed = AlertMessage.update(**_next(batch.now, message, sent)).where(ours).execute()
            if changed and sent.reason and _is_told(message.attempts, sent.reason):
                _complain(batch, {message.channel}, sent.reason)
    return [None] * len(outcomes)


def _is_told(attempts: int, reason: str) -> bool:
    """A refusal will hardly pass by itself; what is only out of reach is told when it is given
    up."""
    return attempts >= MAX_ATTEMPTS or (attempts == 1 and reason.startswith("refused"))


def _next(now: int, message: Taken, sent: Sent) -> dict[str, Any]:
    if sent.reason is None:
        return {"state": MessageState.SENT.value, "ended_at": now, "reason": None}
    if message.attempts >= MAX_ATTEMPTS:
        return {"state": MessageState.FAILED.value, "ended_at": now, "reason": sent.reason}
    return {"due_at": now + delay_ms(message.attempts, sent.chance), "reason": sent.reason}


def delay_ms(attempts: int, chance: float) -> int:
    """Three times as long after every attempt, up to an hour, and a fifth more or less."""
    full = min(LONGEST_DELAY_MS, FIRST_DELAY_MS * int(3 ** (attempts - 1)))
    return round(full * (0.8 + 0.4 * chance))


def _end(batch: Batch, ids: list[int], state: MessageState, reason: str) -> None:
    AlertMessage.update(state=state.value, ended_at=batch.now, reason=reason).where(
        AlertMessage.id.in_(ids)
    ).execute()


def unsent(channel: str, reason: str) -> Finding:
    """The `system` case of a channel by which alerts do not leave."""
    return Finding(
        AlertKind.SYSTEM,
        f"channel {channel}",
        None,
        Cause.CHANNEL_BROKEN,
        None,
        reason,
        (Compared("channel", None, channel, False),),
        {"channel": channel, "reason": reason},
        authentic=False,
    )


def _complain(batch: Batch, channels: set[str], reason: str) -> None:
    raise_all(batch, [unsent(channel, reason) for channel in sorted(channels)])


def note_test(batch: Batch, deeds: Sequence[Deed]) -> list[None]:
    record(batch, *deeds)
    return [None] * len(deeds)


# --- reads ---------------------------------------------------------------------------------------


def _read_work(now: int) -> tuple[bool, bool]:
    """Whether there are new messages, and whether any is due."""
    fresh = AlertMessage.select().where(AlertMessage.state == MessageState.NEW)
    due = AlertMessage.select().where(AlertMessage.state == MessageState.WAITING, _is_due(now))
    return fresh.exists(), due.exists()


def _read_told(alert_ids: list[int]) -> dict[int, dict[str, Any]]:
    query = Alert.select(
        Alert.id,
        Alert.kind,
        Alert.severity,
        Alert.order_num,
        Alert.subject,
        Alert.evidence,
        Alert.expected,
        Alert.actual,
    ).where(Alert.id.in_(alert_ids))
    return {
        id_: {
            "alert_id": id_,
            "kind": kind,
            "severity": severity,
            "order_num": order_num,
            "subject": subject,
            "code": (found := json.loads(evidence)).get("code"),
            "values": found.get("values", {}),
            "expected": json.loads(expected),
            "actual": json.loads(actual),
        }
        for id_, kind, severity, order_num, subject, evidence, expected, actual in rows(query)
    }


def _read_report() -> tuple[int, list[dict[str, Any]]]:
    waiting = (
        AlertMessage.select()
        .where(AlertMessage.state.in_((MessageState.NEW, MessageState.WAITING)))
        .count()
    )
    latest = (
        AlertMessage.select(AlertMessage, Alert.kind)
        .join(Alert)
        .where(AlertMessage.state != MessageState.NEW)
        .order_by(AlertMessage.id.desc())
        .limit(SHOWN)
    )
    return waiting, dicts(latest)
