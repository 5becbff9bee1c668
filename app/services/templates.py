"""Template media: an administrator's reusable images, kept until somebody deletes them."""

import secrets
from datetime import UTC, datetime
from typing import Any, BinaryIO
from uuid import UUID

import structlog

from app.domain.errors import MediaStoreUnavailable, Reason, Refused
from app.domain.job import extension
from app.domain.media import TemplateMedia
from app.domain.uploads import check_size
from app.ports.audit import AuditLog
from app.ports.media import ImageTool, MediaStore, TemplateStore
from app.ports.upkeep import Transaction

log = structlog.get_logger(__name__)

LABEL_MAX = 120


class TemplateService:
    def __init__(
        self,
        *,
        templates: TemplateStore,
        media: MediaStore,
        images: ImageTool,
        audit: AuditLog,
        transaction: Transaction,
        max_upload_bytes: int,
    ) -> None:
        self._templates = templates
        self._media = media
        self._images = images
        self._audit = audit
        self._transaction = transaction
        self._max_upload_bytes = max_upload_bytes

    def register(self, stream: BinaryIO, size_bytes: int, label: str, author: str) -> TemplateMedia:
        """Store an uploaded image; raises Refused for what is no acceptable image or too large."""
        check_size(size_bytes, self._max_upload_bytes)
        info = self._images.inspect(stream)
        template_id = UUID(bytes=secrets.token_bytes(16))
        template = TemplateMedia(
            id=template_id,
            label=_label(label),
            path=f"templates/{template_id}.{extension(info.mime_type)}",
            mime_type=info.mime_type,
            size_bytes=size_bytes,
            width=info.width,
            height=info.height,
            created_at=datetime.now(UTC),
        )
        self._media.write(template.path, stream)
        # If this fails the row may be there nevertheless, so the file stays; without a row it is the cleanup's.
        with self._transaction():
            self._audit.record(author, "template.added", str(template_id), {"label": template.label})
            return self._templates.add(template, author)

    def rename(self, template_id: UUID, label: Any, author: str) -> TemplateMedia:
        """Raises Refused: NOT_FOUND, and INVALID_SETTINGS for no name of 1 to LABEL_MAX printable characters."""
        if not isinstance(label, str) or not 1 <= len(label.strip()) <= LABEL_MAX or not label.isprintable():
            problem = {"code": "bad_length", "minimum": 1, "maximum": LABEL_MAX}
            raise Refused(Reason.INVALID_SETTINGS, "This is no name.", details={"fields": {"label": problem}})
        with self._transaction():
            before = self.get(template_id)
            renamed = self._templates.rename(template_id, label.strip())
            if renamed is None:
                raise _unknown()
            self._audit.record(
                author, "template.renamed", str(template_id), {"old": before.label, "new": renamed.label}
            )
        return renamed

    def all(self) -> list[TemplateMedia]:
        return self._templates.all()

    def get(self, template_id: UUID) -> TemplateMedia:
        """Raises Refused(NOT_FOUND)."""
        template = self._templates.get(template_id)
        if template is None:
            raise _unknown()
        return template

    def open(self, template_id: UUID) -> tuple[TemplateMedia, BinaryIO]:
        """The template and a reader of its bytes; raises Refused(NOT_FOUND) and MediaMissing."""
        template = self.get(template_id)
        return template, self._media.open(template.path)[0]

    def preview(self, template_id: UUID, max_side: int) -> bytes:
        """A WebP of the template; raises Refused(NOT_FOUND) and MediaMissing."""
        return self._images.preview(self._media.read(self.get(template_id).path), max_side)

    def delete(self, template_id: UUID, author: str, *, force: bool) -> None:
        """Delete row, then file; raises Refused(TEMPLATE_IN_USE) while slots use it, unless forced.

        A file that cannot be deleted now is left to the cleanup.
        """
        template = self.get(template_id)
        if template.used_by and not force:
            raise Refused(
                Reason.TEMPLATE_IN_USE,
                f"Slots use this template: {', '.join(template.used_by)}.",
                details={"used_by": list(template.used_by)},
            )
        if not self._remove(template, author):
            return
        try:
            self._media.delete([template.path])
        except MediaStoreUnavailable as error:
            log.warning("template_not_deleted", path=template.path, error=str(error))

    def _remove(self, template: TemplateMedia, author: str) -> bool:
        """Delete the row; False if somebody else was first."""
        with self._transaction():
            is_ours = self._templates.remove(template.id)
            if is_ours:
                detail = {"label": template.label, "used_by": list(template.used_by)}
                self._audit.record(author, "template.deleted", str(template.id), detail)
        return is_ours


def _label(given: str) -> str:
    kept = "".join(c for c in given if c.isprintable()).strip()
    return kept[:LABEL_MAX] or "template"


def _unknown() -> Refused:
    return Refused(Reason.NOT_FOUND, "There is no such template image.")
