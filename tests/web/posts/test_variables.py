"""Variables of posts on their page."""

from app.domain.vk.community import Community
from app.wiring import Wiring
from tests.web.visitor import Page, Visitor


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
