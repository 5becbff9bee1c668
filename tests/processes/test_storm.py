"""Everybody at once: each booth is answered, nothing is lost, and the pages stay open."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.processes.conftest import Install
from tests.support.booths import photo, shoot
from tests.waiting import until

pytestmark = pytest.mark.processes


def test_500_booths_at_once_are_all_answered(install: Install) -> None:
    house = install(HELD_REQUESTS_MAX="32", QUEUE_MAX_ACTIVE_JOBS="24", SYNC_RESPONSE_SECONDS="20")
    house.start_web()
    house.start_scripted_worker("echo")
    with ThreadPoolExecutor(500) as booths:
        answers = list(booths.map(lambda n: shoot(house, data=photo(seed=n)), range(500)))
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 429, 503}, statuses
    assert statuses[200] >= 24
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status_code != 200)
    succeeded = house.ledger.count("is_finalized AND failure_reason IS NULL")
    assert succeeded == statuses[200]
    assert house.ledger.count("NOT is_finalized") == 0
    assert requests.get(f"{house.url}/healthz", timeout=2).ok
    house.ledger.assert_sound()


def test_the_database_keeps_no_connection_busy_while_booths_wait(install: Install) -> None:
    house = install(SYNC_RESPONSE_SECONDS="6")
    house.start_web()
    house.start_scripted_worker("hang")
    with ThreadPoolExecutor(20) as booths:
        answers = [booths.submit(shoot, house) for _ in range(20)]
        until(lambda: house.ledger.count("NOT is_finalized") == 20, what="all wait")
        for _ in range(20):
            busy = house.ledger.ask(
                "SELECT query FROM pg_stat_activity WHERE application_name = 'photochanger-web'"
                " AND datname = current_database() AND state LIKE 'idle in transaction%'"
                " AND state_change < now() - interval '1 second'"
            )
            assert busy == []
        assert {answer.result().status_code for answer in answers} == {504}
