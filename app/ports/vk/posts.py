"""Posts of ours: stored, taken by those who publish, and remembered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from app.domain.vk.posts import PastPost, PostOutcome, PostStatus, SystemPost


class SystemPostStore(Protocol):
    """The table `system_posts` of the user's documents. One conditional UPDATE decides each race."""

    def add(self, post: SystemPost) -> SystemPost | None:
        """None, and nothing is changed, if a post with this id was stored before, even one that is over."""

    def get(self, post_id: UUID) -> SystemPost | None: ...

    def of_community(self, community_id: UUID | None, start: datetime | None, end: datetime | None) -> list[SystemPost]:
        """Those of a community, or of all, to be published in that time, the next first."""

    def edit(self, post: SystemPost, expected_version: int) -> SystemPost | None:
        """Store text, photos, date, status and error of a post that nobody publishes now, by `updated_by`.

        None if that is not so any more. What is known of earlier attempts stays.
        """

    def take_due(self, limit: int, hold_seconds: float) -> list[SystemPost]:
        """`pending_publication` whose date has come becomes `publishing`, with one more attempt; SKIP LOCKED.

        So does one whose publisher died before it was announced, once its hold is over. Where late posts are published
        without asking, a community's come one at a time, LATE_SPACING after the last post of ours that appeared.
        """

    def hold(self, post: SystemPost, hold_seconds: float) -> bool:
        """Keep a post that this attempt publishes; False if another has it."""

    def attach(self, post: SystemPost, position: int, attachment: str) -> bool:
        """Photo `position` is at VK; False if another attempt has the post."""

    def announce(self, post: SystemPost, sent_text: str, vk_clock_at: datetime) -> bool:
        """From now on the post may stand on the wall: written down before wall.post is called, with what VK's clock
        said last, and with what is sent: the text, and the photos as `attach` knows them. False as above.

        Nobody looks for it within CALL_SECONDS, unless `sent` or `hold` says otherwise.
        """

    def sent(self, post: SystemPost, vk_post_id: int) -> bool:
        """VK has it under this id, as this attempt was told; False if another attempt has the post."""

    def end(
        self, post: SystemPost, status: PostStatus, error: Mapping[str, Any] | None, pause_seconds: float = 0.0
    ) -> bool:
        """`publishing` becomes another status; as `pending_publication` it is due again in `pause_seconds`.

        `attempted_at` and what was sent become those of `post`, `vk_post_id` too if it has none now: who ends what was
        refused hands over the post as it was taken, and with that its announcement is undone. False if another attempt
        has the post.
        """

    def unverified(self, limit: int, hold_seconds: float) -> list[SystemPost]:
        """Those that were announced and are not found yet, taken for a look at the wall: publishing, possible_error.

        The latter for a day only, and held ten times as long.
        """

    def finish(
        self,
        post_id: UUID,
        outcome: PostOutcome,
        vk_post_id: int | None,
        detail: Mapping[str, Any],
        *,
        by_hand: bool = False,
    ) -> bool:
        """Move the post into the history; `by_hand`: a person says so, nobody has seen it on the wall.

        False if it is not there any more, if another post of the history is `vk_post_id`, or if it is being published
        while it is to be cancelled, or ended by hand. A transaction around it goes on all the same.
        """

    def history(self, community_id: UUID | None, page: int, page_size: int) -> tuple[Sequence[PastPost], int]: ...

    def past(self, post_id: UUID) -> PastPost | None:
        """One of the history."""

    def has_withdrawn_photos(self, post_id: UUID) -> bool:
        """Whether somebody has hidden or deleted a result that the post has a copy of; expiry withdraws nothing."""

    def media_in_use(self, ids: Sequence[UUID]) -> set[str]:
        """The media keys that the given posts refer to."""


class VariableStore(Protocol):
    """Global variables: a name such as `price`, a value for all communities, others for some."""

    def all(self) -> Mapping[str, Mapping[UUID | None, str]]:
        """By name, then by community; None for all."""

    def put(self, name: str, community_id: UUID | None, value: str, author: str) -> None: ...

    def remove(self, name: str, community_id: UUID | None) -> bool: ...
