"""What becomes of a slot over time: its history, going back, taking another's ways, a pause, and who did it."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from app.domain.errors import Reason, Refused
from app.domain.media import Output
from app.domain.slot import Keeping, Policy, Publishing, Slot, Step
from app.services.slots import UNCHANGED, SlotContent, SlotService
from tests.services.house import CATALOGUE, House
from tests.services.test_slots import GOOD, service_of

FORM = replace(GOOD, is_active=UNCHANGED)
"""An edit, which leaves alone whether the slot is paused."""


@pytest.fixture
def service(house: House) -> SlotService:
    return service_of(house)


def told(house: House, slot_id: str = "slot-001") -> list[tuple[str | None, str, dict[str, Any]]]:
    """The audit log's entries about a slot, oldest first."""
    changes, _ = house.stores.audit.search(subject=slot_id, page=1, page_size=100)
    return [(change.username, change.action, dict(change.detail)) for change in reversed(changes)]


def refusal(call: Any, *arguments: Any) -> Refused:
    with pytest.raises(Refused) as raised:
        call(*arguments)
    return raised.value


class TestHistory:
    def test_each_version_tells_what_it_changed_by_field(self, service: SlotService) -> None:
        service.change("slot-001", GOOD, 1, "igor")
        service.change("slot-001", replace(GOOD, name="Summer", policy={"hedge": True}), 2, "serg")
        [third, second, first], total = service.history("slot-001", page=1, page_size=20)
        assert (total, third.slot.updated_by, second.slot.updated_by) == (3, "serg", "igor")
        assert third.changes is not None
        assert {path: (d.old, d.new) for path, d in third.changes.items()} == {
            "name": ("Winter", "Summer"),
            "policy.content_blocked": ("next", "stop"),
            "policy.hedge": (False, True),
            "policy.daily_budget_usd": (5, None),
        }
        assert second.changes is not None
        assert second.changes["fallbacks.0.provider"].new == "backup"
        assert first.changes is None

    def test_the_last_of_a_page_is_compared_with_the_first_of_the_next(self, service: SlotService) -> None:
        for version in range(1, 4):
            service.change("slot-001", replace(GOOD, name=f"Name {version}"), version, "serg")
        page, total = service.history("slot-001", page=1, page_size=2)
        assert ([r.slot.version for r in page], total) == ([4, 3], 4)
        assert page[-1].changes is not None
        assert page[-1].changes["name"].old == "Name 1"

    def test_beyond_the_last_page_is_nothing(self, service: SlotService) -> None:
        assert service.history("slot-001", page=5, page_size=2) == ([], 1)

    def test_what_changed_since_a_version_is_told_with_the_version_itself(self, service: SlotService) -> None:
        first = service.get("slot-001")
        service.change("slot-001", GOOD, 1, "igor")
        service.change("slot-001", replace(GOOD, name="Summer"), 2, "serg")
        past, since = service.changes_since("slot-001", 1)
        assert past == first
        assert [(r.slot.version, r.slot.updated_by) for r in since] == [(3, "serg"), (2, "igor")]
        assert service.changes_since("slot-001", 77) == (None, [])

    def test_of_a_slot_that_is_none(self, service: SlotService) -> None:
        with pytest.raises(Refused) as raised:
            service.history("slot-016", page=1, page_size=20)
        assert raised.value.reason is Reason.SLOT_NOT_FOUND


class TestRestoring:
    def test_makes_a_new_version_with_the_old_content(self, house: House, service: SlotService) -> None:
        first = service.get("slot-001")
        service.change("slot-001", FORM, 1, "igor")
        restored = service.restore("slot-001", 1, 2, "serg")
        assert (restored.version, restored.updated_by) == (3, "serg")
        assert replace(restored, version=1, updated_by=None, updated_at=first.updated_at) == first
        assert [slot.version for slot in house.stores.slots.history("slot-001", skip=0, limit=9)[0]] == [3, 2, 1]

    def test_does_not_pause_a_slot_that_takes_photos(self, service: SlotService) -> None:
        service.set_active("slot-001", False, "igor")
        service.set_active("slot-001", True, "igor")
        assert service.restore("slot-001", 2, 3, "serg").is_active

    def test_binds_the_images_that_it_uses_again(self, house: House, service: SlotService) -> None:
        logo = house.template()
        service.change("slot-001", replace(FORM, output={"overlay": str(logo.id)}), 1, "serg")
        service.change("slot-001", FORM, 2, "serg")
        service.restore("slot-001", 2, None, "serg")
        assert [template.used_by for template in house.stores.templates.all()] == [("slot-001",)]

    def test_names_what_is_gone_since_and_changes_nothing(self, house: House, service: SlotService) -> None:
        gone = Slot(
            "slot-001",
            "Old",
            Step("backup", "image_edit", {"effect": "glow", "strength": 5, "model": "retired"}),
            (Step("nobody", "image_edit"), Step("local", "frame", {"template": str(UUID(int=1))})),
            Output(overlay=str(UUID(int=2))),
            Policy(),
            Keeping(),
            Publishing(),
            True,
            1,
            None,
            house.slot().updated_at,
        )
        house.stores.slots.save(gone, 1, "igor")
        refused = refusal(service.restore, "slot-001", 2, None, "serg")
        assert refused.reason is Reason.INVALID_SETTINGS
        assert {path: p["code"] for path, p in refused.details["fields"].items()} == {
            "settings.model": "unknown_field",
            "fallbacks.0.provider": "not_an_option",
            "fallbacks.1.settings.template": "not_a_template",
            "output.overlay": "not_a_template",
        }
        assert house.slot().version == 2

    def test_of_a_version_that_never_was(self, service: SlotService) -> None:
        assert refusal(service.restore, "slot-001", 7, None, "serg").reason is Reason.NOT_FOUND

    def test_is_refused_where_somebody_has_edited_meanwhile(self, service: SlotService) -> None:
        service.change("slot-001", FORM, 1, "igor")
        assert refusal(service.restore, "slot-001", 1, 1, "serg").reason is Reason.VERSION_CONFLICT


class TestCopying:
    @pytest.fixture
    def source(self, service: SlotService) -> Slot:
        return service.change("slot-002", FORM, 1, "igor")

    def test_takes_all_that_happens_to_photos_and_leaves_name_and_pause(
        self, service: SlotService, source: Slot
    ) -> None:
        service.set_active("slot-001", False, "igor")
        before = service.get("slot-001")
        copied = service.copied("slot-001", "slot-002")
        own = {"id": before.id, "name": before.name, "version": before.version, "is_active": False}
        assert copied == replace(source, **own, updated_by=before.updated_by, updated_at=before.updated_at)
        assert service.get("slot-001") == before

    def test_can_be_saved_at_once(self, service: SlotService, source: Slot) -> None:
        saved = service.copy("slot-001", "slot-002", 1, "serg")
        assert (saved.name, saved.version, saved.step) == ("Слот 1", 2, source.step)

    @pytest.mark.parametrize(
        ("slot_id", "source_id"), [("slot-016", "slot-001"), ("slot-001", "slot-016"), ("slot-001", "x\0")]
    )
    def test_from_or_into_a_slot_that_is_none(self, service: SlotService, slot_id: str, source_id: str) -> None:
        assert refusal(service.copied, slot_id, source_id).reason is Reason.SLOT_NOT_FOUND
        assert refusal(service.copy, slot_id, source_id, None, "serg").reason is Reason.SLOT_NOT_FOUND

    def test_is_refused_where_somebody_has_edited_meanwhile(self, service: SlotService, source: Slot) -> None:
        service.change("slot-001", FORM, 1, "igor")
        assert refusal(service.copy, "slot-001", "slot-002", 1, "serg").reason is Reason.VERSION_CONFLICT


class TestPausing:
    def test_is_a_version_of_its_own(self, service: SlotService) -> None:
        paused = service.set_active("slot-001", False, "igor")
        assert (paused.is_active, paused.version, paused.updated_by) == (False, 2, "igor")

    def test_twice_is_once(self, house: House, service: SlotService) -> None:
        service.set_active("slot-001", False, "igor")
        assert service.set_active("slot-001", False, "serg").version == 2
        assert [action for _, action, _ in told(house)] == ["slot.paused"]

    def test_makes_nobodys_save_fail(self, service: SlotService) -> None:
        service.set_active("slot-001", False, "igor")
        saved = service.change("slot-001", FORM, 1, "serg")
        assert (saved.name, saved.version, saved.is_active) == ("Winter", 3, False)

    def test_hides_no_edit_of_somebody_else(self, service: SlotService) -> None:
        service.change("slot-001", FORM, 1, "igor")
        service.set_active("slot-001", False, "igor")
        assert refusal(service.change, "slot-001", FORM, 1, "serg").reason is Reason.VERSION_CONFLICT

    def test_is_a_conflict_for_who_would_undo_it_unawares(self, service: SlotService) -> None:
        service.set_active("slot-001", False, "igor")
        refused = refusal(service.change, "slot-001", replace(FORM, is_active=True), 1, "serg")
        assert refused.reason is Reason.VERSION_CONFLICT

    def test_works_for_a_slot_whose_image_is_gone(self, house: House, service: SlotService) -> None:
        logo = house.template()
        service.change("slot-001", replace(FORM, output={"overlay": str(logo.id)}), 1, "serg")
        house.stores.templates.remove(logo.id)
        assert not service.set_active("slot-001", False, "igor").is_active


class TestAudit:
    def test_every_kind_of_change_is_told_with_old_and_new_values(self, house: House, service: SlotService) -> None:
        service.change("slot-001", SlotContent(**{**_as_it_is(house), "name": "Winter"}), 1, "igor")
        service.set_active("slot-001", False, "serg")
        service.set_active("slot-001", True, "serg")
        service.restore("slot-001", 1, None, "igor")
        service.copy("slot-001", "slot-002", None, "igor")
        name = {"old": "Слот 1", "new": "Winter"}
        assert told(house) == [
            ("igor", "slot.changed", {"version": 2, "changes": {"name": name}}),
            ("serg", "slot.paused", {"version": 3, "changes": {"is_active": {"old": True, "new": False}}}),
            ("serg", "slot.resumed", {"version": 4, "changes": {"is_active": {"old": False, "new": True}}}),
            (
                "igor",
                "slot.restored",
                {"version": 5, "restored_version": 1, "changes": {"name": {"old": "Winter", "new": "Слот 1"}}},
            ),
            ("igor", "slot.copied", {"version": 6, "copied_from": "slot-002", "changes": {}}),
        ]

    def test_what_was_refused_is_not_told(self, house: House, service: SlotService) -> None:
        refusal(service.change, "slot-001", replace(FORM, name=""), 1, "serg")
        refusal(service.change, "slot-001", FORM, 7, "serg")
        refusal(service.restore, "slot-001", 7, None, "serg")
        assert told(house) == []

    def test_a_change_that_cannot_be_told_is_not_made(self, house: House) -> None:
        class Mute:
            def record(self, *_: Any) -> None:
                raise RuntimeError

        service = SlotService(
            slots=house.stores.slots,
            templates=house.stores.templates,
            communities=house.stores.communities,
            catalogue=CATALOGUE,
            audit=Mute(),  # type: ignore[arg-type]
            transaction=house.stores.transaction,
        )
        with pytest.raises(RuntimeError):
            service.set_active("slot-001", False, "serg")
        assert house.slot().is_active


def _as_it_is(house: House) -> dict[str, Any]:
    slot = house.slot()
    [step] = slot.snapshot()["steps"]
    parts = {"fallbacks": [], "output": {}, "policy": {}, "keeping": {}, "publishing": {}}
    return {"name": slot.name, **step, **parts, "is_active": UNCHANGED}
