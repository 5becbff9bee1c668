"""The contract of the pace of calls to VK, held by PostgreSQL and by its twin in memory."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, text

from app.adapters.db.connection import Database
from app.adapters.db.schema.vk import vk_pace
from app.adapters.db.vk.pace import PostgresTokenPace
from app.adapters.vk_api.client import VkClient
from app.domain.vk.errors import VkQuotaUsedUp
from app.ports.vk.api import TokenPace, VkToken
from tests.adapters.vk_calls import HTTP, RULES, Vk
from tests.support.postgres_stores import PostgresStores
from tests.twins.memory_stores import MemoryStores

Stores = MemoryStores | PostgresStores
TOKEN = "vk1.a.of-serg"
OTHER = "vk1.a.of-igor"
HOUR = 3600.0
A_SECOND = 1.05
"""Of ours, for each of VK's: clocks differ."""


@pytest.fixture
def pace(stores: Stores) -> TokenPace:
    return stores.vk_pace


def refused(pace: TokenPace, token: str = TOKEN, method: str = "") -> VkQuotaUsedUp:
    with pytest.raises(VkQuotaUsedUp) as caught:
        pace.reserve(token, 3, method)
    return caught.value


class TestTurns:
    def test_the_first_call_waits_for_nothing(self, pace: TokenPace) -> None:
        assert pace.reserve(TOKEN, 3) == 0

    def test_the_next_ones_are_spread_over_the_second(self, pace: TokenPace) -> None:
        waits = [pace.reserve(TOKEN, 3) for _ in range(31)]
        assert waits == sorted(waits)
        assert waits[30] == pytest.approx(10 * A_SECOND, abs=4)  # less what has passed meanwhile

    def test_a_community_may_call_more_often(self, pace: TokenPace) -> None:
        waits = [pace.reserve(TOKEN, 20) for _ in range(31)]
        assert waits[30] == pytest.approx(1.5 * A_SECOND, abs=1.5)

    def test_each_token_has_its_own_turns(self, pace: TokenPace) -> None:
        for _ in range(9):
            pace.reserve(TOKEN, 3)
        assert pace.reserve(OTHER, 3) == 0

    def test_methods_share_the_turns_of_a_token(self, pace: TokenPace) -> None:
        pace.reserve(TOKEN, 1, "wall.get")
        assert pace.reserve(TOKEN, 1, "wall.post") > 0

    def test_turns_that_nobody_took_are_not_saved_up(self, pace: TokenPace, stores: Stores) -> None:
        pace.reserve(TOKEN, 1)
        stores.pass_time(HOUR)
        assert pace.reserve(TOKEN, 1) == 0
        assert pace.reserve(TOKEN, 1) > 0

    def test_a_clock_that_was_put_back_makes_nobody_wait_for_it(self, pace: TokenPace, stores: Stores) -> None:
        pace.reserve(TOKEN, 3)
        stores.pass_time(-2 * HOUR)
        assert pace.reserve(TOKEN, 3) == 0
        assert pace.reserve(TOKEN, 3) < 1


class TestRests:
    def test_a_parked_token_says_how_long_it_rests_and_why(self, pace: TokenPace) -> None:
        pace.park(TOKEN, 600, "Flood control")
        error = refused(pace)
        assert error.retry_after == pytest.approx(600, abs=5)
        assert (error.message, error.vk_code, error.is_permanent) == ("Flood control", None, False)

    def test_others_go_on(self, pace: TokenPace) -> None:
        pace.park(TOKEN, 600, "Flood control")
        assert pace.reserve(OTHER, 3) == 0

    def test_a_rest_ends_by_itself(self, pace: TokenPace, stores: Stores) -> None:
        pace.park(TOKEN, 600, "Flood control")
        stores.pass_time(601)
        assert pace.reserve(TOKEN, 3) == 0

    def test_a_shorter_rest_never_ends_a_longer_one(self, pace: TokenPace) -> None:
        pace.park(TOKEN, 600, "long")
        pace.park(TOKEN, 6, "short")
        assert refused(pace).message == "long"

    def test_a_longer_one_takes_its_place(self, pace: TokenPace) -> None:
        pace.park(TOKEN, 6, "short")
        pace.park(TOKEN, 600, "long")
        assert refused(pace).retry_after == pytest.approx(600, abs=5)

    def test_a_method_may_rest_alone(self, pace: TokenPace) -> None:
        pace.park(TOKEN, 600, "Rate limit reached", "wall.get")
        assert refused(pace, method="wall.get").method == "wall.get"
        assert pace.reserve(TOKEN, 3, "wall.post") == 0
        assert pace.reserve(OTHER, 3, "wall.get") == 0

    def test_a_token_that_rests_lets_no_method_call(self, pace: TokenPace) -> None:
        pace.park(TOKEN, 600, "Flood control")
        assert refused(pace, method="wall.post").message == "Flood control"

    def test_of_two_rests_the_longer_one_is_told(self, pace: TokenPace) -> None:
        pace.park(TOKEN, 600, "Flood control")
        pace.park(TOKEN, 3600, "Rate limit reached", "wall.get")
        assert refused(pace, method="wall.get").retry_after == pytest.approx(3600, abs=5)

    def test_those_that_rest_can_be_listed(self, pace: TokenPace, stores: Stores) -> None:
        pace.park(TOKEN, 600, "Flood control")
        pace.park(OTHER, 60, "Rate limit reached", "wall.get")
        assert pace.parked([TOKEN, OTHER, "vk1.a.unknown"]) == {TOKEN: pytest.approx(600, abs=5)}
        stores.pass_time(601)
        assert pace.parked([TOKEN]) == {}

    def test_nothing_is_listed_of_nobody(self, pace: TokenPace) -> None:
        assert pace.parked([]) == {}


class TestForgetting:
    def test_what_is_a_day_old_goes(self, pace: TokenPace, stores: Stores) -> None:
        pace.reserve(TOKEN, 3)
        pace.park(OTHER, HOUR, "Flood control")
        stores.pass_time(24.5 * HOUR)
        assert stores.vk_pace.forget_expired(10) == 1
        stores.pass_time(HOUR)
        assert stores.vk_pace.forget_expired(10) == 1

    def test_only_so_much_at_a_time(self, pace: TokenPace, stores: Stores) -> None:
        for n in range(5):
            pace.reserve(f"token {n}", 3)
        stores.pass_time(25 * HOUR)
        assert [stores.vk_pace.forget_expired(3) for _ in range(3)] == [3, 2, 0]


class TestInPostgres:
    @pytest.fixture
    def processes(self, shared_postgres: PostgresStores) -> Iterator[list[PostgresTokenPace]]:
        """The pace as two processes have it, each with connections of its own."""
        shared_postgres.reset()
        url = shared_postgres.database.engine.url.render_as_string(hide_password=False)
        another = Database(url, pool_size=4, application_name="tests")
        yield [shared_postgres.vk_pace, PostgresTokenPace(another)]
        another.close()

    def test_no_two_calls_of_any_process_get_the_same_turn(
        self, processes: list[PostgresTokenPace], shared_postgres: PostgresStores
    ) -> None:
        start = Barrier(8)

        def take(n: int) -> list[float]:
            start.wait()
            return [processes[n % 2].reserve(TOKEN, 3) for _ in range(5)]

        with ThreadPoolExecutor(8) as threads:
            taken = [wait for waits in threads.map(take, range(8)) for wait in waits]
        assert len(taken) == 40
        with shared_postgres.transaction() as session:
            left = session.scalar(text("SELECT extract(epoch FROM next_at - clock_timestamp())::float8 FROM vk_pace"))
        assert left > 40 / 3 * A_SECOND - 5  # all forty stand in line, less what has passed meanwhile

    def test_vk_hears_the_calls_of_all_processes_one_after_the_other(self, processes: list[PostgresTokenPace]) -> None:
        token, each = VkToken(TOKEN, 20), 10

        def ask(pace: PostgresTokenPace) -> None:
            client = VkClient(HTTP, pace, RULES, vk.url)
            for _ in range(each):
                client.read("wall.get", token)

        with Vk() as vk, ThreadPoolExecutor(2) as threads:
            list(threads.map(ask, processes))
        times = [call.at for call in vk.calls]
        assert len(times) == 2 * each
        assert times[-1] - times[0] > 0.5  # a second, but for a first call that was held up on its way

    def test_tokens_are_not_stored(self, processes: list[PostgresTokenPace], shared_postgres: PostgresStores) -> None:
        processes[0].reserve(TOKEN, 3)
        processes[0].park(TOKEN, 60, "Rate limit reached", "wall.get")
        with shared_postgres.transaction() as session:
            assert TOKEN not in str(session.execute(select(vk_pace)).all())
