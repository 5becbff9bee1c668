"""What alerts are made of, and how they reach people who look at no page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from app.domain.alerts import Alert
from app.domain.channels import Channel, Mishap, NotTold
from app.domain.vk.posts import PostStatus


@dataclass(frozen=True, slots=True)
class CopyTrouble:
    """Photos of a slot that are not copied: since when, and what kept one of them, empty if unknown."""

    since: datetime
    error: str = ""


@dataclass(frozen=True, slots=True)
class PostTrouble:
    """Posts of a community that did not appear: in which state they are, the `code` of their error, since when."""

    community: str
    status: PostStatus
    code: str
    since: datetime


@dataclass(frozen=True, slots=True)
class UploadTrouble:
    """Photos that did not come to an album of a community: what the last try met, since when, of which slots.

    `code` is that of a VkError, or empty.
    """

    community: str
    code: str
    since: datetime
    slot_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the installation is. Times are of the database's clock, None for what never happened.

    `waiting_since`: when the oldest job came that no worker has taken yet. `claimed_at`: when a worker last took one,
    of those that came within the last minutes. `purged_at`: when a purge last ended. `spent_usd`: what this day (UTC)
    has cost, by `provider:ID` and `slot:ID`. `wrong_passwords`: how often each slot was asked with one in the last ten
    minutes. By slot, `overdue_copies` have waited for app.domain.copies.OVERDUE_SECONDS, and `lost_copies` are photos
    whose time was over within the last 24 hours before they were copied. `tracker_awaited_since`: since when something
    is due that only a post tracker does. `failed_posts` wait for a person, or are late, and are being tried again or
    left alone though it is their turn; by community, then code. In the same order, `overdue_uploads` wait for
    an album and have failed for OVERDUE_SECONDS of app.domain.vk.filling, or were not tried for UNTRIED_SECONDS, and
    `lost_uploads` were given up within the last 24 hours.
    """

    now: datetime
    worker_seen_at: datetime | None = None
    waiting_since: datetime | None = None
    claimed_at: datetime | None = None
    purged_at: datetime | None = None
    spent_usd: Mapping[str, Decimal] = field(default_factory=dict)
    wrong_passwords: Mapping[str, int] = field(default_factory=dict)
    overdue_copies: Mapping[str, CopyTrouble] = field(default_factory=dict)
    lost_copies: Mapping[str, CopyTrouble] = field(default_factory=dict)
    tracker_seen_at: datetime | None = None
    tracker_awaited_since: datetime | None = None
    failed_posts: Sequence[PostTrouble] = ()
    overdue_uploads: Sequence[UploadTrouble] = ()
    lost_uploads: Sequence[UploadTrouble] = ()


class Monitor(Protocol):
    def vitals(self) -> Vitals:
        """All of it with one question."""


class Event(StrEnum):
    """`TEST` carries no alert."""

    RAISED = "raised"
    REMINDED = "reminded"
    ENDED = "ended"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell. `at` is when it is told, `raised_at` since when the alert is known."""

    event: Event
    at: datetime
    alert: Alert | None = None
    raised_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChannelValues:
    """What a channel is set up with, by the names of app.domain.channels."""

    values: Mapping[str, str] = field(repr=False)
    language: str

    def __getitem__(self, name: str) -> str:
        return self.values[name]


class Messenger(Protocol):
    """Tells one channel. One adapter each."""

    def tell(self, notice: Notice, to: ChannelValues) -> None:
        """Returns once the other side has taken it; raises NotTold, within five seconds."""


class AlertWords(Protocol):
    def text(self, notice: Notice, language: str) -> str:
        """The notice as HTML of Telegram's kind, escaped, of at most 4096 characters when read."""


@dataclass(frozen=True, slots=True)
class ChannelState:
    """How telling went. `mishap` and `message` are of the last failure, None and empty after a success.

    `is_stopped`: as it looks, nothing arrives until the channel is set up differently; it is still tried now and then.
    """

    told_at: datetime | None = None
    failed_at: datetime | None = None
    mishap: Mishap | None = None
    message: str = ""
    is_stopped: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """A notice that somebody has taken in order to tell it.

    `attempt` is how often it was taken, and a fence. `failures` counts those of its channel in a row.
    """

    channel: Channel
    fingerprint: str
    notice: Notice
    attempt: int
    failures: int


class NoticeBook(Protocol):
    """What each channel has been told, for all processes together."""

    def observe(self, alerts: Mapping[str, Mapping[str, Any]], channels: Collection[Channel]) -> None:
        """Write down which alerts (snapshots by fingerprint) there are now, for each of `channels`.

        One that is gone before it was told is forgotten; one that comes back before its end was told never ended. What
        other channels were to be told is forgotten.
        """

    def take(self, channel: Channel) -> Due | None:
        """The next thing to tell; None if there is none, or the channel is to be left alone for now.

        Due are alerts that have lasted for 30 s and ends that are as old, and every 6 h a reminder. Nobody else gets it
        for 30 s; who has said neither `told` nor `failed` by then may be taken for dead, and changes nothing any more
        once another has taken it.
        """

    def told(self, due: Due) -> None:
        """It has arrived."""

    def failed(self, due: Due, why: NotTold, pause_seconds: float) -> None:
        """It has not: the channel is left alone for `pause_seconds`, or until `works`."""

    def works(self, channel: Channel) -> None:
        """A message has come through: whatever failed before, try again now."""

    def forget(self, channel: Channel) -> None:
        """It is set up differently: whoever listens there now has been told nothing yet."""

    def states(self) -> Mapping[Channel, ChannelState]:
        """How telling went, of every channel that was ever tried."""
