"""Single photos as VK has them now: https://dev.vk.com/ru/method/photos.getById."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from app.domain.vk.errors import VkAccessDenied, VkBadRequest, VkOutcomeUnknown
from app.domain.vk.matching import photos_of
from app.domain.vk.media import VkPhoto
from app.ports.vk.api import VkApi, VkToken
from app.services.vk.answers import photo_of
from app.services.vk.tokens import CommunityTokens

_METHOD = "photos.getById"


def photos_by_id(api: VkApi, token: VkToken, attachments: Iterable[str]) -> list[VkPhoto]:
    """Those among `attachments`, as posts refer to photos, that VK still has. Asks once; raises VkError.

    What VK refuses to tell of counts as gone.
    """
    names = [attachment.removeprefix("photo") for attachment in attachments]
    try:
        answer = api.read(_METHOD, token, photos=names) if names else []
        return [photo_of(item) for item in answer]
    except (VkAccessDenied, VkBadRequest):
        return []
    except (TypeError, ValueError):
        raise VkOutcomeUnknown("VK's answer about photos cannot be read.", method=_METHOD) from None


def photo_now(api: VkApi, tokens: CommunityTokens, community_id: UUID, photo: VkPhoto) -> VkPhoto | None:
    """As VK has it at this moment, with an address that is good for a while; None if it is gone. Raises VkError."""
    return next(iter(photos_by_id(api, tokens.user(community_id), [photo.attachment])), None)


def still_there(api: VkApi, token: VkToken, attachments: Sequence[str]) -> frozenset[str]:
    """Those of `attachments` that a post can have: what VK does not find it leaves out without a word."""
    found = {(photo.owner_id, photo.photo_id) for photo in photos_by_id(api, token, attachments)}
    return frozenset(attachment for attachment in attachments if photos_of([attachment]) <= found)
