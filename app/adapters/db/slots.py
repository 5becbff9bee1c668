"""Slots and their history."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from app.adapters.db.connection import Database
from app.adapters.db.schema import slot as slot_table
from app.adapters.db.schema import slot_version
from app.domain.media import Output
from app.domain.slot import Keeping, Policy, Publishing, Slot, Step


class PostgresSlotStore:
    """Implements ports.SlotStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Slot]:
        return [_slot(row) for row in self._database.run(select(slot_table).order_by(slot_table.c.id))]

    def get(self, slot_id: str) -> Slot | None:
        rows = self._database.run(select(slot_table).where(slot_table.c.id == slot_id))
        return _slot(rows[0]) if rows else None

    def held(self, slot_id: str) -> Slot | None:
        # FOR NO KEY UPDATE: a plain FOR UPDATE stops the foreign key's check of a new job, and with it every booth.
        query = select(slot_table).where(slot_table.c.id == slot_id).with_for_update(key_share=True)
        rows = self._database.run(query)
        return _slot(rows[0]) if rows else None

    def version(self, slot_id: str, number: int) -> Slot | None:
        query = select(slot_version).where(slot_version.c.slot_id == slot_id, slot_version.c.version == number)
        rows = self._database.run(query)
        return _past(rows[0]) if rows else None

    def history(self, slot_id: str, *, skip: int, limit: int) -> tuple[list[Slot], int]:
        wanted = slot_version.c.slot_id == slot_id
        newest = select(slot_version).where(wanted).order_by(slot_version.c.version.desc())
        with self._database.transaction() as session:
            total = session.scalar(select(func.count()).select_from(slot_version).where(wanted)) or 0
            return [_past(row) for row in session.execute(newest.limit(limit).offset(skip))], total

    def save(self, slot: Slot, expected_version: int, author: str) -> Slot | None:
        content = {
            "name": slot.name,
            "provider": slot.step.provider,
            "operation": slot.step.operation,
            "settings_json": dict(slot.step.settings),
            "fallback": [asdict(step) for step in slot.fallbacks],
            "output": asdict(slot.output),
            "policy": asdict(slot.policy),
            "keeping": asdict(slot.keeping),
            "publishing": asdict(slot.publishing),
            "is_active": slot.is_active,
        }
        statement = (
            update(slot_table)
            .where(slot_table.c.id == slot.id, slot_table.c.version == expected_version)
            .values(**content, version=expected_version + 1, updated_by=author, updated_at=func.now())
            .returning(slot_table)
        )
        with self._database.transaction() as session:
            row = session.execute(statement).first()
            if row is None:
                return None
            saved = _slot(row)
            session.execute(
                insert(slot_version).values(
                    slot_id=saved.id,
                    version=saved.version,
                    content=_history(content),
                    updated_by=author,
                    updated_at=saved.updated_at,
                )
            )
        return saved


def _history(content: dict[str, Any]) -> dict[str, Any]:
    """The version's content under the names that the API uses."""
    renamed = {"settings_json": "settings", "fallback": "fallbacks"}
    return {renamed.get(name, name): value for name, value in content.items()}


def _slot(row: Row[Any]) -> Slot:
    return Slot(
        id=row.id,
        name=row.name,
        step=Step(row.provider, row.operation, row.settings_json),
        fallbacks=tuple(Step(**step) for step in row.fallback),
        output=Output(**row.output),
        policy=Policy(**row.policy),
        keeping=Keeping(**row.keeping),
        publishing=Publishing(**row.publishing),
        is_active=row.is_active,
        version=row.version,
        updated_by=row.updated_by,
        updated_at=row.updated_at,
    )


def _past(row: Row[Any]) -> Slot:
    """Fields that an old version does not have yet were as usual then."""
    content = row.content
    return Slot(
        id=row.slot_id,
        name=content["name"],
        step=Step(content["provider"], content["operation"], content["settings"]),
        fallbacks=tuple(Step(**step) for step in content["fallbacks"]),
        output=Output(**content["output"]),
        policy=Policy(**content.get("policy", {})),
        keeping=Keeping(**content.get("keeping", {})),
        publishing=Publishing(**content.get("publishing", {})),
        is_active=content["is_active"],
        version=row.version,
        updated_by=row.updated_by,
        updated_at=row.updated_at,
    )
