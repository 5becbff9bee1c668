"""Screenshots that a test run leaves behind: in `test-results/`, or in the folder that TEST_RESULTS names."""

import os
from pathlib import Path

from playwright.sync_api import Page

FOLDER = Path(os.environ.get("TEST_RESULTS", Path(__file__).resolve().parents[2] / "test-results"))


def keep(page: Page, name: str) -> None:
    """The whole of the page as it is now."""
    page.screenshot(path=FOLDER / f"{name}.png", full_page=True, caret="initial", animations="disabled")
