"""The contracts of the stores beside the queue, held by PostgreSQL and by the twins in memory."""

import contextlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import UUID

import pytest

from app.domain.media import Output, TemplateMedia
from app.domain.slot import Keeping, Policy, Slot, Step
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

Stores = MemoryStores | PostgresStores
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


class TestSlots:
    def slot(self, stores: Stores, slot_id: str = "slot-001") -> Slot:
        found = stores.slots.get(slot_id)
        assert found is not None
        return found

    def test_a_new_installation_has_fifteen_in_order(self, stores: Stores) -> None:
        slots = stores.slots.all()
        assert [slot.id for slot in slots] == [f"slot-{number:03}" for number in range(1, 16)]
        assert {(slot.version, slot.is_active, slot.step.provider) for slot in slots} == {(1, True, "local")}
        assert stores.slots.get("slot-016") is None

    def test_everything_of_a_slot_is_kept(self, stores: Stores) -> None:
        changed = replace(
            self.slot(stores),
            name="Фотозона «Зима» 🎄",
            step=Step("local", "frame", {"template": "7", "margins": [1, 2.5, None, True], "note": "ё"}),
            fallbacks=(Step("local", "image_edit", {"effect": "glow"}), Step("local", "image_edit")),
            output=Output("webp", 70, 2048),
            is_active=False,
        )
        saved = stores.slots.save(changed, 1, "igor")
        assert saved is not None
        assert saved == replace(changed, version=2, updated_by="igor", updated_at=saved.updated_at)
        assert saved.updated_at > changed.updated_at
        assert self.slot(stores) == saved

    def test_the_second_of_two_who_edit_the_same_version_changes_nothing(self, stores: Stores) -> None:
        slot = self.slot(stores)
        assert stores.slots.save(replace(slot, name="first"), 1, "serg")
        assert stores.slots.save(replace(slot, name="second"), 1, "igor") is None
        assert (self.slot(stores).name, self.slot(stores).updated_by) == ("first", "serg")

    def test_an_unknown_slot_cannot_be_saved(self, stores: Stores) -> None:
        assert stores.slots.save(replace(self.slot(stores), id="slot-016"), 1, "serg") is None

    def test_every_version_stays_in_the_history(self, stores: Stores) -> None:
        slot = self.slot(stores)
        for version in (1, 2):
            stores.slots.save(replace(slot, name=f"changed {version}"), version, "serg")
        stores.slots.save(slot, 1, "igor")
        assert stores.past_versions("slot-001") == [1, 2, 3]
        assert stores.past_versions("slot-002") == [1]

    def test_a_version_comes_back_as_it_was(self, stores: Stores) -> None:
        first = self.slot(stores)
        changed = replace(
            first,
            name="Зима",
            fallbacks=(Step("local", "frame", {"template": "7"}),),
            output=Output("webp", 70, 2048, qr_corner="top_left"),
            policy=Policy("next", True, 0.2, 25),
            keeping=Keeping(originals=True, copies=True),
            is_active=False,
        )
        saved = stores.slots.save(changed, 1, "igor")
        assert stores.slots.version("slot-001", 2) == saved
        assert stores.slots.version("slot-001", 1) == first
        assert stores.slots.version("slot-001", 3) is None
        assert stores.slots.version("slot-016", 1) is None

    def test_the_history_is_read_newest_first_and_in_pages(self, stores: Stores) -> None:
        slot = self.slot(stores)
        for version in range(1, 5):
            stores.slots.save(replace(slot, name=f"changed {version}"), version, "serg")
        page, total = stores.slots.history("slot-001", skip=1, limit=2)
        assert ([past.version for past in page], total) == ([4, 3], 5)
        assert [past.name for past in page] == ["changed 3", "changed 2"]
        assert stores.slots.history("slot-001", skip=9, limit=2) == ([], 5)
        assert stores.slots.history("slot-016", skip=0, limit=2) == ([], 0)

    def test_a_slot_that_is_held_waits_for_nobody_to_change_it(self, stores: Stores) -> None:
        """Whoever holds it reads what the last one left, so that both changes are kept."""
        start = Barrier(4)

        def add(number: int) -> None:
            start.wait()
            with stores.transaction():
                held = stores.slots.held("slot-001")
                assert held is not None
                assert stores.slots.save(replace(held, name=f"{held.name}{number}"), held.version, "serg")

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(add, range(4)))
        assert self.slot(stores).version == 5
        assert sorted(self.slot(stores).name[-4:]) == list("0123")
        assert stores.slots.held("slot-016") is None

    def test_of_many_at_once_one_wins(self, stores: Stores) -> None:
        slot, start = self.slot(stores), Barrier(6)

        def save(number: int) -> bool:
            start.wait()
            return stores.slots.save(replace(slot, name=str(number)), 1, "serg") is not None

        with ThreadPoolExecutor(6) as threads:
            assert sum(threads.map(save, range(6))) == 1


class TestTemplates:
    def added(self, stores: Stores, label: str = "Frame") -> TemplateMedia:
        template_id = UUID(bytes=secrets.token_bytes(16))
        path = f"templates/{template_id}.png"
        template = TemplateMedia(template_id, label, path, "image/png", 5_000_000_000, 1200, 800, LONG_AGO)
        return stores.templates.add(template, "serg")

    def test_what_was_added_comes_back_with_the_databases_time(self, stores: Stores) -> None:
        template = self.added(stores, "Рамка")
        assert stores.templates.get(template.id) == template
        assert (template.label, template.size_bytes, template.used_by) == ("Рамка", 5_000_000_000, ())
        assert template.created_at > LONG_AGO
        assert stores.templates.get(UUID(int=0)) is None

    def test_the_newest_comes_first(self, stores: Stores) -> None:
        for label in ("one", "two", "three"):
            stores.pass_time(10)
            self.added(stores, label)
        assert [template.label for template in stores.templates.all()] == ["three", "two", "one"]

    def test_a_template_knows_the_slots_that_use_it(self, stores: Stores) -> None:
        one, other = self.added(stores), self.added(stores)
        stores.templates.bind("slot-002", {"0.template": one.id, "1.template": one.id})
        stores.templates.bind("slot-001", {"0.template": one.id, "1.style": other.id})
        users = {template.id: template.used_by for template in stores.templates.all()}
        assert users == {one.id: ("slot-001", "slot-002"), other.id: ("slot-001",)}

    def test_new_bindings_replace_the_old(self, stores: Stores) -> None:
        one, other = self.added(stores), self.added(stores)
        stores.templates.bind("slot-001", {"0.template": one.id})
        stores.templates.bind("slot-001", {"0.template": other.id})
        assert self.used_by(stores, one) == ()
        assert self.used_by(stores, other) == ("slot-001",)
        stores.templates.bind("slot-001", {})
        assert self.used_by(stores, other) == ()

    def test_another_name_keeps_everything_else(self, stores: Stores) -> None:
        template = self.added(stores)
        stores.templates.bind("slot-001", {"0.template": template.id})
        renamed = stores.templates.rename(template.id, "Зима")
        assert renamed == replace(template, label="Зима", used_by=("slot-001",)) == stores.templates.get(template.id)
        assert stores.templates.rename(UUID(int=0), "Nobody") is None

    def test_an_unknown_template_cannot_be_bound_and_changes_nothing(self, stores: Stores) -> None:
        one = self.added(stores)
        stores.templates.bind("slot-001", {"0.template": one.id})
        with pytest.raises(KeyError):
            stores.templates.bind("slot-001", {"0.template": UUID(int=0)})
        assert self.used_by(stores, one) == ("slot-001",)

    def test_bindings_go_with_a_removed_template(self, stores: Stores) -> None:
        one, other = self.added(stores), self.added(stores)
        stores.templates.bind("slot-001", {"0.template": one.id, "1.template": other.id})
        assert [stores.templates.remove(one.id), stores.templates.remove(one.id)] == [True, False]
        assert [template.used_by for template in stores.templates.all()] == [("slot-001",)]

    def used_by(self, stores: Stores, template: TemplateMedia) -> tuple[str, ...]:
        found = stores.templates.get(template.id)
        assert found is not None
        return found.used_by


class TestSettings:
    def test_nothing_is_set_at_first(self, stores: Stores) -> None:
        assert stores.settings.get("sync_response_seconds") is None

    @pytest.mark.parametrize("value", [48, 0.5, "ё", True, None, {"hash": "$argon2id$v=19", "n": [1, None]}, []])
    def test_any_json_comes_back_with_who_set_it(self, stores: Stores, value: object) -> None:
        stores.settings.put("key", value, "serg")
        setting = stores.settings.get("key")
        assert setting is not None
        assert (setting.value, setting.updated_by) == (value, "serg")
        assert setting.updated_at.tzinfo is not None

    def test_the_last_value_rules(self, stores: Stores) -> None:
        stores.settings.put("key", 1, "serg")
        stores.settings.put("key", 2, None)
        setting = stores.settings.get("key")
        assert setting is not None
        assert (setting.value, setting.updated_by) == (2, None)

    def test_a_reader_learns_how_old_a_value_is(self, stores: Stores) -> None:
        stores.settings.put("key", 1, "serg")
        stores.pass_time(50)
        setting = stores.settings.get("key")
        assert setting is not None
        assert setting.read_at - setting.updated_at == pytest.approx(timedelta(seconds=50), abs=timedelta(seconds=2))

    def test_changes_of_one_transaction_come_together_or_not_at_all(self, stores: Stores) -> None:
        stores.settings.put("one", 1, "serg")
        with contextlib.suppress(RuntimeError), stores.transaction():
            stores.settings.put("one", 2, "igor")
            stores.settings.put("two", 2, "igor")
            raise RuntimeError
        one = stores.settings.get("one")
        assert one is not None
        assert (one.value, stores.settings.get("two")) == (1, None)


class TestTheVersionOfTheSettings:
    def test_counts_the_changes(self, stores: Stores) -> None:
        assert stores.settings.version() == 0
        assert [stores.settings.advance(None), stores.settings.advance(None)] == [1, 2]
        assert stores.settings.version() == 2

    def test_goes_on_only_from_the_expected_one(self, stores: Stores) -> None:
        assert [stores.settings.advance(expected) for expected in (3, 0, 0, 2, 1)] == [None, 1, None, None, 2]
        assert stores.settings.version() == 2

    def test_of_many_who_expect_the_same_one_wins(self, stores: Stores) -> None:
        start = Barrier(6)

        def advance(_: int) -> int | None:
            start.wait()
            return stores.settings.advance(0)

        with ThreadPoolExecutor(6) as threads:
            assert [won for won in threads.map(advance, range(6)) if won] == [1]

    def test_stays_when_the_change_is_undone(self, stores: Stores) -> None:
        with contextlib.suppress(RuntimeError), stores.transaction():
            stores.settings.advance(0)
            raise RuntimeError
        assert stores.settings.version() == 0
