"""Variables: what is said in many posts, kept in one place."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.errors import Reason, Refused
from app.domain.vk.community import Community
from app.domain.vk.variables import NAME_MAX
from app.services.vk.variables import VALUE_MAX
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages.communities.composer_problems import problem_sentence
from app.web.pages.communities.frame import community_page, opened
from app.web.pages.site import blueprint
from app.web.use_cases import services


@blueprint.get("/communities/<uuid:community_id>/posts/variables")
def community_variables(community_id: UUID) -> ResponseReturnValue:
    """`name` is that of one to be given a value."""
    return _page(opened(community_id), {"name": request.args.get("name", ""), "value": "", "scope": "all"})


@blueprint.post("/communities/<uuid:community_id>/posts/variables")
def put_variable(community_id: UUID) -> ResponseReturnValue:
    """One of a name and a value, for this community (`scope` is `own`) or for all."""
    community = opened(community_id)
    typed = {name: request.form.get(name, "") for name in ("name", "value", "scope")}
    name = typed["name"].strip().strip("{}")
    try:
        services().variables.put(name, _scope(community), typed["value"], require_user())
    except Refused as refused:
        if refused.reason is not Reason.INVALID_SETTINGS:
            raise
        problems = {name: problem_sentence(why) for name, why in refused.details["fields"].items()}
        return _page(community, typed, problems, STATUS[refused.reason])
    flash(gettext("Saved. Posts that are still to be published get the new value."))
    return redirect(url_for("pages.community_variables", community_id=community_id), 303)


@blueprint.post("/communities/<uuid:community_id>/posts/variables/removal")
def remove_variable(community_id: UUID) -> ResponseReturnValue:
    community = opened(community_id)
    services().variables.remove(request.form.get("name", ""), _scope(community), require_user())
    flash(gettext("The value is removed."))
    return redirect(url_for("pages.community_variables", community_id=community_id), 303)


def _scope(community: Community) -> UUID | None:
    return community.id if request.form.get("scope") == "own" else None


def _page(
    community: Community, typed: Mapping[str, str], problems: Mapping[str, str] | None = None, status: int = 200
) -> ResponseReturnValue:
    problems = problems or {}
    return community_page(
        "community_variables.html",
        community,
        status,
        variables=services().variables.all(),
        typed=typed,
        problems=problems,
        focus=next(iter(problems), None),
        name_max=NAME_MAX,
        value_max=VALUE_MAX,
    )
