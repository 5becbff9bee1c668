"""A slot's form field by field, so that two states of it can be compared, and shown in the words of its controls."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import gettext

from app.domain.catalogue import Catalogue, Field
from app.web.pages.choices import (
    aspect_choices,
    blocked_choices,
    format_choices,
    overlay_choices,
    qr_choices,
)
from app.web.pages.formats import in_language, plain_number, usd
from app.web.pages.labels import field_labels
from app.web.pages.slot_form import SlotForm
from app.web.pages.slot_publishing import album_choices, community_name
from app.web.pages.step_form import StepForm, step_path
from app.web.pages.typed import as_text, number, setting

Images = Mapping[str, str]
"""The names of template images by their ids."""


@dataclass(frozen=True, slots=True)
class FieldText:
    """`text` is the same for equal values however they were typed; `words` is empty for no value."""

    label: str
    text: str
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """One field that is not the same in two states of a slot; `old` and `new` in words, empty for nothing."""

    path: str
    label: str
    old: str
    new: str


def field_texts(form: SlotForm, catalogue: Catalogue, images: Images) -> dict[str, FieldText]:
    """By field path, in the order of the form."""
    labels = field_labels(form.steps, catalogue)
    found = {"name": FieldText(labels["name"], form.name.strip(), form.name.strip())}
    for place, step in enumerate(form.steps):
        path = step_path(place)
        texts = _step_texts(step, catalogue, images)
        found |= {f"{path}{name}": FieldText(labels[f"{path}{name}"], *both) for name, both in texts.items()}
    rest = {f"policy.{name}": text for name, text in form.policy.items()}
    rest |= {f"output.{name}": text for name, text in form.output.items()}
    rest |= {f"keeping.{name}": text for name, text in form.keeping.items()}
    rest |= {f"publishing.{name}": text for name, text in form.publishing.items()}
    for path, typed in rest.items():
        text = as_text(number(typed))  # 0,50 is 0.5
        found[path] = FieldText(labels[path], text, field_words(path, text, images))
    return found


def lines(old: Mapping[str, FieldText], new: Mapping[str, FieldText]) -> list[Line]:
    """What differs, in the order of the form."""
    nothing = FieldText("", "", "")
    found = []
    for path in {**new, **old}:
        before, after = old.get(path, nothing), new.get(path, nothing)
        if before.text != after.text:
            found.append(Line(path, after.label or before.label, before.words, after.words))
    return found


def yes_or_no(is_so: bool) -> str:
    return str(gettext("yes") if is_so else gettext("no"))


def _step_texts(step: StepForm, catalogue: Catalogue, images: Images) -> dict[str, tuple[str, str]]:
    """Text and words by field name; fields that the catalogue does not know are left out."""
    provider, operation = catalogue.provider(step.provider), catalogue.operation(*step.choice)
    found = {
        "provider": (step.provider, in_language(provider.label) if provider else step.provider),
        "operation": (step.operation, in_language(operation.label) if operation else step.operation),
    }
    for spec in operation.fields if operation else ():
        text = as_text(setting(spec, step.text(spec)))
        found[f"settings.{spec.name}"] = (text, setting_words(spec, text, images))
    return found


def setting_words(spec: Field, text: str, images: Images) -> str:
    if spec.type == "boolean":
        return yes_or_no(text == "on")
    if spec.type == "template":
        return _image_name(text, images)
    if spec.type == "number":
        return _number_words(text)
    return {option.value: in_language(option.label) for option in spec.options}.get(text, text)


def field_words(path: str, text: str, images: Images) -> str:
    """Of a field of the policy, the output, the keeping or the publishing."""
    if path == "output.overlay":
        return _image_name(text, images)
    if path == "publishing.community":
        return community_name(text)
    if path == "policy.hedge" or path.startswith("keeping."):
        return yes_or_no(text == "on")
    if path.endswith("_usd"):
        amount = number(text)
        return usd(Decimal(repr(amount))) if isinstance(amount, float) else text
    choices = {
        "policy.content_blocked": blocked_choices,
        "publishing.album": album_choices,
        "output.format": format_choices,
        "output.aspect": aspect_choices,
        "output.overlay_place": overlay_choices,
        "output.qr_corner": qr_choices,
    }
    return choices[path]().get(text, text) if path in choices else text


def _image_name(template_id: str, images: Images) -> str:
    if not template_id:
        return ""
    return images.get(template_id) or str(gettext("an image that is gone"))


def _number_words(text: str) -> str:
    amount = number(text)
    return plain_number(Decimal(repr(amount))) if isinstance(amount, float) else text
