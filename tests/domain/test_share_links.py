"""What a share link may be like, and the secrets that are derived for it."""

import re
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.share_link import link_problems
from app.domain.share_token import LinkKey, digest_of

GOOD = {"slot_id": "slot-003", "expires_in_days": 7}
LINK = UUID(int=7)


def problems(**changes: Any) -> dict[str, Any]:
    return link_problems({**GOOD, **changes})


class TestRules:
    def test_a_scope_and_a_time_are_enough(self) -> None:
        assert problems() == {}
        assert problems(slot_id=None, event_id="x") == {}
        assert problems(name="", audience="own", allows_archive=True, password=None) == {}

    @pytest.mark.parametrize("name", [None, "x" * 81, "two\nlines", "\ud800", 7])
    def test_a_name_is_short_and_readable(self, name: object) -> None:
        assert problems(name=name) == {"name": {"code": "bad_length", "minimum": 0, "maximum": 80}}

    @pytest.mark.parametrize("scope", [{"event_id": "x"}, {"slot_id": None}, {"slot_id": None, "event_id": None}])
    def test_it_leads_to_a_slot_or_to_an_event(self, scope: dict[str, Any]) -> None:
        assert problems(**scope) == {"slot_id": {"code": "slot_or_event"}}

    @pytest.mark.parametrize("value", [7, ["slot-003"], True])
    def test_which_is_named_by_a_text(self, value: object) -> None:
        assert problems(slot_id=value) == {"slot_id": {"code": "not_an_option"}}
        assert problems(slot_id=None, event_id=value) == {"event_id": {"code": "not_an_option"}}

    @pytest.mark.parametrize("audience", [None, "", "ALL", 1, ["all"]])
    def test_its_audience_is_one_of_two(self, audience: object) -> None:
        assert problems(audience=audience) == {"audience": {"code": "not_an_option", "options": ["all", "own"]}}

    @pytest.mark.parametrize("flag", [None, "yes", 1, 0])
    def test_an_archive_is_allowed_or_not(self, flag: object) -> None:
        assert problems(allows_archive=flag) == {"allows_archive": {"code": "not_a_boolean"}}

    @pytest.mark.parametrize("password", ["", "short", "  short  ", "x" * 129, "new\nline", "\ud800éééé", 123456, True])
    def test_a_password_cannot_be_guessed_in_a_night(self, password: object) -> None:
        assert problems(password=password) == {"password": {"code": "bad_password", "minimum": 6, "maximum": 128}}

    @pytest.mark.parametrize("days", [None, 0, -1, 367, 1.0, "7", True])
    def test_it_ends(self, days: object) -> None:
        assert problems(expires_in_days=days) == {
            "expires_in_days": {"code": "out_of_range", "minimum": 1, "maximum": 366}
        }

    def test_what_is_no_field_is_named(self) -> None:
        assert problems(colour="red")["colour"]["code"] == "unknown_field"


class TestSecrets:
    def test_a_token_is_256_bits_that_an_address_can_hold(self) -> None:
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", LinkKey("secret").token(LINK))

    def test_the_same_key_always_derives_the_same(self) -> None:
        assert LinkKey("secret").token(LINK) == LinkKey("secret").token(LINK)
        assert LinkKey("secret").stamp(LINK, "hash") == LinkKey("secret").stamp(LINK, "hash")

    def test_whatever_differs_derives_another(self) -> None:
        key, other = LinkKey("secret"), LinkKey("another")
        derived = [
            key.token(LINK),
            key.token(UUID(int=8)),
            key.stamp(LINK, ""),
            key.stamp(LINK, "hash"),
            key.stamp(UUID(int=8), "hash"),
            other.token(LINK),
            other.stamp(LINK, "hash"),
        ]
        assert len(set(derived)) == len(derived)

    @given(st.text())
    def test_whatever_comes_as_a_token_has_a_digest(self, text: str) -> None:
        assert re.fullmatch(r"[0-9a-f]{64}", digest_of(text))

    def test_also_what_is_no_text(self) -> None:
        assert digest_of("\ud800") != digest_of("?")
