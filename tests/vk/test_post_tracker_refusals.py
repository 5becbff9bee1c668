"""Posts that VK, or we ourselves, refuse: what passes is waited out, all else says what people can do."""

import socket

import pytest

from app.domain.vk.media import SLOWEST_LINE
from app.domain.vk.posts import TEXT_MAX, PostStatus
from app.services.vk.mishaps import INTERRUPTIONS_MAX
from app.services.vk.publishing import HOLD_SECONDS
from app.services.vk.uploads import Uploads
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import Answer
from tests.support.fakes.vk import troubles
from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, USER_TOKEN, FakeVk, is_upload, of_method
from tests.support.fakes.wire import Wire
from tests.twins.memory_media_store import MemoryMediaStore
from tests.vk.post_house import PostHouse

POST = of_method("wall.post")


@pytest.fixture
def media() -> MemoryMediaStore:
    return MemoryMediaStore()


@pytest.fixture
def house(vk: FakeVk, media: MemoryMediaStore) -> PostHouse:
    return PostHouse(vk, media=media)


class TestRefusals:
    def test_a_captcha_needs_a_person_and_says_where(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule()
        vk.misbehave(troubles.captcha(), on=POST)
        house.work_for(600)
        assert house.status(post) is PostStatus.ERROR
        reason = house.reason(post)
        assert (reason["code"], reason["vk_code"], reason["needs_person"]) == ("captcha", 14, True)
        assert reason["details"]["redirect_uri"].startswith("https://id.vk.com/")
        assert len(vk.asked("wall.post")) == 1

    @pytest.mark.parametrize("photos", [0, 2])
    def test_a_revoked_token_must_be_given_anew(self, house: PostHouse, vk: FakeVk, photos: int) -> None:
        post = house.schedule(photos=photos)
        vk.revoke(USER_TOKEN)
        house.work_for(600)
        assert (house.status(post), house.reason(post)["code"]) == (PostStatus.ERROR, "token_refused")
        assert house.reason(post)["needs_person"]
        house.give_token(vk.add_user_token())
        house.retry(post)
        house.work()
        assert (house.status(post), len(vk.posts())) == (None, 1)

    def test_without_a_token_vk_is_not_even_asked(self, house: PostHouse, vk: FakeVk) -> None:
        house.give_token(None)
        post = house.schedule(photos=1)
        house.work()
        assert house.reason(post)["code"] == "token_refused"
        assert vk.calls == []

    def test_a_communitys_token_is_of_the_wrong_type(self, house: PostHouse) -> None:
        house.give_token(COMMUNITY_TOKEN)
        post = house.schedule(photos=1)
        house.work()
        assert (house.status(post), house.reason(post)["code"]) == (PostStatus.ERROR, "community_token_refused")

    @pytest.mark.parametrize(
        ("code", "reason"),
        [(214, "post_refused"), (222, "links_forbidden"), (15, "access_denied"), (17, "validation_needed")],
    )
    def test_what_vk_refuses_for_good_is_told_and_not_repeated(
        self, house: PostHouse, vk: FakeVk, code: int, reason: str
    ) -> None:
        post = house.schedule()
        vk.misbehave(troubles.refuses(code), on=POST)
        house.work_for(600)
        assert (house.status(post), house.reason(post)["code"]) == (PostStatus.ERROR, reason)
        assert len(vk.asked("wall.post")) == 1

    def test_no_reason_holds_a_token(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule()
        vk.always(troubles.refuses(5, f"invalid access_token {USER_TOKEN}"))
        house.work()
        assert USER_TOKEN not in str(house.reason(post))


class TestPassingTroubles:
    def test_a_burst_of_too_many_requests_is_waited_out(self, house: PostHouse, vk: FakeVk) -> None:
        house.schedule()
        vk.misbehave(*troubles.bursts(3), on=POST)
        house.work()
        assert len(vk.posts()) == 1

    def test_without_a_connection_a_post_waits_and_says_why(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule()
        away = house.tracker_at(f"http://127.0.0.1:{_closed_port()}")
        assert away.publish_due()
        assert (house.status(post), house.reason(post)["code"]) == (PostStatus.PENDING_PUBLICATION, "unreachable")
        assert not house.tracker.publish_due()
        house.pass_time(20)
        house.work()
        assert (house.status(post), len(vk.posts())) == (None, 1)

    def test_a_quota_is_waited_for(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule()
        vk.misbehave(troubles.refuses(9), on=POST)
        house.work()
        reason = house.reason(post)
        assert (house.status(post), reason["code"]) == (PostStatus.PENDING_PUBLICATION, "flood_control")
        assert reason["retry_after"] > 0

    def test_photos_that_vk_has_are_not_uploaded_again(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule(photos=2)
        vk.misbehave(troubles.captcha(), on=POST)
        house.work()
        house.retry(post)
        house.work()
        assert (len(vk.asked("photos.saveWallPhoto")), len(vk.posts()[0].photos)) == (2, 2)

    def test_but_those_that_are_gone_there_are(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule(photos=3)
        vk.misbehave(troubles.captcha(), on=POST)
        house.work()
        house.retry(post)
        vk.delete_photo(list(vk.world.photos.values())[1])
        house.work()
        [seen], [past] = vk.posts(), house.history()
        assert (len(vk.asked("photos.saveWallPhoto")), len(vk.asked("photos.getById"))) == (4, 1)
        assert (len(seen.photos), past.detail.keys()) == (3, {"url"})

    @pytest.mark.parametrize("code", [100, 200])
    def test_nor_what_vk_says_nothing_of(self, house: PostHouse, vk: FakeVk, code: int) -> None:
        post = house.schedule(photos=1)
        vk.misbehave(troubles.captcha(), on=POST)
        house.work()
        house.retry(post)
        vk.always(troubles.refuses(code), on=of_method("photos.getById"))
        house.work()
        assert (house.status(post), len(vk.posts()[0].photos)) == (None, 1)

    def test_a_large_file_on_a_slow_line_is_not_begun_again_meanwhile(
        self, house: PostHouse, vk: FakeVk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        size = 45_000_000

        def slowly(call: Call, answer: Answer, wire: Wire) -> Reply:
            house.stores.pass_time(30 + size / SLOWEST_LINE)
            assert not house.tracker.publish_due()
            return answer(call)

        house.schedule(photos=1)
        monkeypatch.setattr(Uploads, "prepare", lambda _, data: data.ljust(size, b"\0"))
        vk.misbehave(slowly, on=is_upload)
        house.work()
        assert (len(vk.posts()), len(vk.asked("photos.getWallUploadServer"))) == (1, 1)

    def test_uploads_that_fail_again_and_again_end_with_their_reason(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule(photos=1)
        vk.always(troubles.loses_files(), on=is_upload)
        house.work_for(3600)
        assert (house.status(post), house.reason(post)["code"]) == (PostStatus.ERROR, "upload_failed")
        assert vk.asked("wall.post") == []
        house.retry(post)
        house.work()
        assert house.status(post) is PostStatus.PENDING_PUBLICATION, "a person's retry is repeated, too"

    def test_a_media_store_that_is_away_is_waited_for(
        self, house: PostHouse, vk: FakeVk, media: MemoryMediaStore
    ) -> None:
        post = house.schedule(photos=1)
        media.unavailable = True
        house.work()
        assert (house.status(post), house.reason(post)["code"]) == (
            PostStatus.PENDING_PUBLICATION,
            "media_unavailable",
        )
        media.unavailable = False
        house.work_for(60)
        assert len(vk.posts()) == 1


class TestOwnMistakes:
    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("Цена {price}, {phone}", {"code": "unknown_variables", "names": ["price", "phone"]}),
            (" \n", {"code": "nothing_to_post"}),
            ("я" * (TEXT_MAX + 1), {"code": "text_too_long", "details": {"length": TEXT_MAX + 1, "limit": TEXT_MAX}}),
        ],
    )
    def test_what_vk_would_not_take_is_not_sent(
        self, house: PostHouse, vk: FakeVk, text: str, reason: dict[str, object]
    ) -> None:
        post = house.schedule(text)
        house.work()
        assert house.status(post) is PostStatus.ERROR
        assert reason.items() <= house.reason(post).items()
        assert vk.calls == []

    def test_a_photo_that_is_gone_ends_the_post(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule(photos=2)
        house.media.delete([post.photos[1].path])
        house.work()
        assert (house.status(post), house.reason(post)) == (PostStatus.ERROR, {"code": "photo_missing"})

    def test_so_does_one_that_is_none(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule(photos=1)
        house.media.write(post.photos[0].path, b"no picture")
        house.work()
        assert (house.status(post), house.reason(post)["code"]) == (PostStatus.ERROR, "photo_unusable")

    def test_a_post_that_kills_whoever_publishes_it_is_given_up(self, house: PostHouse, vk: FakeVk) -> None:
        post = house.schedule()
        for _ in range(INTERRUPTIONS_MAX):
            [taken] = house.posts.take_due(1, HOLD_SECONDS)
            assert taken.id == post.id
            house.pass_time(HOLD_SECONDS + 1)
        house.work()
        assert house.status(post) is PostStatus.ERROR
        assert house.reason(post) == {"code": "interrupted", "times": INTERRUPTIONS_MAX}
        assert vk.calls == []


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
