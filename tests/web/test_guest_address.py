"""Where a guest's QR code leads."""

from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web.pages.phrases import error_texts
from app.wiring import Wiring
from tests.factories import new_job
from tests.support.ledger import Ledger
from tests.web.booth import PHOTO
from tests.web.playing_the_worker import finished
from tests.web.visitor import Page


@pytest.fixture
def job_id(wiring: Wiring) -> UUID:
    return finished(wiring, PHOTO)


def heading(html: str) -> str:
    return Page(html).one("h1").text


def test_to_the_picture_without_a_login(client: FlaskClient, job_id: UUID) -> None:
    answer = client.get(f"/r/{job_id}")
    assert (answer.status_code, answer.location) == (302, f"/public/results/{job_id}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"/r/{job_id}", follow_redirects=True).data == PHOTO
    assert client.head(f"/r/{job_id}").status_code == 302


def test_after_its_time_a_page_says_so(client: FlaskClient, job_id: UUID, ledger: Ledger) -> None:
    ledger.ask("UPDATE job SET result_expires_at = now()")
    answer = client.get(f"/r/{job_id}")
    assert (answer.status_code, answer.mimetype) == (410, "text/html")
    assert heading(answer.text) == "Этой картинки больше нет"


def test_its_pages_lead_no_guest_to_the_login_of_others(client: FlaskClient, job_id: UUID, ledger: Ledger) -> None:
    ledger.ask("UPDATE job SET result_expires_at = now()")
    for name, status in ((job_id, 410), (uuid4(), 404)):
        answer = client.get(f"/r/{name}")
        assert answer.status_code == status
        assert [e["href"] for e in Page(answer.text).all("a")] == ["#main"]


def test_after_a_failure_the_advice_is_for_guests(app: Flask) -> None:
    with app.test_request_context("/", headers={"Accept-Language": "ru"}):
        assert error_texts(500, is_guest=True)[1] == "Попробуйте ещё раз через минуту."
        assert "слот" in error_texts(500, is_guest=False)[1]


def test_what_never_was_is_not_found(client: FlaskClient, wiring: Wiring) -> None:
    wiring.stores.queue.enqueue(unfinished := new_job())
    for name in (unfinished.id, uuid4(), "1", "..", "%00"):
        answer = client.get(f"/r/{name}")
        assert (answer.status_code, heading(answer.text)) == (404, "Такой страницы нет"), name
