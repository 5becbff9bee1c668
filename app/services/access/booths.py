"""Booths come in by the ingest password, for a while by the one before it too."""

import hmac
import secrets
import threading
import time

import structlog

from app.domain.errors import Reason, Refused
from app.ports.access import PasswordHasher, Throttle
from app.ports.settings import (
    INGEST_PASSWORD_KEY,
    PREVIOUS_PASSWORD_KEY,
    PREVIOUS_USE_KEY,
    SettingsStore,
    previous_password,
)
from app.services.access.throttling import refuse_throttled

log = structlog.get_logger(__name__)

WRONG_FROM_BOOTH = 10
NOTED_EVERY_SECONDS = 60
_KNOWN_MAX = 2  # the password of now and the one before


class IngestGuard:
    """Checks a password against its slow hash once, and afterwards against a keyed digest in memory."""

    def __init__(self, *, settings: SettingsStore, hasher: PasswordHasher, throttle: Throttle) -> None:
        self._settings = settings
        self._hasher = hasher
        self._throttle = throttle
        self._key = secrets.token_bytes(32)
        self._known: dict[str, bytes] = {}
        self._learning = threading.Lock()
        self._noted_at = -float("inf")

    def check(self, slot_id: str, client: str, password: str) -> None:
        """Implements ports.BoothGuard."""
        setting = self._settings.get(INGEST_PASSWORD_KEY)
        if setting is None or setting.value is None:
            raise Refused(Reason.INVALID_PASSWORD, "No ingest password has been set yet.")
        key = f"ingest:{slot_id}:{client}"
        refuse_throttled(self._throttle, key, WRONG_FROM_BOOTH)
        if self._matches(setting.value["hash"], password):
            return
        if not self._matches_previous(password):
            self._throttle.failed(key)
            raise Refused(Reason.INVALID_PASSWORD, "The form field password is missing or wrong.")
        self._note_previous(slot_id, client)

    def _matches_previous(self, password: str) -> bool:
        previous = previous_password(self._settings.get(PREVIOUS_PASSWORD_KEY))
        return previous is not None and self._matches(previous.hash, password)

    def _matches(self, password_hash: str, password: str) -> bool:
        """Once the right password is known for this hash, wrong ones cost no slow hash either.

        One thread at a time pays for it: the first shots of an event come together.
        """
        digest = hmac.digest(self._key, password.encode("utf-8", "surrogatepass"), "sha256")
        if password_hash not in self._known:
            with self._learning:
                self._learn(password_hash, password, digest)
        return hmac.compare_digest(self._known.get(password_hash, b""), digest)

    def _learn(self, password_hash: str, password: str, digest: bytes) -> None:
        if password_hash in self._known or not self._hasher.verify(password_hash, password):
            return
        newest = [*self._known.items(), (password_hash, digest)][-_KNOWN_MAX:]
        self._known = dict(newest)

    def _note_previous(self, slot_id: str, client: str) -> None:
        """Tell the settings page that a booth still has the old password, without a write for each shot."""
        now = time.monotonic()
        if now - self._noted_at >= NOTED_EVERY_SECONDS:
            self._noted_at = now
            self._settings.put(PREVIOUS_USE_KEY, {"slot_id": slot_id, "client": client}, None)
            log.info("previous_ingest_password_used", slot_id=slot_id, client=client)
