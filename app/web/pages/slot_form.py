"""The slot's form between HTML and the slot service: what was typed stays as typed until it is right."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from werkzeug.datastructures import MultiDict

from app.domain.catalogue import Catalogue
from app.domain.errors import Reason, Refused
from app.domain.media import Output
from app.domain.slot import Policy, Slot
from app.services.slots import MAX_FALLBACKS, SlotContent
from app.web.pages import step_form
from app.web.pages.phrases import problem
from app.web.pages.step_form import StepForm, Texts
from app.web.pages.typed import as_text, integer, number

_ORDER = ("name", "is_active", "provider", "operation", "settings", "fallbacks", "policy", "output")


@dataclass(frozen=True, slots=True)
class SlotForm:
    """What the controls hold, and the sentences beside those that were refused, by field path.

    `steps` begins with the primary; `policy` and `output` are by field name.
    """

    name: str
    is_active: bool
    version: int
    steps: tuple[StepForm, ...]
    policy: Texts
    output: Texts
    problems: Mapping[str, str] = field(default_factory=dict)

    def with_problems(self, refused: Refused) -> "SlotForm":
        """What the slot service found, in the order in which the fields stand on the page."""
        found = sorted(refused.details.get("fields", {}).items(), key=lambda item: _ORDER.index(item[0].split(".")[0]))
        return replace(self, problems={path: problem(why) for path, why in found})

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
        """Without one of the fallbacks; the primary stays."""
        return replace(self, steps=(self.steps[0], *(s for i, s in enumerate(self.steps) if i not in (0, place))))

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
            is_active=self.is_active,
        )


def stored(slot: Slot) -> SlotForm:
    """The form of a slot as it is saved."""
    return SlotForm(
        name=slot.name,
        is_active=slot.is_active,
        version=slot.version,
        steps=tuple(step_form.stored(step) for step in (slot.step, *slot.fallbacks)),
        policy=texts_of(slot.policy),
        output=texts_of(slot.output),
    )


def posted(form: MultiDict[str, str], catalogue: Catalogue) -> SlotForm:
    """The form as sent; raises Refused(INVALID_REQUEST) without a version."""
    places = [0]
    while f"{step_form.step_path(len(places))}provider" in form:
        places.append(len(places))
    return SlotForm(
        name=form.get("name", ""),
        is_active="is_active" in form,
        version=_version(form),
        steps=tuple(step_form.posted(form, place, catalogue) for place in places),
        policy={name: form.get(f"policy.{name}", "") for name in texts_of(Policy())},
        output={name: form.get(f"output.{name}", "") for name in texts_of(Output())},
    )


def texts_of(values: Policy | Output) -> Texts:
    """As the controls hold them, by field name."""
    return {name: as_text(value) for name, value in asdict(values).items()}


def _version(form: MultiDict[str, str]) -> int:
    """The version that the edit began with; whoever saw a conflict may name the newer one in `overwrite`."""
    text = form.get("overwrite") or form.get("version", "")
    if not text.isdecimal() or len(text) > 9:
        raise Refused(Reason.INVALID_REQUEST, "Say which version you changed: `version`.")
    return int(text)
