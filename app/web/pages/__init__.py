"""The administrators' pages: whole ones for browsers, parts of them for htmx."""

from app.web.pages import (
    alerts,
    booth_answers,
    booth_requests,
    chain,
    choices,
    formats,
    guide,
    login,
    providers,
    settings,
    slot,
    slots,
    stats,
    template_images,
    test_runs,
)
from app.web.pages.site import blueprint

__all__ = [
    "alerts",
    "blueprint",
    "booth_answers",
    "booth_requests",
    "chain",
    "choices",
    "formats",
    "guide",
    "login",
    "providers",
    "settings",
    "slot",
    "slots",
    "stats",
    "template_images",
    "test_runs",
]
