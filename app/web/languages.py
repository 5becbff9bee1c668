"""Russian and English: chosen by the user, else by the browser, else Russian. Times are those of the house.

Administrators choose in their session, guests by `?lang=en`, which a cookie of that name remembers (app/web/guests).
"""

from flask import Flask, request, session
from flask_babel import Babel

from app.web.links import is_for_guests
from app.web.use_cases import services

LANGUAGES = {"ru": "Русский", "en": "English"}


def register_languages(app: Flask) -> None:
    app.config["BABEL_DEFAULT_LOCALE"] = "ru"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=current_language, timezone_selector=_time_zone)


def current_language() -> str:
    chosen = _chosen_by_guest() if is_for_guests(request.path) else session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return next((known for tag in request.accept_languages.values() if (known := _primary(tag)) in LANGUAGES), "ru")


def _chosen_by_guest() -> str | None:
    return request.args.get("lang") or request.cookies.get("lang")


def _time_zone() -> str:
    """Asked for once by a request that shows a time, and not by others."""
    return services().settings.time_zone().key


def _primary(tag: str) -> str:
    """The language of a tag such as `en-GB`."""
    return tag.partition("-")[0].lower()
