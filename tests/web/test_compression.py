"""Styles and scripts travel compressed, and nothing else does."""

import pytest
from flask.testing import FlaskClient

from tests.web.booth import shoot
from tests.web.visitor import Visitor

BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}
PLAIN_HTTP_BROWSER = {"Accept-Encoding": "gzip, deflate"}


@pytest.mark.parametrize("headers", [BROWSER, PLAIN_HTTP_BROWSER], ids=["HTTPS", "HTTP"])
@pytest.mark.parametrize("name", ["app.css", "vendor/htmx.min.js"])
def test_styles_and_scripts_take_less_than_half(client: FlaskClient, name: str, headers: dict[str, str]) -> None:
    whole = client.get(f"/static/{name}")
    small = client.get(f"/static/{name}", headers=headers)
    assert "Content-Encoding" not in whole.headers
    assert len(small.data) < len(whole.data) / 2
    assert "Accept-Encoding" in small.headers["Vary"]


def test_who_has_them_is_sent_nothing(client: FlaskClient) -> None:
    first = client.get("/static/app.css", headers=BROWSER)
    again = client.get("/static/app.css", headers={**BROWSER, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_pages_and_answers_to_booths_are_as_they_are(client: FlaskClient) -> None:
    page = Visitor(client).log_in().get("/settings", **BROWSER)
    assert "Content-Encoding" not in page.headers
    assert "Content-Encoding" not in shoot(client, password="wrong").headers
