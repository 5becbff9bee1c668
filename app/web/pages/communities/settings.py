"""What an administrator sets of a community: tokens, what becomes of late posts, Callback by hand, the end of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.errors import Reason, Refused
from app.domain.vk.community import Community, Secret
from app.services.vk.communities import SecretsView
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages.communities.frame import community_page, opened
from app.web.pages.communities.problems import field_problems
from app.web.pages.community_changes import late_policy_names
from app.web.pages.secret_fields import to_repeat
from app.web.pages.site import BAD, blueprint
from app.web.use_cases import services

_SHOWN = ("late_policy", "confirmation_code")
_TOKENS = (Secret.USER_TOKEN.value, Secret.COMMUNITY_TOKEN.value)


@dataclass(frozen=True, slots=True)
class SettingsForm:
    """`typed` are the open fields, `problems` sentences by field."""

    view: SecretsView
    typed: Mapping[str, str]
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def focus(self) -> str:
        return next(iter(self.problems), "")


@blueprint.get("/communities/<uuid:community_id>/settings")
def community_settings(community_id: UUID) -> ResponseReturnValue:
    community = opened(community_id)
    return _page(community, SettingsForm(_view(community), _typed(community)))


@blueprint.post("/communities/<uuid:community_id>/settings")
def save_community(community_id: UUID) -> ResponseReturnValue:
    """Change what differs; blank secrets stay. New tokens are checked at once."""
    wanted = {name: value for name, value in request.form.items() if name in (*_SHOWN, *Secret)}
    try:
        services().communities.change(community_id, wanted, require_user())
    except Refused as refused:
        problems = field_problems(refused)
        form = _refused_form(opened(community_id), wanted, problems | to_repeat(Secret, problems))
        return _page(opened(community_id), form, STATUS[refused.reason])
    flash(gettext("Saved."))
    if any(wanted.get(name, "").strip() for name in _TOKENS):
        return redirect(url_for("pages.community", community_id=community_id, check=1), 303)
    return redirect(url_for("pages.community_settings", community_id=community_id), 303)


@blueprint.post("/communities/<uuid:community_id>/secrets/removal")
def remove_community_secret(community_id: UUID) -> ResponseReturnValue:
    name = request.form.get("remove", "")
    if name not in list(Secret):
        raise Refused(Reason.INVALID_REQUEST, f"Say what to remove: {', '.join(Secret)}.")
    services().communities.change(community_id, {name: None}, require_user())
    flash(gettext("Removed."))
    return redirect(url_for("pages.community_settings", community_id=community_id), 303)


@blueprint.post("/communities/<uuid:community_id>/removal")
def remove_community(community_id: UUID) -> ResponseReturnValue:
    """`sure` must be ticked: what waits to be published goes with the community."""
    community = opened(community_id)
    if not request.form.get("sure"):
        problems = {"sure": gettext("Tick this first.")}
        return _page(community, SettingsForm(_view(community), _typed(community), problems), 422)
    is_down = services().callback_setup.take_down(community)
    services().communities.remove(community_id, require_user())
    flash(gettext("“%(name)s” is disconnected. What is in VK stays there.", name=community.name))
    if not is_down:
        told = gettext("Our Callback server could not be deleted in VK: do that in the community’s settings there.")
        flash(told, BAD)
    return redirect(url_for("pages.communities"), 303)


def _page(community: Community, form: SettingsForm, status: int = 200) -> ResponseReturnValue:
    return community_page(
        "community_settings.html",
        community,
        status,
        form=form,
        policies=late_policy_names(),
        callback_address=services().callback_setup.address,
    )


def _view(community: Community) -> SecretsView:
    return services().communities.secrets(community.id)


def _typed(community: Community) -> dict[str, str]:
    return {"late_policy": community.late_policy.value, "confirmation_code": community.confirmation_code}


def _refused_form(community: Community, wanted: Mapping[str, Any], problems: Mapping[str, str]) -> SettingsForm:
    typed = {name: wanted.get(name, value) for name, value in _typed(community).items()}
    return SettingsForm(_view(community), typed, problems)
