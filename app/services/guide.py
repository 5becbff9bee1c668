"""The first-run guide: it shows the way until the first photo of a real booth, and is never seen again."""

from app.domain.guide import Progress
from app.ports.audit import AuditLog
from app.ports.guide import GUIDE_HIDDEN_KEY, GUIDE_OVER_KEY, ProgressReader
from app.ports.settings import SettingsStore
from app.ports.upkeep import Transaction

_OVER = Progress(slot_was_changed=True, photo_came_out=True, is_over=True)


class GuideService:
    def __init__(
        self, *, reader: ProgressReader, settings: SettingsStore, audit: AuditLog, transaction: Transaction
    ) -> None:
        self._reader = reader
        self._settings = settings
        self._audit = audit
        self._transaction = transaction
        self._is_over = False

    def progress(self) -> Progress:
        """How far things are: one read, and none any more once this process has seen the end."""
        if self._is_over:
            return _OVER
        found = self._reader.read()
        if found.is_over:
            self._end()
        return found

    def hide(self, hidden: bool, author: str) -> None:
        """Take the guide off everybody's home page, or bring it back."""
        with self._transaction():
            self._settings.put(GUIDE_HIDDEN_KEY, hidden, author)
            self._audit.record(author, "settings.changed", GUIDE_HIDDEN_KEY, {"old": not hidden, "new": hidden})

    def _end(self) -> None:
        """For ever: photos are forgotten after a time, and the guide must not come back then."""
        self._settings.put(GUIDE_OVER_KEY, True, None)
        self._is_over = True
