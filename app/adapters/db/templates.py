"""Rows of template media and where they are bound."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select, update

from app.adapters.db.connection import Database
from app.adapters.db.schema import slot_template_binding as binding
from app.adapters.db.schema import template_media
from app.domain.media import TemplateMedia

_USED_BY = (
    select(func.array_agg(binding.c.slot_id.distinct()))
    .where(binding.c.template_id == template_media.c.id)
    .scalar_subquery()
    .label("used_by")
)


class PostgresTemplateStore:
    """Implements ports.TemplateStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, template: TemplateMedia, author: str) -> TemplateMedia:
        statement = insert(template_media).values(
            id=template.id,
            label=template.label,
            path=template.path,
            mime_type=template.mime_type,
            size_bytes=template.size_bytes,
            width=template.width,
            height=template.height,
            created_by=author,
            created_at=func.now(),
        )
        with self._database.transaction() as session:
            created_at = session.execute(statement.returning(template_media.c.created_at)).scalar_one()
        return replace(template, created_at=created_at)

    def get(self, template_id: UUID) -> TemplateMedia | None:
        with self._database.transaction() as session:
            row = session.execute(select(template_media, _USED_BY).where(template_media.c.id == template_id)).first()
        return _template(row) if row else None

    def all(self) -> list[TemplateMedia]:
        query = select(template_media, _USED_BY).order_by(template_media.c.created_at.desc())
        with self._database.transaction() as session:
            return [_template(row) for row in session.execute(query)]

    def bind(self, slot_id: str, bindings: Mapping[str, UUID]) -> None:
        with self._database.transaction() as session:
            # Locked, so that none of them is deleted before this is committed.
            wanted = select(template_media.c.id).where(template_media.c.id.in_(bindings.values()))
            known = set(session.scalars(wanted.with_for_update(read=True, key_share=True)))
            for template_id in bindings.values():
                if template_id not in known:
                    raise KeyError(template_id)
            session.execute(delete(binding).where(binding.c.slot_id == slot_id))
            if bindings:
                session.execute(
                    insert(binding),
                    [{"slot_id": slot_id, "field": f, "template_id": t} for f, t in bindings.items()],
                )

    def rename(self, template_id: UUID, label: str) -> TemplateMedia | None:
        statement = update(template_media).where(template_media.c.id == template_id).values(label=label)
        with self._database.transaction() as session:
            session.execute(statement)
            return self.get(template_id)

    def remove(self, template_id: UUID) -> bool:
        statement = delete(template_media).where(template_media.c.id == template_id).returning(template_media.c.id)
        with self._database.transaction() as session:
            return session.execute(statement).first() is not None


def _template(row: Row[Any]) -> TemplateMedia:
    return TemplateMedia(
        id=row.id,
        label=row.label,
        path=row.path,
        mime_type=row.mime_type,
        size_bytes=row.size_bytes,
        width=row.width,
        height=row.height,
        created_at=row.created_at,
        used_by=tuple(sorted(row.used_by or ())),
    )
