"""How the channels of alerts are set up: secrets stay secret, changes count at once, and a test says what happened."""

from typing import Any

import pytest

from app.domain.channels import Channel, Mishap, NotTold
from app.domain.errors import Reason, Refused
from app.ports.alerts import ChannelValues, Due, Event, Notice
from app.services.notices.channels import ChannelService, ChannelView
from tests.services.office import Office
from tests.twins.memory_secrets import MemorySecretStore
from tests.twins.memory_stores import MemoryStores

WEBHOOK, TELEGRAM = Channel.WEBHOOK, Channel.TELEGRAM
TOKEN = "123456789:AAFakeTokenOfATestBot_0123456789abc"
URL = "https://hooks.example.org/alerts?room=5"
BOT = {"token": TOKEN, "chat_id": "-100123"}


class Receiver:
    """Implements ports.Messenger."""

    def __init__(self) -> None:
        self.got: list[tuple[Notice, ChannelValues]] = []
        self.trouble: NotTold | None = None

    def tell(self, notice: Notice, to: ChannelValues) -> None:
        if self.trouble:
            raise self.trouble
        self.got.append((notice, to))


class Desk:
    def __init__(self, *keys: str) -> None:
        self.stores = MemoryStores()
        self.receivers = {WEBHOOK: Receiver(), TELEGRAM: Receiver()}
        self.service = self.service_with(self.stores.secrets_of(*(keys or ("the only key",))))

    def service_with(self, secrets: MemorySecretStore) -> ChannelService:
        return ChannelService(
            secrets=secrets,
            settings=self.stores.settings,
            book=self.stores.notices,
            messengers=self.receivers,
            audit=self.stores.audit,
            transaction=self.stores.transaction,
        )

    def change(self, **changes: Any) -> None:
        self.service.change(changes, "serg")

    def view(self, channel: Channel = TELEGRAM) -> ChannelView:
        return self.service.views()[channel]

    def changes(self) -> list[tuple[str, dict[str, Any]]]:
        """What the audit log holds, oldest first."""
        with self.stores.transaction():
            kept = self.stores.database.table("audit_log").values()
            assert {change.action for change in kept} <= {"alerts.changed"}
            return [(change.subject, dict(change.detail)) for change in kept]


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestReadiness:
    def test_a_new_house_tells_nobody(self, desk: Desk) -> None:
        assert desk.service.ready() == {}
        assert not any(view.is_ready for view in desk.service.views().values())
        assert desk.service.language().value == "ru"

    def test_a_webhook_needs_an_address_and_no_more(self, desk: Desk) -> None:
        desk.change(webhook={"url": URL})
        assert set(desk.service.ready()) == {WEBHOOK}
        assert desk.service.ready()[WEBHOOK].values == {"url": URL}

    def test_a_bot_needs_to_know_where_to_write(self, desk: Desk) -> None:
        desk.change(telegram={"token": TOKEN})
        assert desk.service.ready() == {}
        desk.change(telegram={"chat_id": "@our_channel"}, language="en")
        ready = desk.service.ready()[TELEGRAM]
        assert (ready["token"], ready["chat_id"], ready.language) == (TOKEN, "@our_channel", "en")

    def test_nothing_is_sent_unsigned_because_the_secret_was_lost(self) -> None:
        desk = Desk("old")
        desk.change(webhook={"url": URL, "secret": "shared-secret"})
        lost = desk.service_with(desk.stores.secrets_of("new"))
        assert lost.ready() == {}
        assert lost.views()[WEBHOOK].unreadable == ("url", "secret")
        assert not lost.views()[WEBHOOK].is_ready


class TestChanging:
    def test_blank_keeps_none_removes(self, desk: Desk) -> None:
        desk.change(telegram=BOT)
        desk.change(telegram={"token": "", "chat_id": "  "})
        assert desk.view().is_ready
        desk.change(telegram={"token": None})
        token = desk.view().fields["token"]
        assert (token.is_set, token.updated_by, desk.view().is_ready) == (False, "serg", False)

    def test_what_is_hidden_says_only_that_it_is_set(self, desk: Desk) -> None:
        desk.change(telegram=BOT, webhook={"url": URL, "secret": "shared-secret"})
        telegram, webhook = desk.view(), desk.view(WEBHOOK)
        assert (telegram.fields["token"].value, telegram.fields["token"].is_set) == (None, True)
        assert (webhook.fields["secret"].value, webhook.fields["secret"].is_set) == (None, True)
        assert (telegram.fields["chat_id"].value, webhook.fields["url"].value) == ("-100123", URL)

    @pytest.mark.parametrize(
        ("changes", "path", "code"),
        [
            ({"webhook": {"url": "ftp://a.example"}}, "webhook.url", "bad_url"),
            ({"webhook": {"url": "https://user:pw@a.example/"}}, "webhook.url", "bad_url"),
            ({"webhook": {"url": "https://a.example:0/"}}, "webhook.url", "bad_url"),
            ({"webhook": {"url": "https://a.example:99999/"}}, "webhook.url", "bad_url"),
            ({"webhook": {"url": "https://a.example/\\evil"}}, "webhook.url", "bad_url"),
            ({"webhook": {"url": "https://a.example/a b"}}, "webhook.url", "bad_url"),
            ({"webhook": {"url": "https://пример.рф/"}}, "webhook.url", "bad_url"),
            ({"webhook": {"secret": "short"}}, "webhook.secret", "bad_secret"),
            ({"webhook": {"secret": 12345678}}, "webhook.secret", "bad_secret"),
            ({"telegram": {"token": "no token"}}, "telegram.token", "bad_token"),
            ({"telegram": {"token": f"{TOKEN}/../x"}}, "telegram.token", "bad_token"),
            ({"telegram": {"chat_id": "our channel"}}, "telegram.chat_id", "bad_chat_id"),
            ({"telegram": {"chat_id": -100}}, "telegram.chat_id", "bad_chat_id"),
            ({"telegram": {"colour": "red"}}, "telegram.colour", "unknown_field"),
            ({"telegram": "red"}, "telegram", "not_an_object"),
            ({"telegram": None}, "telegram", "not_an_object"),
            ({"pigeon": {}}, "pigeon", "unknown_field"),
            ({"language": "de"}, "language", "not_an_option"),
            ({"language": ["ru"]}, "language", "not_an_option"),
        ],
        ids=str,
    )
    def test_what_cannot_be_used_is_refused_by_field(
        self, desk: Desk, changes: dict[str, Any], path: str, code: str
    ) -> None:
        with pytest.raises(Refused) as refused:
            desk.change(**changes)
        assert refused.value.reason is Reason.INVALID_SETTINGS
        assert refused.value.details["fields"][path]["code"] == code

    def test_all_of_it_counts_or_nothing(self, desk: Desk) -> None:
        with pytest.raises(Refused):
            desk.change(webhook={"url": URL}, telegram={"token": "bad"}, language="en")
        assert not desk.view(WEBHOOK).is_ready
        assert desk.service.language().value == "ru"

    @pytest.mark.parametrize(
        "url",
        [
            "https://a.example",
            "http://10.0.0.5:8080/x",
            "https://a.example?token=1",
            "https://[::1]:8443/",
            "http://localhost/a/b?c=d&e=%20",
        ],
    )
    def test_addresses_that_can_be_used(self, desk: Desk, url: str) -> None:
        desk.change(webhook={"url": f" {url} "})
        assert desk.view(WEBHOOK).fields["url"].value == url

    def test_who_changed_what_is_on_record_without_any_secret(self, desk: Desk) -> None:
        desk.change(telegram=BOT, language="en")
        desk.change(telegram={"token": None, "chat_id": "-100123"})
        desk.change(telegram={"token": ""}, webhook={"secret": None}, language="en")
        assert desk.changes() == [
            ("language", {"language": ["ru", "en"]}),
            ("telegram", {"token": "set", "chat_id": "set"}),
            ("telegram", {"token": "removed"}),
        ]

    def test_a_channel_that_is_set_up_differently_has_been_told_nothing(self, desk: Desk) -> None:
        desk.change(telegram=BOT, webhook={"url": URL})
        for channel in Channel:
            desk.stores.notices.works(channel)
        desk.change(telegram={"chat_id": "-100124"}, webhook={"url": URL})
        assert set(desk.stores.notices.states()) == {WEBHOOK}


class TestTrying:
    def test_a_message_that_arrives(self, desk: Desk) -> None:
        desk.change(telegram=BOT, language="en")
        trial = desk.service.test(TELEGRAM)
        [(notice, values)] = desk.receivers[TELEGRAM].got
        assert trial.failure is None
        assert (notice.event, notice.alert, values["chat_id"], values.language) == (Event.TEST, None, "-100123", "en")
        assert desk.view().state.told_at is not None

    def test_a_message_that_does_not_says_why(self, desk: Desk) -> None:
        desk.change(telegram=BOT)
        desk.receivers[TELEGRAM].trouble = NotTold(Mishap.NOT_AUTHORISED, "Telegram says: Unauthorized")
        assert desk.service.test(TELEGRAM).failure is desk.receivers[TELEGRAM].trouble
        assert desk.view().state.told_at is None

    def test_nothing_can_be_sent_by_what_is_not_set_up(self, desk: Desk) -> None:
        failure = desk.service.test(WEBHOOK).failure
        assert failure is not None
        assert failure.mishap is Mishap.NOT_SET_UP

    def test_what_was_given_up_goes_on_once_a_message_arrives(self, desk: Desk) -> None:
        desk.change(telegram=BOT)
        desk.stores.notices.observe({"worker_missing": _NO_WORKER}, [TELEGRAM])
        desk.stores.pass_time(31)
        due = desk.stores.notices.take(TELEGRAM)
        assert isinstance(due, Due)
        desk.stores.notices.failed(due, NotTold(Mishap.NOT_AUTHORISED, "Unauthorized."), 3600)
        assert desk.view().state.is_stopped
        desk.service.test(TELEGRAM)
        assert not desk.view().state.is_stopped
        assert desk.stores.notices.take(TELEGRAM) is not None


_NO_WORKER = {
    "kind": "worker_missing",
    "severity": "bad",
    "provider": "",
    "model": "",
    "message": "",
    "since": None,
    "slots": [],
}


class TestBesideProviders:
    """Channels keep their secrets where providers do."""

    def test_providers_do_not_stumble_over_them(self) -> None:
        office = Office()
        office.secrets.put("alerts:telegram", "token", TOKEN, "serg")
        assert office.connection().api_key is None
        assert [view.spec.id for view in office.connections.views()] == ["backup", "rival", "orders"]
        assert set(office.connections.without_key([office.spec("backup")])) == {"backup"}
        assert office.connections.daily_budgets() == {}

    def test_a_new_key_of_encryption_covers_them(self) -> None:
        desk = Desk("old")
        desk.change(telegram=BOT)
        assert desk.stores.secrets_of("new", "old").rotate() == 2
        renewed = desk.service_with(desk.stores.secrets_of("new"))
        assert renewed.ready()[TELEGRAM]["token"] == TOKEN
