"""Selected photos go to VK from the gallery; slots and photos tell what has been published. All without scripts."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit
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
from tests.web.visitor import Page, Visitor

PATH = "/gallery/publish"
SLOT = "/slots/slot-001"
JPEG = pictures.jpeg(64, 48)


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    """An administrator who reads English."""
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return Visitor(client).log_in()


@pytest.fixture
def community(wiring: Wiring) -> Community:
    return settled_community(wiring, 220_000_001)


@pytest.fixture
def photo(wiring: Wiring) -> UUID:
    return finished(wiring, JPEG)


def chosen(visitor: Visitor, *photos: UUID, **more: object) -> Page:
    """The page for selected photos."""
    return Page(visitor.post(PATH, {"ids": [str(photo) for photo in photos], "back": "/gallery", **more}).text)


def publishing(visitor: Visitor, **fields: object) -> dict[str, str]:
    """The slot's form with these fields of its publishing."""
    form = visitor.page(SLOT).fields("slot-form")
    return {**form, **{f"publishing.{name}": str(value) for name, value in fields.items()}}


def test_it_needs_a_login(client: FlaskClient) -> None:
    assert client.get(PATH).headers["Location"].startswith("/login")


class TestSelection:
    def test_the_gallery_offers_it(self, visitor: Visitor, photo: UUID) -> None:
        assert visitor.page("/gallery").one("button", id="bar-publish")["formaction"] == PATH
        assert visitor.page("/gallery?state=hidden").all("button", id="bar-publish") == []

    def test_an_address_alone_leads_back_to_the_gallery(self, visitor: Visitor) -> None:
        assert visitor.get(PATH).headers["Location"] == "/gallery"

    def test_without_communities_it_says_where_to_connect_one(self, visitor: Visitor, photo: UUID) -> None:
        page = chosen(visitor, photo)
        assert page.one("a", id="connect")["href"] == "/communities"

    def test_photos_may_go_to_a_new_post(
        self, visitor: Visitor, wiring: Wiring, community: Community, photo: UUID
    ) -> None:
        second = finished(wiring, JPEG)
        link = urlsplit(str(chosen(visitor, second, photo).one("a", id="post-1")["href"]))
        assert link.path == f"/communities/{community.id}/posts/new"
        assert parse_qs(link.query) == {"photos": [f"{photo},{second}"]}, "the oldest first"
        assert visitor.get(f"{link.path}?{link.query}").status_code == 200

    def test_one_photo_is_published_from_where_it_is_looked_at(
        self, visitor: Visitor, wiring: Wiring, community: Community, photo: UUID
    ) -> None:
        here = f"/gallery/photos/{photo}"
        page = visitor.page(str(visitor.page(here).one("a", id="publish")["href"]))
        assert page.fields("to-album-1") == page.fields("to-album-1") | {"ids": str(photo), "back": here}
        assert visitor.page("/gallery").one(id="lightbox")["data-publish"] == PATH
        wiring.stores.photos.hide([photo])
        assert visitor.page(here).all("a", id="publish") == []

    def test_a_community_without_a_token_is_said_to_need_one(
        self, visitor: Visitor, community: Community, photo: UUID
    ) -> None:
        link = chosen(visitor, photo).one("p", class_="notice bad no-token").inside[-1]
        assert link["href"] == f"/communities/{community.id}/settings#tokens"

    def test_but_not_more_than_ten(self, visitor: Visitor, wiring: Wiring, community: Community) -> None:
        photos = [finished(wiring, JPEG) for _ in range(11)]
        page = chosen(visitor, *photos)
        assert page.all("a", id="post-1") == []
        assert "at most 10 photos" in page.text

    def test_or_to_an_album(self, visitor: Visitor, wiring: Wiring, community: Community, photo: UUID) -> None:
        form = chosen(visitor, photo).fields("to-album-1")
        answer = visitor.post(f"{PATH}/album", {**form, "album_id": str(ALBUM.album_id)})
        assert answer.headers["Location"] == f"/communities/{community.id}/albums/{ALBUM.album_id}"
        [place] = wiring.stores.album_uploads.in_albums(photo)
        assert place.community_id == community.id
        assert "1 photo is on its way" in visitor.page(answer.headers["Location"]).text
        again = visitor.post(f"{PATH}/album", {**form, "album_id": str(ALBUM.album_id)})
        assert "in the album already" in visitor.page(again.headers["Location"]).text

    def test_an_album_that_is_gone_is_said_so(self, visitor: Visitor, community: Community, photo: UUID) -> None:
        form = chosen(visitor, photo).fields("to-album-1")
        answer = visitor.post(f"{PATH}/album", {**form, "album_id": "7"})
        assert answer.status_code == 404
        assert Page(answer.text).one(role="alert").text.startswith("Choose an album.")

    def test_hidden_photos_stay_here(self, visitor: Visitor, wiring: Wiring, community: Community, photo: UUID) -> None:
        hidden = finished(wiring, JPEG)
        wiring.stores.photos.hide([hidden])
        page = chosen(visitor, photo, hidden)
        assert "1 photo is selected" in page.text
        assert "1 is hidden or gone" in page.text
        assert "None of these photos" in chosen(visitor, hidden).text

    @pytest.mark.parametrize("fields", [{"ids": "7"}, {"ids": str(UUID(int=7)), "community_id": "7"}])
    def test_what_no_browser_sends_is_refused(self, visitor: Visitor, fields: dict[str, str]) -> None:
        assert visitor.post(f"{PATH}/album", fields).status_code == 400


class TestPhoto:
    def test_it_tells_where_it_was_published(
        self, visitor: Visitor, wiring: Wiring, community: Community, photo: UUID
    ) -> None:
        uploads, posts = wiring.stores.album_uploads, wiring.stores.system_posts
        assert "In VK" not in visitor.page(f"/gallery/photos/{photo}").text
        uploads.order(community.id, AlbumKey(album_id=ALBUM.album_id), {photo: "slot-001"})
        assert "on its way to an album" in visitor.page(f"/gallery/photos/{photo}").text
        batch = uploads.take(300)
        assert batch
        uploads.sent(batch, {photo: 456_239_017})
        copy = PostPhoto(0, f"posts/{uuid4()}/0.jpg", "image/jpeg", 5, 64, 48, photo)
        planned, past = (posts.add(replace(new_post(community), photos=(copy,))) for _ in range(2))
        assert posts.finish(past.id, PostOutcome.PUBLISHED, 77, {})
        page = visitor.page(f"/gallery/photos/{photo}")
        assert page.one("a", href="https://vk.com/photo-220000001_456239017")
        assert page.one("a", href="https://vk.com/wall-220000001_77")
        assert page.one("a", href=f"/communities/{community.id}/posts/{planned.id}")

    def test_or_why_it_was_not(self, visitor: Visitor, wiring: Wiring, community: Community, photo: UUID) -> None:
        uploads = wiring.stores.album_uploads
        uploads.order(community.id, AlbumKey(album_id=ALBUM.album_id), {photo: "slot-001"})
        batch = uploads.take(300)
        assert batch
        uploads.give_up(batch, "album_gone")
        assert "The album was deleted in VK." in visitor.page(f"/gallery/photos/{photo}").text


class TestSlot:
    def test_its_form_says_where_it_publishes(self, visitor: Visitor, wiring: Wiring, community: Community) -> None:
        wanted = {"community": community.id, "album": "day", "consent_field": "{qr2}"}
        assert visitor.post(SLOT, publishing(visitor, **wanted)).status_code == 303
        slot = wiring.stores.slots.get("slot-001")
        assert slot
        assert (slot.publishing.community, slot.publishing.album, slot.publishing.consent_field) == (
            str(community.id),
            "day",
            "{qr2}",
        )
        page = visitor.page(SLOT)
        assert "Photo booth, an album a day, with the guest’s consent" in page.one(id="publishing").text
        assert page.one("a", id="to-community")["href"] == f"/communities/{community.id}"

    def test_albums_need_a_community(self, visitor: Visitor) -> None:
        answer = visitor.post(SLOT, publishing(visitor, album="day", community=""))
        assert Page(answer.text).one(id="publishing.community-problem").text == "This is needed."

    def test_the_history_says_it_in_words(self, visitor: Visitor, community: Community) -> None:
        visitor.post(SLOT, publishing(visitor, community=community.id, album="event"))
        text = visitor.page(f"{SLOT}/history").text
        assert all(words in text for words in ("Photo booth", "One for each event"))

    def test_a_community_that_is_gone_is_said_so(self, visitor: Visitor, wiring: Wiring, community: Community) -> None:
        visitor.post(SLOT, publishing(visitor, community=community.id, album="day"))
        wiring.stores.communities.remove(community.id)
        page = visitor.page(SLOT)
        assert "is not connected any more" in page.one(id="slot-uploads").text
        assert page.all("a", id="to-community") == []

    def test_how_it_goes_stands_above_its_results(
        self, visitor: Visitor, wiring: Wiring, community: Community, photo: UUID
    ) -> None:
        uploads = wiring.stores.album_uploads
        uploads.order(community.id, AlbumKey(album_id=ALBUM.album_id), {photo: "slot-001"})
        batch = uploads.take(300)
        assert batch
        uploads.failed(batch, "token_refused", 60)
        text = visitor.page(SLOT).one(id="slot-uploads").text
        assert "0 pictures published" in text
        assert "1 waits" in text
        assert "The token is missing" in text
