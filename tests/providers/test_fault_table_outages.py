"""The table of faults while the database restarts: the booth gets the same, and nothing is lost from the log."""

import pytest

from app.domain.slot import Policy
from tests.providers.endings import assert_asked, failed, succeeded
from tests.providers.fault_table import GEMINI, TURBOTEXT, Lasts, Row, cases
from tests.providers.studio import LOCAL, Studio
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import Answer
from tests.support.fakes.wire import Wire

REFUSED_CALLS = 3


@pytest.fixture
def troubled(at_work: Studio, row: Row) -> Studio:
    """The database is away from the first time that the trouble strikes."""
    trouble, on = at_work.trouble(row.name)
    outages = [REFUSED_CALLS]

    def strike(call: Call, answer: Answer, wire: Wire) -> Reply | None:
        if outages:
            at_work.database.go_away(outages.pop())
        return trouble(call, answer, wire)

    at_work.fake.always(strike, on)
    return at_work


@cases(of=lambda row: row.lasts is Lasts.A_MOMENT, at=(GEMINI, TURBOTEXT))
def test_the_booth_gets_the_same_while_the_database_is_away(troubled: Studio, row: Row, provider: str) -> None:
    ending = troubled.shoot(LOCAL, window=row.window, policy=Policy(content_blocked="next"))
    assert ending.events & {"gate_not_told", "attempt_not_logged", "waited_for"}
    assert ending.status == 200
    assert ending.faults == [*failed(row, provider, row.tries), succeeded("local" if row.fault else provider)]
    assert_asked(troubled, ending, row, row.tries)
