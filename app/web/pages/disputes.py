"""What two people made of one slot at once: theirs, mine, and the form that takes the one or the other by parts.

A part is a field. Where the two chose different operations for a step, the fields of one mean nothing for the other,
and the part is the whole step; where they have different numbers of fallbacks, it is all the fallbacks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext

from app.domain.slot import Slot
from app.domain.slot_changes import Revision
from app.web.pages.slot_form import SlotForm, stored
from app.web.pages.slot_texts import FieldText
from app.web.pages.step_form import step_path

FALLBACKS = "fallbacks"
STEP = "step."
"""What the name of a part begins with that is a whole step; its place follows."""

Reading = Callable[[SlotForm], Mapping[str, FieldText]]
"""The form in words: app.web.pages.slot_texts.field_texts for one catalogue."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A part that somebody changed meanwhile. `theirs` and `mine` are in words; `is_taken`: the form holds theirs."""

    part: str
    label: str
    theirs: Sequence[str]
    mine: Sequence[str]
    is_taken: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """`changes` are what was saved since the edit began, newest first; `mine` is the form as it was then sent.

    `base` is the slot as it was when the edit began, None if that is not known.
    """

    theirs: Slot
    base: Slot | None
    changes: Sequence[Revision]
    mine: SlotForm

    @property
    def updated_by(self) -> str | None:
        return self.theirs.updated_by

    @property
    def updated_at(self) -> datetime:
        return self.theirs.updated_at

    def settled(self, read: Reading) -> SlotForm:
        """Mine, with theirs wherever I changed nothing."""
        form = self.mine
        for part, paths in self._parts(read).items():
            if self.base and _texts(read(stored(self.base)), paths) == _texts(read(self.mine), paths):
                form = taken(form, stored(self.theirs), part)
        return form

    def disputes(self, form: SlotForm, read: Reading) -> list[Dispute]:
        """Each part in which theirs is another than mine, as `form` has it at the moment."""
        theirs, mine, shown = read(stored(self.theirs)), read(self.mine), read(form)
        return [
            Dispute(
                part=part,
                label=_label(part, theirs, mine),
                theirs=_said(theirs, paths, part),
                mine=_said(mine, paths, part),
                is_taken=_texts(shown, paths) == _texts(theirs, paths),
            )
            for part, paths in self._parts(read).items()
        ]

    def _parts(self, read: Reading) -> dict[str, list[str]]:
        """The field paths of each part that they changed and that is not the same in mine."""
        forms = [stored(self.theirs), self.mine, *([stored(self.base)] if self.base else [])]
        readings = [read(form) for form in forms]
        parts: dict[str, list[str]] = {}
        for path in {path: None for reading in readings for path in reading}:
            parts.setdefault(_part_of(path, forms), []).append(path)
        return {part: paths for part, paths in parts.items() if _is_disputed(paths, *readings)}


def taken(form: SlotForm, other: SlotForm, part: str) -> SlotForm:
    """The form with one part as the other form has it; `part` is one that a Conflict of the two has named."""
    if part == FALLBACKS:
        return replace(form, steps=(form.steps[0], *other.steps[1:]))
    if part.startswith(STEP):
        place = int(part.removeprefix(STEP))
        return form.with_step(place, other.steps[place]) if place < min(len(form.steps), len(other.steps)) else form
    return _field_taken(form, other, part)


def _field_taken(form: SlotForm, other: SlotForm, path: str) -> SlotForm:
    group, _, name = path.partition(".")
    if group == "policy":
        return replace(form, policy={**form.policy, name: other.policy[name]})
    if group == "output":
        return replace(form, output={**form.output, name: other.output[name]})
    if group == "keeping":
        return replace(form, keeping={**form.keeping, name: other.keeping[name]})
    if group == "publishing":
        return replace(form, publishing={**form.publishing, name: other.publishing[name]})
    for place in range(min(len(form.steps), len(other.steps))):
        prefix = f"{step_path(place)}settings."
        if path.startswith(prefix):
            return _setting_taken(form, other, place, path.removeprefix(prefix))
    return replace(form, name=other.name) if path == "name" else form


def _setting_taken(form: SlotForm, other: SlotForm, place: int, name: str) -> SlotForm:
    settings = {key: text for key, text in form.steps[place].settings.items() if key != name}
    if name in other.steps[place].settings:
        settings[name] = other.steps[place].settings[name]
    return form.with_step(place, replace(form.steps[place], settings=settings))


def _part_of(path: str, forms: Sequence[SlotForm]) -> str:
    if path.startswith("fallbacks.") and len({len(form.steps) for form in forms}) > 1:
        return FALLBACKS
    for place in reversed(range(min(len(form.steps) for form in forms))):
        of_step = (f"{step_path(place)}{name}" for name in ("provider", "operation", "settings."))
        if path.startswith(tuple(of_step)):
            is_one_operation = len({form.steps[place].choice for form in forms}) == 1
            return path if is_one_operation else f"{STEP}{place}"
    return path


def _is_disputed(
    paths: Sequence[str],
    theirs: Mapping[str, FieldText],
    mine: Mapping[str, FieldText],
    base: Mapping[str, FieldText] | None = None,
) -> bool:
    they_changed_it = base is None or _texts(theirs, paths) != _texts(base, paths)
    return they_changed_it and _texts(theirs, paths) != _texts(mine, paths)


def _texts(reading: Mapping[str, FieldText], paths: Sequence[str]) -> list[str | None]:
    return [reading[path].text if path in reading else None for path in paths]


def _label(part: str, theirs: Mapping[str, FieldText], mine: Mapping[str, FieldText]) -> str:
    if part == FALLBACKS:
        return str(gettext("Fallbacks"))
    if part.startswith(STEP):
        place = int(part.removeprefix(STEP))
        return str(gettext("Fallback %(n)s", n=place) if place else gettext("What happens to a photo"))
    return (theirs.get(part) or mine[part]).label


def _said(reading: Mapping[str, FieldText], paths: Sequence[str], part: str) -> list[str]:
    """A field's words; of a larger part each field with its label, as far as there is something in it."""
    found = [reading[path] for path in paths if path in reading]
    if part in paths:
        return [field.words for field in found if field.words]
    return [f"{field.label}: {field.words}" for field in found if field.words]
