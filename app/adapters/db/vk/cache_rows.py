"""Albums, photos and posts of VK as rows, and back."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row

from app.domain.vk.media import VkAlbum, VkPhoto
from app.domain.vk.posts import WallPost


def of_album(community_id: UUID, album: VkAlbum) -> dict[str, Any]:
    return {
        "community_id": community_id,
        "album_id": album.album_id,
        "owner_id": album.owner_id,
        "title": album.title,
        "description": album.description,
        "size": album.size,
        "cover_url": album.cover_url,
        "can_upload": album.can_upload,
        "updated_at": album.updated_at,
    }


def album(row: Row[Any]) -> VkAlbum:
    return VkAlbum(
        album_id=row.album_id,
        owner_id=row.owner_id,
        title=row.title,
        description=row.description,
        size=row.size,
        cover_url=row.cover_url,
        can_upload=row.can_upload,
        updated_at=row.updated_at,
    )


def of_photo(community_id: UUID, photo: VkPhoto) -> dict[str, Any]:
    return {
        "community_id": community_id,
        "photo_id": photo.photo_id,
        "owner_id": photo.owner_id,
        "album_id": photo.album_id,
        "url": photo.url,
        "preview_url": photo.preview_url,
        "width": photo.width,
        "height": photo.height,
        "text": photo.text,
        "access_key": photo.access_key,
        "taken_at": photo.taken_at,
    }


def photo(row: Row[Any]) -> VkPhoto:
    return VkPhoto(
        photo_id=row.photo_id,
        owner_id=row.owner_id,
        album_id=row.album_id,
        url=row.url,
        preview_url=row.preview_url,
        width=row.width,
        height=row.height,
        text=row.text,
        taken_at=row.taken_at,
        access_key=row.access_key,
    )


def of_post(community_id: UUID, is_postponed: bool, post: WallPost) -> dict[str, Any]:
    """Its photos are a list of owner id, photo id and address of the preview, or null."""
    previews = [*post.preview_urls, *[None] * (len(post.photos) - len(post.preview_urls))]
    return {
        "community_id": community_id,
        "is_postponed": is_postponed,
        "post_id": post.post_id,
        "owner_id": post.owner_id,
        "date": post.date,
        "text": post.text,
        "photos": [[*ids, preview] for ids, preview in zip(post.photos, previews, strict=True)],
        "postponed_id": post.postponed_id,
    }


def post(row: Row[Any]) -> WallPost:
    return WallPost(
        post_id=row.post_id,
        owner_id=row.owner_id,
        is_postponed=row.is_postponed,
        date=row.date,
        text=row.text,
        photos=tuple((owner_id, photo_id) for owner_id, photo_id, _ in row.photos),
        preview_urls=tuple(preview for _, _, preview in row.photos if preview is not None),
        postponed_id=row.postponed_id,
    )
