"""What people paste: links, names and numbers of communities; tokens alone or inside the address that VK left."""

import pytest

from app.domain.vk.links import community_named, token_in

TOKEN = "vk1.a.abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.mark.parametrize(
    "text",
    [
        "42",
        "-42",
        "club42",
        "public42",
        "event42",
        "vk.com/club42",
        "https://vk.com/club42",
        "https://m.vk.com/public42/",
        "https://vk.ru/club42?from=search",
        "https://vk.com/club42?w=wall-42_1",
    ],
)
def test_a_number_in_any_clothes(text: str) -> None:
    assert community_named(text) == 42


@pytest.mark.parametrize(
    "text",
    ["photobooth_studio", "@photobooth_studio", "  vk.com/photobooth_studio ", "https://vk.com/Photobooth_Studio#a"],
)
def test_a_screen_name_in_any_clothes(text: str) -> None:
    assert community_named(text) == "photobooth_studio"


@pytest.mark.parametrize(
    "text",
    ["", " ", "https://example.org/club42", "http://[", "vk.com/", "студия", "a b", "https://vk.com/a/b", "x" * 99],
)
def test_whatever_is_none_is_nobody(text: str) -> None:
    assert community_named(text) is None


@pytest.mark.parametrize(
    "text",
    [
        TOKEN,
        f" {TOKEN}\n",
        f"https://oauth.vk.com/blank.html#access_token={TOKEN}&expires_in=0&user_id=1",
        f"https://example.org/back?state=1&access_token={TOKEN}",
        f"access_token={TOKEN}&expires_in=0",
    ],
)
def test_a_token_is_found(text: str) -> None:
    assert token_in(text) == TOKEN


@pytest.mark.parametrize(
    "text", ["", "short", "with spaces in the middle of it", "токен" * 10, "a" * 3000, "http://[#access_token=x"]
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert token_in(text) is None
