"""A browser without scripts, as far as tests of the pages need one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.installation import ADMIN_PASSWORD

_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "use", "circle", "path", "rect"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    inside: list["Element"] = field(default_factory=list)

    def __getitem__(self, name: str) -> str | None:
        return self.attributes[name]

    def get(self, name: str) -> str | None:
        return self.attributes.get(name)


class Page(HTMLParser):
    """Elements of a page or fragment in document order, each with its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        return " ".join(" ".join(e.text for e in self.elements[:1]).split())

    def all(self, tag: str | None = None, **attributes: str | None) -> list[Element]:
        """Elements with these attributes; `_` in a name stands for `-`, and a trailing one is dropped."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            e
            for e in self.elements
            if (tag is None or e.tag == tag) and all(e.attributes.get(k, "absent") == v for k, v in wanted.items())
        ]

    def one(self, tag: str | None = None, **attributes: str | None) -> Element:
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {attributes} in {self.html}"
        return found[0]

    def fields(self, form: str) -> dict[str, str]:
        """What the form would send if its button were pressed now."""
        return dict(_successful(self.one("form", id=form).inside))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.elements.append(element)
        for outer in self._open:
            outer.inside.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self._open, f"</{tag}> closes nothing"
            assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag} {self._open[-1].attributes}>"
            self._open.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        for outer in self._open:
            outer.text += data

    def close(self) -> None:
        super().close()
        assert not self._open, f"never closed: {[e.tag for e in self._open]}"


def _successful(elements: list[Element]) -> Iterator[tuple[str, str]]:
    for element in elements:
        name, kind = element.get("name"), element.get("type")
        if not name or kind == "file" or (kind in ("radio", "checkbox") and "checked" not in element.attributes):
            continue
        if element.tag == "select":
            chosen = [o for o in element.inside if "selected" in o.attributes] or element.inside[:1]
            yield from ((name, o["value"] or "") for o in chosen)
        elif element.tag == "textarea":
            yield name, element.text
        elif element.tag == "input":
            yield name, element.get("value") or ("on" if kind == "checkbox" else "")


class Visitor:
    """Reads pages and sends forms with the token that the last page carried."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = ""

    def get(self, path: str, *, htmx: bool = False, **headers: str) -> TestResponse:
        response = self.client.get(path, headers={**({"HX-Request": "true"} if htmx else {}), **headers})
        self._remember(response)
        return response

    def page(self, path: str, *, htmx: bool = False, **headers: str) -> Page:
        response = self.get(path, htmx=htmx, **headers)
        assert response.status_code == 200, response.text
        return Page(response.text)

    def post(self, path: str, fields: Mapping[str, Any], *, htmx: bool = False) -> TestResponse:
        headers = {"HX-Request": "true"} if htmx else {}
        data = {**fields, "csrf_token": self.token}
        response = self.client.post(path, data=data, headers=headers, content_type="multipart/form-data")
        self._remember(response)
        return response

    def log_in(self, username: str = "serg", password: str = ADMIN_PASSWORD) -> "Visitor":
        self.get("/login")
        assert self.post("/login", {"username": username, "password": password}).status_code == 303
        self.get("/no-such-page")  # carries the new session's token as every page does, and costs least
        return self

    def _remember(self, response: TestResponse) -> None:
        if response.mimetype == "text/html" and "csrf_token" in response.text:
            token = Page(response.text).all("input", name="csrf_token")
            self.token = (token[0]["value"] if token else None) or self.token
