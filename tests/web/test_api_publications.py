"""Finished pictures sent to albums through the API, and where they were published."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from app.domain.vk.community import Community
from app.domain.vk.filling import AlbumKey
from app.domain.vk.posts import PostOutcome, PostPhoto
from app.wiring import Wiring
from tests import pictures
from tests.vk.publishing import new_post
from tests.web.inhabited import ALBUM, settled_community
from tests.web.playing_the_worker import finished

Auth = dict[str, str]
JPEG = pictures.jpeg(64, 48)


@pytest.fixture
def community(wiring: Wiring) -> Community:
    return settled_community(wiring, 220_000_001)


@pytest.fixture
def results(community: Community) -> str:
    return f"/api/communities/{community.id}/albums/{ALBUM.album_id}/results"


@pytest.fixture
def photo(wiring: Wiring) -> UUID:
    return finished(wiring, JPEG)


def publications(photo: UUID) -> str:
    return f"/api/photos/{photo}/publications"


def test_pictures_are_ordered_for_the_album_once(
    client: FlaskClient, auth: Auth, wiring: Wiring, results: str, photo: UUID
) -> None:
    wanted = {"ids": [str(photo), str(uuid4())]}
    answers = [client.post(results, headers=auth, json=wanted) for _ in range(2)]
    assert [(answer.status_code, answer.json) for answer in answers] == [(202, {"ordered": 1}), (202, {"ordered": 0})]
    batch = wiring.stores.album_uploads.take(300)
    assert batch
    assert (batch.key, [upload.job_id for upload in batch.uploads]) == (AlbumKey(album_id=ALBUM.album_id), [photo])


def test_who_ordered_what_is_told(client: FlaskClient, auth: Auth, wiring: Wiring, results: str, photo: UUID) -> None:
    client.post(results, headers=auth, json={"ids": [str(photo)]})
    [change], _ = wiring.stores.audit.search(page=1, page_size=1)
    assert change.action == "community.photos_ordered"
    assert change.detail == {"label": "Photo booth", "album": ALBUM.title, "photos": 1}


def test_hidden_ones_are_left_out(client: FlaskClient, auth: Auth, wiring: Wiring, results: str, photo: UUID) -> None:
    wiring.stores.photos.hide([photo])
    assert client.post(results, headers=auth, json={"ids": [str(photo)]}).json == {"ordered": 0}


@pytest.mark.parametrize("ids", [[], ["7"], "all", None])
def test_what_is_no_selection_is_refused(client: FlaskClient, auth: Auth, results: str, ids: object) -> None:
    assert client.post(results, headers=auth, json={"ids": ids}).status_code == 400


def test_unknown_albums_and_communities_are_not_there(
    client: FlaskClient, auth: Auth, community: Community, photo: UUID
) -> None:
    for path in (f"{community.id}/albums/7", f"{uuid4()}/albums/{ALBUM.album_id}"):
        answer = client.post(f"/api/communities/{path}/results", headers=auth, json={"ids": [str(photo)]})
        assert answer.status_code == 404


def test_a_picture_in_an_album_and_in_posts(
    client: FlaskClient, auth: Auth, wiring: Wiring, community: Community, photo: UUID
) -> None:
    uploads, posts = wiring.stores.album_uploads, wiring.stores.system_posts
    uploads.order(community.id, AlbumKey(album_id=ALBUM.album_id), {photo: "slot-001"})
    batch = uploads.take(300)
    assert batch
    uploads.sent(batch, {photo: 456_239_017})
    copy = PostPhoto(0, f"posts/{uuid4()}/0.jpg", "image/jpeg", 5, 64, 48, photo)
    planned, past = (posts.add(replace(new_post(community), photos=(copy,))) for _ in range(2))
    assert posts.finish(past.id, PostOutcome.PUBLISHED, 77, {})
    found = client.get(publications(photo), headers=auth).json
    assert [(place["state"], place["url"]) for place in found["albums"]] == [
        ("published", "https://vk.com/photo-220000001_456239017")
    ]
    assert {place["post_id"]: place["url"] for place in found["posts"]} == {
        str(planned.id): None,
        str(past.id): "https://vk.com/wall-220000001_77",
    }


def test_one_that_waits_or_was_given_up(
    client: FlaskClient, auth: Auth, wiring: Wiring, community: Community, photo: UUID
) -> None:
    uploads = wiring.stores.album_uploads
    uploads.order(community.id, AlbumKey(album_id=ALBUM.album_id), {photo: "slot-001"})
    [place] = client.get(publications(photo), headers=auth).json["albums"]
    assert (place["state"], place["error"], place["url"]) == ("waiting", None, None)
    batch = uploads.take(300)
    assert batch
    uploads.give_up(batch, "album_full")
    [place] = client.get(publications(photo), headers=auth).json["albums"]
    assert (place["state"], place["error"]) == ("given_up", "album_full")


def test_a_picture_that_is_not_there(client: FlaskClient, auth: Auth) -> None:
    assert client.get(publications(uuid4()), headers=auth).status_code == 404
