"""Photos of VK's albums in posts: copied when the post is planned, and sent from our copy should VK have lost them."""

from collections.abc import Callable

import pytest

from app.domain.errors import Refused
from app.domain.vk.errors import VkUnreachable
from tests.support.fakes.messages import Call
from tests.support.fakes.server import status
from tests.support.fakes.vk.fake import FakeVk
from tests.support.fakes.vk.world import Photo
from tests.vk.writing_desk import WritingDesk


@pytest.fixture
def desk(vk: FakeVk) -> WritingDesk:
    return WritingDesk(vk)


@pytest.fixture
def there(desk: WritingDesk, vk: FakeVk) -> Photo:
    """A photo in an album that the cache knows."""
    [photo] = vk.add_photos(vk.add_album(), 1)
    desk.read_album(photo.album_id)
    return photo


def ref(photo: Photo) -> str:
    return f"album:{photo.album_id}_{photo.id}"


def picture_of(photo: Photo) -> Callable[[Call], bool]:
    return lambda call: call.path.startswith(f"/photo/{photo.owner_id}_{photo.id}_")


def test_one_that_was_deleted_in_vk_meanwhile_is_sent_from_our_copy(
    desk: WritingDesk, vk: FakeVk, there: Photo
) -> None:
    [second] = vk.add_photos(vk.add_album(), 1)
    desk.read_album(second.album_id)
    desk.plan(photos=[ref(there), ref(second)])
    vk.delete_photo(there)
    desk.house.pass_time(25 * 3600)
    desk.house.work()
    [seen], [past] = vk.posts(), desk.history()
    assert [photo == (second.owner_id, second.id) for photo in seen.photos] == [False, True]
    assert (len(vk.asked("photos.saveWallPhoto")), "missing_photos" in past.detail) == (1, False)


def test_an_address_that_is_over_is_asked_for_anew(desk: WritingDesk, vk: FakeVk, there: Photo) -> None:
    vk.misbehave(status(404), on=picture_of(there))
    post = desk.plan(photos=[ref(there)])
    assert desk.files() == {post.photos[0].path}
    assert [call["photos"] for call in vk.asked("photos.getById")] == [f"{there.owner_id}_{there.id}"]


def test_one_that_is_gone_is_named(desk: WritingDesk, vk: FakeVk, there: Photo) -> None:
    vk.delete_photo(there)
    with pytest.raises(Refused) as refused:
        desk.plan(photos=[ref(there)])
    assert refused.value.details["fields"]["photos"] == {"code": "photo_gone", "photo": ref(there)}


def test_pictures_that_do_not_come_at_all_are_vks_trouble(desk: WritingDesk, vk: FakeVk, there: Photo) -> None:
    vk.always(status(503), on=picture_of(there))
    with pytest.raises(VkUnreachable):
        desk.plan(photos=[ref(there)])
    assert desk.house.posts.of_community(None, None, None) == []
