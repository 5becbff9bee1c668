"""The calendar of posts."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.vk.community import Community
from app.wiring import Wiring
from tests.support.fakes.vk.fake import FakeVk
from tests.web.posts.writing import TOMORROW, planned
from tests.web.visitor import Visitor


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
