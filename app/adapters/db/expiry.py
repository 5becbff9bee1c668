"""Deleting rows whose time is over."""

from sqlalchemy import ColumnElement, Table, delete, select, tuple_

from app.adapters.db.connection import Database


def forget(database: Database, table: Table, is_over: ColumnElement[bool], limit: int) -> int:
    """Delete up to `limit` rows of `table` that are over, but none that is locked; returns how many."""
    key = table.primary_key.columns
    # Locked first: a row that somebody has just renewed is looked at again, and is not over any more.
    over = select(*key).where(is_over).limit(limit).with_for_update(skip_locked=True).cte("over")
    return len(database.run(delete(table).where(tuple_(*key).in_(select(over))).returning(*key)))
