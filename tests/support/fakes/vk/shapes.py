"""How VK writes down what exists."""

from typing import Any

from tests.support.fakes.vk.world import ADMINISTRATOR, Album, Group, Photo, Post, World

SIZES = {"s": 75, "m": 130, "x": 604, "y": 807, "z": 1280, "w": 2560}
"""Longest sides of the sizes that VK makes of a photo. It never enlarges: the largest is the photo as it is."""


def album(world: World, album: Album, *, covers: bool = False) -> dict[str, Any]:
    photos = world.album_photos((album.owner_id, album.id))
    cover = {"thumb_src": _urls(world, photos[-1])["m"]} if covers and photos else {}
    return {
        "id": album.id,
        "owner_id": album.owner_id,
        "title": album.title,
        "description": album.description,
        "size": len(photos),
        "created": album.created,
        "updated": album.updated,
        "thumb_id": photos[-1].id if photos else 0,
        "can_upload": 1,
        **cover,
    }


def photo(world: World, photo: Photo) -> dict[str, Any]:
    key = {"access_key": photo.access_key} if photo.access_key else {}
    return {
        "id": photo.id,
        "owner_id": photo.owner_id,
        "album_id": photo.album_id,
        "user_id": photo.user_id,
        "date": photo.date,
        "text": photo.text,
        "has_tags": False,
        "sizes": _sizes(world, photo),
        **key,
    }


def post(world: World, post: Post) -> dict[str, Any]:
    with_id = post.postponed_id is not None and world.walls_tell_postponed_id
    photos = [world.photos[key] for key in post.photos if key in world.photos]
    return {
        "inner_type": "wall_wallpost",
        "type": "post",
        "id": post.id,
        "owner_id": post.owner_id,
        "from_id": post.from_id,
        "created_by": post.created_by,
        "date": post.date,
        "text": post.text,
        "post_type": "postpone" if post.is_postponed else "post",
        "attachments": [{"type": "photo", "photo": photo(world, attached)} for attached in photos],
        **({"postponed_id": post.postponed_id} if with_id else {}),
    }


def group(world: World, group: Group, role: str | None) -> dict[str, Any]:
    levels = {ADMINISTRATOR: 3, "editor": 2, "moderator": 1}
    managing = {"is_admin": 1, "admin_level": levels[role]} if role else {"is_admin": 0}
    pictures = {f"photo_{side}": f"{world.address}/group/{group.id}_{side}.jpg" for side in (50, 100, 200)}
    naming = {"id": group.id, "name": group.name, "screen_name": group.screen_name}
    return {**naming, "is_closed": 0, "type": "group", "is_member": 0, **managing, **pictures}


def _sizes(world: World, photo: Photo) -> list[dict[str, Any]]:
    """By their letters, which is not by their size."""
    urls = _urls(world, photo)
    return [
        {"type": kind, "width": width, "height": height, "url": urls[kind]}
        for kind, (width, height) in sorted(_fitting(photo).items())
    ]


def _urls(world: World, photo: Photo) -> dict[str, str]:
    return {kind: f"{world.address}/photo/{photo.owner_id}_{photo.id}_{kind}.jpg" for kind in SIZES}


def _fitting(photo: Photo) -> dict[str, tuple[int, int]]:
    longest = max(photo.width, photo.height)
    smaller = [kind for kind, side in SIZES.items() if side < longest]
    kinds = list(SIZES)[: len(smaller) + 1]
    scales = {kind: min(SIZES[kind] / longest, 1) for kind in kinds}
    return {kind: (round(photo.width * scale), round(photo.height * scale)) for kind, scale in scales.items()}
