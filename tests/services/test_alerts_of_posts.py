"""What administrators are told of posts: nobody publishes them, VK refuses them, a person must decide."""

import pytest

from app.domain.alerts import Alert, Severity, Trouble
from app.domain.vk.community import LATE_MINUTES, Community
from app.domain.vk.content import ContentKind
from app.domain.vk.posts import PostStatus
from tests.services.studio import Studio
from tests.vk.publishing import new_community, new_post


@pytest.fixture
def studio() -> Studio:
    """Up for an hour, and all is well but that no tracker runs."""
    studio = Studio()
    studio.up_seconds = 3600.0
    studio.works_well()
    return studio


@pytest.fixture
def community(studio: Studio) -> Community:
    return studio.stores.communities.add(new_community())


def only(studio: Studio) -> Alert:
    [alert] = studio.service.active()
    return alert


def pass_time(studio: Studio, seconds: float) -> None:
    studio.database.pass_time(seconds)
    studio.works_well()


def fail(studio: Studio, community: Community, code: str, status: PostStatus = PostStatus.ERROR) -> None:
    studio.stores.system_posts.add(new_post(community))
    [post] = studio.stores.system_posts.take_due(1, 60)
    assert studio.stores.system_posts.end(post, status, {"code": code})


class TestTheTracker:
    def test_nobody_misses_it_while_nothing_is_due(self, studio: Studio, community: Community) -> None:
        studio.stores.system_posts.add(new_post(community, due_in=3600))
        assert studio.service.active() == []

    def test_it_is_missed_when_a_post_has_been_due_for_a_while(self, studio: Studio, community: Community) -> None:
        studio.stores.system_posts.add(new_post(community))
        pass_time(studio, 15)
        assert studio.service.active() == []
        pass_time(studio, 10)
        assert only(studio) == Alert(Trouble.NO_TRACKER)
        assert only(studio).severity is Severity.BAD

    def test_and_when_news_from_vk_wait_to_be_read(self, studio: Studio, community: Community) -> None:
        studio.stores.refreshes.wish(community.id, ContentKind.ALBUMS)
        pass_time(studio, 25)
        assert only(studio).kind is Trouble.NO_TRACKER

    def test_one_that_lives_will_come_to_it(self, studio: Studio, community: Community) -> None:
        studio.stores.system_posts.add(new_post(community))
        pass_time(studio, 60)
        studio.stores.heartbeats.beat("tracker-1", "tracker")
        assert studio.service.active() == []
        seen_at = studio.stores.monitor.vitals().tracker_seen_at
        pass_time(studio, 16)
        assert only(studio) == Alert(Trouble.NO_TRACKER, since=seen_at)

    def test_what_has_just_been_started_is_given_time(self, studio: Studio, community: Community) -> None:
        studio.stores.system_posts.add(new_post(community))
        pass_time(studio, 60)
        studio.up_seconds = 29
        assert studio.service.active() == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("captcha", Trouble.POST_NEEDS_PERSON),
        ("validation_needed", Trouble.POST_NEEDS_PERSON),
        ("token_refused", Trouble.COMMUNITY_REFUSED),
        ("wrong_token_type", Trouble.COMMUNITY_REFUSED),
        ("vk_id_token_refused", Trouble.COMMUNITY_REFUSED),
        ("recaptcha", Trouble.POST_NEEDS_PERSON),
        ("access_denied", Trouble.COMMUNITY_REFUSED),
        ("post_refused", Trouble.POST_FAILED),
        ("unknown_variables", Trouble.POST_FAILED),
    ],
)
def test_what_must_be_done_is_told_by_kind(studio: Studio, community: Community, code: str, kind: Trouble) -> None:
    fail(studio, community, code)
    alert = only(studio)
    assert (alert.kind, alert.message, alert.severity) == (kind, community.name, Severity.BAD)
    assert alert.since is not None


def test_a_post_that_may_have_failed_is_told(studio: Studio, community: Community) -> None:
    fail(studio, community, "not_found", PostStatus.POSSIBLE_ERROR)
    assert only(studio).kind is Trouble.POST_FAILED


def test_a_late_one_waits_for_a_decision(studio: Studio, community: Community) -> None:
    fail(studio, community, "late", PostStatus.LATE)
    assert (only(studio).kind, only(studio).severity) == (Trouble.POST_LATE, Severity.WARNING)


def test_a_tracker_that_lives_but_publishes_nothing_is_told_of(studio: Studio, community: Community) -> None:
    studio.stores.system_posts.add(new_post(community))
    pass_time(studio, 60 * LATE_MINUTES)
    studio.stores.heartbeats.beat("tracker-1", "tracker")
    assert (only(studio).kind, only(studio).message) == (Trouble.POST_LATE, community.name)


def test_communities_that_fail_alike_are_told_of_together_each_once(studio: Studio, community: Community) -> None:
    other = studio.stores.communities.add(new_community(2))
    for suffering in (community, community, other):
        fail(studio, suffering, "captcha")
    fail(studio, other, "post_refused")
    assert {alert.kind for alert in studio.service.active()} == {Trouble.POST_NEEDS_PERSON, Trouble.POST_FAILED}
    assert all(alert.message == "Фотобудка" for alert in studio.service.active())  # which is the name of both
