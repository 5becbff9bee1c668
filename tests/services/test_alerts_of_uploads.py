"""What administrators are told of photos for albums of communities: that they wait, whose token, that they are lost."""

import pytest

from app.domain.alerts import Alert, Severity, Trouble
from app.domain.vk.community import Community
from app.domain.vk.filling import OVERDUE_SECONDS
from tests.services.house import LOCAL
from tests.services.studio import Studio
from tests.vk.album_orders import GATHERED, connected, finish, taken


@pytest.fixture
def studio() -> Studio:
    """Up for an hour, and all is well."""
    studio = Studio()
    studio.up_seconds = 3600.0
    studio.set_up("slot-001", LOCAL)
    return studio


@pytest.fixture
def community(studio: Studio) -> Community:
    return connected(studio.stores)


def fail(studio: Studio, community: Community, code: str) -> None:
    finish(studio.stores, community)
    studio.database.pass_time(GATHERED)
    studio.stores.album_uploads.failed(taken(studio.stores.album_uploads), code, 1)


def alerts(studio: Studio, *, later: float = 0.0) -> list[Alert]:
    """Everything but VK goes on."""
    studio.database.pass_time(later)
    studio.works_well()
    studio.stores.heartbeats.beat("tracker-1", "tracker")
    return studio.service.active()


def test_minutes_of_failing_are_told_with_the_community_and_its_slots(studio: Studio, community: Community) -> None:
    fail(studio, community, "quota_used_up")
    assert alerts(studio) == []
    [alert] = alerts(studio, later=OVERDUE_SECONDS)
    assert (alert.kind, alert.severity) == (Trouble.UPLOADS_FAILING, Severity.WARNING)
    assert (alert.message, [slot.id for slot in alert.slots]) == (community.name, ["slot-001"])
    assert alert.since is not None


@pytest.mark.parametrize("code", ["token_refused", "wrong_token_type", "access_denied"])
def test_where_only_another_token_helps_that_is_told(studio: Studio, community: Community, code: str) -> None:
    fail(studio, community, code)
    [alert] = alerts(studio, later=OVERDUE_SECONDS)
    assert (alert.kind, alert.severity, alert.message) == (
        Trouble.COMMUNITY_REFUSED,
        Severity.BAD,
        community.name,
    )


def test_it_is_over_when_they_have_come(studio: Studio, community: Community) -> None:
    fail(studio, community, "busy")
    assert alerts(studio, later=OVERDUE_SECONDS)
    batch = taken(studio.stores.album_uploads)
    studio.stores.album_uploads.sent(batch, {batch.uploads[0].job_id: 456})
    assert alerts(studio) == []


def test_what_is_given_up_is_told_for_a_day(studio: Studio, community: Community) -> None:
    finish(studio.stores, community)
    studio.database.pass_time(GATHERED)
    studio.stores.album_uploads.give_up(taken(studio.stores.album_uploads), "album_full")
    [alert] = alerts(studio)
    assert (alert.kind, alert.severity, alert.message) == (Trouble.UPLOADS_LOST, Severity.BAD, community.name)
    assert alerts(studio, later=24 * 3600) == []
