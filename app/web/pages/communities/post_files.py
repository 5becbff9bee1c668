"""Pictures of posts, and all that a person needs to publish one by hand."""

from io import BytesIO
from uuid import UUID

from flask import Response

from app.domain.errors import Reason, Refused
from app.domain.media import PREVIEW_SIZES
from app.web.files import file_response, picture_response
from app.web.kits import kit_response
from app.web.pages.site import blueprint
from app.web.use_cases import services


@blueprint.get("/communities/<uuid:community_id>/posts/<uuid:post_id>/photos/<int:position>/<any(grid, large):size>")
def post_photo(community_id: UUID, post_id: UUID, position: int, size: str) -> Response:
    """A preview. Positions change with the post, so that browsers ask each time."""
    post = services().posts.find(post_id)
    photo = next((photo for photo in post.photos if photo.position == position), None)
    if photo is None or post.community_id != community_id:
        raise Refused(Reason.NOT_FOUND, "There is no such photo.")
    data = services().post_photos.preview(photo.path, PREVIEW_SIZES[size])
    return file_response(BytesIO(data), len(data), "image/webp", f"{photo.path.rpartition('/')[2]}-{size}")


@blueprint.get("/communities/uploads/<uuid:upload_id>/<any(grid, large):size>")
def post_upload(upload_id: UUID, size: str) -> Response:
    """A preview of a file that was uploaded for a post. It never changes under its id, so browsers may keep it."""
    data = services().post_photos.upload_preview(upload_id, PREVIEW_SIZES[size])
    response = picture_response(data, "image/webp")
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


@blueprint.get("/communities/<uuid:community_id>/posts/<uuid:post_id>/kit.zip")
def post_kit(community_id: UUID, post_id: UUID) -> Response:
    if services().posts.find(post_id).community_id != community_id:
        raise Refused(Reason.NOT_FOUND, "There is no such post in this community.")
    return kit_response(services().post_kits.open(post_id))
