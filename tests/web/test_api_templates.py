"""Template images through the API: kept until somebody deletes them, and not by accident while slots use them."""

from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from app.wiring import Wiring
from tests import pictures
from tests.support.ledger import Ledger
from tests.web.booth import PHOTO, code, details, post

Auth = dict[str, str]
FRAME = pictures.png(image=pictures.logo_frame())


def register(client: FlaskClient, auth: Auth, data: bytes = FRAME, **parts: Any) -> Any:
    return post(client, "/api/template-media/register", ("file", (data, "frame.png")), *parts.items(), headers=auth)


def use(client: FlaskClient, auth: Auth, template_id: str, slot_id: str = "slot-003") -> None:
    change = {"operation": "frame", "settings": {"template": template_id, "fit": "cover"}, "version": 1}
    assert client.put(f"/api/slots/{slot_id}", headers=auth, json=change).status_code == 200


def test_a_registered_image_is_kept_as_it_came(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    answer = register(client, auth, label="Новый год")
    assert answer.status_code == 201
    assert {name: answer.json[name] for name in ("label", "mime_type", "size_bytes", "width", "height", "used_by")} == {
        "label": "Новый год",
        "mime_type": "image/png",
        "size_bytes": len(FRAME),
        "width": 300,
        "height": 200,
        "used_by": [],
    }
    [stored] = wiring.media.list("templates")
    assert wiring.media.read(stored.key) == FRAME


def test_the_list_shows_the_newest_first(client: FlaskClient, auth: Auth) -> None:
    names = ("first", "second", "third")
    for name in names:
        register(client, auth, label=name)
    answer = client.get("/api/template-media", headers=auth).json
    assert [item["label"] for item in answer["items"]] == [*reversed(names)]
    assert answer["total"] == 3


def test_a_label_is_made_fit_to_show(client: FlaskClient, auth: Auth) -> None:
    assert register(client, auth).json["label"] == "frame.png"
    assert register(client, auth, label=" a\x00b\x1b[31m ").json["label"] == "ab[31m"
    assert register(client, auth, label="x" * 500).json["label"] == "x" * 120
    assert register(client, auth, label="\x00").json["label"] == "template"


REFUSED = {
    "no image": (b"not an image", 415, "unsupported_media_type"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_media_type"),
    "cut off": (FRAME[: len(FRAME) // 2], 400, "invalid_image"),
    "empty": (b"", 400, "invalid_request"),
    "too many pixels": (pictures.flat_png(9000, 9000), 413, "payload_too_large"),
}


def test_what_is_no_image_is_refused(
    client: FlaskClient, auth: Auth, wiring: Wiring, subtests: pytest.Subtests
) -> None:
    for kind, (data, status, reason) in REFUSED.items():
        with subtests.test(kind=kind):
            answer = register(client, auth, data)
            assert (answer.status_code, code(answer)) == (status, reason)
    assert code(post(client, "/api/template-media/register", ("image", FRAME), headers=auth)) == "invalid_request"
    assert list(wiring.media.list("templates")) == []


@pytest.mark.parametrize("environment", [{"MAX_UPLOAD_MB": "1"}])
def test_what_is_too_large_is_refused(client: FlaskClient, auth: Auth) -> None:
    for size in ((1 << 20) + 1, 3 << 20):
        assert code(register(client, auth, PHOTO.ljust(size, b"\0"))) == "payload_too_large"


def test_deleting_takes_the_file_with_it(client: FlaskClient, auth: Auth, wiring: Wiring) -> None:
    template_id = register(client, auth).json["id"]
    assert client.delete(f"/api/template-media/{template_id}", headers=auth).status_code == 204
    assert list(wiring.media.list("templates")) == []
    assert code(client.delete(f"/api/template-media/{template_id}", headers=auth)) == "not_found"


def test_an_image_in_use_stays_unless_forced(
    client: FlaskClient, auth: Auth, ledger: Ledger, subtests: pytest.Subtests
) -> None:
    template_id = register(client, auth).json["id"]
    use(client, auth, template_id, "slot-003")
    use(client, auth, template_id, "slot-001")
    path = f"/api/template-media/{template_id}"
    for query in ("", "?force=0", "?force=false"):
        with subtests.test(query=query):
            answer = client.delete(path + query, headers=auth)
            assert (answer.status_code, code(answer)) == (409, "template_in_use")
            assert details(answer) == {"used_by": ["slot-001", "slot-003"]}
    assert client.get("/api/template-media", headers=auth).json["items"][0]["used_by"] == ["slot-001", "slot-003"]
    assert client.delete(f"{path}?force=true", headers=auth).status_code == 204
    assert ledger.ask("SELECT * FROM slot_template_binding") == []


def test_force_is_true_or_false(client: FlaskClient, auth: Auth) -> None:
    template_id = register(client, auth).json["id"]
    use(client, auth, template_id)
    path = f"/api/template-media/{template_id}"
    for query in ("?force=", "?force=yes", "?force=True"):
        answer = client.delete(path + query, headers=auth)
        assert (answer.status_code, code(answer)) == (400, "invalid_request"), query
    assert client.delete(f"{path}?force=1", headers=auth).status_code == 204


def test_an_image_that_no_slot_uses_any_more_may_go(client: FlaskClient, auth: Auth) -> None:
    template_id = register(client, auth).json["id"]
    use(client, auth, template_id)
    back = {"operation": "image_edit", "settings": {}, "version": 2}
    assert client.put("/api/slots/slot-003", headers=auth, json=back).status_code == 200
    assert client.delete(f"/api/template-media/{template_id}", headers=auth).status_code == 204


def test_a_slot_cannot_take_an_image_that_was_deleted(client: FlaskClient, auth: Auth) -> None:
    template_id = register(client, auth).json["id"]
    client.delete(f"/api/template-media/{template_id}", headers=auth)
    change = {"operation": "frame", "settings": {"template": template_id, "fit": "cover"}, "version": 1}
    answer = client.put("/api/slots/slot-003", headers=auth, json=change)
    assert details(answer)["fields"] == {"settings.template": {"code": "not_a_template"}}


def test_an_image_that_is_none(client: FlaskClient, auth: Auth) -> None:
    for template_id in (str(uuid4()), "1", "..", "%00"):
        assert code(client.delete(f"/api/template-media/{template_id}", headers=auth)) == "not_found"


def test_an_image_can_be_given_another_name(client: FlaskClient, auth: Auth) -> None:
    path = f"/api/template-media/{register(client, auth).json['id']}"
    assert client.patch(path, headers=auth, json={"label": " Зима "}).json["label"] == "Зима"
    for label in ("", "x" * 121, "a\nb", None, 7):
        answer = client.patch(path, headers=auth, json={"label": label})
        assert (answer.status_code, details(answer)["fields"]["label"]["code"]) == (422, "bad_length")
    assert client.patch(f"/api/template-media/{uuid4()}", headers=auth, json={"label": "x"}).status_code == 404
    assert [item["label"] for item in client.get("/api/template-media", headers=auth).json["items"]] == ["Зима"]
