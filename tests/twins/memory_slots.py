"""Slots and template media in memory."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from app.domain.media import Output, TemplateMedia
from app.domain.slot import SLOT_COUNT, Keeping, Policy, Publishing, Slot, Step
from tests.twins.memory_database import MemoryDatabase


class MemorySlotStore:
    """Implements ports.SlotStore; starts with the fifteen slots of a new installation."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database
        for number in range(1, SLOT_COUNT + 1):
            step = Step("local", "image_edit", {"effect": "watercolour", "strength": 80})
            slot_id = f"slot-{number:03}"
            name, now = f"Слот {number}", database.now()
            self._keep(Slot(slot_id, name, step, (), Output(), Policy(), Keeping(), Publishing(), True, 1, None, now))

    def all(self) -> list[Slot]:
        with self._database.transaction():
            return sorted(self._slots.values(), key=lambda slot: slot.id)

    def get(self, slot_id: str) -> Slot | None:
        with self._database.transaction():
            return self._slots.get(slot_id)

    def held(self, slot_id: str) -> Slot | None:
        return self.get(slot_id)  # whoever has a transaction open is alone anyway

    def version(self, slot_id: str, number: int) -> Slot | None:
        with self._database.transaction():
            found: Slot | None = self._database.table("slot_version").get((slot_id, number))
            return found

    def history(self, slot_id: str, *, skip: int, limit: int) -> tuple[list[Slot], int]:
        with self._database.transaction():
            slots = [slot for (owner, _), slot in self._database.table("slot_version").items() if owner == slot_id]
        newest = sorted(slots, key=lambda slot: slot.version, reverse=True)
        return newest[skip:][:limit], len(newest)

    def save(self, slot: Slot, expected_version: int, author: str) -> Slot | None:
        with self._database.transaction():
            stored = self._slots.get(slot.id)
            if stored is None or stored.version != expected_version:
                return None
            return self._keep(
                replace(slot, version=expected_version + 1, updated_by=author, updated_at=self._database.now())
            )

    def _keep(self, slot: Slot) -> Slot:
        self._slots[slot.id] = slot
        self._database.table("slot_version")[slot.id, slot.version] = slot
        return slot

    @property
    def _slots(self) -> dict[str, Slot]:
        return self._database.table("slot")


class MemoryTemplateStore:
    """Implements ports.TemplateStore."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def add(self, template: TemplateMedia, author: str) -> TemplateMedia:
        with self._database.transaction():
            stored = replace(template, created_at=self._database.now())
            self._templates[template.id] = stored
            return stored

    def get(self, template_id: UUID) -> TemplateMedia | None:
        with self._database.transaction():
            template = self._templates.get(template_id)
            return self._with_users(template) if template else None

    def all(self) -> list[TemplateMedia]:
        with self._database.transaction():
            newest_first = sorted(self._templates.values(), key=lambda t: t.created_at, reverse=True)
            return [self._with_users(template) for template in newest_first]

    def bind(self, slot_id: str, bindings: Mapping[str, UUID]) -> None:
        with self._database.transaction():
            for template_id in bindings.values():
                self._templates[template_id]
            self._bindings[slot_id] = dict(bindings)

    def rename(self, template_id: UUID, label: str) -> TemplateMedia | None:
        with self._database.transaction():
            if template_id in self._templates:
                self._templates[template_id] = replace(self._templates[template_id], label=label)
            return self.get(template_id)

    def remove(self, template_id: UUID) -> bool:
        with self._database.transaction():
            for slot_id, bound in self._bindings.items():
                self._bindings[slot_id] = {field: t for field, t in bound.items() if t != template_id}
            return self._templates.pop(template_id, None) is not None

    def _with_users(self, template: TemplateMedia) -> TemplateMedia:
        users = sorted(slot_id for slot_id, bound in self._bindings.items() if template.id in bound.values())
        return replace(template, used_by=tuple(users))

    @property
    def _templates(self) -> dict[UUID, TemplateMedia]:
        return self._database.table("template_media")

    @property
    def _bindings(self) -> dict[str, dict[str, UUID]]:
        return self._database.table("slot_template_binding")
