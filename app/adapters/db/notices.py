"""What each channel has been told of alerts."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from app.adapters.db import notices_sql as sql
from app.adapters.db.connection import Database
from app.adapters.db.schema import alert_channel
from app.domain.alerts import alert_of
from app.domain.channels import Channel, Mishap, NotTold
from app.ports.alerts import ChannelState, Due, Event, Notice


class PostgresNoticeBook:
    """Implements ports.NoticeBook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def observe(self, alerts: Mapping[str, Mapping[str, Any]], channels: Collection[Channel]) -> None:
        told = {"alerts": json.dumps(dict(alerts)), "channels": [channel.value for channel in channels]}
        with self._database.transaction() as session:
            session.execute(sql.LOCK)
            session.execute(sql.OBSERVE, told)

    def take(self, channel: Channel) -> Due | None:
        rows = self._database.run(sql.TAKE, {"channel": channel.value})
        if not rows:
            return None
        [row] = rows
        notice = Notice(Event(row.event), row.at, alert_of(row.content), row.raised_at)
        return Due(channel, row.fingerprint, notice, row.attempt, row.failures)

    def told(self, due: Due) -> None:
        self._database.run(sql.TOLD, {**_held(due), "event": due.notice.event.value})

    def failed(self, due: Due, why: NotTold, pause_seconds: float) -> None:
        reason = {"mishap": why.mishap.value, "message": why.message, "is_hopeless": why.is_hopeless}
        self._database.run(sql.FAILED, {**_held(due), **reason, "pause_seconds": pause_seconds})

    def works(self, channel: Channel) -> None:
        self._database.run(sql.WORKS, {"channel": channel.value})

    def forget(self, channel: Channel) -> None:
        with self._database.transaction() as session:
            for statement in (sql.FORGET_NOTICES, sql.FORGET_CHANNEL):
                session.execute(statement, {"channel": channel.value})

    def states(self) -> Mapping[Channel, ChannelState]:
        return {
            Channel(row.channel): ChannelState(
                told_at=row.told_at,
                failed_at=row.failed_at,
                mishap=Mishap(row.mishap) if row.mishap else None,
                message=row.message,
                is_stopped=row.is_stopped,
            )
            for row in self._database.run(select(alert_channel))
        }


def _held(due: Due) -> dict[str, Any]:
    return {"channel": due.channel.value, "fingerprint": due.fingerprint, "attempt": due.attempt}
