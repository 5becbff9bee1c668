"""A time zone is told by its town, and by how far it is from UTC where that is the same all year."""

from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_babel import force_locale

from app.web.pages.formats import zone_name


@pytest.mark.parametrize(
    ("key", "language", "name"),
    [
        ("Europe/Moscow", "ru", "Москва (UTC+3)"),
        ("Europe/Moscow", "en", "Moscow (UTC+3)"),
        ("Asia/Kolkata", "en", "Kolkata (UTC+5:30)"),
        ("America/Bogota", "ru", "Богота (UTC−5)"),
        ("America/New_York", "ru", "Нью-Йорк"),
    ],
)
def test_a_zone_has_a_name(app: Flask, key: str, language: str, name: str) -> None:
    with app.test_request_context(), force_locale(language):
        assert zone_name(ZoneInfo(key)) == name
