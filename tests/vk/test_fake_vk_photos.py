"""Albums, uploads and photos at the fake."""

import json
from typing import Any

import pytest
import requests

from tests.pictures import jpeg, png, webp
from tests.support.fakes.vk.fake import GROUP_ID, USER_ID, USER_TOKEN, FakeVk
from tests.support.fakes.vk.world import EDITOR
from tests.vk.vk_calls import OWNER_ID, ask, do, refused, send_files, upload_for_post, upload_to_album


class TestAlbums:
    def test_belong_to_the_community_that_is_named(self, vk: FakeVk) -> None:
        album = do(vk, "photos.createAlbum", group_id=GROUP_ID, title="Свадьба", description="12 мая")
        assert (album["owner_id"], album["title"], album["size"]) == (OWNER_ID, "Свадьба", 0)

    def test_are_the_users_own_if_none_is_named(self, vk: FakeVk) -> None:
        assert do(vk, "photos.createAlbum", owner_id=OWNER_ID, title="Свадьба")["owner_id"] == USER_ID

    def test_have_a_title_of_two_letters(self, vk: FakeVk) -> None:
        assert refused(vk, "photos.createAlbum", group_id=GROUP_ID, title="А") == 100

    def test_are_made_by_administrators(self, vk: FakeVk) -> None:
        token = vk.add_user_token(78, roles={GROUP_ID: EDITOR})
        assert refused(vk, "photos.createAlbum", token, group_id=GROUP_ID, title="Свадьба") == 203

    def test_are_so_many_at_most(self, vk: FakeVk) -> None:
        vk.add_album()
        vk.world.limits.albums = 1
        assert refused(vk, "photos.createAlbum", group_id=GROUP_ID, title="Свадьба") == 302

    def test_are_listed_by_pages_with_their_covers(self, vk: FakeVk) -> None:
        albums = [vk.add_album(f"Альбом {number}") for number in range(5)]
        vk.add_photos(albums[4], 2)
        page = do(vk, "photos.getAlbums", owner_id=OWNER_ID, offset=0, count=2, need_covers=1)
        assert (page["count"], [album["id"] for album in page["items"]]) == (5, [albums[4].id, albums[3].id])
        assert requests.get(page["items"][0]["thumb_src"], timeout=10).content.startswith(b"\xff\xd8")

    def test_are_listed_by_their_ids(self, vk: FakeVk) -> None:
        wanted = [vk.add_album(), vk.add_album(), vk.add_album()][:2]
        named = ",".join(str(album.id) for album in wanted)
        assert do(vk, "photos.getAlbums", owner_id=OWNER_ID, album_ids=named)["count"] == 2

    def test_are_gone_when_somebody_deletes_them(self, vk: FakeVk) -> None:
        album = vk.add_album()
        vk.add_photos(album, 3)
        vk.delete_album(album)
        assert refused(vk, "photos.get", owner_id=OWNER_ID, album_id=album.id) == 114
        assert do(vk, "photos.getAlbums", owner_id=OWNER_ID)["count"] == 0


class TestPhotos:
    def test_come_by_fifty_if_not_asked_otherwise_and_by_a_thousand_at_most(self, vk: FakeVk) -> None:
        album = vk.add_album()
        vk.add_photos(album, 2500)
        where: dict[str, Any] = {"owner_id": OWNER_ID, "album_id": album.id}
        assert len(do(vk, "photos.get", **where)["items"]) == 50
        assert refused(vk, "photos.get", **where, count=1001) == 100
        pages = [do(vk, "photos.get", **where, count=1000, offset=offset) for offset in (0, 1000, 2000)]
        assert [(page["count"], len(page["items"])) for page in pages] == [(2500, 1000), (2500, 1000), (2500, 500)]

    def test_may_be_asked_for_by_the_name_of_an_album_that_every_community_has(self, vk: FakeVk) -> None:
        assert do(vk, "photos.get", owner_id=OWNER_ID, album_id="wall") == {"count": 0, "items": []}
        assert refused(vk, "photos.get", owner_id=OWNER_ID, album_id="party") == 100

    def test_come_the_newest_first_on_demand(self, vk: FakeVk) -> None:
        album = vk.add_album()
        old, new = vk.add_photos(album, 2)
        found = do(vk, "photos.get", owner_id=OWNER_ID, album_id=album.id, rev=1)["items"]
        assert [photo["id"] for photo in found] == [new.id, old.id]

    def test_have_their_sizes_in_no_useful_order(self, vk: FakeVk) -> None:
        album = vk.add_album()
        vk.add_photos(album, 1, (3000, 2000))
        [photo] = do(vk, "photos.get", owner_id=OWNER_ID, album_id=album.id)["items"]
        widths = [size["width"] for size in photo["sizes"]]
        assert max(widths) == 2560
        assert widths not in (sorted(widths), sorted(widths, reverse=True))

    def test_are_never_enlarged(self, vk: FakeVk) -> None:
        album = vk.add_album()
        vk.add_photos(album, 1, (800, 600))
        [photo] = do(vk, "photos.get", owner_id=OWNER_ID, album_id=album.id)["items"]
        assert max(size["width"] for size in photo["sizes"]) == 800


class TestUploadsToAlbums:
    def test_take_three_steps(self, vk: FakeVk) -> None:
        album = vk.add_album()
        saved = upload_to_album(vk, album, file1=jpeg(120, 80), file2=png(90, 60))
        assert do(vk, "photos.get", owner_id=OWNER_ID, album_id=album.id)["items"] == saved
        assert do(vk, "photos.getAlbums", owner_id=OWNER_ID)["items"][0]["size"] == 2

    def test_hold_five_files_and_lose_more(self, vk: FakeVk) -> None:
        files = {f"file{number}": jpeg(100 + number, 80) for number in range(1, 8)}
        assert len(upload_to_album(vk, vk.add_album(), **files)) == 5

    def test_answer_photos_list_as_a_string(self, vk: FakeVk) -> None:
        album = vk.add_album()
        place = do(vk, "photos.getUploadServer", group_id=GROUP_ID, album_id=album.id)
        told = send_files(place["upload_url"], file1=jpeg(120, 80))
        assert told["aid"] == album.id
        assert len(json.loads(told["photos_list"])) == 1

    def test_lead_into_no_album_that_nobody_made(self, vk: FakeVk) -> None:
        assert refused(vk, "photos.getUploadServer", group_id=GROUP_ID, album_id=-7) == 114

    def test_keep_their_caption(self, vk: FakeVk) -> None:
        album = vk.add_album()
        place = do(vk, "photos.getUploadServer", group_id=GROUP_ID, album_id=album.id)
        told = send_files(place["upload_url"], file1=jpeg(120, 80))
        saving = {"group_id": GROUP_ID, "album_id": told.pop("aid"), **told}
        assert refused(vk, "photos.save", **saving, caption="а" * 2049) == 100

    def test_fill_an_album_to_its_limit(self, vk: FakeVk) -> None:
        album = vk.add_album()
        vk.world.limits.photos_an_album = 1
        place = do(vk, "photos.getUploadServer", group_id=GROUP_ID, album_id=album.id)
        told = send_files(place["upload_url"], file1=jpeg(120, 80), file2=jpeg(90, 80))
        assert refused(vk, "photos.save", group_id=GROUP_ID, album_id=told.pop("aid"), **told) == 300


class TestUploadsForPosts:
    def test_bring_a_photo_with_a_key(self, vk: FakeVk) -> None:
        name = upload_for_post(vk)
        assert name.startswith(f"photo{USER_ID}_")
        assert name.count("_") == 2

    def test_may_belong_to_the_community_instead(self, vk: FakeVk) -> None:
        vk.world.wall_photos_are_the_users = False
        assert upload_for_post(vk).startswith(f"photo{OWNER_ID}_")

    def test_show_what_was_sent(self, vk: FakeVk) -> None:
        data = jpeg(120, 80)
        upload_for_post(vk, data=data)
        [photo] = vk.world.photos.values()
        url = f"{vk.url}/photo/{photo.owner_id}_{photo.id}_s.jpg"
        assert requests.get(url, timeout=10).content == data == photo.data

    def test_are_one_tokens_from_beginning_to_end(self, vk: FakeVk) -> None:
        place = do(vk, "photos.getWallUploadServer", group_id=GROUP_ID)
        told = send_files(place["upload_url"], photo=jpeg(120, 80))
        another = vk.add_user_token()
        assert refused(vk, "photos.saveWallPhoto", another, group_id=GROUP_ID, **told) == 121
        assert do(vk, "photos.saveWallPhoto", USER_TOKEN, group_id=GROUP_ID, **told)

    def test_are_saved_once(self, vk: FakeVk) -> None:
        place = do(vk, "photos.getWallUploadServer", group_id=GROUP_ID)
        told = send_files(place["upload_url"], photo=jpeg(120, 80))
        do(vk, "photos.saveWallPhoto", group_id=GROUP_ID, **told)
        assert refused(vk, "photos.saveWallPhoto", group_id=GROUP_ID, **told) == 121

    @pytest.mark.parametrize(
        ("changed", "code"), [({"server": 1}, 118), ({"hash": "0"}, 121), ({"photo": "[]"}, 100), ({"photo": "x"}, 100)]
    )
    def test_are_saved_as_they_were_told(self, vk: FakeVk, changed: dict[str, Any], code: int) -> None:
        place = do(vk, "photos.getWallUploadServer", group_id=GROUP_ID)
        told = send_files(place["upload_url"], photo=jpeg(120, 80))
        assert refused(vk, "photos.saveWallPhoto", group_id=GROUP_ID, **{**told, **changed}) == code

    def test_are_not_for_visitors(self, vk: FakeVk) -> None:
        assert refused(vk, "photos.getWallUploadServer", vk.add_user_token(79), group_id=GROUP_ID) == 200

    @pytest.mark.parametrize(
        "data",
        [b"", b"no picture", webp(), jpeg(400, 19), png(13_000, 1_001)],
        ids=["empty", "text", "webp", "too long", "too large"],
    )
    def test_make_nothing_of_what_vk_does_not_take(self, vk: FakeVk, data: bytes) -> None:
        place = do(vk, "photos.getWallUploadServer", group_id=GROUP_ID)
        told = send_files(place["upload_url"], photo=data)
        assert told["photo"] == "[]"
        error = ask(vk, "photos.saveWallPhoto", group_id=GROUP_ID, **told)["error"]
        assert (error["error_code"], "photos_list" in error["error_msg"]) == (100, True)

    def test_go_to_addresses_that_vk_gave(self, vk: FakeVk) -> None:
        assert requests.post(f"{vk.url}/upload/made-up", timeout=10).status_code == 404
