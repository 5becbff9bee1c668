"""How providers are reached: who rules over whom, what is refused, what a check says, and that secrets stay inside."""

import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from decimal import Decimal
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.domain.errors import DatabaseUnavailable, FaultKind, ProviderFault, Reason, Refused
from app.ports.settings import SettingView
from app.services.connections import CHECK_SECONDS, Check
from tests.services.house import CATALOGUE
from tests.services.office import Office

KEY, PROXY = "AIza-the-key-0123456789", "http://user:pa55@10.0.0.1:3128"
ENVIRONMENT = {"backup": {"api_key": "from-env", "base_url": "http://env.example/v1", "proxy": "http://env.example:1"}}
NEVER_SET = SettingView(None, False, None, None)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def configured() -> Office:
    """An office whose environment says everything of a provider."""
    return Office(environment=ENVIRONMENT)


def problems_of(office: Office, providers: Any) -> dict[str, Any]:
    with pytest.raises(Refused) as raised:
        office.settings.change({"providers": providers}, "serg")
    assert raised.value.reason is Reason.INVALID_SETTINGS
    fields: dict[str, Any] = raised.value.details["fields"]
    return fields


class TestWhoRules:
    def test_at_first_the_catalogue(self, office: Office) -> None:
        connection = office.connection()
        assert (connection.base_url, connection.api_key, connection.proxy) == ("https://backup.example", None, None)
        assert connection.daily_budget_usd is None

    def test_the_environment_over_the_catalogue(self, configured: Office) -> None:
        connection = configured.connection()
        assert (connection.base_url, connection.api_key) == ("http://env.example/v1", "from-env")
        assert connection.proxy == "http://env.example:1"
        assert configured.connection("rival").api_key is None

    def test_an_administrator_over_the_environment(self, configured: Office) -> None:
        configured.change(api_key=f"  {KEY}\n", base_url=" https://own.example/v2/ ")
        configured.change(proxy=PROXY, daily_budget_usd=12.5)
        connection = configured.connection()
        assert (connection.api_key, connection.base_url) == (KEY, "https://own.example/v2")
        assert (connection.proxy, connection.daily_budget_usd) == (PROXY, Decimal("12.5"))

    def test_a_removed_value_does_not_come_back_from_the_environment(self, configured: Office) -> None:
        configured.change(api_key=None, base_url=None, proxy=None)
        connection = configured.connection()
        assert (connection.base_url, connection.api_key, connection.proxy) == ("https://backup.example", None, None)

    def test_while_the_database_is_away_what_was_known_last(self, office: Office) -> None:
        office.change(api_key=KEY)
        known = office.connection()
        office.database.go_away()
        assert office.connection() == known

    def test_one_that_needs_no_network_asks_nobody(self, office: Office) -> None:
        office.database.go_away()
        assert office.connection("local").base_url == ""

    def test_a_blank_leaves_everything_as_it_is(self, configured: Office) -> None:
        before = configured.connections.view("backup")
        configured.change(api_key="", base_url="  ", proxy="\n")
        assert configured.connections.view("backup") == before

    def test_hosts_of_results_come_along(self, office: Office) -> None:
        assert office.connection("rival").result_hosts == office.spec("rival").result_hosts


class TestViews:
    def test_say_who_and_when_but_no_secret(self, office: Office) -> None:
        office.change(api_key=KEY, proxy=PROXY, base_url="https://own.example")
        office.change(author="igor", daily_budget_usd=3)
        view = office.connections.view("backup")
        assert [v.updated_by for v in (view.api_key, view.proxy, view.base_url)] == ["serg"] * 3
        assert all(v.updated_at for v in (view.api_key, view.proxy, view.base_url, view.daily_budget_usd))
        assert (view.base_url.value, view.daily_budget_usd.value) == ("https://own.example", 3)
        assert view.daily_budget_usd.updated_by == "igor"
        for secret in (KEY, PROXY, "pa55"):
            assert secret not in str(asdict(view))

    def test_what_the_environment_says_was_updated_by_nobody(self, configured: Office) -> None:
        view = configured.connections.view("backup")
        assert [v.is_set for v in (view.api_key, view.proxy, view.base_url)] == [True] * 3
        assert [v.updated_at for v in (view.api_key, view.proxy, view.base_url)] == [None] * 3
        assert "from-env" not in str(asdict(view))

    def test_a_removed_value_is_not_set_and_says_by_whom(self, configured: Office) -> None:
        configured.change(author="igor", api_key=None)
        view = configured.connections.view("backup").api_key
        assert (view.is_set, view.updated_by) == (False, "igor")

    def test_only_providers_over_a_network_have_one(self, office: Office) -> None:
        assert [view.spec.id for view in office.connections.views()] == ["backup", "rival", "orders"]
        for name in ("local", "nobody", ""):
            with pytest.raises(Refused) as raised:
                office.connections.view(name)
            assert raised.value.reason is Reason.NOT_FOUND


class TestChanges:
    def test_each_reopens_what_was_held_against_the_provider(self, office: Office) -> None:
        for change in ({"api_key": KEY}, {"proxy": PROXY}, {"base_url": "http://own.example"}, {"api_key": None}):
            office.change(**change)
        assert office.gate.reopened == ["backup"] * 4

    @pytest.mark.parametrize(
        "values",
        [
            {"api_key": "", "proxy": "", "base_url": ""},
            {"api_key": None, "proxy": None, "base_url": None, "daily_budget_usd": None},
            {"base_url": "https://backup.example/"},
            {},
        ],
    )
    def test_what_changes_nothing_has_no_author(self, office: Office, values: dict[str, Any]) -> None:
        office.change(**values)
        view = office.connections.view("backup")
        assert [view.api_key, view.proxy, view.daily_budget_usd] == [NEVER_SET] * 3
        assert view.base_url.updated_at is None
        assert office.gate.reopened == []

    def test_the_same_secret_again_is_a_change_so_that_nobody_can_guess_it(self, office: Office) -> None:
        office.change(api_key=KEY)
        office.change(author="igor", api_key=KEY)
        assert office.connections.view("backup").api_key.updated_by == "igor"

    def test_a_budget_is_money_and_opens_nothing(self, office: Office) -> None:
        office.change(daily_budget_usd=0.1)
        assert office.connection().daily_budget_usd == Decimal("0.1")
        office.change(author="igor", daily_budget_usd=Decimal("0.10"))
        assert office.connections.view("backup").daily_budget_usd.updated_by == "serg"
        office.change(daily_budget_usd=0)
        assert office.connection().daily_budget_usd == 0
        office.change(daily_budget_usd=None)
        assert office.connection().daily_budget_usd is None
        assert office.gate.reopened == []

    def test_are_on_record_with_old_and_new_but_no_secret(self, office: Office) -> None:
        office.change(api_key="sk-secret-01", base_url="https://relay.example", daily_budget_usd=5)
        office.change(api_key=None, base_url="https://relay.example", author="igor")
        [second, first], _ = office.stores.audit.search(subject="backup", page=1, page_size=10)
        assert (first.username, first.action) == ("serg", "provider.changed")
        assert first.detail == {
            "api_key": "set",
            "base_url": ["https://backup.example", "https://relay.example"],
            "daily_budget_usd": [None, "5"],
        }
        assert (second.username, second.detail) == ("igor", {"api_key": "removed"})
        assert "sk-secret-01" not in str(office.database.table("audit_log"))

    def test_several_providers_and_the_rest_change_together(self, office: Office) -> None:
        providers = {"backup": {"api_key": KEY}, "rival": {"api_key": "another"}}
        office.settings.change({"providers": providers, "sync_response_seconds": 50}, "serg")
        assert [office.connection(name).api_key for name in ("backup", "rival")] == [KEY, "another"]
        assert office.settings.sync_response_seconds() == 50

    def test_of_a_change_that_breaks_half_way_nothing_is_made(self, office: Office) -> None:
        def broken(_: str) -> None:
            raise MemoryError

        office.gate.reopen = broken  # type: ignore[method-assign]
        with pytest.raises(MemoryError):
            office.settings.change({"providers": {"backup": {"api_key": KEY}}, "sync_response_seconds": 50}, "serg")
        assert office.connection().api_key is None
        assert office.settings.sync_response_seconds() == 48


class TestRefusals:
    @pytest.mark.parametrize(
        ("name", "value", "code"),
        [
            ("api_key", "two words", "bad_key"),
            ("api_key", "ключ", "bad_key"),
            ("api_key", "x" * 2049, "bad_key"),
            ("api_key", "nul\x00", "bad_key"),
            ("api_key", 7, "bad_key"),
            ("api_key", {"is_set": True}, "bad_key"),
            ("base_url", "own.example", "bad_address"),
            ("base_url", "https://user:pa55@own.example", "bad_address"),
            ("base_url", "https://own.example/?key=1", "bad_address"),
            ("base_url", "https://own.example:99999", "bad_address"),
            ("base_url", "file:///etc/passwd", "bad_address"),
            ("base_url", True, "bad_address"),
            ("proxy", "10.0.0.1:3128", "bad_proxy"),
            ("proxy", "http://10.0.0.1", "bad_proxy"),
            ("proxy", "socks5://10.0.0.1:1080", "bad_proxy"),
            ("proxy", "http://us er:pa55@10.0.0.1:3128", "bad_proxy"),
            ("daily_budget_usd", -0.01, "out_of_range"),
            ("daily_budget_usd", 100_001, "out_of_range"),
            ("daily_budget_usd", 10**400, "out_of_range"),
            ("daily_budget_usd", float("nan"), "out_of_range"),
            ("daily_budget_usd", True, "out_of_range"),
            ("daily_budget_usd", "12", "out_of_range"),
            ("region", "eu", "unknown_field"),
        ],
    )
    def test_a_value_is_refused_at_its_path_and_not_repeated(
        self, office: Office, name: str, value: Any, code: str
    ) -> None:
        found = problems_of(office, {"backup": {name: value, "proxy" if name == "api_key" else "api_key": "ok"}})
        assert found[f"providers.backup.{name}"]["code"] == code
        assert "pa55" not in str(found)
        assert office.connection().api_key is None

    @pytest.mark.parametrize(
        ("providers", "path", "code"),
        [
            (None, "providers", "not_an_object"),
            ([], "providers", "not_an_object"),
            ({"backup": None}, "providers.backup", "not_an_object"),
            ({"backup": "key"}, "providers.backup", "not_an_object"),
            ({"local": {"api_key": "key"}}, "providers.local", "unknown_field"),
            ({"nobody": {}}, "providers.nobody", "unknown_field"),
        ],
    )
    def test_what_is_no_provider_or_no_object(self, office: Office, providers: Any, path: str, code: str) -> None:
        assert problems_of(office, providers)[path]["code"] == code

    def test_those_of_all_parts_come_at_once(self, office: Office) -> None:
        with pytest.raises(Refused) as raised:
            office.settings.change({"providers": {"backup": {"proxy": "x"}}, "sync_response_seconds": 1}, "serg")
        assert set(raised.value.details["fields"]) == {"providers.backup.proxy", "sync_response_seconds"}

    def test_nothing_is_stored_when_one_value_is_wrong(self, office: Office) -> None:
        problems_of(office, {"backup": {"api_key": KEY}, "rival": {"proxy": "x"}})
        assert office.connection().api_key is None


class TestLostKeys:
    @pytest.fixture
    def office(self) -> Office:
        """Of two values one was encrypted with a key that is gone."""
        office = Office()
        office.stores.secrets_of("lost").put("backup", "api_key", KEY, "serg")
        office.change(proxy=PROXY)
        return office

    def test_the_provider_is_not_called(self, office: Office) -> None:
        with pytest.raises(ProviderFault, match="api_key cannot be decrypted") as raised:
            office.connection()
        assert (raised.value.kind, raised.value.permanent) == (FaultKind.NOT_CONFIGURED, True)

    def test_the_view_names_the_value_and_still_says_who_entered_it(self, office: Office) -> None:
        view = office.connections.view("backup")
        assert view.unreadable == ("api_key",)
        assert (view.api_key.is_set, view.api_key.updated_by) == (False, "serg")
        assert (view.proxy.is_set, view.proxy.updated_by) == (True, "serg")

    def test_of_many_those_without_a_key_are_found_at_once(self, office: Office) -> None:
        specs = [spec for spec in CATALOGUE.providers if spec.is_remote]
        office.connections.apply({"rival": {"api_key": KEY}}, "serg")
        lost = "The stored api_key cannot be decrypted: enter it again, or mend ENCRYPTION_KEYS."
        assert office.connections.without_key(specs) == {"backup": lost, "orders": ""}

    @pytest.mark.parametrize("value", [KEY, None])
    def test_entering_or_removing_it_mends_that(self, office: Office, value: str | None) -> None:
        office.change(author="igor", api_key=value)
        assert (office.connection().api_key, office.connection().proxy) == (value, PROXY)


class TestCheck:
    def test_asks_with_the_values_of_now_and_a_deadline(self, office: Office) -> None:
        office.change(api_key=KEY)
        assert office.connections.check("backup").fault is None
        [(connection, deadline)] = office.backup.seen
        assert connection == office.connection()
        assert 0 < deadline.remaining(time.monotonic()) <= CHECK_SECONDS < 5

    def test_success_lets_photos_through_again(self, office: Office) -> None:
        office.connections.check("backup")
        assert office.gate.reopened == ["backup"]

    def test_a_fault_is_an_answer_and_opens_nothing(self, office: Office) -> None:
        fault = ProviderFault(FaultKind.KEY_REFUSED, "The key is wrong.", permanent=True, status=401)

        def refuse() -> None:
            raise fault

        office.backup.verdict = refuse
        assert office.connections.check("backup") == Check(0, fault)
        assert office.gate.reopened == []

    def test_nothing_is_held_meanwhile(self, office: Office) -> None:
        with ThreadPoolExecutor(1) as elsewhere:
            office.backup.verdict = lambda: elsewhere.submit(office.connections.views).result(10)
            assert office.connections.check("backup").fault is None

    def test_a_lost_key_is_said(self, office: Office) -> None:
        office.stores.secrets_of("lost").put("backup", "api_key", KEY, "serg")
        fault = office.connections.check("backup").fault
        assert fault is not None
        assert fault.kind is FaultKind.NOT_CONFIGURED
        assert office.backup.seen == []

    @pytest.mark.parametrize("name", ["local", "nobody", "rival"])
    def test_who_cannot_be_asked_is_not_found(self, office: Office, name: str) -> None:
        with pytest.raises(Refused) as raised:
            office.connections.check(name)
        assert raised.value.reason is Reason.NOT_FOUND

    def test_a_mistake_in_a_driver_is_an_answer_and_in_the_log(self, office: Office) -> None:
        office.backup.verdict = lambda: 1 // 0
        with capture_logs() as logs:
            fault = office.connections.check("backup").fault
        assert fault is not None
        assert (fault.kind, fault.permanent) == (FaultKind.INTERNAL, True)
        assert office.gate.reopened == []
        assert [(entry["event"], entry["provider"]) for entry in logs] == [("check_crashed", "backup")]

    def test_that_our_database_is_away_is_no_fault_of_the_provider(self, office: Office) -> None:
        office.database.go_away()
        with pytest.raises(DatabaseUnavailable):
            office.connections.check("backup")


def test_no_secret_is_in_a_repr_or_a_traceback(office: Office) -> None:
    office.change(api_key=KEY, proxy=PROXY)
    fault = ProviderFault(FaultKind.KEY_REFUSED, "The key is wrong.", permanent=True)

    def refuse() -> None:
        raise fault

    office.backup.verdict = refuse
    assert office.connections.check("backup").fault is fault
    shown = [repr(office.connection()), repr(office.connections), repr(office.connections.view("backup"))]
    shown.append("".join(traceback.format_exception(fault)))
    for secret in (KEY, "pa55"):
        assert secret not in "".join(shown)
