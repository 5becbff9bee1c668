"""PhotoChanger: routes photo booth shots to image providers and answers inside the booth's time window."""

from __future__ import annotations

__version__ = "0.5.0"

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings
    from app.web.use_cases import Services


def create_app(settings: Settings, services: Services) -> Flask:
    """The web application. Imported late, so that worker and cleanup never load the web framework."""
    from app.web.application import build

    return build(settings, services)
