"""Albums and photos of communities: shown as VK told of them last, read anew, made and uploaded."""

from typing import Any
from uuid import UUID

from flask import Response, current_app, jsonify, request

from app.domain.errors import Reason, Refused
from app.domain.vk.addresses import album_url, photo_url
from app.domain.vk.media import CAPTION_MAX, UPLOAD_MAX, VkAlbum, VkPhoto
from app.services.vk.media import Albums, PhotoPage
from app.web.api.arguments import PAGE_SIZE, PAGE_SIZE_MAX, collection, paging, whole_argument
from app.web.api.site import blueprint, image_part, json_object
from app.web.auth import require_user
from app.web.ingest import as_upload
from app.web.representations import time_json
from app.web.use_cases import services

_ALBUM = "/communities/<uuid:community_id>/albums/<int:album_id>"


@blueprint.get("/communities/<uuid:community_id>/albums")
def community_albums(community_id: UUID) -> Response:
    page, page_size = paging()
    return _albums(services().vk_media.get_albums(community_id), page, page_size)


@blueprint.post("/communities/<uuid:community_id>/albums")
def create_community_album(community_id: UUID) -> tuple[Response, int]:
    body, create = json_object(), services().vk_media.create_album
    album = create(community_id, body.get("title"), require_user(), description=body.get("description", ""))
    return jsonify(_album(album)), 201


@blueprint.post("/communities/<uuid:community_id>/albums/refresh")
def refresh_community_albums(community_id: UUID) -> Response:
    """Answers with the first page."""
    page_size = whole_argument("page_size", PAGE_SIZE, PAGE_SIZE_MAX)
    return _albums(services().vk_media.refresh_albums(community_id), 1, page_size)


@blueprint.get(f"{_ALBUM}/photos")
def community_photos(community_id: UUID, album_id: int) -> Response:
    page, page_size = paging()
    return _photos(services().vk_media.get_photos(community_id, album_id, page, page_size), page, page_size)


@blueprint.post(f"{_ALBUM}/photos")
def upload_to_community_album(community_id: UUID, album_id: int) -> tuple[Response, int]:
    upload = services().vk_media.upload_photo_to_album
    photos = upload(community_id, album_id, _files(), require_user(), caption=_caption())
    return jsonify({"items": [_photo(photo) for photo in photos]}), 201


@blueprint.post(f"{_ALBUM}/photos/refresh")
def refresh_community_photos(community_id: UUID, album_id: int) -> Response:
    """Answers with the first page."""
    page_size = whole_argument("page_size", PAGE_SIZE, PAGE_SIZE_MAX)
    return _photos(services().vk_media.refresh_photos(community_id, album_id, page_size), 1, page_size)


@blueprint.post("/communities/<uuid:community_id>/photos")
def upload_for_post(community_id: UUID) -> tuple[Response, int]:
    """Nobody sees it before a post shows it."""
    attachment = services().vk_media.upload_photo(community_id, image_part().stream.read())
    return jsonify({"id": attachment.id, "url": attachment.url}), 201


def _files() -> list[bytes]:
    request.max_content_length = UPLOAD_MAX * current_app.config["MAX_CONTENT_LENGTH"]
    parts = request.files.getlist("file")
    if not 1 <= len(parts) <= UPLOAD_MAX:
        message = f"Send one to {UPLOAD_MAX} images, each as a file part named file."
        raise Refused(Reason.INVALID_REQUEST, message, details={"minimum": 1, "maximum": UPLOAD_MAX})
    return [as_upload(part).stream.read() for part in parts]


def _caption() -> str:
    caption = request.form.get("caption", "")
    if len(caption) > CAPTION_MAX:
        message = f"A caption may have at most {CAPTION_MAX} characters."
        raise Refused(Reason.INVALID_REQUEST, message, details={"maximum": CAPTION_MAX})
    return caption


def _albums(found: Albums, page: int, page_size: int) -> Response:
    shown = found.items[(page - 1) * page_size : page * page_size]
    items = [_album(album) for album in shown]
    return collection(items, len(found.items), page, page_size, **_freshness(found))


def _photos(found: PhotoPage, page: int, page_size: int) -> Response:
    items = [_photo(photo) for photo in found.items]
    return collection(items, found.total, page, page_size, **_freshness(found))


def _freshness(found: Albums | PhotoPage) -> dict[str, Any]:
    return {"refreshed_at": time_json(found.freshness.refreshed_at), "refresh_error": found.freshness.error or None}


def _album(album: VkAlbum) -> dict[str, Any]:
    return {
        "id": album.album_id,
        "title": album.title,
        "description": album.description,
        "size": album.size,
        "cover_url": album.cover_url or None,
        "can_upload": album.can_upload,
        "updated_at": time_json(album.updated_at),
        "url": album_url(album.owner_id, album.album_id),
    }


def _photo(photo: VkPhoto) -> dict[str, Any]:
    return {
        "id": photo.photo_id,
        "album_id": photo.album_id,
        "attachment": photo.attachment,
        "url": photo.url,
        "preview_url": photo.preview_url,
        "width": photo.width,
        "height": photo.height,
        "text": photo.text,
        "taken_at": photo.taken_at.isoformat(),
        "vk_url": photo_url(photo.owner_id, photo.photo_id),
    }
