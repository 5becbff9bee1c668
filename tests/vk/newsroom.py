"""A house that VK tells of events, and that reads from VK what has changed."""

from contextlib import nullcontext
from typing import Any
from uuid import UUID

from app.domain.vk.community import Secret
from app.services.vk.callback import CallbackService
from app.services.vk.refreshing import RefreshService
from app.services.vk.tokens import CommunityTokens, owner_of
from app.services.vk.update_tracker import UpdateTracker
from tests.adapters.vk_calls import RULES
from tests.support.fakes.vk.fake import GROUP_ID, FakeVk
from tests.vk.media_house import MediaHouse

SECRET = "8Jr2vQn0sXcB"


class Newsroom(MediaHouse):
    def __init__(self, vk: FakeVk) -> None:
        super().__init__(vk)
        self.queue = self.stores.refreshes
        self.tracker = UpdateTracker(updates=self.stores.updates, queue=self.queue)
        self.callback = CallbackService(
            communities=self.stores.communities,
            secrets=self.secrets,
            ledger=self.stores.callback_ledger,
            patience=nullcontext,
        )
        self.refreshing = RefreshService(
            api=self.api,
            communities=self.stores.communities,
            cache=self.cache,
            queue=self.queue,
            media=self.media,
            tokens=CommunityTokens(secrets=self.secrets, rules=RULES),
            tracker=self.tracker,
        )
        self.agree_on(SECRET)

    def agree_on(self, secret: str | None) -> None:
        self.secrets.put(owner_of(self.project), Secret.CALLBACK_SECRET.value, secret, "serg")

    def hear(self, kind: str, event_id: object = "a", **changes: Any) -> str:
        """VK tells of an event."""
        about = {"event_id": event_id, "v": "5.199", "group_id": GROUP_ID, "secret": SECRET, "object": {}}
        return self.callback.handle_vk_callback({"type": kind, **about, **changes})

    def refresh(self) -> int:
        """Fulfil all wishes; returns how many there were."""
        count = 0
        while self.refreshing.step():
            count += 1
        return count

    def look_around(self) -> None:
        """At all that it is time to look at."""
        while self.refreshing.reconcile():
            pass

    def updates(self, reader: str = "tab") -> list[UUID]:
        """What this reader is told."""
        return list(self.tracker.get_and_clear_updates("serg", reader))

    def scheduled(self) -> list[str]:
        """Texts of the postponed posts that are stored."""
        return [post.text for post in self.cache.posts(self.project, True, 10_000)]

    def published(self) -> list[str]:
        """Texts of the wall's posts that are stored, the newest first."""
        return [post.text for post in self.cache.posts(self.project, False, 10_000)]
