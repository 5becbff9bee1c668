"""A database that tests share: each finds it as the first one did."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Column, Connection, Table, select, text
from sqlalchemy.orm import Session

from app.adapters.db.schema import metadata

Transaction = Callable[[], AbstractContextManager[Session | Connection]]


class Snapshot:
    """All rows of a small database as they were. To put them back costs a tenth of a copy of the database."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        with transaction() as connection:
            self._rows = {
                table: [dict(row) for row in connection.execute(select(*_given(table))).mappings()]
                for table in metadata.sorted_tables
            }

    def restore(self) -> None:
        """Delete what was added since and undo every change; the numbers that the database gives out go on."""
        emptying = ";".join(f"DELETE FROM {table.name}" for table in reversed(self._rows))
        with self._transaction() as connection:
            connection.execute(text(emptying))
            for table, rows in self._rows.items():
                if rows:
                    connection.execute(table.insert(), rows)


def _given(table: Table) -> list[Column[Any]]:
    """The columns whose values are ours to give."""
    return [column for column in table.c if column.identity is None]
