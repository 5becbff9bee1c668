"""A button that is pressed twice, and a request that comes again, make one post: over a real database."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.domain.vk.community import Community
from app.domain.vk.posts import PostPhoto, SystemPost
from app.wiring import Wiring
from tests.pictures import jpeg
from tests.support.fakes.vk.fake import FakeVk
from tests.vk.publishing import new_community
from tests.web.booth import code, details
from tests.web.posts.writing import CLOCK, TOMORROW
from tests.web.visitor import Page, Visitor

Auth = dict[str, str]


@pytest.fixture
def at_once(wiring: Wiring, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two requests neither stores its post before both have copied their photos."""
    copies, all_there = wiring.post_photos.copies, Barrier(2, timeout=10)

    def copied_by_both(*wanted: Any) -> tuple[PostPhoto, ...]:
        made = copies(*wanted)
        all_there.wait()
        return made

    monkeypatch.setattr(wiring.post_photos, "copies", copied_by_both)


def on_its_way(wiring: Wiring, community: Community) -> SystemPost:
    """The only one; no copies are left but its own."""
    [post] = wiring.services().posts.planned(community.id)
    kept = {entry.key for entry in wiring.media.list(f"posts/{post.id}")}
    assert kept == {photo.path for photo in post.photos}
    assert post.photos
    return post


class TestComposer:
    def written(self, visitor: Visitor, wiring: Wiring, posts: str) -> dict[str, str]:
        """A new form with a photo in it, as it is sent."""
        fields = visitor.page(f"{posts}/new").fields("composer")
        photo = str(wiring.post_photos.keep_upload(jpeg(64, 48)))
        return {**fields, "text": "Свадьба", "photos": photo, "publication_date": CLOCK, "step": "store"}

    @pytest.mark.usefixtures("at_once")
    def test_two_clicks_at_once(
        self, app: Flask, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        fields = self.written(visitor, wiring, posts)
        other = Visitor(app.test_client()).log_in()
        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(lambda clicking: clicking.post(posts, fields), (visitor, other)))
        post = on_its_way(wiring, community)
        assert {(answer.status_code, answer.headers["Location"]) for answer in answers} == {
            (303, f"{posts}#post-{post.id}")
        }

    def test_one_after_the_other_is_warned_of_nothing(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        fields = self.written(visitor, wiring, posts)
        assert [visitor.post(posts, fields).status_code for _ in range(2)] == [303, 303]
        assert on_its_way(wiring, community).text == "Свадьба"

    def test_the_form_stays_the_same_whatever_is_pressed(self, visitor: Visitor, wiring: Wiring, posts: str) -> None:
        fields = self.written(visitor, wiring, posts)
        drawn = Page(visitor.post(posts, {**fields, "step": "drop:0"}).text)
        assert drawn.fields("composer")["key"] == fields["key"]

    def test_who_goes_back_and_writes_another_plans_another(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        fields = self.written(visitor, wiring, posts)
        visitor.post(posts, fields)
        known = ["same_text", "same_photos", "time_taken"]
        assert visitor.post(posts, {**fields, "text": "Юбилей", "known": known}).status_code == 303
        assert {post.text for post in wiring.services().posts.planned(community.id)} == {"Свадьба", "Юбилей"}

    def test_who_goes_back_to_one_that_was_cancelled_is_told(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        fields = self.written(visitor, wiring, posts)
        visitor.post(posts, fields)
        wiring.services().posts.cancel(on_its_way(wiring, community).id, "serg")
        assert visitor.post(posts, fields).headers["Location"] == f"{posts}/history"
        assert "ничего нового не запланировано" in visitor.page(f"{posts}/history").text


class TestRequests:
    @pytest.fixture
    def address(self, posts: str) -> str:
        return f"/api{posts}"

    @pytest.fixture
    def body(self, wiring: Wiring) -> dict[str, Any]:
        photo = str(wiring.post_photos.keep_upload(jpeg(64, 48)))
        return {"text": "Свадьба", "photos": [photo], "publication_date": TOMORROW.isoformat()}

    @pytest.mark.usefixtures("at_once")
    def test_two_at_once(
        self, app: Flask, auth: Auth, wiring: Wiring, community: Community, address: str, body: dict[str, Any]
    ) -> None:
        headers = {**auth, "Idempotency-Key": f'"{uuid4()}"'}
        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(lambda _: app.test_client().post(address, json=body, headers=headers), range(2)))
        post = on_its_way(wiring, community)
        assert [(answer.status_code, answer.json["id"]) for answer in answers] == [(201, str(post.id))] * 2

    def test_one_that_comes_again_gets_the_post_and_later_what_became_of_it(
        self, client: FlaskClient, auth: Auth, wiring: Wiring, address: str, body: dict[str, Any], vk: FakeVk
    ) -> None:
        key = str(uuid4())
        headers = {**auth, "Idempotency-Key": key}
        now = {**body, "publication_date": None}
        first, again = (client.post(address, json=now, headers=headers) for _ in range(2))
        assert (first.status_code, first.json["id"], again.json) == (201, key, first.json)
        wiring.post_tracker.publish_due()
        wiring.post_tracker.verify()
        over = client.post(address, json=now, headers=headers)
        assert (over.status_code, over.json["id"], over.json["outcome"]) == (200, key, "published")
        assert len(vk.posts()) == 1

    def test_a_key_belongs_to_one_community(
        self, client: FlaskClient, auth: Auth, wiring: Wiring, address: str, body: dict[str, Any]
    ) -> None:
        headers = {**auth, "Idempotency-Key": str(uuid4())}
        client.post(address, json=body, headers=headers)
        other = wiring.stores.communities.add(new_community(7))
        answer = client.post(f"/api/communities/{other.id}/posts", json=body, headers=headers)
        assert answer.status_code == 422
        assert details(answer)["fields"]["idempotency_key"]["code"] == "used_elsewhere"

    def test_a_key_is_a_uuid(self, client: FlaskClient, auth: Auth, address: str, body: dict[str, Any]) -> None:
        answer = client.post(address, json=body, headers={**auth, "Idempotency-Key": "7"})
        assert (answer.status_code, code(answer)) == (400, "invalid_request")
        assert details(answer)["parameters"] == {"Idempotency-Key": {"format": "uuid"}}
