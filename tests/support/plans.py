"""How PostgreSQL answers what a store asks."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from app.adapters.db.connection import Database


def plans(database: Database, ask: Callable[[], object], how: str = "COSTS OFF") -> list[str]:
    """The plan of each statement that `ask` sends, as lines of text in one string each; `how` are EXPLAIN's options."""
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    with database.transaction() as session:
        event.listen(database.engine, "before_cursor_execute", note)
        try:
            ask()
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
        cursor = session.connection().connection.cursor()
        return [_plan(cursor, f"EXPLAIN ({how}) {statement}", parameters) for statement, parameters in asked]


def _plan(cursor: Any, statement: str, parameters: Any) -> str:
    cursor.execute(statement, parameters)
    return "\n".join(line for (line,) in cursor.fetchall())
