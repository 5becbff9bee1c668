"""Selected photos on their way to VK: into a new post of a community, or to one of its albums."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.domain.errors import Refused
from app.domain.vk.community import Community
from app.domain.vk.media import VkAlbum
from app.domain.vk.posts import PHOTOS_MAX
from app.web.auth import require_user
from app.web.errors import STATUS
from app.web.pages.gallery.selection import selected_ids
from app.web.pages.site import blueprint, safe_next
from app.web.use_cases import services


@dataclass(frozen=True, slots=True)
class Target:
    """A community, and its albums that photos can be sent to; if it `lacks_token`, nothing can be published there."""

    community: Community
    lacks_token: bool
    albums: Sequence[VkAlbum]


@blueprint.get("/gallery/publish")
def publish() -> ResponseReturnValue:
    """Where the one `photo` of the address may go; without one there is nothing to publish."""
    photo = request.args.get("photo", type=UUID)
    return _page([photo]) if photo else redirect(url_for("pages.gallery"))


@blueprint.post("/gallery/publish")
def publish_photos() -> ResponseReturnValue:
    """Where the photos `ids` may go; `back` is the page that they were selected on. Nothing is changed yet."""
    return _page(selected_ids())


@blueprint.post("/gallery/publish/album")
def publish_to_album() -> ResponseReturnValue:
    """Order the photos `ids` for the album `album_id` of the community `community_id`."""
    community_id, album_id = _chosen()
    try:
        ordered = services().album_orders.order(community_id, album_id, selected_ids(), require_user())
    except Refused as refused:
        problem = gettext("Choose an album. It may have been deleted meanwhile.")
        return _page(selected_ids(), problem=str(problem)), STATUS[refused.reason]
    flash(_sentence(ordered))
    return redirect(url_for("pages.community_album", community_id=community_id, album_id=album_id), 303)


def _page(ids: Sequence[UUID], problem: str = "") -> str:
    orders, communities = services().album_orders, services().communities
    without_token = communities.without_token()
    photos = list(orders.visible(ids))
    return render_template(
        "gallery_publish.html",
        photos=photos,
        withheld=len(set(ids)) - len(photos),
        targets=[Target(one, one.id in without_token, orders.albums(one.id)) for one in communities.all()],
        post_max=PHOTOS_MAX,
        problem=problem,
        back=safe_next(request.values.get("back")),
    )


def _sentence(ordered: int) -> str:
    if not ordered:
        return str(gettext("These photos are in the album already, or on their way."))
    return str(
        ngettext("%(num)s photo is on its way to the album.", "%(num)s photos are on their way to the album.", ordered)
    )


def _chosen() -> tuple[UUID, int]:
    try:
        return UUID(request.form.get("community_id", "")), int(request.form.get("album_id") or 0)
    except ValueError:
        abort(400)
