"""What a load balancer is told, and how seldom the store is bothered for it."""

from concurrent.futures import ThreadPoolExecutor

from app.services.health import HealthService
from tests.twins.memory_media_store import MemoryMediaStore
from tests.twins.memory_stores import MemoryStores


class CountingStore(MemoryMediaStore):
    checks = 0

    def check(self) -> None:
        self.checks += 1
        super().check()


class House:
    def __init__(self) -> None:
        self.now = 1000.0
        self.media = CountingStore()
        self.stores = MemoryStores()
        self.health = HealthService(heartbeats=self.stores.heartbeats, media=self.media, clock=lambda: self.now)


def test_everything_is_there_once_a_worker_beats() -> None:
    house = House()
    assert house.health.readiness() == {"database": True, "media_store": True, "worker": False}
    house.stores.heartbeats.beat("worker-1", "worker")
    assert house.health.readiness() == {"database": True, "media_store": True, "worker": True}


def test_the_store_is_asked_once_in_a_few_seconds() -> None:
    house = House()
    for seconds in (0, 1, 1, 2):
        house.now += seconds
        house.health.readiness()
    assert house.media.checks == 1
    house.now += 2
    house.health.readiness()
    assert house.media.checks == 2


def test_many_who_ask_at_once_share_one_check() -> None:
    house = House()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: house.health.readiness(), range(8)))
    assert house.media.checks == 1


def test_a_store_that_goes_and_comes_back_is_noticed() -> None:
    house, seen = House(), []
    for unavailable in (False, True, False):
        house.media.unavailable = unavailable
        house.now += 5
        seen.append(house.health.readiness()["media_store"])
    assert seen == [True, False, True]


def test_without_a_database_nothing_is_known_of_workers() -> None:
    house = House()
    house.stores.heartbeats.beat("worker-1", "worker")
    house.stores.database.go_away()
    assert house.health.readiness() == {"database": False, "media_store": True, "worker": False}


def test_a_worker_that_was_not_heard_of_late_is_missing_and_no_other_process_stands_in() -> None:
    house = House()
    house.stores.heartbeats.beat("worker-1", "worker")
    house.stores.pass_time(16)
    house.stores.heartbeats.beat("cleanup-1", "cleanup")
    assert house.health.readiness()["worker"] is False
