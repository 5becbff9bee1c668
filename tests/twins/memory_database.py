"""What PostgreSQL is to the real stores: tables, transactions, a clock of its own, and outages."""

import math
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain.errors import DatabaseUnavailable


class MemoryDatabase:
    """Tables of immutable rows by key; one lock makes every transaction atomic.

    Tests move the clock with `pass_time`, and make calls fail with `go_away` and `lose_answers`.
    """

    def __init__(self) -> None:
        self._tables: dict[str, dict[Any, Any]] = defaultdict(dict)
        self._lock = threading.RLock()
        self._depth = 0
        self._ahead = timedelta()
        self._allowed_calls = 0
        self._refused_calls: float = 0
        self._heard_answers = 0
        self._lost_answers = 0

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def pass_time(self, seconds: float) -> None:
        self._ahead += timedelta(seconds=seconds)

    def go_away(self, calls: float = math.inf, *, after: int = 0) -> None:
        """Serve `after` more transactions, then fail `calls`; all, until `come_back`, if no number is given."""
        self._allowed_calls, self._refused_calls = after, calls

    def come_back(self) -> None:
        self._refused_calls = 0

    def lose_answers(self, calls: int = 1, *, after: int = 0) -> None:
        """Let the next `calls` transactions that write take effect and fail nevertheless, as a lost connection does.

        `after` so many that write and are heard of.
        """
        self._heard_answers, self._lost_answers = after, calls

    def table(self, name: str) -> dict[Any, Any]:
        """The rows of a table; only to be used, and asked for again, inside a transaction."""
        return self._tables[name]

    def forget(self, table: str, is_over: Callable[[Any], bool], limit: int) -> int:
        """Delete up to `limit` rows that are over; returns how many. Only to be used inside a transaction."""
        rows = self.table(table)
        over = [key for key, row in rows.items() if is_over(row)][:limit]
        for key in over:
            del rows[key]
        return len(over)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Joins the one that is open on this thread; undone as a whole when the outermost block raises."""
        with self._lock:
            if self._depth:
                yield
                return
            self._refuse_if_away()
            before = self._content()
            with self._undone_on_error(before):
                yield
            if self._lost_answers > 0 and self._content() != before:
                self._lose_one()

    def _lose_one(self) -> None:
        if self._heard_answers > 0:
            self._heard_answers -= 1
            return
        self._lost_answers -= 1
        raise DatabaseUnavailable("memory: the answer was lost")

    @contextmanager
    def _undone_on_error(self, before: dict[str, dict[Any, Any]]) -> Iterator[None]:
        self._depth += 1
        try:
            yield
        except BaseException:
            self._tables = defaultdict(dict, before)
            raise
        finally:
            self._depth -= 1

    def _content(self) -> dict[str, dict[Any, Any]]:
        return {name: dict(rows) for name, rows in self._tables.items() if rows}

    def _refuse_if_away(self) -> None:
        if self._refused_calls > 0 and self._allowed_calls > 0:
            self._allowed_calls -= 1
        elif self._refused_calls > 0:
            self._refused_calls -= 1
            raise DatabaseUnavailable("memory: taken away by the test")
