"""What each channel has been told of alerts, in memory."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.domain.alerts import alert_of
from app.domain.channels import Channel, NotTold
from app.ports.alerts import ChannelState, Due, Event, Notice
from tests.twins.memory_database import MemoryDatabase

_LASTING = timedelta(seconds=30)
_REMIND_AFTER = timedelta(hours=6)
_LEASE = timedelta(seconds=30)

_Key = tuple[Channel, str]


@dataclass(frozen=True, slots=True)
class _Row:
    content: Mapping[str, Any]
    raised_at: datetime
    told_at: datetime | None = None
    ended_at: datetime | None = None
    taken_until: datetime | None = None
    attempt: int = 0

    @property
    def event(self) -> Event:
        if self.ended_at:
            return Event.ENDED
        return Event.REMINDED if self.told_at else Event.RAISED

    def is_due(self, now: datetime) -> bool:
        if self.ended_at:
            return self.ended_at <= now - _LASTING
        return self.told_at <= now - _REMIND_AFTER if self.told_at else self.raised_at <= now - _LASTING

    def is_free(self, now: datetime) -> bool:
        return self.taken_until is None or self.taken_until < now


@dataclass(frozen=True, slots=True)
class _Line:
    """How it goes with a channel."""

    state: ChannelState
    failures: int
    next_try_at: datetime


class MemoryNoticeBook:
    """Implements ports.NoticeBook."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def observe(self, alerts: Mapping[str, Mapping[str, Any]], channels: Collection[Channel]) -> None:
        with self._database.transaction():
            now = self._database.now()
            active = {(channel, name): content for channel in channels for name, content in alerts.items()}
            for key, row in self._gone(active):
                if key[0] not in channels or (row.told_at is None and row.is_free(now)):
                    del self._rows[key]
                elif row.told_at and row.ended_at is None:
                    self._rows[key] = replace(row, ended_at=now)
            for key, content in active.items():
                self._rows[key] = replace(self._rows.get(key) or _Row(content, now), content=content, ended_at=None)

    def take(self, channel: Channel) -> Due | None:
        with self._database.transaction():
            now, line = self._database.now(), self._lines.get(channel)
            if line and line.next_try_at > now:
                return None
            rows = [(name, row) for (of, name), row in self._rows.items() if of == channel]
            due = [(row.ended_at or row.raised_at, name, row) for name, row in rows]
            found = min((entry for entry in due if entry[2].is_due(now) and entry[2].is_free(now)), default=None)
            if found is None:
                return None
            row = replace(found[2], taken_until=now + _LEASE, attempt=found[2].attempt + 1)
            self._rows[channel, found[1]] = row
            notice = Notice(row.event, now, alert_of(row.content), row.raised_at)
            return Due(channel, found[1], notice, row.attempt, line.failures if line else 0)

    def told(self, due: Due) -> None:
        with self._database.transaction():
            row, now = self._held(due), self._database.now()
            if row is None:
                return
            if due.notice.event is not Event.ENDED:
                self._keep(due, replace(row, taken_until=None, told_at=now))
            elif row.ended_at:
                del self._rows[due.channel, due.fingerprint]
            else:
                self._keep(due, replace(row, taken_until=None, told_at=None, raised_at=now))
            self.works(due.channel)

    def failed(self, due: Due, why: NotTold, pause_seconds: float) -> None:
        with self._database.transaction():
            if row := self._held(due):
                now, line = self._database.now(), self._lines.get(due.channel)
                self._keep(due, replace(row, taken_until=None))
                told_at = line.state.told_at if line else None
                state = ChannelState(told_at, now, why.mishap, why.message, why.is_hopeless)
                failures = (line.failures if line else 0) + 1
                self._lines[due.channel] = _Line(state, failures, now + timedelta(seconds=pause_seconds))

    def works(self, channel: Channel) -> None:
        with self._database.transaction():
            now, line = self._database.now(), self._lines.get(channel)
            failed_at = line.state.failed_at if line else None
            self._lines[channel] = _Line(ChannelState(told_at=now, failed_at=failed_at), 0, now)

    def forget(self, channel: Channel) -> None:
        with self._database.transaction():
            self._lines.pop(channel, None)
            for key in [key for key in self._rows if key[0] == channel]:
                del self._rows[key]

    def states(self) -> Mapping[Channel, ChannelState]:
        with self._database.transaction():
            return {channel: line.state for channel, line in self._lines.items()}

    @property
    def _rows(self) -> dict[_Key, _Row]:
        return self._database.table("alert_notice")

    @property
    def _lines(self) -> dict[Channel, _Line]:
        return self._database.table("alert_channel")

    def _gone(self, active: Mapping[_Key, object]) -> Iterator[tuple[_Key, _Row]]:
        return iter([(key, row) for key, row in self._rows.items() if key not in active])

    def _held(self, due: Due) -> _Row | None:
        row = self._rows.get((due.channel, due.fingerprint))
        return row if row and row.attempt == due.attempt else None

    def _keep(self, due: Due, row: _Row) -> None:
        self._rows[due.channel, due.fingerprint] = row
