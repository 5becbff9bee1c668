"""Tokens of communities, as calls of VK's API need them."""

from collections.abc import Mapping
from uuid import UUID

from app.domain.vk.community import Secret
from app.domain.vk.errors import VkTokenRefused
from app.domain.vk.rules import VkRules
from app.ports.secrets import SecretStore, StoredSecret
from app.ports.vk.api import VkToken

_WORDS = {
    Secret.USER_TOKEN: "administrator's token",
    Secret.COMMUNITY_TOKEN: "token of its own",
}


class CommunityTokens:
    """Raises VkTokenRefused for a token that is not there, or that the keys of this server cannot decrypt."""

    def __init__(self, *, secrets: SecretStore, rules: VkRules) -> None:
        self._secrets = secrets
        self._rules = rules

    def user(self, community_id: UUID) -> VkToken:
        """An administrator's: uploads, albums and walls need one (error 27 with a community's)."""
        return self._token(self.kept(community_id), Secret.USER_TOKEN)

    def either(self, community_id: UUID) -> VkToken:
        """The community's own where there is one, for what both may do: it may be used more often."""
        kept = self.kept(community_id)
        name = Secret.COMMUNITY_TOKEN if _value(kept, Secret.COMMUNITY_TOKEN) else Secret.USER_TOKEN
        return self._token(kept, name)

    def callback_secret(self, community_id: UUID) -> str | None:
        """None if there is none, or none that can be read."""
        return _value(self.kept(community_id), Secret.CALLBACK_SECRET)

    def kept(self, community_id: UUID) -> Mapping[str, StoredSecret]:
        """By the names of Secret; what nobody ever touched is not there."""
        return self._secrets.of(owner_of(community_id))

    def token_of(self, value: str, name: Secret) -> VkToken:
        """A token of that kind which is not stored yet."""
        rate = self._rules.user_calls_per_second
        return VkToken(value, rate if name is Secret.USER_TOKEN else self._rules.community_calls_per_second)

    def _token(self, kept: Mapping[str, StoredSecret], name: Secret) -> VkToken:
        value = _value(kept, name)
        if value is None:
            message = f"The community has no {_WORDS[name]} that can be used."
            raise VkTokenRefused(message, details={"secret": name.value})
        return self.token_of(value, name)


def owner_of(community_id: UUID) -> str:
    """Under which SecretStore keeps what is a community's."""
    return f"vk:{community_id}"


def _value(kept: Mapping[str, StoredSecret], name: Secret) -> str | None:
    found = kept.get(name)
    return found.value if found and found.is_readable else None
