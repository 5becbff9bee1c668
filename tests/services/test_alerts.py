"""What administrators are told: something is lacking, or a provider fails at what active slots ask of it."""

from dataclasses import replace
from uuid import UUID

import pytest

from app.domain.alerts import Alert, Lack
from app.domain.errors import DatabaseUnavailable, FaultKind
from app.domain.media import Output
from app.domain.slot import Step
from tests.services.house import BACKUP, LOCAL, ORDERS, RIVAL
from tests.services.studio import Locked, Studio

FINE_BACKUP = replace(BACKUP, settings={"model": "fine"})
QR_CODE = Output(qr_corner="bottom_right")


@pytest.fixture
def studio() -> Studio:
    return Studio()


def slots_of(alert: Alert) -> list[str]:
    return [slot.id for slot in alert.slots]


class TestLackingKeys:
    def test_a_new_installation_lacks_nothing(self, studio: Studio) -> None:
        studio.forget_key("backup")
        assert studio.service.active() == []

    def test_a_slot_that_asks_a_provider_without_a_key_is_told(self, studio: Studio) -> None:
        studio.forget_key("backup")
        studio.set_up("slot-002", BACKUP)
        studio.set_up("slot-001", LOCAL, BACKUP, FINE_BACKUP)
        [alert] = studio.service.active()
        assert (alert.kind, alert.provider, slots_of(alert)) == (Lack.KEY, "backup", ["slot-001", "slot-002"])
        assert alert.leaves_without_key

    def test_with_a_key_all_is_well(self, studio: Studio) -> None:
        studio.set_up("slot-001", BACKUP)
        assert studio.service.active() == []

    def test_what_cannot_be_decrypted_is_no_key(self) -> None:
        studio = Studio(Locked("rival"))
        studio.set_up("slot-001", BACKUP, RIVAL)
        [alert] = studio.service.active()
        assert (alert.kind, alert.provider, alert.message) == (Lack.READABLE_KEY, "rival", "It cannot be decrypted.")

    def test_a_paused_slot_needs_none(self, studio: Studio) -> None:
        studio.forget_key("backup")
        studio.set_up("slot-001", BACKUP, is_active=False)
        assert studio.service.active() == []


class TestLackingAddress:
    def test_a_qr_code_leads_nowhere_without_one(self) -> None:
        studio = Studio(base_url=None)
        assert studio.told() == []
        studio.set_up("slot-003", LOCAL, output=QR_CODE)
        [alert] = studio.service.active()
        assert (alert.kind, slots_of(alert)) == (Lack.PUBLIC_ADDRESS, ["slot-003"])

    def test_nor_can_a_provider_fetch_images(self) -> None:
        studio = Studio(base_url=None)
        studio.set_up("slot-001", LOCAL, ORDERS)
        studio.set_up("slot-002", BACKUP)
        [alert] = studio.service.active()
        assert (alert.kind, alert.provider, slots_of(alert)) == (Lack.PUBLIC_ADDRESS, "orders", ["slot-001"])

    def test_with_one_all_is_well(self, studio: Studio) -> None:
        studio.set_up("slot-003", ORDERS, output=QR_CODE)
        assert studio.told() == []

    def test_each_trouble_is_told_once(self) -> None:
        studio = Studio(base_url=None)
        studio.set_up("slot-003", ORDERS, output=QR_CODE)
        studio.note("orders", FaultKind.NOT_CONFIGURED, slot_id="slot-003")
        assert studio.told() == [("orders", "public_address_missing"), ("", "public_address_missing")]


class TestLackingImages:
    def test_an_image_that_is_there_is_no_trouble(self, studio: Studio) -> None:
        image = str(studio.template().id)
        studio.set_up("slot-001", Step("local", "frame", {"template": image}), output=Output(overlay=image))
        assert studio.told() == []

    def test_slots_whose_steps_or_output_use_a_deleted_one_are_named(self, studio: Studio) -> None:
        image = studio.template().id
        framed = Step("local", "frame", {"template": str(image)})
        studio.set_up("slot-001", framed)
        studio.set_up("slot-002", LOCAL, framed)
        studio.set_up("slot-003", LOCAL, output=Output(overlay=str(image)))
        studio.set_up("slot-004", framed, is_active=False)
        studio.stores.templates.remove(image)
        [alert] = studio.service.active()
        assert (alert.kind, alert.provider) == (Lack.TEMPLATE, "")
        assert slots_of(alert) == ["slot-001", "slot-002", "slot-003"]

    def test_the_faults_that_follow_from_it_are_not_told_beside_it(self, studio: Studio) -> None:
        studio.set_up("slot-001", BACKUP, output=Output(overlay=str(UUID(int=1))))
        studio.set_up("slot-002", BACKUP)
        studio.note("backup", FaultKind.NOT_CONFIGURED, slot_id="slot-001")
        assert studio.told() == [("", "template_missing")]
        studio.note("backup", FaultKind.NOT_CONFIGURED, slot_id="slot-002")
        assert studio.told() == [("", "template_missing"), ("backup", "not_configured")]


class TestFaults:
    def test_what_a_provider_said_is_passed_on_with_the_slots_that_suffer(self, studio: Studio) -> None:
        studio.set_up("slot-004", BACKUP)
        studio.set_up("slot-005", FINE_BACKUP)
        studio.note("backup", FaultKind.MODEL_GONE, "fine")
        studio.note("backup", FaultKind.KEY_REFUSED)
        gone, refused = sorted(studio.service.active(), key=lambda alert: alert.kind is FaultKind.KEY_REFUSED)
        assert (gone.kind, gone.model, slots_of(gone)) == (FaultKind.MODEL_GONE, "fine", ["slot-005"])
        assert (refused.kind, refused.model, slots_of(refused)) == (
            FaultKind.KEY_REFUSED,
            "",
            ["slot-004", "slot-005"],
        )
        assert gone.message == "In its own words."
        assert gone.since is not None

    @pytest.mark.parametrize("model", ["fast", "fine"])
    def test_what_no_active_slot_asks_any_more_is_not_told(self, studio: Studio, model: str) -> None:
        studio.set_up("slot-001", FINE_BACKUP)
        studio.note("backup", FaultKind.MODEL_GONE, model)
        studio.note("rival", FaultKind.KEY_REFUSED)
        assert studio.told() == ([("backup", "model_gone")] if model == "fine" else [])

    def test_that_a_provider_is_not_set_up_is_told_once(self, studio: Studio) -> None:
        studio.set_up("slot-001", BACKUP)
        studio.note("backup", FaultKind.NOT_CONFIGURED)
        assert studio.told() == [("backup", "not_configured")]
        studio.forget_key("backup")
        assert studio.told() == [("backup", "key_missing")]

    def test_what_a_slots_settings_are_to_blame_for_names_that_slot_alone(self, studio: Studio) -> None:
        studio.set_up("slot-004", BACKUP)
        studio.set_up("slot-005", BACKUP)
        studio.note("backup", FaultKind.BAD_ARGUMENT, slot_id="slot-005")
        [alert] = studio.service.active()
        assert (alert.kind, slots_of(alert)) == (FaultKind.BAD_ARGUMENT, ["slot-005"])
        studio.set_up("slot-005", FINE_BACKUP)
        assert studio.told() == []

    def test_the_same_of_several_slots_is_told_once(self, studio: Studio) -> None:
        for slot_id in ("slot-006", "slot-005"):
            studio.set_up(slot_id, BACKUP)
            studio.note("backup", FaultKind.LIMIT_REACHED, slot_id=slot_id)
        [alert] = studio.service.active()
        assert slots_of(alert) == ["slot-005", "slot-006"]
        assert alert.since == min(fault.since for fault in studio.gate.alerts())

    def test_what_is_lacking_comes_first(self, studio: Studio) -> None:
        studio.set_up("slot-001", BACKUP, RIVAL)
        studio.note("backup", FaultKind.KEY_REFUSED)
        studio.forget_key("rival")
        assert studio.told() == [("rival", "key_missing"), ("backup", "key_refused")]


def test_a_step_that_the_catalogue_knows_no_longer_is_passed_over(studio: Studio) -> None:
    studio.set_up("slot-001", Step("gone", "image_edit"), Step("backup", "gone"))
    studio.forget_key("backup")
    assert studio.told() == [("backup", "key_missing")]


def test_without_the_database_nobody_knows(studio: Studio) -> None:
    studio.database.go_away()
    with pytest.raises(DatabaseUnavailable):
        studio.service.active()
