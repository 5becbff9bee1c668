"""Global variables: what is said in many posts is kept in one place."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.domain.errors import Reason, Refused
from app.domain.text import is_storable
from app.domain.vk.variables import NAME_MAX, is_name
from app.ports.audit import AuditLog
from app.ports.upkeep import Transaction
from app.ports.vk.communities import CommunityStore
from app.ports.vk.posts import VariableStore

VALUE_MAX = 1000


class VariableService:
    def __init__(
        self, *, variables: VariableStore, communities: CommunityStore, audit: AuditLog, transaction: Transaction
    ) -> None:
        self._variables = variables
        self._communities = communities
        self._audit = audit
        self._transaction = transaction

    def all(self) -> Mapping[str, Mapping[UUID | None, str]]:
        """Values by name, then by community; None for all of them."""
        return self._variables.all()

    def put(self, name: Any, community_id: UUID | None, value: Any, author: str) -> None:
        """Set what the name stands for, in one community or in all that have no value of their own.

        Raises Refused: INVALID_SETTINGS with details by field, NOT_FOUND for a community that is not there.
        """
        problems = {
            **({} if isinstance(name, str) and is_name(name) else {"name": {"code": "bad_name", "maximum": NAME_MAX}}),
            **({} if _is_value(value) else {"value": {"code": "bad_length", "minimum": 1, "maximum": VALUE_MAX}}),
        }
        if problems:
            raise Refused(Reason.INVALID_SETTINGS, "A variable is not like this.", details={"fields": problems})
        if community_id is not None and self._communities.get(community_id) is None:
            raise Refused(Reason.NOT_FOUND, "There is no such community.")
        with self._transaction():
            self._variables.put(name, community_id, value.replace("\r\n", "\n").strip(), author)
            self._audit.record(author, "variable.changed", name, self._told(community_id, value=value.strip()))

    def remove(self, name: str, community_id: UUID | None, author: str) -> None:
        """Posts that still use the name wait with an error; raises Refused(NOT_FOUND)."""
        with self._transaction():
            if not self._variables.remove(name, community_id):
                raise Refused(Reason.NOT_FOUND, "There is no such variable.")
            self._audit.record(author, "variable.removed", name, self._told(community_id))

    def _told(self, community_id: UUID | None, **more: str) -> dict[str, str]:
        """As the audit log tells it."""
        community = self._communities.get(community_id) if community_id else None
        return {**more, **({"only_in": community.name} if community else {})}


def _is_value(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= VALUE_MAX and is_storable(value)
