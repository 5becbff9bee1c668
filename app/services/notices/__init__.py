"""Tells alerts outside: once when one has lasted a while, once when it has ended, now and then a reminder."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

import structlog

from app.domain.alerts import Alert, by_fingerprint
from app.domain.channels import Channel, NotTold
from app.domain.errors import Unavailable
from app.ports.alerts import ChannelValues, Due, Messenger, NoticeBook

log = structlog.get_logger(__name__)

_FIRST_PAUSE_SECONDS = 15.0
_LONGEST_PAUSE_SECONDS = 3600.0
_LONGEST_WAIT_SECONDS = 86_400.0  # however long the other side wants to be left alone
_AT_ONCE = 20  # of a channel in a round, so that a slow one does not keep the others waiting for long


class NoticeService:
    """`active` are the alerts of now, `ready` the channels that are set up. Any number of processes may run it."""

    def __init__(
        self,
        *,
        active: Callable[[], Sequence[Alert]],
        ready: Callable[[], Mapping[Channel, ChannelValues]],
        book: NoticeBook,
        messengers: Mapping[Channel, Messenger],
    ) -> None:
        self._active = active
        self._ready = ready
        self._book = book
        self._messengers = messengers
        self._unwritten: deque[Callable[[], None]] = deque()

    def run(self) -> None:
        """One round. Raises Unavailable while the database is away; the next round goes on from there.

        What was told when it went away is written down first, so that nobody hears it twice.
        """
        self._write_down()
        ready = self._ready()
        if not ready:
            return
        alerts = by_fingerprint(self._active())
        self._book.observe({name: alert.snapshot() for name, alert in alerts.items()}, ready.keys())
        for channel, values in ready.items():
            self._tell(channel, values)

    def _tell(self, channel: Channel, values: ChannelValues) -> None:
        for _ in range(_AT_ONCE):
            due = self._book.take(channel)
            if due is None or not self._is_told(due, values):
                return

    def _is_told(self, due: Due, values: ChannelValues) -> bool:
        names = {"channel": due.channel.value, "told": due.notice.event.value, "alert": due.fingerprint}
        try:
            self._messengers[due.channel].tell(due.notice, values)
        except NotTold as why:
            failure, pause = why, pause_after(why, due.failures)
            log.warning("alert_not_told", mishap=why.mishap.value, error=why.message, **names)
            self._write_down(lambda: self._book.failed(due, failure, pause))
            return False
        log.info("alert_told", **names)
        self._write_down(lambda: self._book.told(due))
        return True

    def _write_down(self, *outcomes: Callable[[], None]) -> None:
        """Raises Unavailable, and keeps what is not written. What can never be written must not keep back the rest."""
        self._unwritten.extend(outcomes)
        while self._unwritten:
            try:
                self._unwritten[0]()
            except Unavailable:
                raise
            except Exception as error:
                log.error("alert_outcome_not_written", exc_info=error)
            self._unwritten.popleft()


def pause_after(why: NotTold, failures: int) -> float:
    """Seconds until the channel is tried again, after `failures` in a row before this one.

    Even what looks hopeless may pass: a proxy may answer for the other side, a bot may be let into its chat again.
    """
    doublings = 20 if why.is_hopeless else min(failures, 20)
    pause = min(_FIRST_PAUSE_SECONDS * 2.0**doublings, _LONGEST_PAUSE_SECONDS)
    return max(pause, min(why.retry_after or 0.0, _LONGEST_WAIT_SECONDS))
