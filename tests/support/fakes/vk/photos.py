"""Albums and photos: the methods photos.*."""

import re
import secrets
from typing import Any

from tests.support.fakes.vk import shapes
from tests.support.fakes.vk.asked import USER, Asked, managed_group, method
from tests.support.fakes.vk.refusals import Refusal, bad
from tests.support.fakes.vk.uploads import TO_ALBUM, TO_WALL, Upload
from tests.support.fakes.vk.world import Album, Key, Photo, World

WALL_ALBUM = -14
"""Where photos are that were uploaded for posts."""
_PHOTO = re.compile(r"(-?\d+)_(\d+)(?:_\w+)?")
_SERVICE_ALBUMS = {"wall": -7, "profile": -6, "saved": -15}


@method("photos.createAlbum", USER, right="photos")
def create_album(world: World, asked: Asked) -> Any:
    """In the community `group_id`; without one in the user's own profile, which is rarely what was meant."""
    title = asked.text("title", shortest=2, longest=255)
    owner_id = -managed_group(world, asked).id if "group_id" in asked.fields else asked.user_id
    if sum(owner == owner_id for owner, _ in world.albums) >= world.limits.albums:
        raise Refusal(302)
    return shapes.album(world, add_album(world, owner_id, title, asked.text("description")))


@method("photos.getAlbums", USER, right="photos")
def get_albums(world: World, asked: Asked) -> Any:
    """The newest first; without `count`, all."""
    owner_id = asked.number("owner_id", asked.user_id)
    wanted = asked.numbers("album_ids", most=1000)
    of_owner = [album for album in world.albums.values() if album.owner_id == owner_id]
    albums = [album for album in reversed(of_owner) if not wanted or album.id in wanted]
    page = albums[asked.page(default=len(albums), most=1_000_000)]
    covers = asked.flag("need_covers")
    return {"count": len(albums), "items": [shapes.album(world, album, covers=covers) for album in page]}


@method("photos.get", USER, right="photos")
def get(world: World, asked: Asked) -> Any:
    """The oldest first, with `rev` the newest."""
    owner_id = asked.number("owner_id", asked.user_id)
    key = (owner_id, _album_id(asked))
    if key not in world.albums and key[1] > 0:
        raise Refusal(114)
    photos = world.album_photos(key)
    ordered = photos[::-1] if asked.flag("rev") else photos
    page = ordered[asked.page(default=50, most=1000)]
    return {"count": len(photos), "items": [shapes.photo(world, photo) for photo in page]}


@method("photos.getById", USER, right="photos")
def get_by_id(world: World, asked: Asked) -> Any:
    """Those that exist, in the order of the question; an `access_key` opens no more here."""
    names = [_PHOTO.fullmatch(name) for name in asked.several("photos", most=500)]
    if not names or not all(names):
        raise bad("photos")
    keys = [(int(name[1]), int(name[2])) for name in names if name]
    return [shapes.photo(world, world.photos[key]) for key in keys if key in world.photos]


@method("photos.getUploadServer", USER, right="photos")
def get_upload_server(world: World, asked: Asked) -> Any:
    """Only albums that people made take uploads."""
    group = managed_group(world, asked)
    album_id = asked.number("album_id")
    if (group.owner_id, album_id) not in world.albums:
        raise Refusal(114)
    upload = world.uploads.open(TO_ALBUM, asked.token.value, group.id, album_id)
    return {"album_id": album_id, "upload_url": upload.url, "user_id": asked.user_id, "group_id": group.id}


@method("photos.getWallUploadServer", USER, right="photos")
def get_wall_upload_server(world: World, asked: Asked) -> Any:
    """Any of a community's managers may upload, though only an administrator's photos stay in the post."""
    group = world.groups.get(asked.number("group_id", lowest=1))
    if group is None or world.role(asked.token, group.id) is None:
        raise Refusal(200)
    upload = world.uploads.open(TO_WALL, asked.token.value, group.id, WALL_ALBUM)
    return {"album_id": WALL_ALBUM, "upload_url": upload.url, "user_id": asked.user_id}


@method("photos.save", USER, right="photos")
def save(world: World, asked: Asked) -> Any:
    """Every file of the upload, in its order."""
    upload = _received(world, asked, "photos_list")
    key = (-asked.number("group_id", lowest=1), asked.number("album_id"))
    if key != (-upload.group_id, upload.album_id) or key not in world.albums:
        raise Refusal(114)
    if len(world.album_photos(key)) + len(upload.files) > world.limits.photos_an_album:
        raise Refusal(300)
    photos = [_keep(world, key, asked, file) for file in world.uploads.close(upload)]
    world.albums[key].updated = world.clock.unix()
    return [_announced(world, upload.group_id, photo) for photo in photos]


@method("photos.saveWallPhoto", USER, right="photos")
def save_wall_photo(world: World, asked: Asked) -> Any:
    """Belongs to the user who uploaded it, or to the community: VK does either, and so does the fake."""
    upload = _received(world, asked, "photo")
    if asked.number("group_id", lowest=1) != upload.group_id or upload.album_id != WALL_ALBUM:
        raise Refusal(121)
    owner_id = asked.user_id if world.wall_photos_are_the_users else -upload.group_id
    photos = [_keep(world, (owner_id, WALL_ALBUM), asked, file) for file in world.uploads.close(upload)]
    for photo in photos:
        photo.access_key = secrets.token_hex(9)
    return [shapes.photo(world, photo) for photo in photos]


def add_album(world: World, owner_id: int, title: str, description: str = "") -> Album:
    now = world.clock.unix()
    album = Album(world.next_id("album", owner_id), owner_id, title, description, now, now)
    world.albums[owner_id, album.id] = album
    return album


def add_photo(world: World, key: Key, user_id: int, size: tuple[int, int], text: str = "", data: bytes = b"") -> Photo:
    """A photo in the album `key`."""
    owner_id, album_id = key
    number = world.next_id("photo", owner_id)
    photo = Photo(number, owner_id, album_id, user_id, world.clock.unix(), *size, text=text, data=data)
    world.photos[owner_id, number] = photo
    return photo


def remove_album(world: World, album: Album) -> None:
    for photo in world.album_photos((album.owner_id, album.id)):
        del world.photos[photo.owner_id, photo.id]
    del world.albums[album.owner_id, album.id]


def _album_id(asked: Asked) -> int:
    named = asked.text("album_id", shortest=1)
    return _SERVICE_ALBUMS[named] if named in _SERVICE_ALBUMS else asked.number("album_id")


def _received(world: World, asked: Asked, field: str) -> Upload:
    """The upload that the answer of VK's upload server tells of; one token serves a whole chain."""
    upload = world.uploads.received(asked.text("hash"))
    if upload is None or upload.token != asked.token.value:
        raise Refusal(121)
    if asked.number("server") != upload.server:
        raise Refusal(118)
    if not upload.files or asked.text(field) != upload.described():
        raise bad("photos_list")
    return upload


def _keep(world: World, key: Key, asked: Asked, file: tuple[bytes, tuple[int, int]]) -> Photo:
    data, size = file
    return add_photo(world, key, asked.user_id, size, asked.text("caption", longest=2048), data)


def _announced(world: World, group_id: int, photo: Photo) -> dict[str, Any]:
    shape = shapes.photo(world, photo)
    world.callbacks.tell(group_id, "photo_new", shape)
    return shape
