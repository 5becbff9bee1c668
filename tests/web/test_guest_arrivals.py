"""What a gallery that is open on a guest's phone learns of: photos that come, and photos that are taken away."""

import pytest
from flask.testing import FlaskClient

from app.domain.photo import PhotoFilter
from app.wiring import Wiring
from tests.support.ledger import Ledger
from tests.web.guests import link, shown, taken, watched
from tests.web.visitor import Visitor


@pytest.fixture
def token(wiring: Wiring) -> str:
    return link(wiring)


def told(client: FlaskClient, look: str) -> dict[str, object]:
    """What a look finds, but for where the next one goes."""
    return {name: value for name, value in (client.get(look).json or {}).items() if name != "next"}


class TestArrivals:
    def test_are_the_tiles_of_what_came_since(
        self, client: FlaskClient, wiring: Wiring, token: str, ledger: Ledger
    ) -> None:
        first = taken(wiring)
        ledger.ask("UPDATE job SET finalized_at = finalized_at - interval '10 seconds'")
        look = watched(client, token)
        assert told(client, look) == {"withdrawn": []}
        second, third = taken(wiring), taken(wiring)
        news = client.get(look).json
        assert shown(news["tiles"]) == [third, second, first], "the newest of those that the page has comes again"
        assert "3 фотографии" in news["summary"]
        assert told(client, news["next"]) == {"withdrawn": []}

    def test_are_also_photos_that_appear_after_one_that_was_finished_later(
        self, client: FlaskClient, wiring: Wiring, token: str, ledger: Ledger
    ) -> None:
        seen = taken(wiring)
        look = watched(client, token)
        late = taken(wiring)
        ledger.ask("UPDATE job SET finalized_at = finalized_at - interval '2 seconds' WHERE id = :id", id=late)
        news = client.get(look).json
        assert shown(news["tiles"]) == [seen, late]
        assert told(client, news["next"]) == {"withdrawn": []}

    def test_the_first_photo_arrives_too(self, client: FlaskClient, wiring: Wiring, token: str) -> None:
        look = watched(client, token)
        photo = taken(wiring)
        assert shown(client.get(look).json["tiles"]) == [photo]

    def test_come_to_the_newest_page_only(self, client: FlaskClient, wiring: Wiring, token: str) -> None:
        taken(wiring)
        place = wiring.services().gallery.page(PhotoFilter()).photos[0].place
        gallery = Visitor(client).page(f"/s/{token}?before={place}").one("div", id="gallery")
        assert "data-arrivals" not in gallery.attributes


class TestWithdrawn:
    def test_are_named(self, client: FlaskClient, wiring: Wiring, token: str) -> None:
        photo, other = taken(wiring), taken(wiring, slot_id="slot-002")
        look = watched(client, token)
        wiring.services().gallery.delete([photo, other], "serg")
        news = client.get(look).json
        assert news["withdrawn"] == [str(photo)]
        assert "tiles" not in news

    def test_are_counted_no_more(self, client: FlaskClient, wiring: Wiring, token: str) -> None:
        photo, _ = taken(wiring), taken(wiring)
        look = watched(client, token)
        wiring.services().gallery.hide([photo], "serg")
        assert "1 фотография" in client.get(look).json["summary"]

    def test_come_back_when_it_was_a_mistake(
        self, client: FlaskClient, wiring: Wiring, token: str, ledger: Ledger
    ) -> None:
        photo, _ = taken(wiring), taken(wiring)
        ledger.ask("UPDATE job SET finalized_at = finalized_at - interval '1 hour' WHERE id = :id", id=photo)
        look = watched(client, token)
        wiring.services().gallery.hide([photo], "serg")
        look = client.get(look).json["next"]
        wiring.services().gallery.show([photo], "serg")
        news = client.get(look).json
        assert photo in shown(news["tiles"])
        assert "2 фотографии" in news["summary"]
        assert told(client, news["next"]) == {"withdrawn": []}, "once is enough"

    def test_they_learn_of_no_photo_that_was_hidden_before(
        self, client: FlaskClient, wiring: Wiring, token: str, ledger: Ledger
    ) -> None:
        photo, _ = taken(wiring), taken(wiring)
        wiring.services().gallery.hide([photo], "serg")
        ledger.ask("UPDATE job SET hidden_at = now() - interval '1 minute' WHERE hidden_at IS NOT NULL")
        assert client.get(watched(client, token)).json["withdrawn"] == []

    @pytest.mark.parametrize("asked", ["", "?since=1000000000", "?since=x"])
    def test_who_has_not_looked_for_very_long_loads_it_anew(self, client: FlaskClient, token: str, asked: str) -> None:
        assert client.get(f"/s/{token}/arrivals{asked}").json == {"reload": True}
