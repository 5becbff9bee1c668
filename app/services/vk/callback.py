"""What VK tells of a community: https://dev.vk.com/ru/api/callback/getting-started."""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import structlog

from app.domain.errors import DatabaseUnavailable
from app.domain.text import storable
from app.domain.vk.community import Community, Secret
from app.domain.vk.content import CHANGED_BY, ContentKind
from app.domain.vk.media import is_vk_id
from app.ports.secrets import SecretStore
from app.ports.upkeep import Patience
from app.ports.vk.communities import CommunityStore
from app.ports.vk.updates import CallbackLedger
from app.services.vk.tokens import owner_of

log = structlog.get_logger(__name__)

ACKNOWLEDGED = "ok"
PATIENCE_SECONDS = 0.8
"""All uses of the database together: VK is to have its answer, be it a 503, within a second."""
_LONGEST_NAME = 200


class CallbackRefused(Exception):
    """Whoever sent this is not known to be VK; the message is for our log, never for the sender."""


class CallbackService:
    """Asks nothing of VK, so that VK is answered at once whatever its API does at that moment."""

    def __init__(
        self, *, communities: CommunityStore, secrets: SecretStore, ledger: CallbackLedger, patience: Patience
    ) -> None:
        self._communities = communities
        self._secrets = secrets
        self._ledger = ledger
        self._patience = patience

    def handle_vk_callback(self, envelope: Mapping[str, Any]) -> str:
        """The text that VK expects, once the event and the refreshes that it asks for are written down.

        Raises CallbackRefused, and DatabaseUnavailable if nothing could be written, or not at once: VK then repeats the
        event.
        """
        with self._patience(PATIENCE_SECONDS):
            return self._handle(envelope)

    def _handle(self, envelope: Mapping[str, Any]) -> str:
        community = self._community(envelope.get("group_id"))
        kind = _name(envelope.get("type"))
        if kind == "confirmation":
            return _confirmation(community)
        self._verify(community, envelope.get("secret"))
        if kind not in CHANGED_BY:
            return ACKNOWLEDGED
        event_id = _name(envelope.get("event_id")) or uuid4().hex  # without an id it cannot be told from another
        is_new = self._ledger.receive(community.group_id, event_id, kind, community.id, _wishes(kind, envelope))
        log.info("vk_callback", community_id=str(community.id), type=kind, event_id=event_id, is_new=is_new)
        return ACKNOWLEDGED

    def _community(self, group_id: Any) -> Community:
        community = self._communities.of_group(group_id) if is_vk_id(group_id) else None
        if community is None:
            raise CallbackRefused("unknown group")
        return community

    def _verify(self, community: Community, given: Any) -> None:
        """Anybody may know a group's number: without a secret nobody is let in."""
        stored = self._secrets.of(owner_of(community.id)).get(Secret.CALLBACK_SECRET.value)
        if stored and not stored.is_readable:
            raise DatabaseUnavailable("ENCRYPTION_KEYS lacks the key of a community's callback secret")
        if not stored or not stored.value:
            raise CallbackRefused("no secret was agreed on")
        if not _is_same(stored.value, given):
            raise CallbackRefused("wrong secret")


def _confirmation(community: Community) -> str:
    """VK signs confirmations with nothing."""
    if not community.confirmation_code:
        raise CallbackRefused("no confirmation code is known")
    log.info("vk_callback_confirmed", community_id=str(community.id))
    return community.confirmation_code


def _wishes(kind: str, envelope: Mapping[str, Any]) -> Sequence[tuple[ContentKind, int]]:
    """Only of which kind the content is, and of which album, is believed: VK is asked for the rest."""
    content = envelope.get("object")
    album_id = content.get("album_id") if isinstance(content, Mapping) else None
    found: list[tuple[ContentKind, int]] = []
    for changed in CHANGED_BY[kind]:
        if changed is not ContentKind.PHOTOS:
            found.append((changed, 0))
        elif isinstance(album_id, int) and is_vk_id(album_id):
            found.append((changed, album_id))
    return found


def _is_same(secret: str, given: Any) -> bool:
    return isinstance(given, str) and hmac.compare_digest(secret.encode(), given.encode(errors="replace"))


def _name(value: Any) -> str:
    return storable(value, _LONGEST_NAME) if isinstance(value, str) else ""
