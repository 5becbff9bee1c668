"""The job log: every shot of ninety days, found by what is known of it."""

import pytest
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests.factories import new_job
from tests.web.booth import PHOTO, shoot
from tests.web.playing_the_worker import fail, finished, take
from tests.web.statements import counted
from tests.web.visitor import Page, Visitor


@pytest.fixture
def visitor(client: FlaskClient) -> Visitor:
    return Visitor(client).log_in()


def rows(page: Page) -> list[str]:
    return [" ".join(e.text.split()) for e in page.all("li") if e.get("class") == "job"]


def test_an_empty_log_says_so(visitor: Visitor) -> None:
    page = visitor.page("/jobs")
    assert rows(page) == []
    assert "Ни одного фото ещё не было" in page.one(id="jobs").text


def test_shows_what_became_of_each_shot_the_newest_first(
    visitor: Visitor, wiring: Wiring, client: FlaskClient
) -> None:
    ready = finished(wiring, PHOTO, slot_id="slot-002")
    wiring.stores.queue.enqueue(lost := new_job(slot_id="slot-003"))
    fail(wiring, code="provider_error", fault="content_blocked")(take(wiring))
    shoot(client, password="wrong")
    newest, failed, succeeded = rows(visitor.page("/jobs"))
    assert "Отказ: неверный пароль" in newest
    assert "Слот 1" in newest
    assert lost.id.hex[:8] in failed
    assert "Провайдер отклонил" in failed
    assert ready.hex[:8] in succeeded
    assert "Готово" in succeeded
