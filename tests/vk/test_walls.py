"""What VK tells of a wall's posts, however little that is."""

import pytest

from app.services.vk.walls import wall_post_of

ITEM = {"id": 10, "owner_id": -1, "date": 1_790_000_000, "text": "Свадьба"}
PHOTO = {"id": 7, "owner_id": -1, "album_id": -7, "date": 1_790_000_000, "sizes": []}


@pytest.mark.parametrize("broken", [{"type": "photo"}, {}, {"type": "link"}])
def test_an_attachment_without_its_photo_keeps_nobody_from_the_rest(broken: dict[str, str]) -> None:
    post = wall_post_of({**ITEM, "attachments": [broken, {"type": "photo", "photo": PHOTO}]})
    assert post.photos == ((-1, 7),)


def test_a_post_without_attachments_has_no_photos() -> None:
    assert wall_post_of({**ITEM, "attachments": None}).photos == ()
