"""Posts on their way: seen in the list, tried again, and told apart where nothing can be published."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest

from app.domain.vk.community import Community, Secret
from app.services.vk.tokens import owner_of
from app.wiring import Wiring
from tests.support.fakes.vk.fake import USER_TOKEN, FakeVk
from tests.vk.community import a_community
from tests.web.guests import taken
from tests.web.posts.writing import TOMORROW, ends, on_their_way, planned, write
from tests.web.visitor import Page, Visitor

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
