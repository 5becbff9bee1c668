"""The slot's form between HTML and the slot service: what was typed stays as typed until it is right."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace

from werkzeug.datastructures import MultiDict

from app.domain.catalogue import Catalogue
from app.domain.errors import Reason, Refused
from app.domain.media import Output
from app.domain.slot import Keeping, Policy, Publishing, Slot
from app.services.slots import MAX_FALLBACKS, UNCHANGED, SlotContent
from app.web.pages import step_form
from app.web.pages.phrases import problem
from app.web.pages.step_form import StepForm, Texts
from app.web.pages.typed import as_text, integer, number

MINE = "mine."
"""What the names of controls begin with that keep another state of the form, to go back to."""

_ORDER = ("name", "provider", "operation", "settings", "fallbacks", "policy", "output", "keeping", "publishing")


@dataclass(frozen=True, slots=True)
class RemovedStep:
    """A fallback that was taken out of the place `place` and can be put back until the form is saved."""

    place: int
    step: StepForm

    def controls(self, number: int) -> dict[str, str]:
        path = _removed_path(number)
        return {f"{path}place": str(self.place), **self.step.controls(path)}


@dataclass(frozen=True, slots=True)
class SlotForm:
    """What the controls hold, and the sentences beside those that were refused, by field path.

    `steps` begins with the primary; `policy`, `output`, `keeping` and `publishing` are by field name. Whether
    the slot takes photos is not in the form: that is changed at once, apart from it.
    """

    name: str
    version: int
    steps: tuple[StepForm, ...]
    policy: Texts
    output: Texts
    keeping: Texts
    publishing: Texts
    removed: tuple[RemovedStep, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)

    def controls(self, prefix: str = "") -> dict[str, str]:
        """What its controls would send, their names after `prefix`; of removed steps nothing."""
        sent = {"name": self.name, "version": str(self.version)}
        for place, step in enumerate(self.steps):
            sent |= step.controls(step_form.step_path(place))
        sent |= {f"policy.{name}": text for name, text in self.policy.items()}
        sent |= {f"output.{name}": text for name, text in self.output.items()}
        sent |= {f"keeping.{name}": text for name, text in self.keeping.items()}
        sent |= {f"publishing.{name}": text for name, text in self.publishing.items()}
        return {f"{prefix}{name}": text for name, text in sent.items()}

    def with_problems(self, refused: Refused) -> "SlotForm":
        """What the slot service found, in the order in which the fields stand on the page."""
        found = sorted(refused.details.get("fields", {}).items(), key=lambda item: _ORDER.index(item[0].split(".")[0]))
        typed = {"name": self.name}
        return replace(self, problems={path: problem(why, typed.get(path)) for path, why in found})

    def with_problem(self, path: str, sentence: str) -> "SlotForm":
        return replace(self, problems={**self.problems, path: sentence})

    def with_step(self, place: int, step: StepForm) -> "SlotForm":
        return replace(self, steps=(*self.steps[:place], step, *self.steps[place + 1 :]))

    def with_fallback(self, catalogue: Catalogue) -> "SlotForm":
        """One step more, unless there are as many as there may be."""
        if len(self.steps) > MAX_FALLBACKS:
            return self
        return replace(self, steps=(*self.steps, step_form.built_in(self.steps[0], catalogue)))

    def without_step(self, place: int) -> "SlotForm":
        """Without one of the fallbacks, which can be put back; the primary stays."""
        if not 1 <= place < len(self.steps):
            return self
        removed = RemovedStep(place, self.steps[place])
        return replace(self, steps=(*self.steps[:place], *self.steps[place + 1 :]), removed=(*self.removed, removed))

    def with_removed(self, number: int) -> "SlotForm":
        """With a removed fallback in its place again, as far as there is room."""
        if not 0 <= number < len(self.removed) or len(self.steps) > MAX_FALLBACKS:
            return self
        back, others = self.removed[number], (*self.removed[:number], *self.removed[number + 1 :])
        return replace(self, steps=(*self.steps[: back.place], back.step, *self.steps[back.place :]), removed=others)

    def working_as(self, other: "SlotForm") -> "SlotForm":
        """With all of another form but its name and the version that was begun with."""
        return replace(other, name=self.name, version=self.version, removed=(), problems={})

    def content(self, catalogue: Catalogue) -> SlotContent:
        """For the slot service."""
        primary, *fallbacks = (step.content(catalogue) for step in self.steps)
        output, policy = self.output, self.policy
        return SlotContent(
            name=self.name,
            **primary,
            fallbacks=fallbacks,
            output={
                **output,
                "quality": integer(output["quality"]),
                "max_side": integer(output["max_side"]),
                "overlay": output["overlay"] or None,
                "qr_corner": output["qr_corner"] or None,
            },
            policy={
                "content_blocked": policy["content_blocked"],
                "hedge": policy["hedge"] == "on",
                "price_cap_usd": number(policy["price_cap_usd"]),
                "daily_budget_usd": number(policy["daily_budget_usd"]),
            },
            keeping={name: text == "on" for name, text in self.keeping.items()},
            publishing={name: text.strip() or None for name, text in self.publishing.items()},
            is_active=UNCHANGED,
        )


def stored(slot: Slot) -> SlotForm:
    """The form of a slot as it is saved."""
    return SlotForm(
        name=slot.name,
        version=slot.version,
        steps=tuple(step_form.stored(step) for step in (slot.step, *slot.fallbacks)),
        policy=texts_of(slot.policy),
        output=texts_of(slot.output),
        keeping=texts_of(slot.keeping),
        publishing=texts_of(slot.publishing),
    )


def posted(form: MultiDict[str, str], catalogue: Catalogue) -> SlotForm:
    """The form as sent; raises Refused(INVALID_REQUEST) without a version."""
    places = [0]
    while f"{step_form.step_path(len(places))}provider" in form:
        places.append(len(places))
    return SlotForm(
        name=form.get("name", ""),
        version=_version(form),
        steps=tuple(step_form.posted(form, step_form.step_path(place), catalogue) for place in places),
        policy={name: form.get(f"policy.{name}", "") for name in texts_of(Policy())},
        output={name: form.get(f"output.{name}", "") for name in texts_of(Output())},
        keeping={name: form.get(f"keeping.{name}", "") for name in texts_of(Keeping())},
        publishing={name: form.get(f"publishing.{name}", text) for name, text in texts_of(Publishing()).items()},
        removed=tuple(_removed(form, catalogue)),
    )


def posted_before(form: MultiDict[str, str], catalogue: Catalogue) -> SlotForm | None:
    """The state that the form keeps to go back to, if it does."""
    earlier = MultiDict(step_form.group(form, MINE))
    return posted(earlier, catalogue) if earlier else None


def _removed(form: MultiDict[str, str], catalogue: Catalogue) -> Iterator[RemovedStep]:
    for index in itertools.count():
        path = _removed_path(index)
        place = integer(form.get(f"{path}place", ""))
        if not isinstance(place, int) or place < 1:
            return
        yield RemovedStep(place, step_form.posted(form, path, catalogue))


def _removed_path(number: int) -> str:
    return f"removed.{number}."


def texts_of(values: Policy | Output | Keeping | Publishing) -> Texts:
    """As the controls hold them, by field name."""
    return {name: as_text(value) for name, value in asdict(values).items()}


def _version(form: MultiDict[str, str]) -> int:
    """The version that the edit began with; whoever saw a conflict may name the newer one in `overwrite`."""
    text = form.get("overwrite") or form.get("version", "")
    if not text.isdecimal() or len(text) > 9:
        raise Refused(Reason.INVALID_REQUEST, "Say which version you changed: `version`.")
    return int(text)
