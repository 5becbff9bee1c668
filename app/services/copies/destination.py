"""Where the studio wants its copies, and whether that works."""

import queue
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.domain.copies import FIELDS, HIDDEN, URL, Destination, NotStored, StorageFault, is_key, required
from app.domain.errors import MediaStoreUnavailable, Reason, Refused
from app.ports import secrets
from app.ports.audit import AuditLog
from app.ports.copies import StudioStorage
from app.ports.secrets import SecretStore, StoredSecret
from app.ports.settings import SettingView
from app.ports.upkeep import Transaction

_OWNER = "copies:studio"
_SUBJECT = "studio"
_TRIAL_SECONDS = 4.5  # the page that waits for it answers within five


@dataclass(frozen=True, slots=True)
class Trial:
    """How writing a small file there went; `failure` is None if it could be written and deleted."""

    duration_ms: int
    failure: NotStored | None = None


@dataclass(frozen=True, slots=True)
class DestinationView:
    """The destination for people. `fields` by name, those that are hidden without their values; `unreadable` are the
    names of what was encrypted with a key that is gone. `last_trial` is the last one of what is saved now, since this
    process was started.
    """

    fields: Mapping[str, SettingView]
    unreadable: tuple[str, ...]
    last_trial: Trial | None = None

    @property
    def is_ready(self) -> bool:
        url = self.fields[URL].value
        return not self.unreadable and bool(url) and all(self.fields[name].is_set for name in required(url))


class DestinationService:
    """Implements ports.CopyDestination."""

    def __init__(
        self, *, secrets: SecretStore, storage: StudioStorage, audit: AuditLog, transaction: Transaction
    ) -> None:
        self._secrets = secrets
        self._storage = storage
        self._audit = audit
        self._transaction = transaction
        self._tried: set[str] = set()
        self._trying = threading.Lock()
        self._last: tuple[Destination, Trial] | None = None

    def current(self) -> Destination | None:
        return _destination(self._secrets.of(_OWNER))

    def view(self) -> DestinationView:
        kept = self._secrets.of(_OWNER)
        tried, trial = self._last or (None, None)
        return replace(_view(kept), last_trial=trial if tried == _destination(kept) else None)

    def change(self, changes: Any, author: str | None) -> None:
        """Apply all of `changes`, values by name, or none. Blank values stay as they are, None removes one.

        Raises Refused(INVALID_SETTINGS) with details by field. What waits to be copied goes to the new place.
        """
        if problems := self._problems(changes):
            raise Refused(Reason.INVALID_SETTINGS, "Some settings cannot be used.", details={"fields": problems})
        with self._transaction():
            view = self.view()
            wanted = secrets.changes(changes, view.fields, hidden=HIDDEN, lost=view.unreadable)
            for name, value in wanted.items():
                self._secrets.put(_OWNER, name, value, author)
            if wanted:
                self._audit.record(author, "copies.changed", _SUBJECT, secrets.told(wanted))

    def test(self) -> Trial:
        """Write and delete a small file with what is saved; answers within five seconds, whatever hangs."""
        started = time.monotonic()
        destination = self.current()
        if destination is None:
            return Trial(0, NotStored(StorageFault.NOT_SET_UP, "The storage is not set up."))
        failure = self._try(destination)
        trial = Trial(round((time.monotonic() - started) * 1000), failure)
        self._last = destination, trial
        return trial

    def _try(self, destination: Destination) -> NotStored | None:
        with self._trying:
            if destination.url in self._tried:
                return NotStored(StorageFault.NO_ANSWER, "The storage has not answered the last trial yet.")
            self._tried.add(destination.url)
        answers: queue.Queue[NotStored | None] = queue.Queue()
        # A disk of the network that is gone holds whoever asks it, and cannot be hurried: no second one is sent there.
        threading.Thread(target=lambda: answers.put(self._tried_at(destination)), daemon=True).start()
        try:
            return answers.get(timeout=_TRIAL_SECONDS)
        except queue.Empty:
            return NotStored(StorageFault.NO_ANSWER, f"No answer within {_TRIAL_SECONDS:g} seconds.")

    def _tried_at(self, destination: Destination) -> NotStored | None:
        try:
            return self._failure_at(destination)
        finally:
            self._tried.discard(destination.url)

    def _failure_at(self, destination: Destination) -> NotStored | None:
        try:
            self._storage.open(destination).check()
        except NotStored as failure:
            return failure
        except MediaStoreUnavailable as error:
            return NotStored(StorageFault.REFUSED, str(error))
        return None

    def _problems(self, changes: Any) -> dict[str, dict[str, Any]]:
        if not isinstance(changes, Mapping):
            return {"copies": {"code": "not_an_object"}}
        found = {name: self._problem(name, value) for name, value in changes.items()}
        return {name: problem for name, problem in found.items() if problem}

    def _problem(self, name: str, value: Any) -> dict[str, Any] | None:
        if name not in FIELDS:
            return {"code": "unknown_field", "allowed": list(FIELDS)}
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if name == URL:
            return self._problem_of_address(value)
        return None if isinstance(value, str) and is_key(value.strip()) else {"code": "bad_key"}

    def _problem_of_address(self, url: Any) -> dict[str, Any] | None:
        if not isinstance(url, str):
            return {"code": "bad_url"}
        try:
            self._storage.examine(url.strip())
        except NotStored as failure:
            return {"code": "own_place" if failure.fault is StorageFault.OWN_PLACE else "bad_url"}
        return None


def _destination(kept: Mapping[str, StoredSecret]) -> Destination | None:
    if not _view(kept).is_ready:
        return None
    return Destination(**{name: kept[name].value or "" for name in FIELDS if name in kept})


def _view(kept: Mapping[str, StoredSecret]) -> DestinationView:
    return DestinationView(secrets.shown(kept, FIELDS, HIDDEN), secrets.unreadable(kept, FIELDS))
