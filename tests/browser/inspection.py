"""What is demanded of any page as it stands: nobody is kept out, nothing sticks out, little is loaded."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from tests.browser import album

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
TOUCHED = {**PHONE, "has_touch": True, "is_mobile": True}
LOOKS = pytest.mark.parametrize(("language", "theme"), [("ru", "light"), ("en", "dark")], ids=["ru-light", "en-dark"])
FIRST_LOAD_MAX_BYTES = 150_000

_AT_REST = """async () => {
    for (const moving of document.getAnimations()) {
        if (moving.effect.getComputedTiming().endTime === Infinity) moving.cancel();
        else moving.finish();
    }
    for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
}"""
"""Colours and places are those that stay, not those of the way there."""

_axe = Axe()
_OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


def examine(page: Page, name: str) -> None:
    """Look at it as it is at a desk, then on a phone; both are kept in the album."""
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        album.keep(page, f"{name}-{size['width']}")
        assert not sticks_out(page), f"at {size['width']} pixels"
        assert obstacles(page) == [], f"at {size['width']} pixels"


def obstacles(page: Page) -> list[str]:
    """What axe-core finds serious or critical: the rule, and where."""
    page.evaluate(_AT_REST)
    if not page.evaluate("'axe' in window"):  # half a megabyte: once a page is enough
        page.evaluate(_axe.axe_script)
    found: list[dict[str, Any]] = page.evaluate("async (options) => (await axe.run(options)).violations", _OPTIONS)
    return [
        f"{rule['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def sticks_out(page: Page) -> bool:
    """Whether one has to scroll sideways."""
    page.evaluate(_AT_REST)
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    return wide > page.viewport_size["width"]


class Luggage:
    """The bytes that a page's first load brings over the wire, without images; begin before the page is opened."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._images: set[str] = set()
        page.on("response", self._note)

    def weight(self) -> int:
        sizes: list[tuple[str, int]] = self._page.evaluate(
            "['navigation', 'resource'].flatMap((kind) => performance.getEntriesByType(kind))"
            ".map((entry) => [entry.name, entry.encodedBodySize])"
        )
        return sum(size for name, size in sizes if name not in self._images)

    def _note(self, response: Response) -> None:
        if response.headers.get("content-type", "").startswith("image/"):
            self._images.add(response.url)
