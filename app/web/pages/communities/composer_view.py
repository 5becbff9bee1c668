"""What the composer shows: the post as VK will show it, its photos, and photos to choose from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import gettext

from app.domain.photo import PhotoFilter
from app.domain.vk.community import Community
from app.domain.vk.drafts import PhotoRef, Source, draft_of, draft_problems
from app.domain.vk.errors import VkError
from app.domain.vk.media import VkAlbum, VkPhoto
from app.domain.vk.posts import SystemPost
from app.domain.vk.variables import substitute_global_variables, variables_of
from app.services.vk.cautions import Caution
from app.web.pages.communities.composer_form import NOW, ComposerForm
from app.web.pages.communities.post_words import no_token_sentence
from app.web.use_cases import services

_SHELF = 24


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo of the post: `small` and `large` are addresses; `source` says where it comes from."""

    ref: str
    small: str
    large: str
    source: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A photo that may be added, under `ref`."""

    ref: str
    address: str
    title: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """Photos to choose from: the newest of the galleries, and if it `is_open` the albums and the photos of one.

    `trouble` is the code of a VkError.
    """

    results: Sequence[Choice] = ()
    albums: Sequence[VkAlbum] = ()
    album: VkAlbum | None = None
    photos: Sequence[Choice] = ()
    is_open: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Composer:
    """`text` is as VK will get it; `unknown` are names in it that stand for nothing.

    `refusal` says why it cannot be published at once, if that is wanted.
    """

    community: Community
    form: ComposerForm
    post: SystemPost | None
    pictures: Sequence[Picture]
    text: str
    unknown: Sequence[str]
    cautions: Sequence[Caution]
    values: dict[str, str]
    refusal: str
    shelf: Shelf = field(default_factory=Shelf)


def composer(community: Community, form: ComposerForm, post: SystemPost | None) -> Composer:
    return replace(preview_of(community, form, post), shelf=_shelf(community, form))


def preview_of(community: Community, form: ComposerForm, post: SystemPost | None) -> Composer:
    """The same without photos to choose from."""
    values = services().posts.values(community.id)
    unknown = [name for name in variables_of(form.text) if name not in values]
    known = {**values, **{name: f"{{{name}}}" for name in unknown}}
    return Composer(
        community=community,
        form=form,
        post=post,
        pictures=[_picture(community, ref, post) for ref in form.refs],
        text=substitute_global_variables(form.text, known),
        unknown=unknown,
        cautions=_cautions(community, form, post, values),
        values=values,
        refusal=_refusal(community, form),
    )


def _cautions(
    community: Community, form: ComposerForm, post: SystemPost | None, values: Mapping[str, str]
) -> Sequence[Caution]:
    now = post.read_at if post else services().posts.now()
    if draft_problems(form.wanted, now):
        return []
    return services().cautions.about(community, draft_of(form.wanted), post, values, now)


def _refusal(community: Community, form: ComposerForm) -> str:
    is_refused = form.when == NOW and services().communities.lacks_token(community.id)
    return no_token_sentence() if is_refused else ""


def _picture(community: Community, ref: PhotoRef, post: SystemPost | None) -> Picture:
    match ref.source:
        case Source.RESULT:
            small, large = (url_for("pages.photo_image", photo_id=ref.id, size=size) for size in ("grid", "large"))
            return Picture(str(ref), small, large, gettext("from the gallery"))
        case Source.UPLOAD:
            small, large = (url_for("pages.post_upload", upload_id=ref.id, size=size) for size in ("grid", "large"))
            return Picture(str(ref), small, large, gettext("uploaded"))
        case Source.OWN:
            where: dict[str, Any] = {"community_id": community.id, "post_id": post.id if post else UUID(int=0)}
            addresses = (url_for("pages.post_photo", **where, position=ref.id, size=size) for size in ("grid", "large"))
            small, large = addresses
            return Picture(str(ref), small, large, gettext("of this post"))
        case Source.ALBUM:
            found = services().post_photos.in_album(community.id, *map(int, ref.id.split("_")))
            small, large = (found.preview_url, found.url) if found else ("", "")
            return Picture(str(ref), small, large, gettext("from an album of VK"))


def _shelf(community: Community, form: ComposerForm) -> Shelf:
    """VK is asked for albums only once somebody wants them."""
    shown = _choices(form, _results(form.zone))
    if not form.shelf:
        return Shelf(shown)
    try:
        albums = services().vk_media.get_albums(community.id).items
        album = next((album for album in albums if str(album.album_id) == form.shelf), None)
        photos = services().vk_media.get_photos(community.id, album.album_id, 1, _SHELF).items if album else []
    except VkError as error:
        return Shelf(shown, trouble=error.code)
    return Shelf(shown, albums, album, _choices(form, map(_of_album, photos)), is_open=True)


def _choices(form: ComposerForm, choices: Iterable[Choice]) -> list[Choice]:
    return [choice for choice in choices if choice.ref not in form.photos]


def _results(zone: ZoneInfo) -> list[Choice]:
    """The newest of the galleries, by the names under which people save them."""
    photos = services().gallery.page(PhotoFilter(), limit=_SHELF).photos
    refs = [str(PhotoRef.of_result(photo.id)) for photo in photos]
    return [Choice(ref, _tile_of(photo.id), photo.file_name(zone)) for ref, photo in zip(refs, photos, strict=True)]


def _tile_of(job_id: UUID) -> str:
    return url_for("pages.photo_image", photo_id=job_id, size="grid")


def _of_album(photo: VkPhoto) -> Choice:
    ref = PhotoRef(Source.ALBUM, f"{photo.album_id}_{photo.photo_id}")
    return Choice(str(ref), photo.preview_url, photo.text or str(gettext("Photo")))
