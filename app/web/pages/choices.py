"""The fixed choices of a slot's form in words, and one line that says what was chosen."""

from collections.abc import Iterable
from decimal import Decimal

from flask_babel import gettext

from app.domain.catalogue import Operation, Option, ProviderSpec
from app.web.pages.formats import in_language, usd
from app.web.pages.site import blueprint
from app.web.pages.step_form import Texts
from app.web.pages.typed import number
from app.web.use_cases import services


@blueprint.app_template_filter()
def as_choices(entries: Iterable[ProviderSpec | Operation | Option]) -> Texts:
    """Entries of the catalogue."""
    return {e.value if isinstance(e, Option) else e.id: in_language(e.label) for e in entries}


@blueprint.app_template_filter()
def provider_name(provider_id: str) -> str:
    """Its id if the catalogue does not know it any more."""
    provider = services().catalogue.provider(provider_id)
    return in_language(provider.label) if provider else provider_id


@blueprint.app_template_global()
def format_choices() -> Texts:
    return {"jpeg": "JPEG", "png": "PNG", "webp": "WebP", "original": gettext("as provided")}


@blueprint.app_template_global()
def aspect_choices() -> Texts:
    return {
        "none": gettext("Leave as it is"),
        "fit": gettext("Fit, with blurred margins"),
        "crop": gettext("Crop"),
    }


def corner_choices() -> Texts:
    return {
        "top_left": gettext("top left"),
        "top_right": gettext("top right"),
        "bottom_left": gettext("bottom left"),
        "bottom_right": gettext("bottom right"),
    }


@blueprint.app_template_global()
def qr_choices() -> Texts:
    return {"": gettext("none"), **corner_choices()}


@blueprint.app_template_global()
def overlay_choices() -> Texts:
    return {"frame": gettext("the whole picture"), **corner_choices()}


@blueprint.app_template_global()
def blocked_choices() -> Texts:
    return {"stop": gettext("Stop"), "next": gettext("Try the next provider")}


@blueprint.app_template_filter()
def policy_summary(policy: Texts) -> str:
    said = [
        gettext("another provider when content is refused") if policy["content_blocked"] == "next" else "",
        gettext("a second request when the first is slow") if policy["hedge"] else "",
        gettext("up to %(n)s a photo", n=_money(policy["price_cap_usd"])) if policy["price_cap_usd"] else "",
        gettext("up to %(n)s a day", n=_money(policy["daily_budget_usd"])) if policy["daily_budget_usd"] else "",
    ]
    return ", ".join(filter(None, said)) or str(gettext("no limits"))


@blueprint.app_template_filter()
def finishing_summary(output: Texts) -> str:
    aspects = {"fit": gettext("blurred margins"), "crop": gettext("cropped")}
    corner = corner_choices().get(output["qr_corner"])
    said = [
        aspects.get(output["aspect"], ""),
        (gettext("a frame") if output["overlay_place"] == "frame" else gettext("a logo")) if output["overlay"] else "",
        gettext("QR code %(corner)s", corner=corner) if corner else "",
    ]
    return ", ".join(filter(None, said)) or str(gettext("nothing is added"))


@blueprint.app_template_filter()
def keeping_summary(keeping: Texts) -> str:
    said = [
        gettext("the booth’s shots") if keeping["originals"] else "",
        gettext("copies in the studio’s storage") if keeping["copies"] else "",
    ]
    return ", ".join(filter(None, said)) or str(gettext("results only"))


def _money(text: str) -> str:
    amount = number(text)
    return usd(Decimal(repr(amount))) if isinstance(amount, float) else text
