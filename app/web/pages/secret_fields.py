"""Forms with values of which some are hidden once they are saved, and cards that show them."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field

from flask import request
from flask_babel import gettext


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCard:
    """`shown` are the open fields as they are saved, `typed` as they stand on the page, `problems` sentences by field.

    `done` says what was just done, `removed` names the field that lost its value.
    """

    shown: Mapping[str, str]
    typed: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)
    is_open: bool = True
    done: str = ""
    removed: str = ""

    @property
    def is_dirty(self) -> bool:
        """Whether something that was entered is not saved."""
        return bool(self.problems) or self.typed != self.shown

    @property
    def focus(self) -> str:
        """The field to go on with, empty for none: the button that removed a value is gone with it."""
        return next(iter(self.problems), self.removed)


def typed(shown: Mapping[str, str]) -> dict[str, str]:
    """The open fields with what the form brought for them."""
    return {name: request.form.get(name, text) for name, text in shown.items()}


def entered(fields: Iterable[str], hidden: Container[str]) -> dict[str, str | None]:
    """The form's values as services take them: blank hidden ones stay as they are, None removes one."""
    came = {name: request.form[name] for name in fields if name in request.form}
    return {name: text if name in hidden else text.strip() or None for name, text in came.items()}


def to_repeat(hidden: Iterable[str], problems: Container[str] = ()) -> dict[str, str]:
    """For hidden values that came with a form and were not saved: no page carries them back.

    Those in `problems` have a sentence already.
    """
    lost = [name for name in hidden if request.form.get(name, "").strip() and name not in problems]
    return dict.fromkeys(lost, gettext("Enter it again: it was not saved."))
