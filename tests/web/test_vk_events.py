"""From an event in VK to what pages are told: VK's own sender, the application, and the tracker's steps."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import make_url

from app.domain.errors import DatabaseUnavailable
from app.domain.vk.community import Community, Secret
from app.services.vk.tokens import owner_of
from app.wiring import Wiring
from tests.support import databases
from tests.support.fakes import server
from tests.support.fakes.vk.callback_servers import CONFIRMED
from tests.support.fakes.vk.callbacks import Answered
from tests.support.fakes.vk.fake import GROUP_ID, USER_TOKEN, FakeVk
from tests.vk.community import a_community

Outage = Callable[[], AbstractContextManager[None]]

SECRET = "8Jr2vQn0sXcB"
EVENTS = {"wall_post_new", "wall_schedule_post_new", "wall_schedule_post_delete", "photo_new"}


@pytest.fixture
def environment(vk: FakeVk) -> dict[str, str]:
    return {"VK_API_BASE_URL": vk.url}


@pytest.fixture
def web_database(server_url: str, released_database: str) -> Iterator[str]:
    """One of the test's own, which may go away."""
    with databases.new_database(server_url, released_database) as url:
        yield url


@pytest.fixture
def outage(server_url: str, web_database: str) -> Outage:
    """Meanwhile nobody gets a connection, and those that were open are cut."""
    name = str(make_url(web_database).database)
    cut = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"

    @contextmanager
    def outage() -> Iterator[None]:
        databases.execute(server_url, "ALTER DATABASE {} ALLOW_CONNECTIONS false", name)
        databases.execute(server_url, cut)
        yield
        databases.execute(server_url, "ALTER DATABASE {} ALLOW_CONNECTIONS true", name)

    return outage


@pytest.fixture
def community(wiring: Wiring, vk: FakeVk) -> Community:
    """As VK knows it, code and all."""
    code = vk.world.groups[GROUP_ID].confirmation_code
    community = wiring.stores.communities.add(a_community())
    for name, value in ((Secret.USER_TOKEN, USER_TOKEN), (Secret.CALLBACK_SECRET, SECRET)):
        wiring.stores.secrets.put(owner_of(community.id), name.value, value, "serg")
    found = wiring.stores.communities.change(community.id, confirmation_code=code)
    assert found
    return found


@pytest.fixture
def callbacks(vk: FakeVk, client: FlaskClient, community: Community) -> Iterator[Any]:
    """VK's sender, which delivers to the application; its server is confirmed."""

    def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answered:
        answer = client.post(url, data=body, headers=dict(headers))
        return Answered(answer.status_code, answer.text, {k.lower(): v for k, v in answer.headers.items()})

    vk.callbacks.post = post
    place = vk.world.servers.add(GROUP_ID, "/api/callback", "PhotoChanger", SECRET)
    place.events = set(EVENTS)
    vk.callbacks.deliver()
    assert place.status == CONFIRMED
    return vk.callbacks


def refresh(wiring: Wiring) -> None:
    while wiring.vk_refreshing.step():
        pass


def test_what_somebody_postpones_in_vk_shows_up_here(
    vk: FakeVk, callbacks: Any, wiring: Wiring, community: Community
) -> None:
    vk.add_post("Завтра свадьба", publish_at=vk.clock.now() + timedelta(days=1))
    callbacks.deliver()
    refresh(wiring)
    assert [post.text for post in wiring.stores.vk_cache.posts(community.id, True, 10)] == ["Завтра свадьба"]
    for username in ("serg", "igor"):
        assert list(wiring.update_tracker.get_and_clear_updates(username, "tab")) == [community.id]


def test_vk_is_answered_at_once_while_its_api_hangs(
    vk: FakeVk, callbacks: Any, wiring: Wiring, community: Community
) -> None:
    vk.always(server.hang())
    vk.add_post("Новое")
    [attempt] = callbacks.deliver()
    assert (attempt.answered.status, attempt.answered.body) == (200, "ok")
    assert vk.asked("wall.get") == []
    vk.recover()
    refresh(wiring)
    assert [post.text for post in wiring.stores.vk_cache.posts(community.id, False, 10)] == ["Новое"]


def test_what_no_database_could_take_comes_again(
    vk: FakeVk, callbacks: Any, wiring: Wiring, community: Community, outage: Outage
) -> None:
    vk.add_post("Новое")
    with outage():
        [refused] = callbacks.deliver()
    assert (refused.answered.status, refused.answered.headers["retry-after"]) == (503, "10")
    [accepted] = callbacks.deliver_all()
    assert accepted.answered.body == "ok"
    assert accepted.at - refused.at < timedelta(seconds=11)
    refresh(wiring)
    assert [post.text for post in wiring.stores.vk_cache.posts(community.id, False, 10)] == ["Новое"]


def test_an_outage_of_an_hour_loses_nothing(
    vk: FakeVk, callbacks: Any, wiring: Wiring, community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, began_at = wiring.database.run, vk.clock.now()

    def away_for_an_hour(*arguments: Any) -> Any:
        if vk.clock.now() - began_at < timedelta(hours=1):
            raise DatabaseUnavailable("gone")
        return run(*arguments)

    monkeypatch.setattr(wiring.database, "run", away_for_an_hour)
    vk.add_post("Новое")
    assert [attempt.answered.body for attempt in callbacks.deliver_all()][-1] == "ok"
    assert callbacks.lost == []
    assert wiring.stores.refreshes.pending() == {community.id}


def test_a_repetition_whose_first_delivery_was_heard_is_quiet(
    vk: FakeVk, callbacks: Any, wiring: Wiring, community: Community
) -> None:
    for _ in range(3):
        callbacks.emit(GROUP_ID, "wall_repost", {"id": 1}, "the same")
        assert [attempt.answered.body for attempt in callbacks.deliver()] == ["ok"]
    refresh(wiring)
    assert len(vk.asked("wall.get")) == 1
