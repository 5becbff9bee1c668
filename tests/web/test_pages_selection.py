"""The photos that a form names: whatever is done with them, too many and nonsense are answered alike."""

from uuid import uuid4

import pytest

from app.domain.photo import SELECTION_MAX
from tests.web.visitor import Page, Visitor

FORMS = {
    "/gallery/selection": {"action": "hide"},
    "/gallery/archive": {},
    "/gallery/publish": {},
    "/gallery/publish/album": {"community_id": str(uuid4()), "album_id": "7"},
}


@pytest.mark.parametrize("path", FORMS)
def test_more_than_one_request_may_name_are_refused_in_words(visitor: Visitor, path: str) -> None:
    fields = {**FORMS[path], "back": "/gallery?slot=slot-003", "csrf_token": visitor.token}
    ids = [str(uuid4()) for _ in range(SELECTION_MAX + 1)]
    answer = visitor.client.post(path, data={**fields, "ids": ids})  # as browsers send it: in one part
    page = Page(answer.text)
    assert answer.status_code == 422
    assert "Не больше 1000 фото за раз." in page.one("div", class_="notice warning").text
    assert page.one("a", class_="back")["href"] == fields["back"]


@pytest.mark.parametrize("path", FORMS)
def test_what_is_no_photo_is_nonsense(visitor: Visitor, path: str) -> None:
    assert visitor.post(path, {**FORMS[path], "ids": [str(uuid4()), "x"]}).status_code == 400
