"""What people write posts with."""

from functools import cached_property, partial

from app.services.vk.cautions import Cautions
from app.services.vk.kits import PostKits
from app.services.vk.photos_at_vk import photo_now
from app.services.vk.post_photos import PostPhotos
from app.services.vk.posts import PostService
from app.services.vk.variables import VariableService
from app.wiring.tracker import TrackerParts


class PostParts(TrackerParts):
    @cached_property
    def post_photos(self) -> PostPhotos:
        return PostPhotos(
            media=self.media,
            images=self.images,
            results=self.stores.photos,
            cache=self.stores.vk_cache,
            prepare=self.vk_uploads.prepare,
            fetch=self.vk_pictures.fetch,
            look_up=partial(photo_now, self.vk_api, self.vk_tokens),
        )

    @cached_property
    def posts(self) -> PostService:
        return PostService(
            posts=self.stores.system_posts,
            communities=self.stores.communities,
            cache=self.stores.vk_cache,
            variables=self.stores.variables,
            photos=self.post_photos,
            verification=self.vk_verification,
            audit=self.stores.audit,
            transaction=self.database.transaction,
            clock=self.database.now,
        )

    @cached_property
    def cautions(self) -> Cautions:
        return Cautions(posts=self.posts, photos=self.post_photos, rules=self.vk_rules)

    @cached_property
    def post_kits(self) -> PostKits:
        return PostKits(posts=self.posts, photos=self.post_photos)

    @cached_property
    def variables(self) -> VariableService:
        return VariableService(
            variables=self.stores.variables,
            communities=self.stores.communities,
            audit=self.stores.audit,
            transaction=self.database.transaction,
        )
