"""What the tracker's process runs."""

from functools import cached_property

from app.adapters.images.likeness import Likeness
from app.services.vk.album_look import AlbumLook
from app.services.vk.filled_albums import AlbumFinder
from app.services.vk.filling import AlbumFiller
from app.services.vk.loop import Step, StepLoop
from app.services.vk.post_tracker import PostTracker
from app.services.vk.publishing import Publishing
from app.services.vk.verification import Verification
from app.wiring.vk import VkParts

_BEAT_SECONDS = 5.0
_LOOK_SECONDS = 1.0
_RECONCILE_SECONDS = 30.0
_REFRESHERS = 2
_FILLERS = 2
_PUBLISHERS = 3  # one community's slow upload keeps up no other's post


class TrackerParts(VkParts):
    @cached_property
    def vk_verification(self) -> Verification:
        return Verification(
            posts=self.stores.system_posts, tokens=self.vk_tokens, api=self.vk_api, refreshes=self.stores.refreshes
        )

    @cached_property
    def vk_publishing(self) -> Publishing:
        return Publishing(
            posts=self.stores.system_posts,
            communities=self.stores.communities,
            variables=self.stores.variables,
            tokens=self.vk_tokens,
            api=self.vk_api,
            uploads=self.vk_uploads,
            media=self.media,
            verification=self.vk_verification,
        )

    @cached_property
    def post_tracker(self) -> PostTracker:
        return PostTracker(
            posts=self.stores.system_posts,
            communities=self.stores.communities,
            publishing=self.vk_publishing,
            verification=self.vk_verification,
        )

    @cached_property
    def album_filler(self) -> AlbumFiller:
        finder = AlbumFinder(
            albums=self.stores.filled_albums,
            media=self.vk_media,
            events=self.stores.events,
            settings=self.settings_service,
        )
        return AlbumFiller(
            uploads=self.stores.album_uploads,
            albums=finder,
            vk=self.vk_media,
            look=AlbumLook(
                uploads=self.stores.album_uploads,
                albums=finder,
                vk=self.vk_media,
                media=self.media,
                fetch=self.vk_pictures.fetch,
                is_same=Likeness(self.images),
            ),
            media=self.media,
        )

    def tracker(self) -> StepLoop:
        """All that is done for communities in the background; any number of processes may run it."""
        return StepLoop(
            [
                Step("beat", self._beat, _BEAT_SECONDS),
                Step("publish", self.post_tracker.publish_due, _LOOK_SECONDS, threads=_PUBLISHERS),
                Step("verify", self.post_tracker.verify, _LOOK_SECONDS),
                Step("fill", self.album_filler.step, _LOOK_SECONDS, threads=_FILLERS),
                Step("refresh", self.vk_refreshing.step, _LOOK_SECONDS, threads=_REFRESHERS),
                Step("reconcile", self.vk_refreshing.reconcile, _RECONCILE_SECONDS),
            ]
        )

    def _beat(self) -> bool:
        self.stores.heartbeats.beat(self.process_id, "tracker")
        return False
