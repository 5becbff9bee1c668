"""What stands above every page while something keeps slots from their pictures."""

import structlog
from flask import Response, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.errors import FaultKind, Reason, Unavailable
from app.services.alerts import Alert, Lack
from app.web.errors import STATUS
from app.web.pages.formats import in_language
from app.web.pages.phrases import fault_sentence
from app.web.pages.site import blueprint, unless_seen
from app.web.use_cases import services

log = structlog.get_logger(__name__)

_MENDED_IN_SETTINGS = (
    Lack.KEY,
    Lack.READABLE_KEY,
    FaultKind.KEY_REFUSED,
    FaultKind.REGION_REFUSED,
    FaultKind.NOT_CONFIGURED,
    FaultKind.UNREACHABLE,
    FaultKind.TLS,
    FaultKind.FORBIDDEN_ADDRESS,
    FaultKind.QUOTA_EXHAUSTED,  # a check there that succeeds ends the pause
    FaultKind.ACCOUNT_EMPTY,
    FaultKind.LIMIT_REACHED,
)


@blueprint.get("/alerts")
def alerts() -> ResponseReturnValue:
    return unless_seen(render_template("_alerts.html", alerts=services().alerts.active()))


@blueprint.after_request
def _stay_quiet(response: Response) -> Response:
    """While the database is away what is shown stays: a refusal would be announced anew with every poll."""
    if request.endpoint == "pages.alerts" and response.status_code == STATUS[Reason.QUEUE_UNAVAILABLE]:
        return Response(status=204)
    return response


@blueprint.app_template_global()
def current_alerts() -> list[Alert]:
    """For the page that is being made, asked for once. While the database is away it goes without them."""
    if "alerts" not in g:
        try:
            g.alerts = services().alerts.active()
        except Unavailable as error:
            log.warning("alerts_left_out", error=str(error))
            g.alerts = []
    found: list[Alert] = g.alerts
    return found


@blueprint.app_template_test()
def mended_in_settings(alert: Alert) -> bool:
    """Whether the provider's card there is the place to go."""
    return alert.kind in _MENDED_IN_SETTINGS


@blueprint.app_template_filter()
def alert_subject(alert: Alert) -> str:
    """Whose trouble it is, such as `Gemini (Google) · gemini-3-pro-image`; empty where it is no provider's."""
    spec = services().catalogue.provider(alert.provider)
    return " · ".join(part for part in (in_language(spec.label) if spec else alert.provider, alert.model) if part)


@blueprint.app_template_filter()
def alert_sentence(alert: Alert) -> str:
    """What is wrong, and what an administrator can do about it."""
    if isinstance(alert.kind, Lack):
        return _what_is_lacking(alert)
    remedies = {
        FaultKind.KEY_REFUSED: gettext("Check the key in the settings."),
        FaultKind.REGION_REFUSED: gettext("Enter a proxy in the settings."),
        FaultKind.MODEL_GONE: gettext("Choose another one in the slot."),
        FaultKind.QUOTA_EXHAUSTED: gettext("Wait for the next one, or ask for a larger one there."),
        FaultKind.ACCOUNT_EMPTY: gettext("Top up the account there."),
        FaultKind.BAD_ARGUMENT: gettext("Check the settings of the slot."),
        FaultKind.TLS: gettext("Check the address and the proxy in the settings."),
        FaultKind.NOT_CONFIGURED: gettext("Check its connection in the settings and the images of the slot."),
    }
    return f"{fault_sentence(alert.kind)} {remedies.get(alert.kind, '')}".rstrip()


def _what_is_lacking(alert: Alert) -> str:
    if alert.kind is Lack.PUBLIC_ADDRESS and alert.provider:
        return str(gettext("It fetches images from this server, which has no public address. Set PUBLIC_BASE_URL."))
    lacks: dict[FaultKind | Lack, str] = {
        Lack.KEY: gettext("There is no key. Enter it in the settings."),
        Lack.READABLE_KEY: gettext("What is stored cannot be decrypted. Enter it again in the settings."),
        Lack.PUBLIC_ADDRESS: gettext(
            "This server has no public address, so QR codes are not printed. Set PUBLIC_BASE_URL."
        ),
        Lack.TEMPLATE: gettext("An image that the slot uses was deleted. Choose another one there."),
    }
    return str(lacks[alert.kind])
