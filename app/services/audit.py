"""Who changed what, for people to read."""

from app.domain.text import is_storable
from app.ports.audit import AuditLog, Change


class AuditService:
    def __init__(self, *, audit: AuditLog) -> None:
        self._audit = audit

    def search(
        self, *, subject: str | None = None, username: str | None = None, page: int, page_size: int
    ) -> tuple[list[Change], int]:
        """A page of changes, newest first, and how many there are in all; of one subject or user where one is given."""
        if not all(is_storable(wanted or "") for wanted in (subject, username)):
            return [], 0
        return self._audit.search(subject=subject, username=username, page=page, page_size=page_size)
