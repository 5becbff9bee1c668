"""Posts of communities: planned, looked at, changed, tried again, dropped; and their history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, jsonify

from app.domain.vk.addresses import post_url
from app.domain.vk.drafts import draft_of
from app.domain.vk.posts import PastPost, PostPhoto, SystemPost
from app.services.vk.cautions import Caution
from app.web.api.arguments import collection, idempotency_key, page_of, paging, version_to_match
from app.web.api.site import blueprint, image_part, json_object
from app.web.auth import require_user
from app.web.kits import kit_response
from app.web.representations import time_json
from app.web.use_cases import services


@blueprint.get("/communities/<uuid:community_id>/posts")
def posts(community_id: UUID) -> Response:
    """Those on their way, the next first."""
    services().posts.community(community_id)
    return page_of([_post(post) for post in services().posts.planned(community_id)])


@blueprint.post("/communities/<uuid:community_id>/posts")
def schedule_post(community_id: UUID) -> tuple[Response, int]:
    """A program that comes again with its key gets the post as it stands: it is not made twice."""
    posts = services().posts
    stored = posts.schedule(community_id, _wanted(), require_user(), idempotency_key())
    if isinstance(stored, PastPost):
        return jsonify(_past(stored, posts.community(community_id).owner_id)), 200
    return jsonify(_post(stored)), 201


@blueprint.post("/communities/<uuid:community_id>/posts/check")
def check_post(community_id: UUID) -> Response:
    """What speaks against a post that is not stored."""
    community, wanted = services().posts.community(community_id), _wanted()
    services().posts.draft(community_id, wanted)
    cautions = services().cautions.about(community, draft_of(wanted))
    return jsonify({"warnings": [_caution(caution) for caution in cautions]})


@blueprint.post("/post-photos")
def upload_post_photo() -> tuple[Response, int]:
    """A file for a post to come."""
    return jsonify({"photo": str(services().post_photos.keep_upload(image_part().stream.read()))}), 201


@blueprint.get("/posts/<uuid:post_id>")
def post(post_id: UUID) -> Response:
    return _answer(services().posts.find(post_id))


@blueprint.put("/posts/<uuid:post_id>")
def edit_post(post_id: UUID) -> Response:
    return _answer(services().posts.edit(post_id, _wanted(), version_to_match(), require_user()))


@blueprint.delete("/posts/<uuid:post_id>")
def cancel_post(post_id: UUID) -> tuple[str, int]:
    services().posts.cancel(post_id, require_user())
    return "", 204


@blueprint.post("/posts/<uuid:post_id>/publish")
def publish_post(post_id: UUID) -> tuple[Response, int]:
    """One that is planned, late or failed."""
    return jsonify({"fate": services().posts.publish_now(post_id, require_user()).value}), 202


@blueprint.post("/posts/<uuid:post_id>/settle")
def settle_post(post_id: UUID) -> tuple[str, int]:
    """Somebody has published it by hand."""
    address = json_object().get("address") or ""
    services().posts.settle(post_id, str(address), require_user())
    return "", 204


@blueprint.get("/posts/<uuid:post_id>/kit")
def post_kit(post_id: UUID) -> Response:
    return kit_response(services().post_kits.open(post_id))


@blueprint.get("/communities/<uuid:community_id>/history")
def post_history(community_id: UUID) -> Response:
    """Those that are over, the last first."""
    owner_id = services().posts.community(community_id).owner_id
    page, page_size = paging()
    found, total = services().posts.history(community_id, page, page_size)
    return collection([_past(past, owner_id) for past in found], total, page, page_size)


def _wanted() -> dict[str, Any]:
    """With the time as a moment; what is none stays as it is, to be refused by its name."""
    body = json_object()
    return {name: _moment(value) if name == "publication_date" else value for name, value in body.items()}


def _moment(value: Any) -> Any:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _answer(post: SystemPost) -> Response:
    response = jsonify(_post(post))
    response.set_etag(str(post.version))
    return response


def _post(post: SystemPost) -> dict[str, Any]:
    return {
        "id": str(post.id),
        "community_id": str(post.community_id),
        "text": post.text,
        "photos": [_photo(photo) for photo in post.photos],
        "publication_date": time_json(post.publication_date),
        "status": post.status.value,
        "attempted_at": time_json(post.attempted_at),
        "error": _told(post.error),
        "version": post.version,
        "created_by": post.created_by,
        "created_at": time_json(post.created_at),
        "updated_by": post.updated_by,
    }


def _photo(photo: PostPhoto) -> dict[str, Any]:
    return {
        "photo": f"own:{photo.position}",
        "width": photo.width,
        "height": photo.height,
        "size_bytes": photo.size_bytes,
        "job_id": str(photo.job_id) if photo.job_id else None,
    }


def _told(error: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if error is None else {"code": "unknown", **error}


def _past(post: PastPost, owner_id: int) -> dict[str, Any]:
    return {
        "id": str(post.id),
        "outcome": post.outcome.value,
        "text": post.text,
        "photos": post.photos,
        "publication_date": time_json(post.publication_date),
        "ended_at": time_json(post.ended_at),
        "url": post_url(owner_id, post.vk_post_id) if post.vk_post_id else None,
        "missing_photos": post.detail.get("missing_photos", 0),
        "created_by": post.created_by,
    }


def _caution(caution: Caution) -> dict[str, Any]:
    return {
        "code": caution.kind.value,
        "when": time_json(caution.when),
        "number": caution.number,
        "post_id": str(caution.post_id) if caution.post_id else None,
        "url": caution.url or None,
    }
