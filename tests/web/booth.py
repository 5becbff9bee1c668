"""A booth that posts through the test client as DSLR Remote Pro does."""

import io
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.support.booths import photo
from tests.support.installation import INGEST_PASSWORD

PHOTO = photo()


def shoot(client: FlaskClient, slot_id: str = "slot-001", *, path: str = "/ingest", **form: Any) -> TestResponse:
    """Post a shot. `form` adds parts or replaces them; bytes make a file part, None leaves a part out."""
    parts = {"password": INGEST_PASSWORD, "fileToUpload": PHOTO, **form}
    return post(client, f"{path}/{slot_id}", *parts.items())


def post(client: FlaskClient, path: str, *parts: tuple[str, Any], **rest: Any) -> TestResponse:
    """Post a form of `parts` in their order; bytes, or (bytes, name, type), make a file part."""
    data: MultiDict[str, Any] = MultiDict()
    for name, value in parts:
        if isinstance(value, bytes):
            value = (value, "IMG_0003.JPG", "image/jpeg")
        if isinstance(value, tuple):
            value = (io.BytesIO(value[0]), *value[1:])
        if value is not None:
            data.add(name, value)
    return client.post(path, data=data, content_type="multipart/form-data", **rest)


def code(answer: TestResponse) -> str:
    """The code of an error."""
    return str(answer.get_json()["error"]["code"])


def details(answer: TestResponse) -> dict[str, Any]:
    return dict(answer.get_json()["error"]["details"])
