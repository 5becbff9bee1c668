"""Global variables that posts are written with."""

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text

from app.adapters.db.connection import Database

_ALL = text("SELECT name, community_id, value FROM global_variable ORDER BY name, community_id NULLS FIRST")

# Of the two unique indexes the one that is asked for depends on whether there is a community.
_PUT = """
INSERT INTO global_variable (name, community_id, value, updated_by) VALUES (:name, :community_id, :value, :author)
ON CONFLICT {key} DO UPDATE SET value = excluded.value, updated_by = excluded.updated_by, updated_at = now()
"""
_PUT_FOR_ALL = text(_PUT.format(key="(name) WHERE community_id IS NULL"))
_PUT_FOR_ONE = text(_PUT.format(key="(name, community_id) WHERE community_id IS NOT NULL"))

_REMOVE = text("""
DELETE FROM global_variable WHERE name = :name AND community_id IS NOT DISTINCT FROM CAST(:community_id AS uuid)
RETURNING id
""")


class PostgresVariables:
    """Implements ports.VariableStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> Mapping[str, Mapping[UUID | None, str]]:
        found: dict[str, dict[UUID | None, str]] = defaultdict(dict)
        for row in self._database.run(_ALL):
            found[row.name][row.community_id] = row.value
        return dict(found)

    def put(self, name: str, community_id: UUID | None, value: str, author: str) -> None:
        put = _PUT_FOR_ALL if community_id is None else _PUT_FOR_ONE
        self._database.run(put, {"name": name, "community_id": community_id, "value": value, "author": author})

    def remove(self, name: str, community_id: UUID | None) -> bool:
        return bool(self._database.run(_REMOVE, {"name": name, "community_id": community_id}))
