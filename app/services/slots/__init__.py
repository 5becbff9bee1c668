"""The fifteen slots: reading them, and changing one without overwriting somebody else's change."""

from dataclasses import asdict, replace
from itertools import zip_longest
from typing import Any

from app.domain.catalogue import Catalogue, Problem
from app.domain.errors import Reason, Refused
from app.domain.slot import Slot
from app.domain.slot_changes import Revision, differ_by_pause_only, differences
from app.domain.text import is_storable
from app.ports.audit import AuditLog
from app.ports.media import TemplateStore
from app.ports.slots import SlotStore
from app.ports.upkeep import Transaction
from app.ports.vk.communities import CommunityStore
from app.services.slots.content import UNCHANGED, SlotContent, content_of
from app.services.slots.drafts import MAX_FALLBACKS, Drafts, invalid

__all__ = ["MAX_FALLBACKS", "UNCHANGED", "SlotContent", "SlotService"]

_CHANGES_TOLD = 50


class SlotService:
    def __init__(
        self,
        *,
        slots: SlotStore,
        templates: TemplateStore,
        communities: CommunityStore,
        catalogue: Catalogue,
        audit: AuditLog,
        transaction: Transaction,
    ) -> None:
        self._slots = slots
        self._templates = templates
        self._audit = audit
        self._transaction = transaction
        self._drafts = Drafts(templates=templates, communities=communities, catalogue=catalogue)

    def all(self) -> list[Slot]:
        return self._slots.all()

    def get(self, slot_id: str) -> Slot:
        """Raises Refused(SLOT_NOT_FOUND)."""
        return _found(self._slots.get(slot_id) if is_storable(slot_id) else None, slot_id)

    def history(self, slot_id: str, *, page: int, page_size: int) -> tuple[list[Revision], int]:
        """A page of the slot's versions, newest first, and how many there are in all; raises as `get`."""
        self.get(slot_id)
        # One more than is shown, so that the last of them can be compared too.
        slots, total = self._slots.history(slot_id, skip=(page - 1) * page_size, limit=page_size + 1)
        return _revisions(slots)[:page_size], total

    def version(self, slot_id: str, number: int) -> Slot:
        """The slot as that version was; raises Refused(NOT_FOUND) if there never was one."""
        slot = self._slots.version(slot_id, number)
        if slot is None:
            raise Refused(Reason.NOT_FOUND, "The slot has no such version.", details={"version": number})
        return slot

    def changes_since(self, slot_id: str, version: int) -> tuple[Slot | None, list[Revision]]:
        """The slot as that version was, None if it is not known, and what has changed since, newest change first."""
        slots, _ = self._slots.history(slot_id, skip=0, limit=_CHANGES_TOLD)
        later = [revision for revision in _revisions(slots) if revision.slot.version > version]
        return self._slots.version(slot_id, version), later

    def draft(self, slot_id: str, content: SlotContent) -> Slot:
        """The slot with `content` in place of what is stored, checked but not saved.

        Raises Refused(INVALID_SETTINGS) with `details["fields"]`: problem by field path, such as `settings.strength`.
        """
        return self._drafts.of(self.get(slot_id), content)

    def change(self, slot_id: str, content: SlotContent, expected_version: int, author: str) -> Slot:
        """Save; raises Refused as `draft` does, and VERSION_CONFLICT with who changed it when.

        Content that leaves `is_active` open is no conflict with a slot that was only paused or resumed meanwhile.
        """
        with self._transaction():
            current = self._held(slot_id)
            draft = self._drafts.of(current, content)
            if content.is_active is UNCHANGED:
                self._check_unedited(current, expected_version)
            elif current.version != expected_version:
                raise _conflict(current, expected_version)
            return self._save_content(draft, current, author, "slot.changed")

    def set_active(self, slot_id: str, is_active: bool, author: str) -> Slot:
        """Pause or resume at once, whatever version somebody is editing; nothing happens if it is so already."""
        with self._transaction():
            current = self._held(slot_id)
            if current.is_active == is_active:
                return current
            action = "slot.resumed" if is_active else "slot.paused"
            return self._save(replace(current, is_active=is_active), current, author, action)

    def restore(self, slot_id: str, version: int, expected_version: int | None, author: str) -> Slot:
        """Make an earlier version the newest one; whether the slot takes photos stays as it is.

        Raises Refused: NOT_FOUND for an unknown version, INVALID_SETTINGS naming the fields whose template image or
        model is gone, and VERSION_CONFLICT if `expected_version` is given and somebody has changed the slot since.
        """
        with self._transaction():
            current = self._held(slot_id)
            self._check_unedited(current, expected_version)
            past = self.version(slot_id, version)
            draft = self._drafts.of(current, replace(content_of(past), is_active=UNCHANGED))
            return self._save_content(draft, current, author, "slot.restored", restored_version=version)

    def copied(self, slot_id: str, source_id: str) -> Slot:
        """The slot as it would be if it did with photos what another one does, not saved; raises as `get`."""
        return _like(self.get(slot_id), self.get(source_id))

    def copy(self, slot_id: str, source_id: str, expected_version: int | None, author: str) -> Slot:
        """Save what `copied` gives; raises Refused as `restore` does."""
        with self._transaction():
            current = self._held(slot_id)
            self._check_unedited(current, expected_version)
            draft = self._drafts.of(current, content_of(_like(current, self.get(source_id))))
            return self._save_content(draft, current, author, "slot.copied", copied_from=source_id)

    def _held(self, slot_id: str) -> Slot:
        return _found(self._slots.held(slot_id), slot_id)

    def _check_unedited(self, current: Slot, expected_version: int | None) -> None:
        """Raises VERSION_CONFLICT if anything but its being paused has changed since the version that is expected."""
        if expected_version is None or current.version == expected_version:
            return
        past = self._slots.version(current.id, expected_version)
        if past is None or not differ_by_pause_only(past, current):
            raise _conflict(current, expected_version)

    def _save_content(self, draft: Slot, current: Slot, author: str, action: str, **told: Any) -> Slot:
        saved = self._save(draft, current, author, action, **told)
        self._bind(saved)
        return saved

    def _save(self, draft: Slot, current: Slot, author: str, action: str, **told: Any) -> Slot:
        saved = self._slots.save(draft, current.version, author)
        if saved is None:
            raise _conflict(self.get(current.id), current.version)
        changes = {path: asdict(difference) for path, difference in differences(current, saved).items()}
        self._audit.record(author, action, saved.id, {"version": saved.version, **told, "changes": changes})
        return saved

    def _bind(self, slot: Slot) -> None:
        """Tell the templates who uses them; one may have been deleted since the draft was checked."""
        bindings = self._drafts.bindings(slot)
        try:
            self._templates.bind(slot.id, bindings)
        except KeyError as error:
            gone = [path for path, template_id in bindings.items() if template_id in error.args]
            raise invalid({path: Problem("not_a_template") for path in gone}) from None


def _found(slot: Slot | None, slot_id: str) -> Slot:
    if slot is None:
        raise Refused(Reason.SLOT_NOT_FOUND, "There is no such slot.", details={"slot_id": slot_id})
    return slot


def _like(slot: Slot, source: Slot) -> Slot:
    return replace(
        slot,
        step=source.step,
        fallbacks=source.fallbacks,
        output=source.output,
        policy=source.policy,
        keeping=source.keeping,
        publishing=source.publishing,
    )


def _revisions(slots: list[Slot]) -> list[Revision]:
    """Newest first, as they come."""
    return [Revision(slot, before) for slot, before in zip_longest(slots, slots[1:])]


def _conflict(current: Slot, expected_version: int) -> Refused:
    return Refused(
        Reason.VERSION_CONFLICT,
        f"The slot was changed in the meantime by {current.updated_by}; load it again.",
        details={
            "expected_version": expected_version,
            "version": current.version,
            "updated_by": current.updated_by,
            "updated_at": current.updated_at.isoformat(),
        },
    )
