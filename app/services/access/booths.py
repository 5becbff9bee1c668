"""Booths come in by the ingest password, for a while by those before it too."""

import hmac
import secrets
import threading
import time
from collections.abc import Sequence

import structlog

from app.domain.errors import Reason, Refused
from app.domain.networks import network_of, place_of
from app.ports.access import PasswordHasher, Throttle
from app.ports.settings import (
    INGEST_PASSWORD_KEY,
    PREVIOUS_PASSWORD_KEY,
    PREVIOUS_USE_KEY,
    SettingsStore,
    previous_passwords,
)
from app.services.access.throttling import refuse_throttled

log = structlog.get_logger(__name__)

WRONG_FOR_SLOT_FROM_PLACE = 10
WRONG_FROM_NETWORK = 100
NOTED_EVERY_SECONDS = 60
_REFUTED_MAX = 1000


class IngestGuard:
    """Lets booths in, and slows down who guesses: from a place at a slot, and from a network at any."""

    def __init__(self, *, settings: SettingsStore, hasher: PasswordHasher, throttle: Throttle) -> None:
        self._settings = settings
        self._throttle = throttle
        self._passwords = _Passwords(hasher)
        self._noted_at = -float("inf")

    def check(self, slot_id: str, client: str, password: str) -> None:
        """Implements ports.BoothGuard."""
        kept = self._settings.below(INGEST_PASSWORD_KEY)
        setting = kept.get(INGEST_PASSWORD_KEY)
        if setting is None or setting.value is None:
            raise Refused(Reason.INVALID_PASSWORD, "No ingest password has been set yet.")
        limits = _limits(slot_id, client)
        for key, limit in limits.items():
            refuse_throttled(self._throttle, key, limit)
        current, previous = setting.value["hash"], previous_passwords(kept.get(PREVIOUS_PASSWORD_KEY))
        matched = self._passwords.match([current, *(one.hash for one in previous)], password)
        if matched is None:
            for key in limits:
                self._throttle.failed(key)
            raise Refused(Reason.INVALID_PASSWORD, "The form field password is missing or wrong.")
        if matched != current:
            self._note_previous(slot_id, client)

    def _note_previous(self, slot_id: str, client: str) -> None:
        """Tell the settings page that a booth still has the old password, without a write for each shot."""
        now = time.monotonic()
        if now - self._noted_at >= NOTED_EVERY_SECONDS:
            self._noted_at = now
            self._settings.put(PREVIOUS_USE_KEY, {"slot_id": slot_id, "client": client}, None)
            log.info("previous_ingest_password_used", slot_id=slot_id, client=client)


class _Passwords:
    """Checks a password against a slow hash once, and afterwards against keyed digests in memory."""

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher
        self._key = secrets.token_bytes(32)
        self._known: dict[str, bytes] = {}
        self._refuted: dict[tuple[str, bytes], None] = {}  # oldest first
        self._learning = threading.Lock()

    def match(self, hashes: Sequence[str], password: str) -> str | None:
        """The one of `hashes` that the password belongs to.

        What is known is looked through first. One thread at a time pays for the rest: the first shots of an event come
        together, and so do those with the old password after a change.
        """
        digest = hmac.digest(self._key, password.encode("utf-8", "surrogatepass"), "sha256")
        found = self._recall(hashes, digest)
        if found is None and self._unsettled(hashes, digest):
            with self._learning:
                found = self._recall(hashes, digest) or self._learn(hashes, password, digest)
        return found

    def _recall(self, hashes: Sequence[str], digest: bytes) -> str | None:
        known = self._known
        return next((one for one in hashes if hmac.compare_digest(known.get(one, b""), digest)), None)

    def _unsettled(self, hashes: Sequence[str], digest: bytes) -> list[str]:
        """Those whose password is not known, nor that it is not this one."""
        return [one for one in hashes if one not in self._known and (one, digest) not in self._refuted]

    def _learn(self, hashes: Sequence[str], password: str, digest: bytes) -> str | None:
        """Pay; what is not accepted any more is forgotten, and of what was found wrong the oldest."""
        for one in self._unsettled(hashes, digest):
            if self._hasher.verify(one, password):
                self._known = {**{old: self._known[old] for old in hashes if old in self._known}, one: digest}
                return one
            self._refuted[one, digest] = None
            if len(self._refuted) > _REFUTED_MAX:
                del self._refuted[next(iter(self._refuted))]
        return None


def _limits(slot_id: str, client: str) -> dict[str, int]:
    """A booth with an old password must not stop the one that stands beside it."""
    return {
        f"ingest:{slot_id}:{place_of(client)}": WRONG_FOR_SLOT_FROM_PLACE,
        f"ingest-network:{network_of(client)}": WRONG_FROM_NETWORK,
    }
