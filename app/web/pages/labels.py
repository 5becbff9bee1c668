"""What the fields of a slot's form are called, beside their controls and in a list of problems elsewhere."""

from collections.abc import Sequence

from flask_babel import gettext

from app.domain.catalogue import Catalogue
from app.web.pages.formats import in_language
from app.web.pages.step_form import StepForm, step_path


def slot_labels() -> dict[str, str]:
    """Of the fields that every slot has, by field path; those of the step are the primary's."""
    return {
        "name": gettext("Name"),
        "is_active": gettext("Takes photos"),
        "provider": gettext("Provider"),
        "operation": gettext("Operation"),
        "fallbacks": gettext("What happens to a photo"),
        "policy.content_blocked": gettext("When content is refused"),
        "policy.hedge": gettext("Back up a slow request"),
        "policy.price_cap_usd": gettext("At most for one photo, US dollars"),
        "policy.daily_budget_usd": gettext("At most for a day, US dollars"),
        "output.format": gettext("Format"),
        "output.quality": gettext("Quality, 1–100"),
        "output.max_side": gettext("Longest side, px"),
        "output.aspect": gettext("Proportions"),
        "output.overlay": gettext("Frame or logo over the picture"),
        "output.overlay_place": gettext("Place of the frame"),
        "output.qr_corner": gettext("QR code of the guest’s page"),
        "keeping.originals": gettext("Keep the booth’s shots too"),
        "keeping.copies": gettext("Copy each picture to the studio’s storage"),
        "publishing.community": gettext("Community"),
        "publishing.album": gettext("Albums"),
        "publishing.consent_field": gettext("Only with the guest’s consent: the booth’s field that says yes"),
    }


def field_labels(steps: Sequence[StepForm], catalogue: Catalogue) -> dict[str, str]:
    """Of all fields of a form with these steps, by field path."""
    labels = slot_labels()
    for place, step in enumerate(steps):
        path, prefix = step_path(place), f"{gettext('Fallback %(n)s', n=place)}, " if place else ""
        operation = catalogue.operation(*step.choice)
        labels |= {f"{path}{name}": prefix + slot_labels()[name] for name in ("provider", "operation")}
        for spec in operation.fields if operation else ():
            labels[f"{path}settings.{spec.name}"] = prefix + in_language(spec.label)
    return labels
