"""Values that administrators change while the system runs."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.adapters.db.connection import Database
from app.adapters.db.schema import app_settings
from app.ports.settings import Setting


class PostgresSettingsStore:
    """Implements ports.SettingsStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str) -> Setting | None:
        rows = self._database.run(select(app_settings).where(app_settings.c.key == key))
        return Setting(rows[0].value, rows[0].updated_by, rows[0].updated_at) if rows else None

    def below(self, prefix: str) -> Mapping[str, Setting]:
        query = select(app_settings).where(app_settings.c.key.startswith(prefix, autoescape=True))
        return {row.key: Setting(row.value, row.updated_by, row.updated_at) for row in self._database.run(query)}

    def put(self, key: str, value: Any, author: str | None) -> None:
        values = {"value": value, "updated_by": author, "updated_at": func.now()}
        statement = insert(app_settings).values(key=key, **values)
        with self._database.transaction() as session:
            session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))
