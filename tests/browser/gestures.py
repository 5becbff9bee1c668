"""What fingers do on a screen, sent to the browser as its own touches."""

from collections.abc import Sequence

from playwright.sync_api import Page

Point = tuple[float, float]
_STEPS = 8


def swipe(page: Page, start: Point, end: Point) -> None:
    """One finger, without a stop."""
    _drag(page, [start], [end])


def spread(page: Page, middle: Point, before: float, after: float) -> None:
    """Two fingers beside each other, so many pixels from the middle before and after."""
    x, y = middle
    _drag(page, [(x - before, y), (x + before, y)], [(x - after, y), (x + after, y)])


def double_tap(page: Page, at: Point) -> None:
    for _ in range(2):
        page.touchscreen.tap(*at)


def _drag(page: Page, starts: Sequence[Point], ends: Sequence[Point]) -> None:
    session = page.context.new_cdp_session(page)

    def send(kind: str, points: Sequence[Point]) -> None:
        touches = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    send("touchStart", starts)
    for step in range(1, _STEPS + 1):
        part = step / _STEPS
        pairs = zip(starts, ends, strict=True)
        send("touchMove", [(x + (to_x - x) * part, y + (to_y - y) * part) for (x, y), (to_x, to_y) in pairs])
    send("touchEnd", [])
    session.detach()
