"""The JSON API. Programs bring a bearer token, the pages' scripts the session cookie with the CSRF header."""

from app.web.api import jobs, login, media, settings, slots
from app.web.api.site import blueprint

__all__ = ["blueprint", "jobs", "login", "media", "settings", "slots"]
