"""What must hold of a shot that met a trouble of the table, however it ended."""

import json

from tests.providers.fault_table import Lasts, Row
from tests.providers.studio import Ending, Studio

Told = tuple[str, str | None, int | None]
"""Of an attempt in the log: provider, fault, HTTP status."""

A_MOMENT = 1.5
"""Seconds on a busy machine; no window is over by then."""

A_POLL = 0.3
"""Seconds; who asks again and again stops when the time is too short for another question, and threads oversleep."""


def failed(row: Row, provider: str, attempts: int) -> list[Told]:
    return [(provider, row.fault.value, row.status)] * attempts if row.fault else []


def succeeded(provider: str) -> Told:
    return provider, None, None if provider == "local" else 200


def assert_asked(at_work: Studio, ending: Ending, row: Row, attempts: int) -> None:
    """A provider that bills each order gets a second one only if it refused the first, and one price at the most."""
    _, on = at_work.trouble(row.name)
    is_billed = at_work.subject.spec.is_queue
    is_one_order = is_billed and on is not at_work.subject.orders
    assert len(at_work.orders) == (1 if is_one_order else attempts)
    if is_billed:
        assert at_work.fake.created <= 1
        assert ending.cost_usd <= at_work.subject.model.price_usd


def assert_alerted(at_work: Studio, row: Row) -> None:
    expected = {(at_work.subject.id, row.fault)} if row.alert else set()
    assert {(alert.provider, alert.kind) for alert in at_work.alerts} == expected


def assert_the_key_stayed(at_work: Studio, ending: Ending, logged: str) -> None:
    """With its provider: no other server saw it, no log, no answer and no page quotes it."""
    key = at_work.subject.key
    assert at_work.neighbours.foreign.calls == []
    assert not any(key in repr(call) for call in at_work.neighbours.folder.calls)
    told = [repr(ending.logs), logged, json.dumps([*ending.attempts, ending.detail]), repr(at_work.alerts)]
    assert not any(key in text for text in told)


def assert_timely(at_work: Studio, ending: Ending, row: Row) -> None:
    """For a slot that has nothing else."""
    shortest, longest = {
        Lasts.A_MOMENT: (0, A_MOMENT),
        Lasts.THE_DELAY: (1, 1 + A_MOMENT),
        Lasts.THE_WINDOW: (at_work.end_of_attempts(row.window) - A_POLL, row.window + A_POLL),
    }[row.lasts]
    assert shortest <= ending.seconds <= longest
