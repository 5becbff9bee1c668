"""Values that administrators change while the system runs."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.dialects.postgresql import insert

from app.adapters.db.connection import Database
from app.adapters.db.schema import app_settings
from app.ports.settings import Setting

_VERSION_KEY = "version"
_READ = select(app_settings, func.now().label("read_at"))

# A row that is there is only updated, and only if its version is the expected one; none is as good as version 0.
_ADVANCE = text("""
INSERT INTO app_settings (key, value)
SELECT :key, '1' WHERE coalesce(:expected, 0) = 0 OR EXISTS (SELECT FROM app_settings WHERE key = :key)
ON CONFLICT (key) DO UPDATE SET value = to_jsonb(CAST(app_settings.value AS integer) + 1), updated_at = now()
    WHERE coalesce(:expected, CAST(app_settings.value AS integer)) = CAST(app_settings.value AS integer)
RETURNING value
""")


class PostgresSettingsStore:
    """Implements ports.SettingsStore."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str) -> Setting | None:
        rows = self._database.run(_READ.where(app_settings.c.key == key))
        return _setting(rows[0]) if rows else None

    def below(self, prefix: str) -> Mapping[str, Setting]:
        query = _READ.where(app_settings.c.key.startswith(prefix, autoescape=True))
        return {row.key: _setting(row) for row in self._database.run(query)}

    def put(self, key: str, value: Any, author: str | None) -> None:
        values = {"value": value, "updated_by": author, "updated_at": func.now()}
        statement = insert(app_settings).values(key=key, **values)
        with self._database.transaction() as session:
            session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))

    def version(self) -> int:
        setting = self.get(_VERSION_KEY)
        return int(setting.value) if setting else 0

    def advance(self, expected: int | None) -> int | None:
        rows = self._database.run(_ADVANCE, {"key": _VERSION_KEY, "expected": expected})
        return int(rows[0].value) if rows else None


def _setting(row: Row[Any]) -> Setting:
    return Setting(row.value, row.updated_by, row.updated_at, row.read_at)
