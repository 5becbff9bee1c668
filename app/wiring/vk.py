"""What publishing to VK is made of."""

from functools import cached_property

from app.adapters.db.connection import at_most
from app.adapters.vk_api.client import VkClient
from app.adapters.vk_api.pictures import VkPictures
from app.adapters.vk_api.rules import load_rules
from app.domain.vk.rules import VkRules
from app.services.vk.album_orders import AlbumOrderService
from app.services.vk.callback import CallbackService
from app.services.vk.callback_setup import CallbackSetup
from app.services.vk.communities import CommunityService
from app.services.vk.media import VkMediaService
from app.services.vk.refreshing import RefreshService
from app.services.vk.token_doctor import TokenDoctor
from app.services.vk.tokens import CommunityTokens
from app.services.vk.update_tracker import UpdateTracker
from app.services.vk.uploads import Uploads
from app.wiring.parts import Parts


class VkParts(Parts):
    @cached_property
    def vk_rules(self) -> VkRules:
        return load_rules(self.settings.vk_rules_path)

    @cached_property
    def vk_api(self) -> VkClient:
        return VkClient(self.http, self.stores.vk_pace, self.vk_rules, self.settings.vk_api_base_url)

    @cached_property
    def vk_pictures(self) -> VkPictures:
        return VkPictures(self.http, self.settings.vk_api_base_url)

    @cached_property
    def vk_uploads(self) -> Uploads:
        return Uploads(api=self.vk_api, images=self.images)

    @cached_property
    def vk_tokens(self) -> CommunityTokens:
        return CommunityTokens(secrets=self.stores.secrets, rules=self.vk_rules)

    @cached_property
    def vk_media(self) -> VkMediaService:
        return VkMediaService(
            api=self.vk_api,
            uploads=self.vk_uploads,
            communities=self.stores.communities,
            tokens=self.vk_tokens,
            cache=self.stores.vk_cache,
            audit=self.stores.audit,
            transaction=self.database.transaction,
        )

    @cached_property
    def album_orders(self) -> AlbumOrderService:
        return AlbumOrderService(
            uploads=self.stores.album_uploads,
            communities=self.stores.communities,
            cache=self.stores.vk_cache,
            photos=self.stores.photos,
            audit=self.stores.audit,
            transaction=self.database.transaction,
        )

    @cached_property
    def vk_callback(self) -> CallbackService:
        return CallbackService(
            communities=self.stores.communities,
            secrets=self.stores.secrets,
            ledger=self.stores.callback_ledger,
            patience=at_most,
        )

    @cached_property
    def update_tracker(self) -> UpdateTracker:
        return UpdateTracker(updates=self.stores.updates, queue=self.stores.refreshes)

    @cached_property
    def vk_refreshing(self) -> RefreshService:
        return RefreshService(
            api=self.vk_api,
            communities=self.stores.communities,
            cache=self.stores.vk_cache,
            queue=self.stores.refreshes,
            media=self.vk_media,
            tokens=self.vk_tokens,
            tracker=self.update_tracker,
        )

    @cached_property
    def communities(self) -> CommunityService:
        return CommunityService(
            communities=self.stores.communities,
            secrets=self.stores.secrets,
            tokens=self.vk_tokens,
            cache=self.stores.vk_cache,
            api=self.vk_api,
            audit=self.stores.audit,
            transaction=self.database.transaction,
        )

    @cached_property
    def token_doctor(self) -> TokenDoctor:
        return TokenDoctor(
            communities=self.communities, tokens=self.vk_tokens, api=self.vk_api, pace=self.stores.vk_pace
        )

    @cached_property
    def callback_setup(self) -> CallbackSetup:
        return CallbackSetup(
            communities=self.communities,
            store=self.stores.communities,
            secret_store=self.stores.secrets,
            tokens=self.vk_tokens,
            api=self.vk_api,
            rules=self.vk_rules,
            audit=self.stores.audit,
            transaction=self.database.transaction,
            base_url=self.settings.public_base_url,
        )
