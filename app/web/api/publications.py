"""Finished pictures sent to albums of communities, and where each has been published."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify

from app.domain.vk.addresses import photo_url, post_url
from app.ports.vk.filling import AlbumPlace, PostPlace
from app.services.vk.album_orders import Places
from app.web.api.photos import photo_ids
from app.web.api.site import blueprint, json_object
from app.web.auth import require_user
from app.web.use_cases import services


@blueprint.post("/communities/<uuid:community_id>/albums/<int:album_id>/results")
def send_results_to_album(community_id: UUID, album_id: int) -> tuple[Response, int]:
    """They are sent in the background."""
    ordered = services().album_orders.order(community_id, album_id, photo_ids(json_object()), require_user())
    return jsonify({"ordered": ordered}), 202


@blueprint.get("/photos/<uuid:photo_id>/publications")
def photo_publications(photo_id: UUID) -> Response:
    places = services().album_orders.places(services().gallery.find(photo_id).id)
    return jsonify(
        {
            "albums": [_album(place, places) for place in places.albums],
            "posts": [_post(place, places) for place in places.posts],
        }
    )


def _album(place: AlbumPlace, places: Places) -> dict[str, Any]:
    number, community = place.vk_photo_id, places.communities[place.community_id]
    return {
        "community_id": str(community.id),
        "state": "published" if number else ("given_up" if place.is_given_up else "waiting"),
        "error": place.error or None,
        "url": photo_url(community.owner_id, number) if number else None,
        "at": place.at.isoformat(),
    }


def _post(place: PostPlace, places: Places) -> dict[str, Any]:
    number, community = place.vk_post_id, places.communities[place.community_id]
    return {
        "community_id": str(community.id),
        "post_id": str(place.post_id),
        "url": post_url(community.owner_id, number) if number else None,
        "publication_date": place.at.isoformat(),
    }
