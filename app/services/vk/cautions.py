"""What somebody should know before a post is planned: nothing here keeps anybody from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.domain.vk.addresses import post_url
from app.domain.vk.community import Community
from app.domain.vk.drafts import Draft, PhotoRef, Source
from app.domain.vk.matching import normalised, photos_of
from app.domain.vk.posts import PostOutcome, SystemPost, WallPost
from app.domain.vk.rules import VkRules
from app.domain.vk.variables import UnknownVariables, substitute_global_variables
from app.services.vk.post_photos import PostPhotos
from app.services.vk.posts import PostService

LATELY = timedelta(days=30)
"""What is older than that is no duplicate."""

_DAY = timedelta(days=1)
_HISTORY = 200


class CautionKind(StrEnum):
    SAME_TEXT = "same_text"
    SAME_PHOTOS = "same_photos"
    TIME_TAKEN = "time_taken"
    TOO_MANY_POSTS = "too_many_posts"


@dataclass(frozen=True, slots=True)
class Caution:
    """`number` is how many photos are meant, or how many posts VK takes a day. `when` is the other post's time; it is
    `post_id` while it is ours and on its way, and `url` once it stands on the wall."""

    kind: CautionKind
    when: datetime | None = None
    number: int = 0
    post_id: UUID | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class _Other:
    """Another post of the community, of whichever kind; `photos` are VK's, `results` of this house."""

    when: datetime
    text: str
    photos: frozenset[tuple[int, int]] = frozenset()
    results: frozenset[str] = frozenset()
    post_id: UUID | None = None
    url: str = ""

    def caution(self, kind: CautionKind, number: int = 0) -> Caution:
        return Caution(kind, self.when, number, self.post_id, self.url)


class Cautions:
    def __init__(self, *, posts: PostService, photos: PostPhotos, rules: VkRules) -> None:
        self._posts = posts
        self._photos = photos
        self._rules = rules

    def about(
        self,
        community: Community,
        draft: Draft,
        post: SystemPost | None = None,
        values: Mapping[str, str] | None = None,
        now: datetime | None = None,
    ) -> list[Caution]:
        """What speaks against `draft`, at most one of each kind; `post` is the one that it is to replace.

        `values` are those of the community's variables, and `now` is what the database's clock says, if they are known
        already.
        """
        now = now or self._posts.now()
        when = draft.publication_date or now
        others = [other for other in self._others(community, now, when) if not _is_same(other, post)]
        values = self._posts.values(community.id) if values is None else values
        found = (
            _same_text(draft, others, values),
            self._same_photos(community.id, draft, post, others),
            _time_taken(when, others) if draft.publication_date else None,
            self._too_many(when, others),
        )
        return [caution for caution in found if caution]

    def _same_photos(
        self, community_id: UUID, draft: Draft, post: SystemPost | None, others: Sequence[_Other]
    ) -> Caution | None:
        results, photos = _results_in(draft.photos), self._at_vk(community_id, draft.photos)
        for kept in _kept(draft.photos, post):
            results, photos = results | kept.results, photos | kept.photos
        repeated = [(other, len(other.results & results) + len(other.photos & photos)) for other in others]
        other, number = max(repeated, key=lambda pair: pair[1], default=(None, 0))
        return other.caution(CautionKind.SAME_PHOTOS, number) if other and number else None

    def _too_many(self, when: datetime, others: Iterable[_Other]) -> Caution | None:
        """The day is any 24 hours, before or after."""
        times = [other.when for other in others]
        most = max(sum(when - _DAY < time <= when for time in times), sum(when <= time < when + _DAY for time in times))
        limit = self._rules.posts_per_day
        return Caution(CautionKind.TOO_MANY_POSTS, number=limit) if most >= limit else None

    def _at_vk(self, community_id: UUID, refs: Iterable[PhotoRef]) -> set[tuple[int, int]]:
        places = [tuple(map(int, ref.id.split("_"))) for ref in refs if ref.source is Source.ALBUM]
        found = (self._photos.in_album(community_id, album_id, photo_id) for album_id, photo_id in places)
        return {(photo.owner_id, photo.photo_id) for photo in found if photo}

    def _others(self, community: Community, now: datetime, when: datetime) -> list[_Other]:
        """Of LATELY before now and around `when`, the newest first; a post that is known twice is there once."""
        start, end = min(now, when) - LATELY, when + LATELY
        planned = [_of_planned(post) for post in self._posts.planned(community.id, start, end)]
        wall = [_of_wall(post) for post in self._posts.on_wall(community.id, start, end)]
        past, _ = self._posts.history(community.id, 1, _HISTORY)
        told = {other.url: other for other in wall}
        for post in past:
            if post.outcome is PostOutcome.PUBLISHED and post.ended_at >= start:
                url = post_url(community.owner_id, post.vk_post_id) if post.vk_post_id else f"#{post.id}"
                photos = told[url].photos if url in told else frozenset()
                results = frozenset(map(str, post.job_ids))
                told[url] = _Other(post.ended_at, post.text, photos, results, url=url if post.vk_post_id else "")
        return sorted([*planned, *told.values()], key=lambda other: other.when, reverse=True)


def _of_planned(post: SystemPost) -> _Other:
    photos = frozenset(photos_of(post.attachments))
    results = frozenset(str(photo.job_id) for photo in post.photos if photo.job_id)
    return _Other(post.publication_date, post.text, photos, results, post_id=post.id)


def _of_wall(post: WallPost) -> _Other:
    return _Other(post.date, post.text, frozenset(post.photos), url=post.url)


def _is_same(other: _Other, post: SystemPost | None) -> bool:
    return post is not None and other.post_id == post.id


def _kept(refs: Iterable[PhotoRef], post: SystemPost | None) -> list[_Other]:
    """What is known of the photos that the post keeps."""
    positions = {int(ref.id) for ref in refs if ref.source is Source.OWN}
    return [_of_planned(_with_photos(post, positions))] if post else []


def _with_photos(post: SystemPost, positions: set[int]) -> SystemPost:
    return replace(post, photos=tuple(photo for photo in post.photos if photo.position in positions))


def _results_in(refs: Iterable[PhotoRef]) -> set[str]:
    return {ref.id for ref in refs if ref.source is Source.RESULT}


def _same_text(draft: Draft, others: Sequence[_Other], values: Mapping[str, str]) -> Caution | None:
    text = _said(draft.text, values)
    same = (other for other in others if text and _said(other.text, values) == text)
    return next((other.caution(CautionKind.SAME_TEXT) for other in same), None)


def _said(text: str, values: Mapping[str, str]) -> str:
    """As VK would show it, as far as the variables are known."""
    try:
        return normalised(substitute_global_variables(text, values))
    except UnknownVariables:
        return normalised(text)


def _time_taken(when: datetime, others: Iterable[_Other]) -> Caution | None:
    minute = when.replace(second=0, microsecond=0)
    taken = (other for other in others if minute <= other.when < minute + timedelta(minutes=1))
    return next((other.caution(CautionKind.TIME_TAKEN) for other in taken), None)
