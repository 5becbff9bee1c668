"""Posts on the pages: written, planned, seen in lists and in the calendar, tried again. None of it needs a script."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text as sql

from app.domain.vk.community import Community, Secret
from app.domain.vk.posts import SystemPost
from app.services.vk.tokens import owner_of
from app.wiring import Wiring
from tests.pictures import jpeg
from tests.support.fakes.vk.fake import USER_TOKEN, FakeVk
from tests.vk.community import a_community
from tests.web.guests import taken
from tests.web.visitor import Page, Visitor

MOSCOW = ZoneInfo("Europe/Moscow")
TOMORROW = (datetime.now(MOSCOW) + timedelta(days=1)).replace(hour=18, minute=0, second=0, microsecond=0)
CLOCK = TOMORROW.strftime("%Y-%m-%dT%H:%M")


STATES = [
    ("pending_publication", "null", ["Запланирована", "Опубликовать сейчас"]),
    ("pending_publication", '{"code": "unreachable"}', ["Будет ещё попытка", "недоступен", "повторится сама"]),
    ("publishing", "null", ["Фотографии отправляются"]),
    ("late", "null", ["Опоздала", "Опубликовать сейчас", "Другое время"]),
    ("possible_error", '{"code": "not_found"}', ["Возможно, не вышла", "на стене её нет", "Повторить"]),
    ("possible_error", '{"code": "list_too_long", "stage": "verification"}', ["опубликовано столько", "ссылку"]),
    ("error", '{"code": "unknown_variables", "names": ["price"]}', ["Не опубликована", "{price}", "значение"]),
    ("error", '{"code": "captcha", "needs_person": true}', ["капч", "Опубликовать вручную"]),
    ("error", '{"code": "text_too_long", "details": {"length": 16000, "limit": 15895}}', ["Сократите", "000 знаков"]),
    ("error", '{"code": "what_nobody_knows"}', ["Не опубликована", "Повторить"]),
]


@pytest.fixture
def environment(vk: FakeVk) -> dict[str, str]:
    return {"VK_API_BASE_URL": vk.url}


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client).log_in()


@pytest.fixture
def community(wiring: Wiring) -> Community:
    made = wiring.stores.communities.add(a_community())
    wiring.stores.secrets.put(owner_of(made.id), Secret.USER_TOKEN, USER_TOKEN, "serg")
    return made


@pytest.fixture
def posts(community: Community) -> str:
    return f"/communities/{community.id}/posts"


def planned(wiring: Wiring, community: Community, text: str = "Свадьба", **changes: Any) -> SystemPost:
    wanted = {"text": text, "photos": [], "publication_date": TOMORROW.astimezone(UTC), **changes}
    return wiring.services().posts.schedule(community.id, wanted, "serg")


def ends(wiring: Wiring, post: SystemPost, status: str, error: str = "null") -> None:
    with wiring.database.transaction() as session:
        change = "UPDATE system_post SET status = :status, error = CAST(:error AS jsonb) WHERE id = :id"
        session.execute(sql(change), {"status": status, "error": error, "id": post.id})


def write(visitor: Visitor, posts: str, **typed: Any) -> Any:
    """Press a button of the composer, `store` unless `step` says another."""
    fields = {"text": "Свадьба", "when": "later", "publication_date": CLOCK, "step": "store", **typed}
    return visitor.post(posts, fields)


def on_their_way(wiring: Wiring, community: Community) -> list[SystemPost]:
    return wiring.services().posts.planned(community.id)


def shown(page: Page) -> list[str]:
    """References of the composer's photos."""
    return [str(field["value"]) for field in page.all("input") if field.get("name") == "photos"]


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


class TestList:
    def test_an_empty_one_says_what_to_do(self, visitor: Visitor, posts: str) -> None:
        assert "Записей в очереди нет" in visitor.page(posts).text

    def test_every_state_is_told_with_its_reason_and_what_to_do(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        for n, (status, error, _) in enumerate(STATES):
            ends(wiring, planned(wiring, community, f"Запись {n}"), status, error)
        page = visitor.page(posts)
        told = {row.text for row in page.all("article")}
        for n, (_, _, sentences) in enumerate(STATES):
            [row] = [text for text in told if f"Запись {n}" in text]
            assert [sentence for sentence in sentences if sentence not in row] == [], n

    def test_only_changes_are_sent_again(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        planned(wiring, community)
        part = visitor.get(posts, htmx=True).text
        seen = str(Page(part).one("div", id="posts")["hx-get"])
        assert visitor.get(seen, htmx=True).status_code == 204

    def test_a_failed_one_is_tried_again_by_one_click(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str, vk: FakeVk
    ) -> None:
        post = planned(wiring, community)
        ends(wiring, post, "error", '{"code": "captcha"}')
        answer = visitor.post(f"{posts}/{post.id}/publication", {})
        assert answer.status_code == 303
        wiring.post_tracker.publish_due()
        wiring.post_tracker.verify()
        assert [there.text for there in vk.posts()] == ["Свадьба"]

    def test_what_somebody_else_was_quicker_to_do_is_said(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        post = planned(wiring, community)
        for _ in range(2):
            visitor.get(posts)
            assert visitor.post(f"{posts}/{post.id}/cancellation", {}).status_code == 303
        assert "уже нет" in visitor.page(posts).text

    def test_a_person_gets_all_that_is_needed_and_tells_it(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        post = planned(wiring, community, photos=[f"result:{taken(wiring)}"])
        ends(wiring, post, "error", '{"code": "captcha", "needs_person": true}')
        answer = visitor.get(f"{posts}/{post.id}/kit.zip")
        assert answer.content_type == "application/zip"
        assert ZipFile(BytesIO(answer.data)).namelist() == ["01.jpg", "text.txt", "community.url"]
        visitor.get(posts)
        address = f"https://vk.com/wall{community.owner_id}_17"
        visitor.post(f"{posts}/{post.id}/settlement", {f"address-{post.id}": address})
        assert address in visitor.page(f"{posts}/history").html

    def test_an_address_elsewhere_is_refused_in_words(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        post = planned(wiring, community)
        visitor.get(posts)
        visitor.post(f"{posts}/{post.id}/settlement", {f"address-{post.id}": "https://example.org"})
        assert f"wall{community.owner_id}_1" in visitor.page(posts).one("p", class_="notice bad").text

    def test_another_community_s_posts_are_not_there(
        self, visitor: Visitor, wiring: Wiring, community: Community
    ) -> None:
        post = planned(wiring, community)
        other = wiring.stores.communities.add(a_community("Другая", 7))
        for path in ("", "/kit.zip", "/photos/0/grid"):
            assert visitor.get(f"/communities/{other.id}/posts/{post.id}{path}").status_code == 404

    def test_what_cannot_be_undone_is_asked_about_and_answered_by_the_whole_page(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        post = planned(wiring, community)
        page = visitor.page(posts)
        for name in ("publish-now", "drop"):
            button = page.one("button", id=f"{name}-{post.id}")
            assert button["hx-confirm"]
            assert (button["hx-post"], button["hx-target"]) == (button["formaction"], "#main")
        answer = visitor.client.get(posts, headers={"HX-Request": "true", "HX-Target": "main"})
        assert Page(answer.text).one(id="main")

    def test_the_wall_is_read_again_when_somebody_asks(
        self, visitor: Visitor, community: Community, posts: str, vk: FakeVk
    ) -> None:
        vk.add_post("Отложена там", publish_at=datetime.now(UTC) + timedelta(hours=1))
        assert "Отложена там" not in visitor.page(posts).text
        assert visitor.post(f"{posts}/refresh", {}).status_code == 303
        assert "Отложена там" in visitor.page(posts).one("article", class_="card post at-vk").text
        vk.revoke(USER_TOKEN)
        visitor.post(f"{posts}/refresh", {})
        assert "Не удалось прочитать" in visitor.page(posts).one("p", class_="notice bad").text


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


class TestWithoutAToken:
    @pytest.fixture(autouse=True)
    def _taken_away(self, wiring: Wiring, community: Community) -> None:
        wiring.stores.secrets.put(owner_of(community.id), Secret.USER_TOKEN, None, "serg")

    @pytest.mark.parametrize("page", ["posts", "posts/new", "posts/history", "calendar", "albums"])
    def test_every_page_that_publishes_says_so(self, visitor: Visitor, community: Community, page: str) -> None:
        notice = visitor.page(f"/communities/{community.id}/{page}").one("p", class_="notice bad no-token")
        assert "Публиковать нельзя" in notice.text
        assert notice.inside[-1]["href"] == f"/communities/{community.id}/settings#tokens"

    def test_a_post_is_planned_but_not_published_at_once(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        visitor.get(posts)
        answer = write(visitor, posts, when="now")
        assert answer.status_code == 409
        assert "Опубликовать сейчас нельзя" in Page(answer.text).one("p", role="alert").text
        seen = visitor.post(posts, {"text": "Свадьба", "when": "now", "step": "look"}, htmx=True)
        assert "Опубликовать сейчас нельзя" in seen.text
        assert write(visitor, posts).status_code == 303
        [post] = on_their_way(wiring, community)
        visitor.post(f"{posts}/{post.id}/publication", {})
        assert on_their_way(wiring, community)[0].publication_date == TOMORROW
        assert "Опубликовать сейчас нельзя" in visitor.page(posts).one("p", role="alert").text


class TestOverview:
    def test_what_comes_next_and_what_waits(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        here = f"/communities/{community.id}"
        assert "Записей в очереди нет" in visitor.page(here).one(id="outlook").text
        ends(wiring, planned(wiring, community, "Опоздала"), "late")
        first = planned(wiring, community, "Первая")
        planned(wiring, community, "Вторая", publication_date=TOMORROW + timedelta(days=1))
        card = visitor.page(here).one(id="outlook")
        assert all(words in card.text for words in ("1 запись ждёт вас", "2 записи", "Первая"))
        assert f"{posts}/{first.id}" in [link["href"] for link in card.inside if link.tag == "a"]


class TestCalendar:
    @pytest.mark.parametrize("view", ["month", "week"])
    def test_posts_stand_on_their_days(self, visitor: Visitor, wiring: Wiring, community: Community, view: str) -> None:
        post = planned(wiring, community)
        day = TOMORROW.date()
        page = visitor.page(f"/communities/{community.id}/calendar?view={view}&day={day}")
        assert "18:00" in page.text
        assert f"/posts/{post.id}" in page.html
        assert len(page.all("td")) % 7 == 0

    def test_what_stands_at_vk_is_there_too(
        self, visitor: Visitor, wiring: Wiring, community: Community, vk: FakeVk
    ) -> None:
        vk.add_post("Уже на стене")
        vk.add_post("Отложена там", publish_at=datetime.now(UTC) + timedelta(minutes=1))
        wiring.vk_refreshing.refresh_published_posts(community.id)
        wiring.vk_refreshing.refresh_scheduled_posts(community.id)
        page = visitor.page(f"/communities/{community.id}/calendar?view=week")
        kinds = {
            str(entry["title"]): entry["class"]
            for entry in page.all("a", rel="noopener noreferrer")
            if entry.get("title")
        }
        assert kinds == {"Уже на стене": "entry good", "Отложена там": "entry at-vk"}

    def test_a_month_and_its_neighbours(self, visitor: Visitor, community: Community) -> None:
        page = visitor.page(f"/communities/{community.id}/calendar?day=2026-12-31")
        assert page.one("h2", id="calendar-title").text == "Декабрь 2026"
        assert "day=2026-11-01" in str(page.one("a", id="before")["href"])
        assert "day=2027-01-01" in str(page.one("a", id="after")["href"])

    def test_what_is_no_day_is_today(self, visitor: Visitor, community: Community) -> None:
        for day in ("soon", "9999-12-31", ""):
            page = visitor.page(f"/communities/{community.id}/calendar?day={day}")
            assert page.all("strong", **{"aria-current": "date"})


class TestVariables:
    def test_a_value_is_set_for_all_or_for_one_and_removed(
        self, visitor: Visitor, wiring: Wiring, community: Community, posts: str
    ) -> None:
        address = f"{posts}/variables"
        visitor.get(address)
        visitor.post(address, {"name": "{price}", "value": "1000 ₽", "scope": "all"})
        visitor.post(address, {"name": "price", "value": "900 ₽", "scope": "own"})
        assert wiring.services().posts.values(community.id) == {"price": "900 ₽"}
        assert "1000 ₽" in visitor.page(address).text
        [removal, _] = [form for form in visitor.page(address).all("form") if form.get("hx-confirm")]
        assert removal["action"] == f"{address}/removal"
        visitor.post(f"{address}/removal", {"name": "price", "scope": "own"})
        assert wiring.services().posts.values(community.id) == {"price": "1000 ₽"}

    def test_what_cannot_be_is_said_beside_its_field(self, visitor: Visitor, posts: str) -> None:
        visitor.get(posts)
        answer = visitor.post(f"{posts}/variables", {"name": "7", "value": "", "scope": "all"})
        assert answer.status_code == 422
        page = Page(answer.text)
        assert {str(e["id"]) for e in page.all("p", class_="problem")} == {"name-problem", "value-problem"}
