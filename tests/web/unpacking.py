"""Archives as somebody who downloads them sees them."""

import csv
import io
import zipfile

from werkzeug.test import TestResponse


def unpacked(answer: TestResponse) -> zipfile.ZipFile:
    """A whole archive, whose checksums are right."""
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    return archive


def table(answer: TestResponse, delimiter: str = ",") -> list[list[str]]:
    """The rows of the manifest, the head among them."""
    text = unpacked(answer).read("manifest.csv").decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
