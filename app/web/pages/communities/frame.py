"""What all pages of a community share: whose they are, the tabs between them, and pictures that VK shows."""

from typing import Any, NamedTuple
from uuid import UUID

from flask import current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.domain.vk.community import Community
from app.web.auth import require_user
from app.web.pages.site import blueprint
from app.web.use_cases import services
from app.web.vk_words import vk_error_sentence

blueprint.add_app_template_filter(vk_error_sentence, "vk_error_sentence")


def opened(community_id: UUID) -> Community:
    """The community; its blue dot goes for whoever opens it. Raises Refused(NOT_FOUND)."""
    community = services().communities.find(community_id)
    if request.method == "GET":
        services().updates.see(require_user(), community_id)
    return community


def community_page(template: str, community: Community, status: int = 200, **context: Any) -> ResponseReturnValue:
    """A page that extends community.html, which marks the tab of its address and says if nothing can be published."""
    allow_pictures_of_vk()
    lacks_token = services().communities.lacks_token(community.id)
    return render_template(template, community=community, lacks_token=lacks_token, **context), status


def allow_pictures_of_vk() -> None:
    """VK shows photos from many hosts, and changes them: this answer's page may load pictures from anywhere."""
    g.pictures = f" https: {current_app.config['VK_API_BASE_URL']}"


class Tab(NamedTuple):
    """`is_current`: the page that is shown belongs to it."""

    name: str
    address: str
    title: str
    is_current: bool


@blueprint.app_template_global()
def community_tabs(community: Community) -> list[Tab]:
    """A tab is there once its page is; what has none of its own belongs to the first."""
    titles = {
        "community": gettext("Overview"),
        "community_posts": gettext("Posts"),
        "community_calendar": gettext("Calendar"),
        "community_albums": gettext("Albums"),
        "community_settings": gettext("Settings"),
    }
    names = [name for name in titles if f"pages.{name}" in current_app.view_functions]
    addresses = {name: url_for(f"pages.{name}", community_id=community.id) for name in names}
    here = next((name for name in names[1:] if f"{request.path}/".startswith(f"{addresses[name]}/")), names[0])
    return [Tab(name, addresses[name], titles[name], name == here) for name in names]
