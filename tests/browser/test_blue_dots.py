"""Blue dots: what changes in VK is seen by everybody who looks, and stays until they have opened the community."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from app.config import load_settings
from app.domain.vk.community import Community, Secret
from app.services.vk.tokens import owner_of
from app.wiring import Wiring
from tests.browser.conftest import NewPage, log_in
from tests.support.fakes.vk.callback_servers import CONFIRMED
from tests.support.fakes.vk.fake import USER_ID, FakeVk
from tests.support.fakes.vk.world import ADMINISTRATOR
from tests.support.installation import Installation
from tests.support.quick_wiring import QuickWiring
from tests.vk.community import a_community
from tests.waiting import until

pytestmark = pytest.mark.browser

GROUP_ID = 220_000_777
SECRET = "8Jr2vQn0sXcB"
WITHIN_SECONDS = 5.0
"""From the event to the dot, for whoever looks."""


@pytest.fixture
def wiring(house: Installation, vk: FakeVk) -> Iterator[Wiring]:
    """The tracker's parts, over the house's database."""
    wiring = QuickWiring(load_settings({**house.environment, "VK_API_BASE_URL": vk.url}), role="tracker")
    yield wiring
    wiring.database.close()


@pytest.fixture
def community(wiring: Wiring, vk: FakeVk) -> Iterator[Community]:
    group = vk.add_group(GROUP_ID, "Студия на Невском")
    token = vk.add_user_token(USER_ID, roles={GROUP_ID: ADMINISTRATOR})
    community = wiring.stores.communities.add(replace(a_community(group.name, GROUP_ID), photo_url=""))
    for name, value in ((Secret.USER_TOKEN, token), (Secret.CALLBACK_SECRET, SECRET)):
        wiring.stores.secrets.put(owner_of(community.id), name.value, value, "serg")
    wiring.stores.communities.change(community.id, confirmation_code=group.confirmation_code)
    yield community
    wiring.stores.communities.remove(community.id)


@pytest.fixture
def at_work(house: Installation, wiring: Wiring, vk: FakeVk, community: Community) -> Iterator[None]:
    """VK tells the house of events, and the tracker reads what changed."""
    place = vk.world.servers.add(GROUP_ID, f"{house.url}/api/callback", "PhotoChanger", SECRET)
    place.events = {"wall_post_new", "wall_schedule_post_new"}
    with vk.callbacks.delivering(), _tracking(wiring):
        until(lambda: place.status == CONFIRMED, what="VK trusts the house")
        yield


@contextmanager
def _tracking(wiring: Wiring) -> Iterator[None]:
    loop = wiring.tracker()
    loop.start()
    yield
    assert loop.stop(10)


def _milliseconds_to(ends_at: float) -> float:
    """What is left; Playwright takes 0 for ever."""
    return max(1.0, (ends_at - time.monotonic()) * 1000)


def until_told(page: Page, lost: list[str]) -> None:
    """Playwright's handlers run only while its page is waited for."""
    for _ in range(20):
        if lost:
            return
        with page.expect_response("**/api/getUpdates"):
            pass
    pytest.fail("nothing was told")


def dot(page: Page, community: Community) -> Locator:
    return page.locator(f'[data-community="{community.id}"] [data-dot]')


@pytest.mark.usefixtures("at_work")
def test_one_event_is_seen_in_two_browsers_and_each_loses_its_own_dot(
    signed_in: NewPage, new_page: NewPage, community: Community, vk: FakeVk
) -> None:
    sergs, igors = signed_in(), log_in(new_page(), "igor", "igor-secret-1")
    for page in (sergs, igors):
        page.goto("/communities")
        expect(dot(page, community)).to_be_hidden()

    ends_at = time.monotonic() + WITHIN_SECONDS
    vk.add_post("Новое", group_id=GROUP_ID)
    for page in (sergs, igors):
        expect(dot(page, community)).to_be_visible(timeout=_milliseconds_to(ends_at))
    for page in (sergs, igors):
        expect(page.get_by_role("status").filter(has_text=community.name)).to_have_count(1)

    sergs.locator(f"#community-{community.id}").click()
    sergs.goto("/communities")
    expect(dot(sergs, community)).to_be_hidden()
    igors.reload()
    expect(dot(igors, community)).to_be_visible()


@pytest.mark.usefixtures("at_work")
def test_an_answer_that_is_lost_on_its_way_takes_no_dot_with_it(page: Page, community: Community, vk: FakeVk) -> None:
    lost: list[str] = []

    def lose(route: Route) -> None:
        """Once the server has told of the change, it believes this reader to know."""
        told = route.fetch().json()["updatedProjectIds"]
        lost.extend(told)
        route.fulfill(status=409) if told else route.fulfill(json={"updatedProjectIds": [], "isMoreComing": True})

    page.route("**/api/getUpdates", lose, times=20)
    page.goto("/communities")
    vk.add_post("Новое", group_id=GROUP_ID)
    expect(dot(page, community)).to_be_hidden()
    until_told(page, lost)
    page.unroute("**/api/getUpdates")
    expect(dot(page, community)).to_be_visible()
