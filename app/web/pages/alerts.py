"""What stands above every page while something keeps slots from their pictures, or soon will."""

from collections.abc import Mapping, Sequence

import structlog
from flask import Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.alerts import Alert, AlertKind, Lack, Severity, Sufferer, Trouble, in_order
from app.domain.errors import FaultKind, Reason, Unavailable
from app.web import alert_words
from app.web.errors import STATUS
from app.web.pages.formats import budget_day_ends, language
from app.web.pages.site import blueprint, unless_seen
from app.web.use_cases import services

log = structlog.get_logger(__name__)

_MENDED_AT_PROVIDER = (
    Lack.KEY,
    Lack.READABLE_KEY,
    Trouble.BUDGET_SPENT,
    Trouble.BUDGET_LOW,
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
_PLACES: Mapping[AlertKind, str] = {
    Trouble.DISK_FULL: "result_retention_hours",
    Trouble.DISK_LOW: "result_retention_hours",
    Trouble.WRONG_PASSWORD: "ingest_password",
    Lack.COPY_STORAGE: "copies",
    Trouble.COPIES_FAILING: "copies",
    Trouble.COPIES_LOST: "copies",
}
_OF_COMMUNITIES = (
    Trouble.POST_FAILED,
    Trouble.POST_NEEDS_PERSON,
    Trouble.COMMUNITY_REFUSED,
    Trouble.POST_LATE,
    Trouble.UPLOADS_FAILING,
    Trouble.UPLOADS_LOST,
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


@blueprint.app_template_filter()
def alert_groups(alerts: Sequence[Alert]) -> list[list[Alert]]:
    """The worst first; the providers that only lack a key are told of together."""
    keyless = [alert for alert in alerts if alert.kind is Lack.KEY]
    groups = [keyless if alert.kind is Lack.KEY else [alert] for alert in alerts if alert not in keyless[1:]]
    return sorted(groups, key=lambda group: group[0].severity is not Severity.BAD)


@blueprint.app_template_filter()
def sufferers(alerts: Sequence[Alert]) -> tuple[Sufferer, ...]:
    """The slots that suffer from any of them."""
    return in_order(slot for alert in alerts for slot in alert.slots)


@blueprint.app_template_filter()
def alert_place(alert: Alert) -> str | None:
    """The address of the page where it can be mended; None where there is no such page."""
    if alert.kind in _OF_COMMUNITIES:
        return url_for("pages.communities")
    if alert.kind in _PLACES:
        return url_for("pages.settings", _anchor=_PLACES[alert.kind])
    if alert.provider and alert.kind in _MENDED_AT_PROVIDER:
        return url_for("pages.settings", provider=alert.provider, _anchor=f"provider-{alert.provider}")
    return None


@blueprint.app_template_filter()
def alert_place_name(alert: Alert) -> str:
    """What the navigation calls that page."""
    return str(gettext("Communities") if alert.kind in _OF_COMMUNITIES else gettext("Settings"))


@blueprint.app_template_filter()
def alert_subject(alert: Alert) -> str:
    """Whose trouble it is, such as `Gemini (Google) · gemini-3-pro-image`; empty where it is no provider's."""
    return alert_words.subject(alert, services().catalogue, language())


@blueprint.app_template_filter()
def alert_sentence(alert: Alert) -> str:
    """What is wrong, and what an administrator can do about it."""
    return f"{alert_words.sentence(alert, gettext, budget_day_ends())} {alert_words.remedy(alert, gettext)}".rstrip()
