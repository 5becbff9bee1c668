"""A community's first page: what comes next, what its tokens are fit for, whether VK tells us of changes."""

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from app.domain.vk.callback_state import CallbackState
from app.domain.vk.community import Community
from app.domain.vk.diagnosis import Diagnosis
from app.web.auth import require_user
from app.web.pages.communities import words
from app.web.pages.communities.frame import community_page, opened
from app.web.pages.communities.posts import posts_of
from app.web.pages.site import blueprint, is_htmx
from app.web.use_cases import services

__all__ = ["words"]


@blueprint.get("/communities/<uuid:community_id>")
def community(community_id: UUID) -> ResponseReturnValue:
    """`check` in the address has the tokens examined at once."""
    return _page(opened(community_id), is_to_be_checked="check" in request.args)


@blueprint.post("/communities/<uuid:community_id>/check")
def check_tokens(community_id: UUID) -> ResponseReturnValue:
    """Ask VK about the tokens; answers within five seconds."""
    diagnosis = services().token_doctor.examine(community_id)
    return _page(opened(community_id), "_token_doctor.html", diagnosis=diagnosis)


@blueprint.post("/communities/<uuid:community_id>/callback")
def set_up_callback(community_id: UUID) -> ResponseReturnValue:
    state = services().callback_setup.set_up(community_id, require_user())
    return _page(opened(community_id), "_callback.html", callback=state, is_asked=True)


@blueprint.post("/communities/<uuid:community_id>/callback/state")
def callback_state(community_id: UUID) -> ResponseReturnValue:
    """How it stands as VK tells, within five seconds."""
    state = services().callback_setup.state(community_id)
    return _page(opened(community_id), "_callback.html", callback=state, is_asked=True)


def _page(
    community: Community,
    fragment: str = "",
    *,
    diagnosis: Diagnosis | None = None,
    callback: CallbackState | None = None,
    is_asked: bool = False,
    is_to_be_checked: bool = False,
) -> ResponseReturnValue:
    is_part = bool(fragment) and is_htmx()
    return community_page(
        fragment if is_part else "community_overview.html",
        community,
        secrets=services().communities.secrets(community.id),
        posts=None if is_part else posts_of(community),
        diagnosis=diagnosis,
        callback=callback or services().callback_setup.known(community),
        is_asked=is_asked,
        is_to_be_checked=is_to_be_checked,
        freshness=services().communities.freshness(community.id),
    )
