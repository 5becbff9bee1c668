"""What speaks against a post: duplicates, a minute that is taken, more posts than VK takes."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.vk.drafts import draft_of
from app.domain.vk.posts import SystemPost
from app.ports.vk.api import VkToken
from app.services.vk.cautions import Caution, CautionKind
from app.services.vk.refreshing import PUBLISHED_MAX
from app.services.vk.walls import read_wall
from tests.adapters.vk_calls import RULES
from tests.support.fakes.vk.fake import USER_TOKEN, FakeVk
from tests.vk.writing_desk import TOMORROW, WritingDesk

SAME_TEXT, SAME_PHOTOS = CautionKind.SAME_TEXT, CautionKind.SAME_PHOTOS
TIME_TAKEN, TOO_MANY = CautionKind.TIME_TAKEN, CautionKind.TOO_MANY_POSTS
ELSEWHEN = TOMORROW + timedelta(hours=3)


def about(desk: WritingDesk, text: str = "Другое", post: SystemPost | None = None, **changes: Any) -> list[Caution]:
    wanted = {"publication_date": ELSEWHEN, **changes}
    return desk.cautions.about(desk.community, draft_of(desk.wanted(text, **wanted)), post)


def kinds(cautions: list[Caution]) -> list[CautionKind]:
    return [caution.kind for caution in cautions]


def read_the_wall(desk: WritingDesk, vk: FakeVk) -> None:
    """The cache knows what stands there and what is postponed."""
    for is_postponed in (True, False):
        token, owner_id = VkToken(USER_TOKEN, 3), desk.community.owner_id
        posts = read_wall(desk.api, token, owner_id, is_postponed=is_postponed, most=PUBLISHED_MAX)
        desk.stores.vk_cache.replace_posts(desk.community.id, is_postponed, posts)


def test_nothing_speaks_against_the_first_post(desk: WritingDesk) -> None:
    assert about(desk, results=2) == []


def test_the_same_words_are_told_however_they_are_spaced(desk: WritingDesk) -> None:
    post = desk.plan("Свадьба  Анны\nи Петра")
    [caution] = about(desk, " Свадьба Анны и Петра ")
    assert (caution.kind, caution.post_id, caution.when, caution.url) == (SAME_TEXT, post.id, TOMORROW, "")


def test_words_are_compared_as_vk_will_show_them(desk: WritingDesk) -> None:
    desk.variables.put("price", None, "900 ₽", "serg")
    desk.plan("Аренда: 900 ₽")
    assert kinds(about(desk, "Аренда: {price}")) == [SAME_TEXT]


def test_what_stands_on_the_wall_counts_too(desk: WritingDesk, vk: FakeVk) -> None:
    there = vk.add_post("Свадьба")
    read_the_wall(desk, vk)
    [caution] = about(desk, "Свадьба")
    assert caution.kind is SAME_TEXT
    assert caution.url == f"https://vk.com/wall{desk.community.owner_id}_{there.id}"


def test_posts_without_words_have_no_words_in_common(desk: WritingDesk) -> None:
    desk.plan("", results=1)
    assert about(desk, "", results=1) == []


def test_a_photo_that_is_planned_already(desk: WritingDesk) -> None:
    first, second = (f"result:{desk.result()}" for _ in range(2))
    post = desk.plan("Одно", photos=[first])
    [caution] = about(desk, photos=[second, first])
    assert (caution.kind, caution.number, caution.post_id) == (SAME_PHOTOS, 1, post.id)


def test_a_photo_that_was_published(desk: WritingDesk, vk: FakeVk) -> None:
    photo = f"result:{desk.result()}"
    desk.plan("Одно", photos=[photo], publication_date=None)
    desk.house.work()
    [caution] = about(desk, photos=[photo])
    assert (caution.kind, caution.number) == (SAME_PHOTOS, 1)
    assert caution.url.endswith(f"_{vk.posts()[0].id}")


def test_a_photo_of_an_album_that_a_post_of_the_wall_shows(desk: WritingDesk, vk: FakeVk) -> None:
    album = vk.add_album()
    [there] = vk.add_photos(album, 1)
    desk.read_album(album.id)
    vk.add_post("Альбом").photos.append((there.owner_id, there.id))
    read_the_wall(desk, vk)
    assert kinds(about(desk, photos=[f"album:{album.id}_{there.id}"])) == [SAME_PHOTOS]


def test_a_post_is_no_duplicate_of_itself(desk: WritingDesk) -> None:
    post = desk.plan("Свадьба", results=1)
    assert about(desk, "Свадьба", post, photos=["own:0"], publication_date=TOMORROW) == []


def test_photos_that_a_post_keeps_are_looked_for_in_others(desk: WritingDesk) -> None:
    photo = f"result:{desk.result()}"
    desk.plan("Одно", photos=[photo])
    post = desk.plan("Другое", photos=[photo])
    assert kinds(about(desk, "Третье", post, photos=["own:0"])) == [SAME_PHOTOS]
    assert about(desk, "Третье", post, photos=[]) == []


@pytest.mark.parametrize(("seconds", "is_taken"), [(0, True), (59, True), (60, False), (-1, False)])
def test_a_minute_belongs_to_one_post(desk: WritingDesk, seconds: int, is_taken: bool) -> None:
    desk.plan("Одно", publication_date=ELSEWHEN + timedelta(seconds=seconds))
    assert kinds(about(desk)) == ([TIME_TAKEN] if is_taken else [])


def test_what_is_postponed_at_vk_takes_its_minute_too(desk: WritingDesk, vk: FakeVk) -> None:
    vk.add_post("Расписание", publish_at=ELSEWHEN)
    read_the_wall(desk, vk)
    assert kinds(about(desk)) == [TIME_TAKEN]


def test_now_takes_no_minute_from_anybody(desk: WritingDesk) -> None:
    desk.plan("Одно", publication_date=None)
    assert about(desk, publication_date=None) == []


def test_more_posts_in_a_day_than_vk_takes(desk: WritingDesk) -> None:
    for n in range(RULES.posts_per_day):
        desk.plan(f"Запись {n}", publication_date=ELSEWHEN - timedelta(minutes=5 * (n + 1)))
    [caution] = about(desk)
    assert (caution.kind, caution.number) == (TOO_MANY, RULES.posts_per_day)
    assert about(desk, publication_date=ELSEWHEN + timedelta(hours=24)) == []


def test_what_is_long_ago_is_no_duplicate(desk: WritingDesk, vk: FakeVk) -> None:
    vk.add_post("Свадьба").date -= 31 * 24 * 3600
    read_the_wall(desk, vk)
    assert about(desk, "Свадьба") == []
