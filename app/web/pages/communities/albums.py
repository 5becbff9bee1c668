"""Albums and photos of a community as the cache has them, read from VK again when somebody asks, and uploads."""

from collections.abc import Callable
from uuid import UUID

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from app.domain.errors import Reason, Refused
from app.domain.vk.community import Community
from app.domain.vk.errors import VkError
from app.domain.vk.media import ALBUM_TITLE_MAX, UPLOAD_MAX
from app.ports.vk.communities import Freshness
from app.services.vk.media import PAGE_SIZE, Albums, PhotoPage
from app.web.auth import require_user
from app.web.pages.communities.frame import community_page, opened
from app.web.pages.communities.problems import field_problems
from app.web.pages.paging import page_count, page_number
from app.web.pages.phrases import refusal
from app.web.pages.site import blueprint
from app.web.use_cases import services
from app.web.vk_words import vk_error_sentence

_UPLOAD_REFUSED = (Reason.INVALID_IMAGE, Reason.UNSUPPORTED_MEDIA_TYPE, Reason.PAYLOAD_TOO_LARGE)


@blueprint.get("/communities/<uuid:community_id>/albums")
def community_albums(community_id: UUID) -> ResponseReturnValue:
    return _albums_page(opened(community_id))


@blueprint.post("/communities/<uuid:community_id>/albums")
def create_album(community_id: UUID) -> ResponseReturnValue:
    title = request.form.get("title", "")
    try:
        album = services().vk_media.create_album(community_id, title, require_user())
    except Refused as refused:
        return _albums_page(opened(community_id), field_problems(refused)["title"], 422)
    except VkError as error:
        return _albums_page(opened(community_id), vk_error_sentence(error.code), 502)
    flash(gettext("The album “%(name)s” is created.", name=album.title))
    return redirect(url_for("pages.community_album", community_id=community_id, album_id=album.album_id), 303)


@blueprint.post("/communities/<uuid:community_id>/albums/refresh")
def refresh_albums(community_id: UUID) -> ResponseReturnValue:
    _tell(lambda: services().vk_media.refresh_albums(community_id))
    return redirect(url_for("pages.community_albums", community_id=community_id), 303)


@blueprint.get("/communities/<uuid:community_id>/albums/<int:album_id>")
def community_album(community_id: UUID, album_id: int) -> ResponseReturnValue:
    return _album_page(opened(community_id), album_id)


@blueprint.post("/communities/<uuid:community_id>/albums/<int:album_id>/refresh")
def refresh_album(community_id: UUID, album_id: int) -> ResponseReturnValue:
    _tell(lambda: services().vk_media.refresh_photos(community_id, album_id))
    return redirect(url_for("pages.community_album", community_id=community_id, album_id=album_id), 303)


@blueprint.post("/communities/<uuid:community_id>/albums/<int:album_id>/photos")
def upload_to_album(community_id: UUID, album_id: int) -> ResponseReturnValue:
    """Up to UPLOAD_MAX files, all or none."""
    request.max_content_length = UPLOAD_MAX * current_app.config["MAX_CONTENT_LENGTH"]
    files = [file.read() for file in request.files.getlist("photos") if file.filename][: UPLOAD_MAX + 1]
    if not 1 <= len(files) <= UPLOAD_MAX:
        return _album_page(opened(community_id), album_id, _how_many(), 422)
    try:
        sent = services().vk_media.upload_photo_to_album(community_id, album_id, files, require_user())
    except Refused as refused:
        if refused.reason not in _UPLOAD_REFUSED:
            raise
        return _album_page(opened(community_id), album_id, refusal(refused.reason), 422)
    except VkError as error:
        return _album_page(opened(community_id), album_id, vk_error_sentence(error.code), 502)
    flash(ngettext("%(num)s photo is in the album now.", "%(num)s photos are in the album now.", len(sent)))
    return redirect(url_for("pages.community_album", community_id=community_id, album_id=album_id), 303)


def _how_many() -> str:
    return str(gettext("Choose from one to %(most)s photos.", most=UPLOAD_MAX))


def _tell(refresh: Callable[[], object]) -> None:
    """What VK refuses is told by the freshness of what is shown."""
    try:
        refresh()
    except VkError:
        return
    flash(gettext("Read from VK just now."))


def _albums_page(community: Community, problem: str = "", status: int = 200) -> ResponseReturnValue:
    try:
        albums = services().vk_media.get_albums(community.id)
    except VkError as error:
        albums = Albums((), Freshness(None, error.code))
    return community_page(
        "community_albums.html",
        community,
        status,
        albums=albums.items,
        freshness=albums.freshness,
        problem=problem,
        typed=request.form.get("title", ""),
        title_max=ALBUM_TITLE_MAX,
    )


def _album_page(community: Community, album_id: int, problem: str = "", status: int = 200) -> ResponseReturnValue:
    page = page_number()
    try:
        photos = services().vk_media.get_photos(community.id, album_id, page, PAGE_SIZE)
    except VkError as error:
        photos = PhotoPage((), 0, Freshness(None, error.code))
    return community_page(
        "community_album.html",
        community,
        status,
        album=services().vk_media.find_album(community.id, album_id),
        album_id=album_id,
        photos=photos.items,
        total=photos.total,
        freshness=photos.freshness,
        page=page,
        pages=page_count(photos.total, PAGE_SIZE),
        problem=problem,
        upload_max=UPLOAD_MAX,
    )
