"""Changing a slot: what is checked, how each mistake is named, and who is second when two edit at once."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.errors import Reason, Refused
from app.domain.media import Output
from app.domain.slot import Keeping, Policy, Publishing, Slot, Step
from app.services.slots import MAX_FALLBACKS, SlotContent, SlotService
from tests.services.house import CATALOGUE, House
from tests.twins.memory_slots import MemorySlotStore
from tests.vk.community import a_community

GOOD = SlotContent(
    name="Winter",
    provider="local",
    operation="image_edit",
    settings={"effect": "watercolour"},
    fallbacks=[{"provider": "backup", "operation": "image_edit", "settings": {"strength": 5}}],
    output={"format": "webp", "quality": 70, "max_side": 2048},
    policy={"content_blocked": "next", "daily_budget_usd": 5},
    keeping={"originals": True},
    publishing={"consent_field": "{qr2}"},
    is_active=False,
)


def service_of(house: House, slots: MemorySlotStore | None = None) -> SlotService:
    return SlotService(
        slots=slots or house.stores.slots,
        templates=house.stores.templates,
        communities=house.stores.communities,
        catalogue=CATALOGUE,
        audit=house.stores.audit,
        transaction=house.stores.transaction,
    )


@pytest.fixture
def service(house: House) -> SlotService:
    return service_of(house)


def problems_of(service: SlotService, **changes: Any) -> dict[str, str]:
    """The codes of the problems by the path of the field."""
    with pytest.raises(Refused) as raised:
        service.draft("slot-001", replace(GOOD, **changes))
    assert raised.value.reason is Reason.INVALID_SETTINGS
    return {path: problem["code"] for path, problem in raised.value.details["fields"].items()}


class TestDrafts:
    def test_a_draft_is_the_slot_with_the_new_content_and_is_not_saved(
        self, house: House, service: SlotService
    ) -> None:
        before = house.slot()
        draft = service.draft("slot-001", GOOD)
        assert draft == replace(
            before,
            name="Winter",
            step=Step("local", "image_edit", {"effect": "watercolour", "strength": 80}),
            fallbacks=(Step("backup", "image_edit", {"effect": "glow", "strength": 5}),),
            output=Output("webp", 70, 2048),
            policy=Policy(content_blocked="next", daily_budget_usd=5),
            keeping=Keeping(originals=True),
            publishing=Publishing(consent_field="{qr2}"),
            is_active=False,
        )
        assert house.slot() == before

    def test_output_has_defaults(self, service: SlotService) -> None:
        assert service.draft("slot-001", replace(GOOD, output={})).output == Output()

    def test_a_name_loses_the_spaces_around_it(self, service: SlotService) -> None:
        assert service.draft("slot-001", replace(GOOD, name="  Winter ")).name == "Winter"

    def test_an_unknown_slot(self, service: SlotService) -> None:
        for ask in (service.get, lambda slot_id: service.draft(slot_id, GOOD)):
            with pytest.raises(Refused) as raised:
                ask("slot-016")
            assert raised.value.reason is Reason.SLOT_NOT_FOUND


class TestProblems:
    def test_every_mistake_is_named_by_the_path_of_its_field(self, service: SlotService) -> None:
        assert problems_of(
            service,
            name="",
            settings={"effect": "oil", "strength": 101, "colour": "red"},
            fallbacks=[
                {"provider": "backup", "operation": "image_edit", "settings": {"strength": "5"}, "model": "x"},
                {"provider": "local", "operation": "frame"},
                {"provider": "gemini"},
            ],
            output={"format": "gif", "quality": 0, "max_side": 63, "overlay": str(UUID(int=1))},
            policy={"hedge": "yes"},
            keeping={"copies": "yes"},
            is_active="yes",
        ) == {
            "name": "bad_length",
            "settings.effect": "not_an_option",
            "settings.strength": "out_of_range",
            "settings.colour": "unknown_field",
            "fallbacks.0.settings.strength": "not_a_number",
            "fallbacks.0.model": "unknown_field",
            "fallbacks.1.settings.template": "required",
            "fallbacks.2.provider": "not_an_option",
            "output.format": "not_an_option",
            "output.quality": "out_of_range",
            "output.max_side": "out_of_range",
            "output.overlay": "not_a_template",
            "policy.hedge": "not_a_boolean",
            "keeping.copies": "not_a_boolean",
            "is_active": "not_a_boolean",
        }

    def test_what_is_allowed_is_told(self, service: SlotService) -> None:
        with pytest.raises(Refused) as raised:
            service.draft("slot-001", replace(GOOD, provider="gemini"))
        assert raised.value.details["fields"]["provider"]["options"] == ["local", "backup", "rival", "orders"]

    @pytest.mark.parametrize("anything", [None, True, 7, 2.5, "text", [], [1], {}, {"a": {}}])
    def test_no_field_breaks_on_json_of_another_kind(self, service: SlotService, anything: object) -> None:
        content = SlotContent(*[anything] * 10)
        with pytest.raises(Refused) as raised:
            service.draft("slot-001", content)
        assert {"provider"} <= raised.value.details["fields"].keys()

    def test_a_community_must_be_connected(self, house: House, service: SlotService) -> None:
        wanted = {"community": str(uuid4()), "album": "day"}
        assert problems_of(service, publishing=wanted) == {"publishing.community": "not_a_community"}
        community = house.stores.communities.add(a_community())
        chosen = {**wanted, "community": str(community.id)}
        assert service.draft("slot-001", replace(GOOD, publishing=chosen)).publishing == Publishing(**chosen)

    def test_too_many_fallbacks(self, service: SlotService) -> None:
        assert problems_of(service, fallbacks=GOOD.fallbacks * (MAX_FALLBACKS + 1)) == {"fallbacks": "not_a_list"}
        assert service.draft("slot-001", replace(GOOD, fallbacks=GOOD.fallbacks * MAX_FALLBACKS))

    @pytest.mark.parametrize("value", ["nowhere", str(UUID(int=1)), 7])
    def test_a_template_that_is_not_there(self, service: SlotService, value: object) -> None:
        assert problems_of(service, operation="frame", settings={"template": value}) == {
            "settings.template": "not_a_template"
        }


class TestChanges:
    def test_a_change_is_saved_under_the_next_version(self, house: House, service: SlotService) -> None:
        saved = service.change("slot-001", GOOD, 1, "igor")
        assert (saved.version, saved.updated_by) == (2, "igor")
        assert service.get("slot-001") == saved == house.slot()
        assert [slot.name for slot in service.all()[:2]] == ["Winter", "Слот 2"]

    def test_who_edits_an_old_version_learns_who_was_first(self, service: SlotService) -> None:
        first = service.change("slot-001", GOOD, 1, "igor")
        with pytest.raises(Refused) as raised:
            service.change("slot-001", replace(GOOD, name="Summer"), 1, "serg")
        assert raised.value.reason is Reason.VERSION_CONFLICT
        assert raised.value.details == {
            "expected_version": 1,
            "version": 2,
            "updated_by": "igor",
            "updated_at": first.updated_at.isoformat(),
        }
        assert service.get("slot-001").name == "Winter"

    def test_a_mistake_saves_nothing(self, house: House, service: SlotService) -> None:
        with pytest.raises(Refused):
            service.change("slot-001", replace(GOOD, name=""), 1, "serg")
        assert house.slot().version == 1


class TestBindings:
    def frame(self, template_id: UUID) -> dict[str, Any]:
        return {"provider": "local", "operation": "frame", "settings": {"template": str(template_id)}}

    def test_templates_of_every_step_are_bound_to_the_slot(self, house: House, service: SlotService) -> None:
        one, other = house.template(), house.template()
        content = replace(GOOD, **self.frame(one.id), fallbacks=[self.frame(other.id)])
        service.change("slot-001", content, 1, "serg")
        assert {template.used_by for template in house.stores.templates.all()} == {("slot-001",)}

    def test_so_is_the_overlay_of_its_output(self, house: House, service: SlotService) -> None:
        logo = house.template()
        service.change("slot-001", replace(GOOD, output={"overlay": str(logo.id)}), 1, "serg")
        assert [template.used_by for template in house.stores.templates.all()] == [("slot-001",)]

    def test_what_the_slot_no_longer_uses_is_free(self, house: House, service: SlotService) -> None:
        template = house.template()
        service.change("slot-001", replace(GOOD, **self.frame(template.id)), 1, "serg")
        service.change("slot-001", GOOD, 2, "serg")
        assert [template.used_by for template in house.stores.templates.all()] == [()]

    def test_a_template_deleted_at_the_same_moment_is_a_problem_and_saves_nothing(self, house: House) -> None:
        template = house.template()

        class SlotsWhileSomebodyDeletes(MemorySlotStore):
            def save(self, slot: Slot, expected_version: int, author: str) -> Slot | None:
                house.stores.templates.remove(template.id)
                return super().save(slot, expected_version, author)

        service = service_of(house, SlotsWhileSomebodyDeletes(house.database))
        with pytest.raises(Refused) as raised:
            service.change("slot-001", replace(GOOD, **self.frame(template.id)), 1, "serg")
        assert raised.value.reason is Reason.INVALID_SETTINGS
        assert raised.value.details["fields"] == {"settings.template": {"code": "not_a_template"}}
        assert house.slot().version == 1
