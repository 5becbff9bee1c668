"""Where there is no photo, guests read why, and whether one may come: what is not going to be is not promised."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests.support.ledger import Ledger
from tests.web.guests import link, taken
from tests.web.visitor import Page, Visitor

HOUR = timedelta(hours=1)
PROMISES = ("появятся здесь", "Улыбнитесь", "Отсканируйте")


def of_event(wiring: Wiring, begins: timedelta, ends: timedelta, **wanted: object) -> str:
    """The token of a link to an event, whose times are counted from now."""
    now = datetime.now(UTC)
    event = {"name": "Свадьба", "starts_at": now + begins, "ends_at": now + ends}
    return link(wiring, event_id=str(wiring.services().events.create(event, "serg").id), **wanted)


def said(client: FlaskClient, token: str) -> str:
    """What an empty gallery says, or will say if it becomes empty."""
    return Visitor(client).page(f"/s/{token}").one("div", id="empty").text


def promises(text: str) -> list[str]:
    return [promise for promise in PROMISES if promise in text]


class TestGallery:
    def test_of_an_event_that_is_over_promises_nothing(self, client: FlaskClient, wiring: Wiring) -> None:
        told = said(client, of_event(wiring, -5 * HOUR, -HOUR))
        assert "Мероприятие завершено" in told
        assert "каждая хранится 72 часа" in told
        assert promises(told) == []

    @pytest.mark.parametrize(("begins", "ends"), [(-HOUR, HOUR), (HOUR, 2 * HOUR)], ids=["now", "to come"])
    def test_of_another_one_does(self, client: FlaskClient, wiring: Wiring, begins: timedelta, ends: timedelta) -> None:
        assert promises(said(client, of_event(wiring, begins, ends))) == ["появятся здесь", "Улыбнитесь"]

    def test_whose_photos_may_have_gone_does_not_say_that_there_were_none(
        self, client: FlaskClient, wiring: Wiring, ledger: Ledger
    ) -> None:
        token = link(wiring)
        ledger.ask("UPDATE share_link SET created_at = now() - interval '71 hours'")
        assert "Фотографий пока нет" in said(client, token)
        ledger.ask("UPDATE share_link SET created_at = now() - interval '73 hours'")
        told = said(client, token)
        assert "Сейчас фотографий нет" in told
        assert "Каждая хранится 72 часа" in told
        assert promises(told) == ["появятся здесь"], "by the booth, which goes on"

    def test_that_an_event_began_days_after_its_link_loses_no_photos(
        self, client: FlaskClient, wiring: Wiring, ledger: Ledger
    ) -> None:
        token = of_event(wiring, -HOUR, HOUR)
        ledger.ask("UPDATE share_link SET created_at = now() - interval '6 days'")
        assert "Фотографий пока нет" in said(client, token)

    def test_that_becomes_empty_while_it_is_open_does_not_say_that_there_were_none(
        self, client: FlaskClient, wiring: Wiring
    ) -> None:
        taken(wiring)
        assert "Сейчас фотографий нет" in said(client, link(wiring))

    def test_of_ones_own_asks_for_codes_while_one_may_still_be_good(self, client: FlaskClient, wiring: Wiring) -> None:
        soon, late = (of_event(wiring, -10 * 24 * HOUR, -days * 24 * HOUR, audience="own") for days in (6, 8))
        assert promises(said(client, soon)) == ["Отсканируйте"]
        assert promises(said(client, late)) == []


class TestWall:
    def words(self, client: FlaskClient, token: str) -> list[str | None]:
        """The parts with words that are seen without scripts."""
        page = Page(client.get(f"/wall/{token}").text)
        return [e["id"] for e in page.all("section") if "hidden" not in e.attributes]

    def test_of_an_event_that_is_over_thanks_its_guests(self, client: FlaskClient, wiring: Wiring) -> None:
        token = of_event(wiring, -5 * HOUR, -HOUR)
        assert self.words(client, token) == ["over"]
        assert self.words(client, of_event(wiring, -HOUR, HOUR)) == self.words(client, link(wiring)) == ["waiting"]

    def test_goes_on_with_the_photos_that_are_left(self, client: FlaskClient, wiring: Wiring, ledger: Ledger) -> None:
        token = of_event(wiring, -5 * HOUR, -HOUR)
        taken(wiring)
        ledger.ask("UPDATE job SET finalized_at = now() - interval '2 hours'")
        assert self.words(client, token) == []

    def test_is_told_when_no_more_will_come(self, client: FlaskClient, wiring: Wiring) -> None:
        of_slot, over = link(wiring), of_event(wiring, -5 * HOUR, -HOUR)
        assert client.get(f"/wall/{of_slot}/photos").json["complete_at"] is None
        told = datetime.fromtimestamp(client.get(f"/wall/{over}/photos").json["complete_at"] / 1000, UTC)
        assert timedelta(0) <= datetime.now(UTC) - HOUR - told < HOUR / 60
