"""Communities on the pages: connected by a link, examined, opened, and disconnected."""

import re
from io import BytesIO
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.domain.vk.community import Community, LatePolicy
from app.wiring import Wiring
from tests import pictures
from tests.support.fakes.vk.fake import COMMUNITY_TOKEN, GROUP_ID, SCREEN_NAME, USER_TOKEN, FakeVk, of_method
from tests.support.fakes.vk.troubles import captcha, refuses
from tests.web.inhabited import ALBUM, settled_community
from tests.web.visitor import Page, Visitor

PATH = "/communities"
FORM = {"link": f"vk.com/{SCREEN_NAME}", "user_token": USER_TOKEN, "community_token": COMMUNITY_TOKEN}


@pytest.fixture
def environment(vk: FakeVk) -> dict[str, str]:
    return {"VK_API_BASE_URL": vk.url, "PUBLIC_BASE_URL": "http://localhost"}


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    visitor = Visitor(client).log_in()
    visitor.post("/language", {"language": "en"})
    return visitor


@pytest.fixture
def community(wiring: Wiring) -> Community:
    return wiring.services().communities.add(FORM, "serg")


@pytest.fixture
def here(community: Community) -> str:
    return f"{PATH}/{community.id}"


def notices(html: str) -> str:
    """What stands in notices, as one line."""
    page = Page(html)
    return " ".join(" ".join(e.text.split()) for e in page.all() if "notice" in (e.get("class") or "").split())


class TestConnecting:
    def test_leads_to_the_community_whose_tokens_are_checked_at_once(self, visitor: Visitor) -> None:
        answer = visitor.post(PATH, FORM)
        assert answer.status_code == 303
        assert re.fullmatch(rf"{PATH}/[0-9a-f-]+\?check=1", answer.headers["Location"])
        page = visitor.page(answer.headers["Location"])
        assert page.one("h1").text == "Фотобудка"
        [form] = [form for form in page.all("form") if (form.get("action") or "").endswith("/check")]
        assert form["hx-trigger"] == "submit, load"

    def test_what_is_wrong_stands_beside_its_field_and_tokens_are_not_carried_back(self, visitor: Visitor) -> None:
        answer = visitor.post(PATH, {**FORM, "link": "https://example.org"})
        page = Page(answer.text)
        assert answer.status_code == 422
        assert page.one("input", id="link")["value"] == "https://example.org"
        assert "vk.com/studio" in page.one(id="link-problem").text
        assert page.one(id="user_token-problem").text == "Enter it again: it was not saved."
        assert USER_TOKEN not in answer.text

    def test_a_community_that_is_there_already_is_named_at_its_field(self, visitor: Visitor, here: str) -> None:
        answer = visitor.post(PATH, FORM)
        assert answer.status_code == 409
        assert Page(answer.text).one(id="link-problem").text == "This community is connected already."

    def test_what_vk_says_instead_is_told(self, visitor: Visitor, vk: FakeVk) -> None:
        vk.always(captcha())
        answer = visitor.post(PATH, FORM)
        assert answer.status_code == 502
        assert "captcha" in notices(answer.text)


class TestList:
    def test_a_dot_stands_where_something_has_changed_until_it_is_opened(
        self, visitor: Visitor, wiring: Wiring, community: Community, here: str
    ) -> None:
        assert dot(visitor, community.id) is False
        wiring.services().updates.add_updated_project(community.id)
        assert dot(visitor, community.id) is True
        visitor.page(here)
        assert dot(visitor, community.id) is False

    def test_one_without_a_token_is_said_to_need_it(self, visitor: Visitor, wiring: Wiring, here: str) -> None:
        assert "Needs a token" not in visitor.page(PATH).text
        wiring.services().communities.change(UUID(here.rpartition("/")[2]), {"user_token": None}, "serg")
        assert "Needs a token" in visitor.page(PATH).text


def dot(visitor: Visitor, community_id: UUID) -> bool:
    """Whether the list shows a blue dot; what scripts look for agrees with it."""
    [entry] = visitor.page(PATH).all(data_community=str(community_id))
    [mark] = [element for element in entry.inside if "data-dot" in element.attributes]
    assert ("data-updated" in entry.attributes) is ("hidden" not in mark.attributes)
    return "hidden" not in mark.attributes


class TestTokens:
    def test_the_doctors_findings_and_how_to_mend_them(self, visitor: Visitor, here: str, vk: FakeVk) -> None:
        visitor.get(here)
        assert notices(visitor.post(f"{here}/check", {}, htmx=True).text) == "Photos can be published."
        vk.revoke(USER_TOKEN)
        told = notices(visitor.post(f"{here}/check", {}, htmx=True).text)
        assert "VK refuses the token" in told
        assert "Get a new one" in told

    def test_without_scripts_the_whole_page_comes(self, visitor: Visitor, here: str) -> None:
        visitor.get(here)
        answer = visitor.post(f"{here}/check", {})
        assert Page(answer.text).one("h1").text == "Фотобудка"
        assert "Photos can be published." in notices(answer.text)

    def test_no_page_shows_a_token(self, visitor: Visitor, here: str) -> None:
        for path in (PATH, here, f"{here}/settings", "/changes"):
            text = visitor.get(path).text
            assert USER_TOKEN not in text, path
            assert COMMUNITY_TOKEN not in text, path

    def test_without_any_there_is_nothing_to_check_but_one_to_enter(
        self, visitor: Visitor, wiring: Wiring, community: Community, here: str
    ) -> None:
        assert visitor.page(here).all("a", id="enter-token") == []
        wiring.services().communities.change(community.id, {"user_token": None, "community_token": None}, "serg")
        page = visitor.page(here)
        assert page.one("a", id="enter-token")["href"] == f"{here}/settings#tokens"
        assert page.all("button", id="check-tokens") == []


class TestCallback:
    def test_is_set_up_by_one_click(self, visitor: Visitor, here: str, vk: FakeVk) -> None:
        assert "one click" in notices(visitor.get(here).text)
        assert "VK can tell this server" in visitor.page(here).one(id="callback").text
        assert "not confirmed" in notices(visitor.post(f"{here}/callback", {}, htmx=True).text)
        vk.world.servers.of(GROUP_ID)[0].status = "ok"
        works = visitor.post(f"{here}/callback/state", {}, htmx=True).text
        assert "VK has confirmed" in notices(works)
        assert "VK tells this server at once" in works

    @pytest.mark.parametrize("environment", [{}])
    def test_without_a_public_address_it_says_what_to_do(self, visitor: Visitor, wiring: Wiring) -> None:
        community = settled_community(wiring, GROUP_ID)
        assert "administrator of the server: to see them at once, start it with PUBLIC_BASE_URL" in notices(
            visitor.get(f"{PATH}/{community.id}").text
        )


class TestSettings:
    def test_new_tokens_are_checked_at_once(self, visitor: Visitor, here: str) -> None:
        visitor.get(f"{here}/settings")
        answer = visitor.post(f"{here}/settings", {"late_policy": "ask", "user_token": USER_TOKEN})
        assert answer.headers["Location"] == f"{here}?check=1"

    def test_blank_ones_stay(self, visitor: Visitor, wiring: Wiring, community: Community, here: str) -> None:
        fields = visitor.page(f"{here}/settings").fields("community-settings")
        answer = visitor.post(f"{here}/settings", {**fields, "late_policy": "ask"})
        assert answer.headers["Location"] == f"{here}/settings"
        services = wiring.services().communities
        assert services.find(community.id).late_policy is LatePolicy.ASK
        assert services.without_token() == frozenset()

    def test_one_is_removed_by_its_button(
        self, visitor: Visitor, wiring: Wiring, community: Community, here: str
    ) -> None:
        button = visitor.page(f"{here}/settings").one("button", id="remove-user_token")
        answer = visitor.post(button["formaction"] or "", {"remove": button["value"]})
        assert answer.status_code == 303
        assert wiring.services().communities.without_token() == {community.id}

    def test_what_cannot_be_stands_beside_its_field(self, visitor: Visitor, here: str) -> None:
        visitor.get(f"{here}/settings")
        answer = visitor.post(f"{here}/settings", {"late_policy": "ask", "community_token": "nonsense"})
        assert answer.status_code == 422
        assert "no token" in Page(answer.text).one(id="community_token-problem").text


class TestDisconnecting:
    def test_must_be_meant(self, visitor: Visitor, wiring: Wiring, here: str) -> None:
        visitor.get(f"{here}/settings")
        answer = visitor.post(f"{here}/removal", {})
        assert answer.status_code == 422
        assert Page(answer.text).one(id="sure-problem").text == "Tick this first."
        assert len(wiring.services().communities.all()) == 1

    def test_leaves_nothing(self, visitor: Visitor, wiring: Wiring, here: str) -> None:
        visitor.get(f"{here}/settings")
        assert visitor.post(f"{here}/removal", {"sure": "1"}).headers["Location"] == PATH
        assert "is disconnected" in notices(visitor.get(PATH).text)
        assert wiring.services().communities.all() == []
        assert visitor.get(here).status_code == 404

    def test_says_what_is_left_in_vk(self, visitor: Visitor, here: str, vk: FakeVk) -> None:
        visitor.get(here)
        visitor.post(f"{here}/callback", {})
        vk.always(refuses(15))
        visitor.post(f"{here}/removal", {"sure": "1"})
        assert "could not be deleted in VK" in notices(visitor.get(PATH).text)


class TestAlbums:
    def test_are_shown_and_read_again_when_somebody_asks(self, visitor: Visitor, here: str, vk: FakeVk) -> None:
        vk.add_album("Свадьба")
        assert "Свадьба" in visitor.page(f"{here}/albums").text
        vk.add_album("Юбилей")
        assert "Юбилей" not in visitor.page(f"{here}/albums").text
        assert visitor.post(f"{here}/albums/refresh", {}).status_code == 303
        assert "Юбилей" in visitor.page(f"{here}/albums").text

    def test_a_failed_reading_keeps_them_and_says_why(self, visitor: Visitor, here: str, vk: FakeVk) -> None:
        vk.add_album("Свадьба")
        visitor.page(f"{here}/albums")
        vk.revoke(USER_TOKEN)
        visitor.post(f"{here}/albums/refresh", {})
        text = visitor.page(f"{here}/albums").text
        assert "Свадьба" in text
        assert "was taken back" in text

    def test_one_is_made_in_vk(self, visitor: Visitor, here: str, vk: FakeVk) -> None:
        visitor.get(f"{here}/albums")
        answer = visitor.post(f"{here}/albums", {"title": "Выпускной"})
        assert [album.title for album in vk.world.albums.values()] == ["Выпускной"]
        assert visitor.page(answer.headers["Location"]).one("h2").text == "Выпускной"

    def test_its_name_has_a_length(self, visitor: Visitor, here: str) -> None:
        visitor.get(f"{here}/albums")
        answer = visitor.post(f"{here}/albums", {"title": "x"})
        assert answer.status_code == 422
        assert "From 2 to 128" in Page(answer.text).one(id="title-problem").text

    def test_one_that_vk_tells_nothing_of_is_asked_for_once(self, visitor: Visitor, vk: FakeVk, here: str) -> None:
        vk.always(refuses(15), on=of_method("photos.getAlbums"))
        assert visitor.get(f"{here}/albums/7").status_code == 200
        assert len(vk.asked("photos.getAlbums")) == 1

    def test_photos_go_up_and_are_shown(self, visitor: Visitor, here: str, vk: FakeVk) -> None:
        album = vk.add_album("Свадьба")
        path = f"{here}/albums/{album.id}"
        visitor.get(path)
        shots = [(BytesIO(pictures.jpeg()), f"{n}.jpg") for n in range(2)]
        assert visitor.post(f"{path}/photos", {"photos": shots}).status_code == 303
        page = visitor.page(path)
        assert len(vk.world.album_photos((-GROUP_ID, album.id))) == 2
        assert len([image for image in page.all("img") if "/photo/" in (image.get("src") or "")]) == 2
        assert page.one("a", id="to-albums")["href"] == f"{here}/albums"

    def test_a_photo_without_a_picture_is_an_icon_with_its_name(self, visitor: Visitor, wiring: Wiring) -> None:
        community = settled_community(wiring, 220_000_007)
        page = visitor.page(f"{PATH}/{community.id}/albums/{ALBUM.album_id}")
        [photo] = [link for link in page.all("a", target="_blank") if "/photo-" in str(link["href"])]
        assert "Photo of" in photo.text
        assert "svg" in [element.tag for element in photo.inside]

    @pytest.mark.parametrize("count", [0, 6])
    def test_from_one_to_five_at_once(self, visitor: Visitor, here: str, vk: FakeVk, count: int) -> None:
        path = f"{here}/albums/{vk.add_album().id}"
        visitor.get(path)
        shots = [(BytesIO(pictures.jpeg()), f"{n}.jpg") for n in range(count)]
        assert visitor.post(f"{path}/photos", {"photos": shots}).status_code == 422

    def test_pictures_of_vk_may_be_loaded_here_and_nowhere_else(self, visitor: Visitor, here: str, vk: FakeVk) -> None:
        assert f"img-src 'self' blob: data: https: {vk.url};" in policy(visitor, f"{here}/albums")
        assert "img-src 'self' blob: data:;" in policy(visitor, "/slots/slot-001")


def policy(visitor: Visitor, path: str) -> str:
    return visitor.get(path).headers["Content-Security-Policy"]
