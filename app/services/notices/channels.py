"""How the channels of alerts are set up, and whether they work."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.domain.channels import FIELDS, HIDDEN, LANGUAGE, LANGUAGES, REQUIRED, Channel, Mishap, NotTold, is_usable
from app.domain.errors import Reason, Refused
from app.ports import secrets
from app.ports.alerts import ChannelState, ChannelValues, Event, Messenger, Notice, NoticeBook
from app.ports.audit import AuditLog
from app.ports.secrets import SecretStore, StoredSecret
from app.ports.settings import SettingsStore, SettingView
from app.ports.upkeep import Transaction

LANGUAGE_KEY = "alerts_language"
_OWNER = "alerts:"


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel for people. `fields` by name, those that are hidden without their values; `unreadable` are the names of
    what was encrypted with a key that is gone.
    """

    channel: Channel
    fields: Mapping[str, SettingView]
    unreadable: tuple[str, ...]
    state: ChannelState

    @property
    def is_ready(self) -> bool:
        return not self.unreadable and all(self.fields[name].is_set for name in REQUIRED[self.channel])


@dataclass(frozen=True, slots=True)
class Trial:
    """How a test message went; `failure` is None if it has arrived."""

    duration_ms: int
    failure: NotTold | None = None


class ChannelService:
    def __init__(
        self,
        *,
        secrets: SecretStore,
        settings: SettingsStore,
        book: NoticeBook,
        messengers: Mapping[Channel, Messenger],
        audit: AuditLog,
        transaction: Transaction,
    ) -> None:
        self._secrets = secrets
        self._settings = settings
        self._book = book
        self._messengers = messengers
        self._audit = audit
        self._transaction = transaction

    def known(self, name: str) -> Channel:
        """The channel of this name; raises Refused(NOT_FOUND)."""
        if name not in set(Channel):
            raise Refused(Reason.NOT_FOUND, "There is no such channel.")
        return Channel(name)

    def language(self) -> SettingView:
        """Of messages that people read."""
        kept = self._settings.get(LANGUAGE_KEY)
        if kept is None:
            return SettingView(LANGUAGES[0], False, None, None)
        return SettingView(kept.value, True, kept.updated_by, kept.updated_at)

    def views(self) -> dict[Channel, ChannelView]:
        with self._transaction():
            states, kept = self._book.states(), self._secrets.all()
        return {
            channel: _view(channel, kept.get(_owner(channel), {}), states.get(channel, ChannelState()))
            for channel in Channel
        }

    def ready(self) -> Mapping[Channel, ChannelValues]:
        """Those that have all they need. One that has lost a part of its values is left alone."""
        kept = self._secrets.all()
        wanted = [c for c in Channel if _view(c, kept.get(_owner(c), {}), ChannelState()).is_ready]
        language = str(self.language().value) if wanted else ""
        return {channel: ChannelValues(_values(kept[_owner(channel)]), language) for channel in wanted}

    def change(self, changes: Mapping[str, Any], author: str | None) -> None:
        """Apply all of `changes` or none: values by channel and name, and `language`.

        Blank values stay as they are, None removes one. Raises Refused(INVALID_SETTINGS) with details by field. A
        channel that is set up differently is told anew of what lasts.
        """
        if problems := _problems(changes):
            raise Refused(Reason.INVALID_SETTINGS, "Some settings cannot be used.", details={"fields": problems})
        with self._transaction():
            self._change_language(changes.get(LANGUAGE), author)
            for channel, view in self.views().items():
                self._change_channel(view, changes.get(channel.value, {}), author)

    def test(self, channel: Channel) -> Trial:
        """Send a message with what is saved; once one arrives, what was waiting follows at once."""
        started = time.monotonic()
        failure = self._try(channel)
        if failure is None:
            self._book.works(channel)
        return Trial(round((time.monotonic() - started) * 1000), failure)

    def _try(self, channel: Channel) -> NotTold | None:
        values = self.ready().get(channel)
        if values is None:
            return NotTold(Mishap.NOT_SET_UP, "The channel is not set up.")
        try:
            self._messengers[channel].tell(Notice(Event.TEST, datetime.now(UTC)), values)
        except NotTold as failure:
            return failure
        return None

    def _change_language(self, language: str | None, author: str | None) -> None:
        current = self.language().value
        if language is not None and language != current:
            self._settings.put(LANGUAGE_KEY, language, author)
            self._audit.record(author, "alerts.changed", LANGUAGE, {LANGUAGE: [current, language]})

    def _change_channel(self, view: ChannelView, values: Mapping[str, str | None], author: str | None) -> None:
        changes = secrets.changes(values, view.fields, hidden=HIDDEN, lost=view.unreadable)
        for name, value in changes.items():
            self._secrets.put(_owner(view.channel), name, value, author)
        if changes:
            self._book.forget(view.channel)
            self._audit.record(author, "alerts.changed", view.channel.value, secrets.told(changes))


def _owner(channel: Channel) -> str:
    return f"{_OWNER}{channel.value}"


def _values(kept: Mapping[str, StoredSecret]) -> dict[str, str]:
    return {name: secret.value for name, secret in kept.items() if secret.value is not None}


def _view(channel: Channel, kept: Mapping[str, StoredSecret], state: ChannelState) -> ChannelView:
    names = FIELDS[channel]
    fields, lost = secrets.shown(kept, names, HIDDEN), secrets.unreadable(kept, names)
    return ChannelView(channel, fields, lost, state)


def _problems(changes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    known = {channel.value: channel for channel in Channel}
    found: dict[str, dict[str, Any]] = {}
    for name, value in changes.items():
        if name in known:
            found |= _problems_of(known[name], value)
        elif name != LANGUAGE:
            found[name] = {"code": "unknown_field", "allowed": [*known, LANGUAGE]}
        elif value not in LANGUAGES:
            found[name] = {"code": "not_an_option", "allowed": list(LANGUAGES)}
    return found


def _problems_of(channel: Channel, values: Any) -> dict[str, dict[str, Any]]:
    if not isinstance(values, Mapping):
        return {channel.value: {"code": "not_an_object"}}
    found: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        if name not in FIELDS[channel]:
            found[f"{channel.value}.{name}"] = {"code": "unknown_field", "allowed": list(FIELDS[channel])}
        elif not _fits(name, value):
            found[f"{channel.value}.{name}"] = {"code": f"bad_{name}"}
    return found


def _fits(name: str, value: Any) -> bool:
    return value is None or (isinstance(value, str) and (not value.strip() or is_usable(name, value.strip())))
