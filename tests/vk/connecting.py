"""A house that connects communities of a fake VK, all it stores being in memory."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.domain.errors import Reason, Refused
from app.domain.vk.community import Community, Secret
from app.domain.vk.diagnosis import Ailment, Diagnosis, TokenReport
from app.services.vk.callback_setup import CallbackSetup
from app.services.vk.communities import CommunityService
from app.services.vk.token_doctor import TokenDoctor
from app.services.vk.tokens import CommunityTokens
from tests.adapters.vk_calls import RULES, Client
from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, SCREEN_NAME, USER_TOKEN, FakeVk
from tests.twins.memory_stores import MemoryStores
from tests.twins.vk.memory_pace import MemoryTokenPace

ADDRESS = "https://photos.example.org"


class Lobby:
    def __init__(
        self,
        vk: FakeVk,
        *,
        base_url: str | None = ADDRESS,
        stores: MemoryStores | None = None,
        key: str = "a key",
    ) -> None:
        self.vk = vk
        self.stores = stores or MemoryStores()
        self.secrets = self.stores.secrets_of(key)
        self.pace = MemoryTokenPace(self.stores.database)
        self.api = Client(vk.url, self.pace)
        self.tokens = CommunityTokens(secrets=self.secrets, rules=RULES)
        self.communities = self._communities()
        self.doctor = TokenDoctor(communities=self.communities, tokens=self.tokens, api=self.api, pace=self.pace)
        self.callback = self._callback(base_url)

    def add(self, **wanted: Any) -> Community:
        """Connect the fake's community; with its administrator's token, unless tokens are given."""
        tokens = {} if any(name in wanted for name in ("user_token", "community_token")) else {"user_token": USER_TOKEN}
        return self.communities.add({"link": f"vk.com/{SCREEN_NAME}", **tokens, **wanted}, "serg")

    def with_both(self) -> Community:
        return self.add(user_token=USER_TOKEN, community_token=COMMUNITY_TOKEN)

    def change(self, community: Community, **wanted: Any) -> Community:
        return self.communities.change(community.id, wanted, "igor")

    def secret(self, community: Community, name: Secret) -> str | None:
        kept = self.tokens.kept(community.id).get(name)
        return kept.value if kept else None

    def examined(self, community: Community) -> Diagnosis:
        return self.doctor.examine(community.id)

    def changes(self) -> list[tuple[str, Mapping[str, Any]]]:
        """What was told of by the audit log, the oldest first."""
        found, _ = self.stores.audit.search(page=1, page_size=100)
        return [(change.action, change.detail) for change in reversed(found)]

    def _communities(self) -> CommunityService:
        return CommunityService(
            communities=self.stores.communities,
            secrets=self.secrets,
            tokens=self.tokens,
            cache=self.stores.vk_cache,
            api=self.api,
            audit=self.stores.audit,
            transaction=self.stores.transaction,
        )

    def _callback(self, base_url: str | None) -> CallbackSetup:
        return CallbackSetup(
            communities=self.communities,
            store=self.stores.communities,
            secret_store=self.secrets,
            tokens=self.tokens,
            api=self.api,
            rules=RULES,
            audit=self.stores.audit,
            transaction=self.stores.transaction,
            base_url=base_url,
        )


def ailments(report: TokenReport) -> list[Ailment]:
    return [finding.ailment for finding in report.findings]


def problems(attempt: Any) -> dict[str, str]:
    """The codes by field of what `attempt` was refused for."""
    with pytest.raises(Refused) as caught:
        attempt()
    assert caught.value.reason is Reason.INVALID_SETTINGS
    return {name: found["code"] for name, found in caught.value.details["fields"].items()}
