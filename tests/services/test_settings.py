"""The settings page's service: what can be set, by whom it was, and that secrets stay inside."""

import contextlib
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import Reason, Refused
from app.ports.settings import INGEST_PASSWORD_KEY
from app.services.settings import SettingsService
from app.services.settings.values import DEFAULTS, GRACE, INGEST_PASSWORD_LENGTH
from tests.services.office import Office
from tests.twins.memory_access import PlainHasher


@pytest.fixture
def house() -> Office:
    return Office()


@pytest.fixture
def service(house: Office) -> SettingsService:
    return house.settings


def problems_of(service: SettingsService, changes: dict[str, Any]) -> dict[str, Any]:
    with pytest.raises(Refused) as raised:
        service.change(changes, "serg")
    assert raised.value.reason is Reason.INVALID_SETTINGS
    fields: dict[str, Any] = raised.value.details["fields"]
    return fields


def test_a_new_installation_has_defaults_that_nobody_set(service: SettingsService) -> None:
    views = service.read()
    assert {name: view.value for name, view in views.items()} == {
        "sync_response_seconds": 48,
        "result_retention_hours": 72,
        "time_zone": "Europe/Moscow",
        INGEST_PASSWORD_KEY: None,
    }
    assert not any(view.is_set or view.updated_by or view.updated_at for view in views.values())


def test_a_change_says_who_made_it(service: SettingsService) -> None:
    service.change({"sync_response_seconds": 60, "result_retention_hours": 24}, "serg")
    service.change({"result_retention_hours": 168}, "igor")
    views = service.read()
    window, retention = views["sync_response_seconds"], views["result_retention_hours"]
    assert [(view.value, view.updated_by) for view in (window, retention)] == [(60, "serg"), (168, "igor")]
    assert service.sync_response_seconds() == 60.0


def test_the_password_is_kept_as_a_hash_and_never_shown(house: Office, service: SettingsService) -> None:
    service.change({INGEST_PASSWORD_KEY: "booths-only-77"}, "serg")
    stored = house.stores.settings.get(INGEST_PASSWORD_KEY)
    view = service.read()[INGEST_PASSWORD_KEY]
    assert stored is not None
    assert house.hasher.verify(stored.value["hash"], "booths-only-77")
    assert (view.value, view.is_set, view.updated_by) == (None, True, "serg")


def test_an_empty_password_leaves_the_old_one(house: Office, service: SettingsService) -> None:
    service.change({INGEST_PASSWORD_KEY: "booths-only-77"}, "serg")
    before = house.stores.settings.get(INGEST_PASSWORD_KEY)
    service.change({INGEST_PASSWORD_KEY: "", "sync_response_seconds": 50}, "igor")
    assert house.stores.settings.get(INGEST_PASSWORD_KEY) == before


@pytest.mark.parametrize("value", [45, 60])
def test_the_bounds_themselves_are_allowed(service: SettingsService, value: int) -> None:
    service.change({"sync_response_seconds": value}, "serg")
    assert service.sync_response_seconds() == value


@pytest.mark.parametrize("value", [44, 61, 48.0, "48", True, None, [48], float("nan"), 10**30])
def test_what_is_out_of_range_is_refused_with_the_range(service: SettingsService, value: object) -> None:
    assert problems_of(service, {"sync_response_seconds": value}) == {
        "sync_response_seconds": {"code": "out_of_range", "minimum": 45, "maximum": 60}
    }


@pytest.mark.parametrize("value", ["abc", "x" * 129, "tab\there", "nul\x00nul", "\ud800\ud800\ud800\ud800", 1234, []])
def test_a_password_that_cannot_be_typed_into_a_booth_is_refused(service: SettingsService, value: object) -> None:
    shortest, longest = INGEST_PASSWORD_LENGTH
    assert problems_of(service, {INGEST_PASSWORD_KEY: value}) == {
        INGEST_PASSWORD_KEY: {"code": "bad_password", "minimum": shortest, "maximum": longest}
    }


def test_the_house_is_where_its_administrators_say(service: SettingsService) -> None:
    assert service.time_zone() == ZoneInfo("Europe/Moscow")
    service.change({"time_zone": "Asia/Yekaterinburg"}, "serg")
    assert service.time_zone() == ZoneInfo("Asia/Yekaterinburg")


NOWHERE = ["", "Moscow", "europe/moscow", "../etc/passwd", "localtime", "UTC\x00", None, 3, ["UTC"]]


@pytest.mark.parametrize("value", NOWHERE)
def test_a_place_that_does_not_exist_is_refused(service: SettingsService, value: object) -> None:
    assert problems_of(service, {"time_zone": value}) == {"time_zone": {"code": "not_a_zone"}}


def test_an_unknown_name_is_refused_with_those_that_exist(service: SettingsService) -> None:
    [problem] = problems_of(service, {"colour": "red"}).values()
    assert problem == {
        "code": "unknown_field",
        "allowed": [*DEFAULTS, INGEST_PASSWORD_KEY, GRACE, "providers"],
    }


class TestTheRecord:
    def recorded(self, house: Office) -> list[tuple[str | None, str, dict[str, Any]]]:
        changes, _ = house.stores.audit.search(subject="settings", page=1, page_size=10)
        return [(change.username, change.action, dict(change.detail)) for change in changes]

    def test_tells_old_and_new_values(self, house: Office, service: SettingsService) -> None:
        service.change({"sync_response_seconds": 60, "time_zone": "Asia/Omsk"}, "serg")
        detail = {"sync_response_seconds": [48, 60], "time_zone": ["Europe/Moscow", "Asia/Omsk"]}
        assert self.recorded(house) == [("serg", "settings.changed", detail)]

    def test_has_nothing_of_what_stays_as_it_is(self, house: Office, service: SettingsService) -> None:
        service.change({"sync_response_seconds": 60}, "serg")
        service.change({"sync_response_seconds": 60, INGEST_PASSWORD_KEY: ""}, "igor")
        assert [username for username, _, _ in self.recorded(house)] == ["serg"]
        assert service.read()["sync_response_seconds"].updated_by == "serg"

    def test_says_of_a_password_only_that_it_was_set_or_removed(self, house: Office, service: SettingsService) -> None:
        service.change({INGEST_PASSWORD_KEY: "booths-only-77"}, "serg")
        service.change({INGEST_PASSWORD_KEY: None}, "igor")
        assert [detail for _, _, detail in self.recorded(house)] == [
            {INGEST_PASSWORD_KEY: "removed"},
            {INGEST_PASSWORD_KEY: "set"},
        ]
        assert "booths-only-77" not in str(house.database.table("audit_log"))


class TestVersions:
    def test_a_change_that_is_based_on_the_version_of_now_is_made(self, service: SettingsService) -> None:
        service.change({"sync_response_seconds": 50}, "serg", service.version())
        assert (service.sync_response_seconds(), service.version()) == (50, 1)

    def test_one_that_is_based_on_an_older_version_changes_nothing(self, house: Office) -> None:
        service, seen = house.settings, house.settings.version()
        house.change(base_url="https://relay.example")
        with pytest.raises(Refused) as raised:
            service.change({"sync_response_seconds": 50}, "igor", seen)
        assert raised.value.reason is Reason.VERSION_CONFLICT
        assert raised.value.details == {"version": seen + 1}
        assert service.sync_response_seconds() == 48

    def test_what_is_refused_does_not_count(self, service: SettingsService) -> None:
        problems_of(service, {"sync_response_seconds": 1})
        assert service.version() == 0


def test_of_a_form_with_a_mistake_nothing_is_applied(service: SettingsService) -> None:
    assert problems_of(service, {"sync_response_seconds": 60, "result_retention_hours": 1}).keys() == {
        "result_retention_hours"
    }
    assert service.sync_response_seconds() == 48


def test_of_a_change_that_breaks_half_way_nothing_is_applied(house: Office) -> None:
    class BrokenHasher(PlainHasher):
        def hash(self, password: str) -> str:
            raise MemoryError

    service = house.settings_service(hasher=BrokenHasher())
    with pytest.raises(MemoryError):
        service.change({"sync_response_seconds": 60, INGEST_PASSWORD_KEY: "booths-only-77"}, "serg")
    assert service.sync_response_seconds() == 48


def test_tests_may_shorten_the_window_beyond_its_range(house: Office) -> None:
    service = house.settings_service(sync_override=0.5)
    service.change({"sync_response_seconds": 60}, "serg")
    assert service.sync_response_seconds() == 0.5
    assert service.read()["sync_response_seconds"].value == 60


NAMES = ["sync_response_seconds", "result_retention_hours", "time_zone", INGEST_PASSWORD_KEY, GRACE, "providers", "x"]
json_values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(st.characters(codec=None, exclude_categories=()))
)


@given(st.dictionaries(st.sampled_from(NAMES), json_values))
def test_any_change_is_applied_or_refused(changes: dict[str, Any]) -> None:
    service = Office().settings
    with contextlib.suppress(Refused):
        service.change(changes, "serg")
        return
    assert not any(view.is_set for view in service.read().values())
