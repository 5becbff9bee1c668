"""Variables of posts, in memory."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from tests.twins.memory_database import MemoryDatabase


class MemoryVariables:
    """Implements ports.VariableStore."""

    def __init__(self, database: MemoryDatabase) -> None:
        self._database = database

    def all(self) -> Mapping[str, Mapping[UUID | None, str]]:
        found: dict[str, dict[UUID | None, str]] = defaultdict(dict)
        with self._database.transaction():
            for (name, community_id), value in self._database.table("global_variable").items():
                found[name][community_id] = value
        return dict(sorted(found.items()))

    def put(self, name: str, community_id: UUID | None, value: str, author: str) -> None:
        with self._database.transaction():
            self._database.table("global_variable")[name, community_id] = value

    def remove(self, name: str, community_id: UUID | None) -> bool:
        with self._database.transaction():
            return self._database.table("global_variable").pop((name, community_id), None) is not None
