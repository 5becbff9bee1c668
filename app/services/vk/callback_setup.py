"""Callback set up by one click: https://dev.vk.com/ru/api/callback/getting-started, groups.addCallbackServer, …"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from app.domain.vk.callback_state import CallbackState, CallbackTrouble
from app.domain.vk.community import Community, Secret
from app.domain.vk.content import SUBSCRIBED
from app.domain.vk.errors import VkError, VkOutcomeUnknown
from app.domain.vk.rules import VkRules
from app.ports.audit import AuditLog
from app.ports.secrets import SecretStore
from app.ports.upkeep import Transaction
from app.ports.vk.api import VkApi, VkToken
from app.ports.vk.communities import CommunityStore
from app.services.vk.bounded import PATIENCE_SECONDS, answer_of, begun
from app.services.vk.communities import CommunityService
from app.services.vk.tokens import CommunityTokens, owner_of

PATH = "/api/callback"

_TITLE = "PhotoChanger"
_SECRET_BYTES = 24
_STATUSES = {"failed": CallbackTrouble.FAILED, "wait": CallbackTrouble.WAITING, "unconfigured": CallbackTrouble.WAITING}


class CallbackSetup:
    """`base_url` is our public address, None if there is none; `address` where VK should send events, or empty."""

    def __init__(
        self,
        *,
        communities: CommunityService,
        store: CommunityStore,
        secret_store: SecretStore,
        tokens: CommunityTokens,
        api: VkApi,
        rules: VkRules,
        audit: AuditLog,
        transaction: Transaction,
        base_url: str | None,
    ) -> None:
        self._communities = communities
        self._store = store
        self._secrets = secret_store
        self._tokens = tokens
        self._api = api
        self._rules = rules
        self._audit = audit
        self._transaction = transaction
        self.address = f"{base_url}{PATH}" if base_url else ""

    def known(self, community: Community) -> CallbackState:
        """How it stands as far as we know, without asking VK."""
        if not self.address:
            return CallbackState("", CallbackTrouble.NO_ADDRESS)
        if community.callback_server_id is None:
            return CallbackState(self.address, CallbackTrouble.NOT_SET_UP)
        return CallbackState(self.address)

    def state(self, community_id: UUID) -> CallbackState:
        """How it stands as VK tells, within five seconds; raises Refused(NOT_FOUND)."""
        community = self._communities.find(community_id)
        known = self.known(community)
        return known if known.trouble else self._answered(lambda: self._asked(community))

    def set_up(self, community_id: UUID, author: str) -> CallbackState:
        """Have VK tell us of what happens, within five seconds; may be repeated, as after the code has changed.

        Raises Refused(NOT_FOUND). What VK refuses is told by the state; what it does not do in time goes on without us.
        """
        community = self._communities.find(community_id)
        return self._answered(lambda: self._set_up(community, author)) if self.address else self.known(community)

    def take_down(self, community: Community) -> bool:
        """Delete our server at VK; False if it may still be there."""
        if community.callback_server_id is None:
            return True
        try:
            token = self._tokens.either(community.id)
            self._api.write(
                "groups.deleteCallbackServer",
                token,
                group_id=community.group_id,
                server_id=community.callback_server_id,
            )
        except VkError:
            return False
        return True

    def _answered(self, question: Callable[[], CallbackState]) -> CallbackState:
        """With what VK says in time."""
        try:
            answer = answer_of(begun(question), PATIENCE_SECONDS)
        except VkError as error:
            return self._refused(error)
        return answer or self._state(CallbackTrouble.CANNOT_ASK, code="unreachable")

    def _set_up(self, community: Community, author: str) -> CallbackState:
        token = self._tokens.either(community.id)
        code = self._code(token, community)
        secret = self._secret(community.id)
        self._expect(community, code, secret, author)  # VK asks for the code while the server is being added
        server_id = self._server(token, community, secret)
        with self._transaction():
            self._store.change(community.id, callback_server_id=server_id)
            told = {"label": community.name, "url": self.address}
            self._audit.record(author, "community.callback_set_up", str(community.id), told)
        self._api.write(
            "groups.setCallbackSettings",
            token,
            group_id=community.group_id,
            server_id=server_id,
            api_version=self._rules.api_version,
            **dict.fromkeys(SUBSCRIBED, True),
        )
        return self._asked(self._communities.find(community.id))

    def _expect(self, community: Community, code: str, secret: str, author: str) -> None:
        with self._transaction():
            self._store.change(community.id, confirmation_code=code)
            if secret != self._tokens.callback_secret(community.id):
                self._secrets.put(owner_of(community.id), Secret.CALLBACK_SECRET, secret, author)

    def _secret(self, community_id: UUID) -> str:
        """The one there is stays: events that VK repeats carry it."""
        return self._tokens.callback_secret(community_id) or secrets.token_hex(_SECRET_BYTES)

    def _server(self, token: VkToken, community: Community, secret: str) -> int:
        """The number of our server: the one that is there already, or a new one."""
        form = {"group_id": community.group_id, "url": self.address, "title": _TITLE, "secret_key": secret}
        for server in self._servers(token, community):
            if server.get("url") == self.address or server.get("id") == community.callback_server_id:
                self._api.write("groups.editCallbackServer", token, server_id=server["id"], **form)
                return int(server["id"])
        answer = self._api.write("groups.addCallbackServer", token, **form)
        if not isinstance(answer, Mapping) or not isinstance(answer.get("server_id"), int):
            raise VkOutcomeUnknown("VK's answer about a new server cannot be read.", method="groups.addCallbackServer")
        return int(answer["server_id"])

    def _asked(self, community: Community) -> CallbackState:
        token = self._tokens.either(community.id)
        servers = self._servers(token, community)
        server = next((one for one in servers if one.get("id") == community.callback_server_id), None)
        if server is None:
            return self._state(CallbackTrouble.GONE)
        if server.get("url") != self.address:
            return self._state(CallbackTrouble.OTHER_ADDRESS, url=server.get("url"))
        secret = self._tokens.callback_secret(community.id)
        if secret is None or server.get("secret_key") not in (None, secret):
            return self._state(CallbackTrouble.NO_SECRET)
        if self._code(token, community) != community.confirmation_code:
            return self._state(CallbackTrouble.CODE_CHANGED)
        if trouble := _STATUSES.get(server.get("status", "")):
            return self._state(trouble)
        missing = self._events_missing(token, community)
        return self._state(CallbackTrouble.EVENTS_MISSING, events=missing) if missing else self._state(None)

    def _servers(self, token: VkToken, community: Community) -> Sequence[Mapping[str, Any]]:
        answer = self._api.read("groups.getCallbackServers", token, group_id=community.group_id)
        items = answer.get("items") if isinstance(answer, Mapping) else None
        return [item for item in items or () if isinstance(item, Mapping) and isinstance(item.get("id"), int)]

    def _code(self, token: VkToken, community: Community) -> str:
        method = "groups.getCallbackConfirmationCode"
        answer = self._api.read(method, token, group_id=community.group_id)
        if not isinstance(answer, Mapping) or not isinstance(answer.get("code"), str):
            raise VkOutcomeUnknown("VK's answer about the confirmation code cannot be read.", method=method)
        return str(answer["code"])

    def _events_missing(self, token: VkToken, community: Community) -> list[str]:
        answer = self._api.read(
            "groups.getCallbackSettings",
            token,
            group_id=community.group_id,
            server_id=community.callback_server_id,
        )
        events = answer.get("events") if isinstance(answer, Mapping) else None
        return [name for name in SUBSCRIBED if not (events or {}).get(name)]

    def _state(self, trouble: CallbackTrouble | None, **details: Any) -> CallbackState:
        return CallbackState(self.address, trouble, details)

    def _refused(self, error: VkError) -> CallbackState:
        return self._state(CallbackTrouble.CANNOT_ASK, code=error.code, message=error.message, **error.details)
