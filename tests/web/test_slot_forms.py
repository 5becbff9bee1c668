"""The form between HTML and the slot service: what it keeps aside, takes in and takes over. No server is needed."""

from dataclasses import replace
from uuid import UUID

import pytest
from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import MultiDict

from app.domain.media import Output
from app.domain.slot import Keeping, Policy, Slot, Step
from app.domain.slot_changes import Revision
from app.web.pages import slot_form, step_form
from app.web.pages.disputes import Conflict, taken
from app.web.pages.slot_form import MINE, SlotForm
from app.web.pages.slot_texts import FieldText, field_texts, lines
from tests.services.house import CATALOGUE, House

LOCAL = Step("local", "image_edit", {"effect": "glow", "strength": 80})
BACKUP = Step("backup", "image_edit", {"effect": "glow", "strength": 5, "prompt": "A pirate"})
RIVAL = Step("rival", "image_edit", {"effect": "glow", "strength": 7})
IMAGES = {str(UUID(int=7)): "Зима"}


@pytest.fixture(autouse=True)
def language():
    app = Flask("test")
    Babel(app)
    with app.test_request_context():
        yield


def slot(*fallbacks: Step, step: Step = LOCAL, **changes: object) -> Slot:
    return replace(House().slot(), step=step, fallbacks=fallbacks, **changes)  # type: ignore[arg-type]


def form(*fallbacks: Step, **changes: object) -> SlotForm:
    return slot_form.stored(slot(*fallbacks, **changes))


def read(given: SlotForm) -> dict[str, FieldText]:
    return field_texts(given, CATALOGUE, IMAGES)


class TestWhatIsSetAside:
    def test_comes_back_as_it_was(self) -> None:
        step = replace(form().steps[0], kept={("local", "frame"): {"template": "x"}})
        whole = replace(form(BACKUP), name=" Typed ").with_step(0, step)
        sent = MultiDict({**form().controls(), **whole.controls(MINE)})
        assert slot_form.posted_before(sent, CATALOGUE) == whole

    def test_is_none_where_nothing_was(self) -> None:
        assert slot_form.posted_before(MultiDict(form().controls()), CATALOGUE) is None


class TestRemovedFallbacks:
    def test_are_sent_along_and_come_back_into_their_place(self) -> None:
        three = form(BACKUP, RIVAL, LOCAL).without_step(2)
        sent = three.controls()
        for number, removed in enumerate(three.removed):
            sent |= removed.controls(number)
        arrived = slot_form.posted(MultiDict(sent), CATALOGUE)
        assert arrived == three
        assert arrived.with_removed(0) == form(BACKUP, RIVAL, LOCAL)

    def test_several_are_kept_in_the_order_of_their_removal(self) -> None:
        none = form(BACKUP, RIVAL).without_step(1).without_step(1)
        assert [removed.step.provider for removed in none.removed] == ["backup", "rival"]
        assert [step.provider for step in none.with_removed(1).steps] == ["local", "rival"]

    def test_stay_out_where_there_is_no_room(self) -> None:
        full = form(BACKUP, RIVAL, LOCAL).without_step(1).with_fallback(CATALOGUE)
        assert full.with_removed(0) is full

    @pytest.mark.parametrize("number", [-1, 1])
    def test_one_that_was_never_removed_changes_nothing(self, number: int) -> None:
        one = form(BACKUP).without_step(1)
        assert one.with_removed(number) is one


class TestWords:
    def test_values_are_said_as_their_controls_say_them(self) -> None:
        there = Step("local", "frame", {"template": str(UUID(int=7))})
        gone = Step("local", "frame", {"template": str(UUID(int=8))})
        output = Output(format="original", max_side=2048, qr_corner="top_left")
        texts = read(form(there, gone, output=output, policy=Policy(hedge=True, price_cap_usd=0.5)))
        said = {path: texts[path].words for path in texts}
        assert said["fallbacks.0.settings.template"] == "Зима"
        assert said["fallbacks.1.settings.template"] == "an image that is gone"
        assert (said["output.format"], said["output.max_side"]) == ("as provided", "2048")
        assert (said["output.qr_corner"], said["policy.hedge"]) == ("top left", "yes")
        assert (said["policy.price_cap_usd"], said["policy.daily_budget_usd"]) == ("$0.50", "")

    def test_equal_values_are_equal_however_they_were_typed(self) -> None:
        typed = replace(form(), policy={**form().policy, "price_cap_usd": "0,50"})
        stored = form(policy=Policy(price_cap_usd=0.5))
        assert lines(read(stored), read(typed)) == []

    def test_what_differs_is_told_with_both_values(self) -> None:
        old, new = form(name="Old"), form(BACKUP, name="New")
        told = {line.path: (line.label, line.old, line.new) for line in lines(read(old), read(new))}
        assert told["name"] == ("Name", "Old", "New")
        assert told["fallbacks.0.settings.strength"] == ("Fallback 1, Name", "", "5")


class TestConflicts:
    """Somebody began with `base`, typed `mine`, and finds `theirs` saved meanwhile."""

    BASE = slot(BACKUP)

    def conflict(self, theirs: Slot, mine: SlotForm, base: Slot | None = BASE) -> Conflict:
        return Conflict(theirs, base, [Revision(theirs, base)], mine)

    def parts(self, conflict: Conflict, shown: SlotForm | None = None) -> dict[str, bool]:
        """By part, whether the form holds theirs."""
        return {d.part: d.is_taken for d in conflict.disputes(shown or conflict.mine, read)}

    def test_what_only_they_touched_is_theirs_and_what_both_touched_mine(self) -> None:
        theirs = replace(self.BASE, name="Theirs", output=Output(quality=70, max_side=999))
        mine = replace(slot_form.stored(self.BASE), name="Mine")
        conflict = self.conflict(theirs, mine)
        settled = conflict.settled(read)
        assert (settled.name, settled.output["quality"], settled.output["max_side"]) == ("Mine", "70", "999")
        assert self.parts(conflict, settled) == {"name": False, "output.quality": True, "output.max_side": True}

    def test_both_values_are_told_in_words(self) -> None:
        theirs = replace(self.BASE, policy=Policy(hedge=True))
        [dispute] = self.conflict(theirs, slot_form.stored(self.BASE)).disputes(slot_form.stored(self.BASE), read)
        assert (dispute.theirs, dispute.mine) == (["yes"], ["no"])

    def test_the_same_change_by_both_is_none(self) -> None:
        both = replace(self.BASE, name="Both")
        assert self.parts(self.conflict(both, slot_form.stored(both))) == {}

    def test_what_is_kept_can_be_taken_from_them(self) -> None:
        theirs = replace(self.BASE, keeping=Keeping(originals=True))
        mine = replace(slot_form.stored(self.BASE), keeping={"originals": "", "copies": "on"})
        settled = self.conflict(theirs, mine).settled(read)
        assert settled.keeping == {"originals": "on", "copies": "on"}

    def test_what_only_i_touched_is_none(self) -> None:
        mine = replace(slot_form.stored(self.BASE), name="Mine")
        theirs = replace(self.BASE, output=Output(quality=1))
        assert self.parts(self.conflict(theirs, mine)) == {"output.quality": False}

    def test_the_same_operation_is_settled_field_by_field(self) -> None:
        theirs = slot(BACKUP, step=Step("local", "image_edit", {"effect": "watercolour", "strength": 1}))
        mine = form(BACKUP, step=Step("local", "image_edit", {"effect": "glow", "strength": 2}))
        conflict = self.conflict(theirs, mine)
        settled = conflict.settled(read)
        assert self.parts(conflict, settled) == {"settings.effect": True, "settings.strength": False}
        assert settled.steps[0].settings == {"effect": "watercolour", "strength": "2"}

    def test_another_operation_is_settled_as_a_whole(self) -> None:
        theirs = slot(BACKUP, step=Step("rival", "image_edit", {"effect": "glow", "strength": 1}))
        mine = form(BACKUP, step=Step("local", "image_edit", {"effect": "glow", "strength": 2}))
        conflict = self.conflict(theirs, mine)
        assert self.parts(conflict) == {"step.0": False}
        assert taken(mine, slot_form.stored(theirs), "step.0").steps[0] == step_form.stored(theirs.step)

    def test_a_fallbacks_own_field_is_settled_in_its_place(self) -> None:
        other = replace(BACKUP, settings={**BACKUP.settings, "strength": 9})
        conflict = self.conflict(slot(other), form(replace(BACKUP, settings={"strength": 1})))
        assert "fallbacks.0.settings.strength" in self.parts(conflict)
        form_taken = taken(conflict.mine, slot_form.stored(slot(other)), "fallbacks.0.settings.strength")
        assert form_taken.steps[1].settings["strength"] == "9"

    def test_another_number_of_fallbacks_is_settled_together(self) -> None:
        theirs, mine = slot(), form(BACKUP, RIVAL)
        conflict = self.conflict(theirs, mine)
        assert self.parts(conflict) == {"fallbacks": False}
        assert taken(mine, slot_form.stored(theirs), "fallbacks").steps == mine.steps[:1]

    def test_without_a_known_base_everything_that_differs_is_told(self) -> None:
        conflict = self.conflict(slot(BACKUP, name="Theirs"), form(BACKUP, name="Mine"), base=None)
        assert self.parts(conflict, conflict.settled(read)) == {"name": False}

    def test_there_and_back_again(self) -> None:
        theirs = slot(RIVAL, name="Theirs", output=Output("png"), keeping=Keeping(copies=True))
        mine = form(BACKUP, name="Mine")
        conflict = self.conflict(theirs, mine)
        given = mine
        for part in self.parts(conflict):
            given = taken(given, slot_form.stored(theirs), part)
        assert read(given) == read(slot_form.stored(theirs))
        for part in self.parts(conflict):
            given = taken(given, mine, part)
        assert read(given) == read(mine)
