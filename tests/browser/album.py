"""Screenshots of what tests look at, in the folder that SCREENSHOTS names; without it there are none."""

import os
from pathlib import Path

from playwright.sync_api import Page

FOLDER = os.environ.get("SCREENSHOTS")


def keep(page: Page, name: str) -> None:
    """The whole of the page as it is now."""
    if FOLDER:
        path = Path(FOLDER) / f"{name}.png"
        page.screenshot(path=path, full_page=True, caret="initial", animations="disabled")
