"""Communities that photos are published to: connected, changed, opened and disconnected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from app.domain.errors import Reason, Refused
from app.domain.vk.community import Community, LatePolicy, Secret
from app.domain.vk.content import ContentKind
from app.domain.vk.errors import VkBadRequest, VkTokenRefused
from app.domain.vk.links import community_named
from app.ports import secrets
from app.ports.audit import AuditLog
from app.ports.secrets import SecretStore
from app.ports.settings import SettingView
from app.ports.upkeep import Transaction
from app.ports.vk.api import VkApi
from app.ports.vk.communities import CommunityStore, Freshness, VkCache
from app.services.vk.community_wishes import to_change, tokens_to_add
from app.services.vk.profiles import Profile, read_profile
from app.services.vk.tokens import CommunityTokens, owner_of

_NEVER = Freshness(None)


@dataclass(frozen=True, slots=True)
class SecretsView:
    """What is kept of a community's secrets, by name and without values; `unreadable` need a key that is gone."""

    fields: Mapping[Secret, SettingView]
    unreadable: tuple[Secret, ...]


class CommunityService:
    """Answers with Refused(NOT_FOUND) to ids of communities that are not there."""

    def __init__(
        self,
        *,
        communities: CommunityStore,
        secrets: SecretStore,
        tokens: CommunityTokens,
        cache: VkCache,
        api: VkApi,
        audit: AuditLog,
        transaction: Transaction,
    ) -> None:
        self._communities = communities
        self._secrets = secrets
        self._tokens = tokens
        self._cache = cache
        self._api = api
        self._audit = audit
        self._transaction = transaction

    def all(self) -> Sequence[Community]:
        """By name."""
        return self._communities.all()

    def find(self, community_id: UUID) -> Community:
        return _found(self._communities.get(community_id))

    def secrets(self, community_id: UUID) -> SecretsView:
        kept = self._tokens.kept(community_id)
        return SecretsView(secrets.shown(kept, Secret, hidden=frozenset(Secret)), secrets.unreadable(kept, Secret))

    def freshness(self, community_id: UUID) -> Mapping[ContentKind, Freshness]:
        """When posts and albums were last read from VK."""
        known = self._cache.freshness(community_id)
        return {kind: known.get((kind, 0), _NEVER) for kind in ContentKind if kind is not ContentKind.PHOTOS}

    def without_token(self) -> frozenset[UUID]:
        """Communities to which nothing can be published: they lack an administrator's token that can be read."""
        kept = self._secrets.all()
        tokens = {one.id: kept.get(owner_of(one.id), {}).get(Secret.USER_TOKEN) for one in self.all()}
        return frozenset(id for id, token in tokens.items() if token is None or token.value is None)

    def lacks_token(self, community_id: UUID) -> bool:
        """Whether it is one of those `without_token`."""
        return not self.secrets(community_id).fields[Secret.USER_TOKEN].is_set

    def add(self, wanted: Any, author: str) -> Community:
        """Connect the community that `link` names (a link, a screen name or an id), with one or both tokens.

        A token may come as the whole address that VK leaves in the browser. Raises Refused(INVALID_SETTINGS) with
        details by field, Refused(COMMUNITY_EXISTS), and VkError if VK cannot be asked whose name that is.
        """
        tokens = tokens_to_add(wanted)
        profile = self._profile(wanted["link"], tokens)
        with self._transaction():
            community = self._communities.add(_new(profile, author))
            for name, value in tokens.items():
                self._secrets.put(owner_of(community.id), name, value, author)
            told = {name.value: "set" for name in tokens}
            self._audit.record(author, "community.added", str(community.id), {**_named(community), **told})
        return community

    def change(self, community_id: UUID, wanted: Any, author: str) -> Community:
        """Apply all of `wanted` or nothing: `late_policy`, `confirmation_code` and secrets by name.

        Blank secrets stay as they are, None removes one. Raises Refused(INVALID_SETTINGS) with details by field.
        """
        plain, entered = to_change(wanted)
        with self._transaction():
            community = self.find(community_id)
            changes = {name: [getattr(community, name), new] for name, new in plain.items()}
            told: dict[str, Any] = {name: both for name, both in changes.items() if both[0] != both[1]}
            told |= self._keep(community_id, entered, author)
            if told:
                community = _found(self._communities.change(community_id, **plain))
                self._audit.record(author, "community.changed", str(community_id), {**_named(community), **told})
        return community

    def refresh(self, community: Community, profile: Profile) -> None:
        """Call it from now on as VK does."""
        known = {name: getattr(profile, name) for name in ("name", "screen_name", "photo_url")}
        if any(getattr(community, name) != value for name, value in known.items()):
            self._communities.change(community.id, **known)

    def remove(self, community_id: UUID, author: str) -> Community:
        """Forget it with its secrets, its cache, its posts and their history; what is in VK stays there."""
        with self._transaction():
            community = _found(self._communities.remove(community_id))
            for name, kept in self._tokens.kept(community_id).items():
                if kept.value is not None or not kept.is_readable:
                    self._secrets.put(owner_of(community_id), name, None, author)
            self._audit.record(author, "community.removed", str(community_id), _named(community))
        return community

    def _profile(self, link: str, tokens: Mapping[Secret, str]) -> Profile:
        """As the first of the tokens sees it."""
        name, value = next(iter(tokens.items()))
        try:
            return read_profile(self._api, self._tokens.token_of(value, name), community_named(link))
        except VkBadRequest:
            problems = {"link": {"code": "no_such_community"}}
        except VkTokenRefused as error:
            problems = {name.value: {"code": error.code}}
        raise Refused(Reason.INVALID_SETTINGS, "VK does not accept this.", details={"fields": problems})

    def _keep(self, community_id: UUID, entered: Mapping[Secret, str | None], author: str) -> dict[str, str]:
        """Store them, None for what is to be removed; returns what was done with which."""
        view = self.secrets(community_id)
        wanted = secrets.changes(entered, view.fields, hidden=frozenset(Secret), lost=view.unreadable)
        for name, value in wanted.items():
            self._secrets.put(owner_of(community_id), name, value, author)
        return secrets.told(wanted)


def _new(profile: Profile, author: str) -> Community:
    return Community(
        id=uuid4(),
        group_id=profile.group_id,
        name=profile.name,
        screen_name=profile.screen_name,
        photo_url=profile.photo_url,
        confirmation_code="",
        callback_server_id=None,
        late_policy=LatePolicy.PUBLISH,
        version=1,
        created_by=author,
        created_at=datetime.now(UTC),
    )


def _named(community: Community) -> dict[str, Any]:
    """For the audit log, which may outlive the community."""
    return {"label": community.name, "group_id": community.group_id}


def _found(community: Community | None) -> Community:
    if community is None:
        raise Refused(Reason.NOT_FOUND, "There is no such community.")
    return community
