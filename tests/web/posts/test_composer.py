"""The composer: posts are written and planned, by the clocks of the house. None of it needs a script."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from app.domain.vk.community import Community
from app.wiring import Wiring
from tests.pictures import jpeg
from tests.vk.community import a_community
from tests.web.guests import taken
from tests.web.posts.writing import TOMORROW, on_their_way, planned, shown, write
from tests.web.visitor import Page, Visitor


class TestComposer:
    def test_a_post_is_planned_by_the_clocks_of_the_house(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        answer = write(visitor, posts)
        assert answer.status_code == 303
        [post] = on_their_way(wiring, community)
        assert (post.text, post.publication_date) == ("Свадьба", TOMORROW)
        assert answer.headers["Location"] == f"{posts}#post-{post.id}"

    def test_photos_come_from_the_gallery_by_the_address(self, visitor: Visitor, wiring: Wiring, posts: str) -> None:
        first, second = taken(wiring), taken(wiring)
        page = visitor.page(f"{posts}/new?photos={second},{first},nonsense")
        assert shown(page) == [f"result:{second}", f"result:{first}"]
        assert visitor.get(f"/gallery/photos/{first}/grid").status_code == 200

    def test_photos_change_places_and_are_taken_out(self, visitor: Visitor, wiring: Wiring, posts: str) -> None:
        refs = [f"result:{taken(wiring)}" for _ in range(3)]
        first, second, third = refs
        for step, order in (
            ("later:0", [second, first, third]),
            ("earlier:2", [first, third, second]),
            ("earlier:0", refs),
            ("drop:1", [first, third]),
            ("drop:x", refs),
        ):
            answer = write(visitor, posts, photos=refs, step=step)
            assert shown(Page(answer.text)) == order, step

    def test_ticked_photos_and_files_are_added(self, visitor: Visitor, wiring: Wiring, posts: str) -> None:
        ref = f"result:{taken(wiring)}"
        visitor.get(posts)
        files = [(BytesIO(jpeg(64, 48)), "a.jpg"), (BytesIO(jpeg(48, 64)), "b.jpg")]
        page = Page(write(visitor, posts, pick=ref, files=files, step="add").text)
        assert [text.partition(":")[0] for text in shown(page)] == ["result", "upload", "upload"]
        upload = shown(page)[1].partition(":")[2]
        assert visitor.get(f"/communities/uploads/{upload}/grid").content_type == "image/webp"

    def test_a_file_that_is_no_picture_is_refused_in_words(self, visitor: Visitor, posts: str) -> None:
        page = Page(write(visitor, posts, files=[(BytesIO(b"text"), "a.txt")], step="add").text)
        assert page.one("p", id="photos-problem").text == "Подходят только JPEG, PNG, WebP и HEIC."
        assert page.one("textarea", id="text").text.strip() == "Свадьба"

    def test_eleven_photos_are_one_too_many(self, visitor: Visitor, wiring: Wiring, posts: str) -> None:
        refs = [f"own:{n}" for n in range(10)]
        page = Page(write(visitor, posts, photos=refs, pick=f"result:{taken(wiring)}", step="add").text)
        assert shown(page) == refs
        assert "10" in page.one("p", id="photos-problem").text

    def test_the_preview_shows_what_vk_will(self, visitor: Visitor, wiring: Wiring, posts: str) -> None:
        wiring.services().variables.put("price", None, "900 ₽", "serg")
        page = Page(write(visitor, posts, text="Аренда {price} <b> {time} #будка", step="look").text)
        said = page.one("p", class_="vk-text")
        assert said.text == "Аренда 900 ₽ <b> {time} #будка"
        assert "<mark>{time}</mark>" in page.html
        assert '<span class="vk-link">#будка</span>' in page.html

    def test_what_is_typed_is_followed_by_the_preview_alone(self, visitor: Visitor, posts: str) -> None:
        visitor.get(posts)
        answer = visitor.post(posts, {"text": "Свадьба", "step": "look"}, htmx=True)
        assert "<form" not in answer.text
        assert Page(answer.text).one("p", class_="vk-text").text == "Свадьба"

    def test_a_duplicate_is_told_before_it_is_planned(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        planned(wiring, community)
        answer = write(visitor, posts)
        assert answer.status_code == 409
        page = Page(answer.text)
        known = [str(field["value"]) for field in page.all("input") if field.get("name") == "known"]
        assert known == ["same_text", "time_taken"]
        assert page.one("button", id="store-post").text.strip() == "Всё равно запланировать"
        assert write(visitor, posts, known=known).status_code == 303
        assert len(on_their_way(wiring, community)) == 2

    def test_what_cannot_be_is_said_beside_its_field(self, visitor: Visitor, posts: str) -> None:
        gone = "result:0f8fad5b-d9cb-469f-a165-70867728950e"
        for typed, field, sentence in (
            ({"text": " "}, "text", "Напишите что-нибудь"),
            ({"text": "{price}"}, "text", "{price}"),
            ({"publication_date": "скоро"}, "publication_date", "Нужны дата и время."),
            ({"publication_date": "2020-01-01T10:00"}, "publication_date", "Это время уже прошло"),
            ({"publication_date": "2990-01-01T10:00"}, "publication_date", "366"),
            ({"photos": gone}, "photos", "уже нет"),
        ):
            answer = write(visitor, posts, **typed)
            assert answer.status_code == 422, typed
            assert sentence in Page(answer.text).one("p", id=f"{field}-problem").text

    def test_a_post_is_changed_and_an_older_page_changes_nothing(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        post = planned(wiring, community)
        fields = visitor.page(f"{posts}/{post.id}").fields("composer")
        sent = {**fields, "text": "Иначе", "step": "store"}
        assert visitor.post(f"{posts}/{post.id}", sent).status_code == 303
        [changed] = on_their_way(wiring, community)
        assert (changed.text, changed.publication_date) == ("Иначе", post.publication_date)
        assert visitor.post(f"{posts}/{post.id}", {**sent, "text": "Поздно"}).status_code == 409
        assert on_their_way(wiring, community)[0].text == "Иначе"


class TestClocks:
    @pytest.fixture(autouse=True)
    def _in_berlin(self, wiring: Wiring) -> None:
        wiring.services().settings.change({"time_zone": "Europe/Berlin"}, "serg")

    @staticmethod
    def _sunday(month: int) -> str:
        """The last one of March or October that is to come, on which Berlin changes its clocks."""
        today = datetime.now(UTC).date()
        days = (today.replace(year=today.year + n, month=month, day=31) for n in (0, 1))
        last = next(day for day in days if day > today + timedelta(days=7))
        return (last - timedelta(days=(last.weekday() + 1) % 7)).isoformat()

    def test_a_time_that_the_clocks_leave_out_is_explained(self, visitor: Visitor, posts: str) -> None:
        answer = write(visitor, posts, publication_date=f"{self._sunday(3)}T02:30")
        problem = Page(answer.text).one("p", id="publication_date-problem").text
        assert problem == "В эту ночь часы переводят вперёд: такого времени нет."

    @pytest.mark.parametrize(("is_second", "hour"), [("no", 0), ("yes", 1)])
    def test_of_a_time_that_comes_twice_one_is_chosen(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str, is_second: str, hour: int
    ) -> None:
        clock = f"{self._sunday(10)}T02:30"
        assert "is_second-yes" in write(visitor, posts, publication_date=clock, step="show").text
        write(visitor, posts, publication_date=clock, is_second=is_second)
        [post] = on_their_way(wiring, community)
        assert post.publication_date == datetime.fromisoformat(f"{clock[:10]}T0{hour}:30+00:00")
        fields = visitor.page(f"{posts}/{post.id}").fields("composer")
        assert (fields["publication_date"], fields["is_second"]) == (clock, is_second)


class TestAnotherLikeIt:
    def test_a_cancelled_one_is_written_again_with_the_photos_that_are_left(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        kept, hidden = taken(wiring), taken(wiring)
        post = planned(wiring, community, photos=[f"result:{photo}" for photo in (hidden, kept)])
        wiring.stores.photos.hide([hidden])
        visitor.get(posts)
        visitor.post(f"{posts}/{post.id}/cancellation", {})
        again = str(visitor.page(posts).one("a", id="again")["href"])
        assert visitor.page(f"{posts}/history").one("a", id=f"like-{post.id}")["href"] == again
        page = visitor.page(again)
        assert page.one("textarea", id="text").text.strip() == "Свадьба"
        assert shown(page) == [f"result:{kept}"]
        assert "1 фотографии здесь уже нет" in page.one("p", id="photos-problem").text

    def test_another_community_s_is_not_there(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        post = planned(wiring, community)
        wiring.services().posts.cancel(post.id, "serg")
        other = wiring.stores.communities.add(a_community("Другая", 7))
        assert visitor.get(f"/communities/{other.id}/posts/new?like={post.id}").status_code == 404
