"""Posts that do not come to their walls."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta

from app.domain.alerts import Alert, Trouble
from app.domain.vk.errors import (
    VkAccessDenied,
    VkCaptcha,
    VkTokenRefused,
    VkValidationNeeded,
)
from app.domain.vk.numbers import kind_of
from app.domain.vk.posts import PostStatus
from app.ports.alerts import PostTrouble, Vitals

_SILENCE = timedelta(seconds=15)
_PATIENCE = timedelta(seconds=20)  # a tracker that lives begins within a second or two
_TRACKER_GRACE_SECONDS = 30.0

_PERSON_NEEDED = (VkCaptcha, VkValidationNeeded)
_REFUSED = (VkTokenRefused, VkAccessDenied)


def troubles(vitals: Vitals, running_seconds: float) -> Iterator[Alert]:
    """Those of one kind are told of together. `running_seconds` is as for the house."""
    if running_seconds > _TRACKER_GRACE_SECONDS and _misses_its_tracker(vitals):
        yield Alert(Trouble.NO_TRACKER, since=vitals.tracker_seen_at)
    found: dict[Trouble, list[PostTrouble]] = defaultdict(list)
    for trouble in vitals.failed_posts:
        found[_kind(trouble)].append(trouble)
    for kind, failed in found.items():
        yield Alert(kind, message=_names(failed), since=min(trouble.since for trouble in failed))


def _misses_its_tracker(vitals: Vitals) -> bool:
    """A house that publishes nothing needs none."""
    since, seen_at = vitals.tracker_awaited_since, vitals.tracker_seen_at
    is_awaited = since is not None and vitals.now - since > _PATIENCE
    return is_awaited and (seen_at is None or vitals.now - seen_at > _SILENCE)


def _kind(trouble: PostTrouble) -> Trouble:
    is_stuck = trouble.status is PostStatus.PENDING_PUBLICATION and not trouble.code
    if trouble.status is PostStatus.LATE or is_stuck:
        return Trouble.POST_LATE
    kind = kind_of(trouble.code)
    if issubclass(kind, _PERSON_NEEDED):
        return Trouble.POST_NEEDS_PERSON
    return Trouble.COMMUNITY_REFUSED if issubclass(kind, _REFUSED) else Trouble.POST_FAILED


def _names(failed: Sequence[PostTrouble]) -> str:
    return ", ".join(dict.fromkeys(trouble.community for trouble in failed))
