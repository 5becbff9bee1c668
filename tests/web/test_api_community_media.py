"""Albums and photos of communities through the API, against a fake VK."""

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.domain.vk.community import Community
from tests.pictures import jpeg, png
from tests.support.fakes.server import Behaviour
from tests.support.fakes.vk.fake import GROUP_ID, USER_TOKEN, FakeVk, of_method
from tests.support.fakes.vk.troubles import captcha, does_then_drops, refuses
from tests.support.fakes.vk.world import Album
from tests.web.booth import code, details, post

Auth = dict[str, str]
PHOTO = jpeg(240, 160)


@pytest.fixture
def environment(vk: FakeVk) -> dict[str, str]:
    return {"VK_API_BASE_URL": vk.url}


@pytest.fixture
def community(publisher: Community) -> UUID:
    return publisher.id


@pytest.fixture
def albums(community: UUID) -> str:
    return f"/api/communities/{community}/albums"


@pytest.fixture
def album(vk: FakeVk) -> Album:
    made = vk.add_album("Свадьба")
    vk.add_photos(made, 3)
    return made


def files(*contents: bytes) -> list[tuple[str, Any]]:
    return [("file", (content, f"{number}.jpg")) for number, content in enumerate(contents)]


def test_albums_are_read_once_and_then_known(client: FlaskClient, auth: Auth, albums: str, vk: FakeVk) -> None:
    for title in ("Свадьба", "Юбилей"):
        vk.add_album(title)
    first = client.get(albums, headers=auth).json
    assert ([item["title"] for item in first["items"]], first["total"]) == (["Юбилей", "Свадьба"], 2)
    assert (first["refreshed_at"] is not None, first["refresh_error"]) == (True, None)
    assert client.get(f"{albums}?page=2&page_size=1", headers=auth).json["items"] == first["items"][1:]
    assert len(vk.asked("photos.getAlbums")) == 1


def test_albums_are_read_anew_when_somebody_asks(client: FlaskClient, auth: Auth, albums: str, vk: FakeVk) -> None:
    assert client.get(albums, headers=auth).json["items"] == []
    made = vk.add_album("Свадьба")
    [item] = client.post(f"{albums}/refresh", headers=auth).json["items"]
    assert (item["id"], item["url"]) == (made.id, f"https://vk.com/album-{GROUP_ID}_{made.id}")


def test_an_album_is_made(client: FlaskClient, auth: Auth, albums: str, vk: FakeVk) -> None:
    answer = client.post(albums, headers=auth, json={"title": "Свадьба", "description": "20 ноября"})
    assert (answer.status_code, answer.json["title"], answer.json["size"]) == (201, "Свадьба", 0)
    [kept] = vk.world.albums.values()
    assert (kept.owner_id, kept.title, kept.description) == (-GROUP_ID, "Свадьба", "20 ноября")
    [change] = client.get("/api/audit", headers=auth).json["items"][:1]
    assert (change["username"], change["action"]) == ("serg", "community.album_created")


def test_words_that_cannot_be_say_what_can(client: FlaskClient, auth: Auth, albums: str) -> None:
    for body in ({"title": "x"}, {}, {"title": 7}, {"title": "ab\x00"}):
        answer = client.post(albums, headers=auth, json=body)
        assert (answer.status_code, code(answer)) == (422, "invalid_settings")
        assert details(answer)["fields"] == {"title": {"code": "bad_length", "minimum": 2, "maximum": 128}}
    for description in (7, "x" * 1001):
        answer = client.post(albums, headers=auth, json={"title": "Свадьба", "description": description})
        assert details(answer)["fields"]["description"]["maximum"] == 1000


def test_photos_come_in_pages_the_newest_first(client: FlaskClient, auth: Auth, albums: str, album: Album) -> None:
    address = f"{albums}/{album.id}/photos"
    pages = [client.get(f"{address}?page={page}&page_size=2", headers=auth).json for page in (1, 2)]
    ids = [item["id"] for page in pages for item in page["items"]]
    assert (ids, pages[0]["total"]) == (sorted(ids, reverse=True), 3)
    newest = pages[0]["items"][0]
    assert newest["attachment"] == f"photo-{GROUP_ID}_{ids[0]}"
    assert newest["url"].startswith("http://127.0.0.1")


def test_photos_are_read_anew_when_somebody_asks(
    client: FlaskClient, auth: Auth, albums: str, album: Album, vk: FakeVk
) -> None:
    address = f"{albums}/{album.id}/photos"
    assert client.get(address, headers=auth).json["total"] == 3
    vk.add_photos(album, 1)
    refreshed = client.post(f"{address}/refresh?page_size=2", headers=auth).json
    assert (refreshed["total"], len(refreshed["items"])) == (4, 2)
    assert client.get(address, headers=auth).json["total"] == 4


def test_photos_are_uploaded_together(client: FlaskClient, auth: Auth, albums: str, album: Album, vk: FakeVk) -> None:
    address = f"{albums}/{album.id}/photos"
    client.get(address, headers=auth)
    answer = post(client, address, *files(PHOTO, png(240, 160)), ("caption", "#свадьба"), headers=auth)
    assert (answer.status_code, [item["text"] for item in answer.json["items"]]) == (201, ["#свадьба"] * 2)
    assert client.get(address, headers=auth).json["total"] == 5
    [shown] = client.get(albums, headers=auth).json["items"]
    assert shown["size"] == 5
    assert len(vk.asked("photos.get")) == 1


def test_a_photo_for_a_post_is_uploaded(client: FlaskClient, auth: Auth, community: UUID, vk: FakeVk) -> None:
    answer = post(client, f"/api/communities/{community}/photos", *files(PHOTO), headers=auth)
    [photo] = vk.world.photos.values()
    assert (answer.status_code, answer.json["id"]) == (201, f"photo{photo.owner_id}_{photo.id}_{photo.access_key}")


REFUSED: dict[str, tuple[list[tuple[str, Any]], int, str]] = {
    "no file": ([("caption", "x")], 400, "invalid_request"),
    "six files": (files(*[PHOTO] * 6), 400, "invalid_request"),
    "a long caption": ([*files(PHOTO), ("caption", "x" * 2049)], 400, "invalid_request"),
    "no image": (files(b"<svg/>"), 415, "unsupported_media_type"),
    "half an image": (files(PHOTO[: len(PHOTO) // 2]), 400, "invalid_image"),
    "one of two is none": (files(PHOTO, b"GIF89a"), 415, "unsupported_media_type"),
    "too long and thin": (files(png(1050, 50)), 422, "file_refused"),
}


def test_what_vk_would_not_take_is_not_sent(
    client: FlaskClient, auth: Auth, albums: str, album: Album, vk: FakeVk, subtests: pytest.Subtests
) -> None:
    for kind, (parts, status, name) in REFUSED.items():
        with subtests.test(kind=kind):
            answer = post(client, f"{albums}/{album.id}/photos", *parts, headers=auth)
            assert (answer.status_code, code(answer)) == (status, name)
    assert vk.calls == []


TROUBLES: dict[str, tuple[Behaviour, int, bool]] = {
    "token_refused": (refuses(5), 502, True),
    "community_token_refused": (refuses(27), 502, True),
    "captcha": (captcha(), 502, True),
    "access_denied": (refuses(15), 502, True),
    "bad_parameter": (refuses(100), 502, False),
    "album_limit": (refuses(302), 502, False),
    "outcome_unknown": (does_then_drops(), 502, False),
    "rate_limit": (refuses(29), 503, False),  # the last one: the token rests from then on
}


def test_what_vk_refuses_says_why_and_who_can_help(
    client: FlaskClient, auth: Auth, albums: str, vk: FakeVk, subtests: pytest.Subtests
) -> None:
    for reason, (trouble, status, needs_person) in TROUBLES.items():
        with subtests.test(reason=reason):
            vk.misbehave(trouble, on=of_method("photos.createAlbum"))
            answer = client.post(albums, headers=auth, json={"title": "Свадьба"})
            told = details(answer)
            assert (answer.status_code, code(answer)) == (status, "vk_refused" if status == 502 else "vk_unavailable")
            assert (told["reason"], told["needs_person"]) == (reason, needs_person)
            assert ("Retry-After" in answer.headers) == (status == 503)
            assert ("redirect_uri" in told) == (reason == "captcha")
            assert USER_TOKEN not in answer.text


def test_a_failed_refresh_leaves_what_was_known(
    client: FlaskClient, auth: Auth, albums: str, album: Album, vk: FakeVk
) -> None:
    address = f"{albums}/{album.id}/photos"
    known = client.get(address, headers=auth).json
    vk.always(refuses(5))
    assert code(client.post(f"{address}/refresh", headers=auth)) == "vk_refused"
    assert client.get(address, headers=auth).json == {**known, "refresh_error": "token_refused"}


def test_an_album_that_is_gone_is_not_found(
    client: FlaskClient, auth: Auth, albums: str, album: Album, vk: FakeVk
) -> None:
    client.get(albums, headers=auth)
    vk.delete_album(album)
    address = f"{albums}/{album.id}/photos"
    for answer in (
        client.post(f"{address}/refresh", headers=auth),
        client.get(address, headers=auth),
        post(client, address, *files(PHOTO), headers=auth),
        client.get(f"{albums}/{2**63}/photos", headers=auth),
    ):
        assert (answer.status_code, code(answer)) == (404, "not_found")


def test_nor_is_a_community_that_there_is_not(client: FlaskClient, auth: Auth, vk: FakeVk) -> None:
    nobody = f"/api/communities/{UUID(int=0)}"
    for answer in (
        client.get(f"{nobody}/albums", headers=auth),
        client.post(f"{nobody}/albums", headers=auth, json={"title": "Свадьба"}),
        client.post(f"{nobody}/albums/refresh", headers=auth),
        client.get(f"{nobody}/albums/7/photos?page=2", headers=auth),
        client.post(f"{nobody}/albums/7/photos/refresh", headers=auth),
        post(client, f"{nobody}/albums/7/photos", *files(PHOTO), headers=auth),
        post(client, f"{nobody}/photos", *files(PHOTO), headers=auth),
    ):
        assert (answer.status_code, code(answer)) == (404, "not_found")
    assert vk.calls == []
