"""Posts are dropped, or published by hand with all that a person needs; each change is written down."""

from zipfile import ZipFile

import pytest

from app.domain.errors import MediaMissing, Reason, Refused
from app.domain.vk.posts import PostOutcome, PostStatus
from tests.vk.publishing import VK_CLOCK
from tests.vk.writing_desk import SERG, WritingDesk, problems


class TestEnding:
    def test_a_cancelled_one_is_remembered_and_its_copies_go(self, desk: WritingDesk) -> None:
        post = desk.plan(results=1)
        desk.posts.cancel(post.id, "igor")
        [past] = desk.history()
        assert (past.outcome, past.detail, past.vk_post_id) == (PostOutcome.CANCELLED, {"by": "igor"}, None)
        assert desk.files() == set()
        with pytest.raises(Refused):
            desk.posts.find(post.id)

    def test_what_was_published_by_hand_leads_to_the_wall(self, desk: WritingDesk) -> None:
        owner = desk.community.owner_id
        desk.posts.settle(desk.plan().id, f"https://vk.com/wall?w=wall{owner}_17", SERG)
        desk.posts.settle(desk.plan().id, " ", SERG)
        assert {past.vk_post_id for past in desk.history()} == {17, None}
        assert {past.outcome for past in desk.history()} == {PostOutcome.PUBLISHED}

    def test_an_address_that_another_post_has_is_refused(self, desk: WritingDesk) -> None:
        address = f"https://vk.com/wall{desk.community.owner_id}_17"
        desk.posts.settle(desk.plan().id, address, SERG)
        post = desk.plan(results=1)
        with pytest.raises(Refused) as refused:
            desk.posts.settle(post.id, address, SERG)
        assert problems(refused) == {"address": "in_history"}
        assert desk.house.read(post).photos == post.photos
        assert desk.files()

    @pytest.mark.parametrize("address", ["", "https://vk.com/wall-1_17"])
    def test_one_that_may_be_on_its_way_to_the_wall_is_not_published_by_hand(
        self, desk: WritingDesk, address: str
    ) -> None:
        post = desk.plan(publication_date=None)
        [taken] = desk.house.posts.take_due(1, 60.0)
        desk.house.posts.announce(taken, "Свадьба", VK_CLOCK)
        with pytest.raises(Refused) as refused:
            desk.posts.settle(post.id, address.replace("-1_", f"{desk.community.owner_id}_"), SERG)
        assert refused.value.reason is Reason.VERSION_CONFLICT
        assert desk.house.status(post) is PostStatus.PUBLISHING

    @pytest.mark.parametrize("address", ["https://vk.com/wall-1_17", "vk.com/club1", "17"])
    def test_an_address_elsewhere_is_refused(self, desk: WritingDesk, address: str) -> None:
        with pytest.raises(Refused) as refused:
            desk.posts.settle(desk.plan().id, address, SERG)
        assert problems(refused) == {"address": "not_on_wall"}


class TestKit:
    def test_it_holds_all_that_a_person_needs(self, desk: WritingDesk) -> None:
        desk.variables.put("price", None, "1000 ₽", SERG)
        post = desk.plan("Всего\n{price}", results=2)
        kit = desk.kits.open(post.id)
        with kit.stream, ZipFile(kit.stream) as archive:
            assert archive.namelist() == ["01.jpg", "02.jpg", "text.txt", "community.url"]
            assert archive.read("01.jpg") == desk.media.read(post.photos[0].path)
            assert archive.read("text.txt").decode("utf-8-sig") == "Всего\r\n1000 ₽"
            assert desk.community.url in archive.read("community.url").decode()

    def test_a_lost_copy_keeps_nobody_from_the_rest(self, desk: WritingDesk) -> None:
        post = desk.plan(results=2)
        desk.media.delete([post.photos[0].path])
        with pytest.raises(MediaMissing):
            desk.media.read(post.photos[0].path)
        with desk.kits.open(post.id).stream as stream, ZipFile(stream) as archive:
            assert archive.namelist() == ["02.jpg", "text.txt", "community.url"]


def test_whatever_is_done_is_written_down(desk: WritingDesk) -> None:
    desk.variables.put("price", desk.community.id, "1", SERG)
    desk.variables.remove("price", desk.community.id, SERG)
    post = desk.plan()
    desk.posts.edit(post.id, desk.wanted("Иначе"), None, SERG)
    desk.posts.publish_now(post.id, SERG)
    desk.posts.cancel(post.id, SERG)
    desk.posts.settle(desk.plan().id, "", SERG)
    assert desk.told()[::-1] == [
        "variable.changed",
        "variable.removed",
        "post.scheduled",
        "post.changed",
        "post.published_now",
        "post.cancelled",
        "post.scheduled",
        "post.published_by_hand",
    ]
