"""What the fields of a slot's form are called, for a list of problems that stands elsewhere."""

from flask_babel import gettext

from app.domain.catalogue import Catalogue
from app.web.pages.formats import in_language
from app.web.pages.slot_form import SlotForm
from app.web.pages.step_form import step_path


def field_labels(form: SlotForm, catalogue: Catalogue) -> dict[str, str]:
    """By field path."""
    labels = {
        "name": gettext("Name"),
        "policy.content_blocked": gettext("When content is refused"),
        "policy.price_cap_usd": gettext("At most for one photo, US dollars"),
        "policy.daily_budget_usd": gettext("At most for a day, US dollars"),
        "output.format": gettext("Format"),
        "output.quality": gettext("Quality, 1–100"),
        "output.max_side": gettext("Longest side, px"),
        "output.aspect": gettext("Proportions"),
        "output.overlay": gettext("Frame or logo over the picture"),
        "output.overlay_place": gettext("Place of the frame"),
        "output.qr_corner": gettext("QR code of the guest’s page"),
    }
    for place, step in enumerate(form.steps):
        prefix = f"{gettext('Fallback %(n)s', n=place)}, " if place else ""
        labels[f"{step_path(place)}provider"] = prefix + gettext("Provider")
        operation = catalogue.operation(*step.choice)
        for spec in operation.fields if operation else ():
            labels[f"{step_path(place)}settings.{spec.name}"] = prefix + in_language(spec.label)
    return labels
