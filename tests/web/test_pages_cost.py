"""What pages ask of the database: little, and no more for a busy house than for a quiet one."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests.support import addresses
from tests.web.inhabited import inhabited
from tests.web.statements import counted
from tests.web.visitor import Visitor

STATEMENTS_MAX = 17
BUSY = 30


def test_every_page_costs_a_fixed_number_of_statements(
    app: Flask, client: FlaskClient, wiring: Wiring, subtests: pytest.Subtests
) -> None:
    visitor = Visitor(client).log_in()
    examples = inhabited(wiring)
    quiet = {path: statements(visitor, path) for path in addresses.readable(app.url_map, examples).values()}
    inhabited(wiring, BUSY)
    assert len(quiet) > 20
    for path, before in quiet.items():
        with subtests.test(path=path):
            after = statements(visitor, path)
            assert sorted(after) == sorted(before)
            assert len(after) <= STATEMENTS_MAX, "\n".join(after)


def statements(visitor: Visitor, path: str) -> list[str]:
    """Of a page that somebody has opened before, as connections and the time zone are kept."""
    visitor.get(path)
    with counted() as asked:
        assert visitor.get(path).status_code in (200, 204, 302), path
    return asked
