"""Alerts on their way out, against servers on loopback: what arrives, what is said when it does not, what never is."""

import hashlib
import hmac
import logging
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from app.adapters.catalogue import load_catalogue
from app.adapters.http.client import Http
from app.adapters.messengers import calls
from app.adapters.messengers.telegram import TelegramMessenger
from app.adapters.messengers.webhook import WebhookMessenger
from app.config import load_settings
from app.domain.alerts import Alert, Lack, Sufferer, Trouble
from app.domain.channels import CHAT_ID, TOKEN, URL, Mishap, NotTold
from app.logs import configure_logs
from app.ports.alerts import ChannelValues, Event, Messenger, Notice
from app.web.alert_words import TelegramWords
from tests.support.fakes import server, telegram
from tests.support.fakes.server import Behaviour, FakeServer
from tests.support.fakes.telegram import FakeTelegram

NOW = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
BASE_URL = "https://photo.example.org"
NO_KEY = Alert(Lack.KEY, "gemini", slots=(Sufferer("slot-003", "Венеция <b>"), Sufferer("slot-004", "Рим")))
RAISED = Notice(Event.RAISED, NOW, NO_KEY, NOW - timedelta(seconds=31))
SHARED = "shared-secret-of-ours"


@pytest.fixture(scope="module")
def http() -> Http:
    return Http()


@pytest.fixture
def hook() -> Iterator[FakeServer]:
    with FakeServer() as fake:
        yield fake


@pytest.fixture
def bots() -> Iterator[FakeTelegram]:
    with FakeTelegram() as fake:
        yield fake


@pytest.fixture
def webhook(http: Http) -> Messenger:
    return WebhookMessenger(http, BASE_URL)


@pytest.fixture
def bot(http: Http, bots: FakeTelegram, tmp_path: Path) -> Messenger:
    catalogue = load_catalogue(load_settings({"VAR_DIR": str(tmp_path)}).catalogue_path)
    return TelegramMessenger(http, TelegramWords(catalogue, BASE_URL), bots.url)


def to_hook(hook: FakeServer, path: str = "/alerts?room=5", **values: str) -> ChannelValues:
    return ChannelValues({URL: f"{hook.url}{path}", **values}, "ru")


def to_chat(chat_id: str = telegram.CHAT_ID, token: str = telegram.TOKEN, language: str = "ru") -> ChannelValues:
    return ChannelValues({TOKEN: token, CHAT_ID: chat_id}, language)


def refusal(messenger: Messenger, to: ChannelValues) -> NotTold:
    with pytest.raises(NotTold) as caught:
        messenger.tell(RAISED, to)
    return caught.value


class TestWebhook:
    def test_tells_a_program_everything(self, webhook: Messenger, hook: FakeServer) -> None:
        webhook.tell(RAISED, to_hook(hook))
        [call] = hook.calls
        assert (call.method, call.path, call.query) == ("POST", "/alerts", {"room": "5"})
        assert call.headers["content-type"] == "application/json"
        assert call.json() == {
            "event": "raised",
            "alert": {
                "kind": "key_missing",
                "severity": "bad",
                "provider": "gemini",
                "model": "",
                "message": "",
                "since": None,
                "slots": [{"id": "slot-003", "name": "Венеция <b>"}, {"id": "slot-004", "name": "Рим"}],
            },
            "installation": BASE_URL,
            "at": "2026-11-21T18:30:00+00:00",
        }

    def test_a_test_has_no_alert(self, webhook: Messenger, hook: FakeServer) -> None:
        webhook.tell(Notice(Event.TEST, NOW), to_hook(hook))
        assert hook.calls[0].json()["alert"] is None

    def test_signs_with_the_secret_and_does_not_send_it(self, webhook: Messenger, hook: FakeServer) -> None:
        webhook.tell(RAISED, to_hook(hook, secret=SHARED))
        [call] = hook.calls
        wanted = hmac.new(SHARED.encode(), call.body, hashlib.sha256).hexdigest()
        assert call.headers["x-photochanger-signature"] == f"sha256={wanted}"
        assert SHARED not in f"{call.headers} {call.body!r}"

    def test_signs_nothing_without_one(self, webhook: Messenger, hook: FakeServer) -> None:
        webhook.tell(RAISED, to_hook(hook))
        assert "x-photochanger-signature" not in hook.calls[0].headers

    @pytest.mark.parametrize("status", [200, 202, 204])
    def test_any_success_will_do(self, webhook: Messenger, hook: FakeServer, status: int) -> None:
        hook.misbehave(server.status(status))
        webhook.tell(RAISED, to_hook(hook))

    @pytest.mark.parametrize(
        ("status", "mishap", "is_hopeless"),
        [
            (400, Mishap.REFUSED, True),
            (401, Mishap.NOT_AUTHORISED, True),
            (403, Mishap.NOT_AUTHORISED, True),
            (404, Mishap.NOT_FOUND, True),
            (408, Mishap.OUT_OF_ORDER, False),
            (429, Mishap.RATE_LIMITED, False),
            (500, Mishap.OUT_OF_ORDER, False),
            (503, Mishap.OUT_OF_ORDER, False),
        ],
    )
    def test_any_other_answer_says_whether_trying_again_may_help(
        self, webhook: Messenger, hook: FakeServer, status: int, mishap: Mishap, is_hopeless: bool
    ) -> None:
        hook.misbehave(server.status(status, b"<html>private words</html>"))
        why = refusal(webhook, to_hook(hook))
        assert (why.mishap, why.is_hopeless) == (mishap, is_hopeless)
        assert why.message == f"The webhook answered with status {status}."

    @pytest.mark.parametrize(
        ("header", "wait"), [("120", 120.0), ("Sat, 21 Nov 2026 18:30:00 GMT", None), ("-1", None)], ids=str
    )
    def test_a_wish_to_be_left_alone_is_heard(
        self, webhook: Messenger, hook: FakeServer, header: str, wait: float | None
    ) -> None:
        hook.misbehave(server.status(429, headers={"Retry-After": header}))
        assert refusal(webhook, to_hook(hook)).retry_after == wait

    def test_redirects_are_not_followed(self, webhook: Messenger, hook: FakeServer) -> None:
        hook.misbehave(server.redirect(f"{hook.url}/elsewhere"))
        why = refusal(webhook, to_hook(hook))
        assert (why.mishap, why.is_hopeless, len(hook.calls)) == (Mishap.REDIRECTED, True, 1)

    def test_nobody_there_may_change(self, webhook: Messenger, free_port: int) -> None:
        why = refusal(webhook, ChannelValues({URL: f"http://127.0.0.1:{free_port}/"}, "ru"))
        assert (why.mishap, why.is_hopeless) == (Mishap.UNREACHABLE, False)

    @pytest.mark.parametrize("behaviour", [server.hang(), server.drip()], ids=["hang", "drip"])
    def test_silence_ends_in_time(
        self, webhook: Messenger, hook: FakeServer, behaviour: Behaviour, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(calls, "SECONDS", 0.3)
        hook.misbehave(behaviour)
        began = time.monotonic()
        assert refusal(webhook, to_hook(hook)).mishap is Mishap.NO_ANSWER
        assert time.monotonic() - began < 2

    def test_people_are_promised_an_answer_within_five_seconds(self) -> None:
        assert calls.SECONDS < 5

    def test_a_connection_that_breaks_is_no_answer(self, webhook: Messenger, hook: FakeServer) -> None:
        hook.misbehave(server.reset())
        why = refusal(webhook, to_hook(hook))
        assert (why.mishap, why.is_hopeless) == (Mishap.NO_ANSWER, False)


class TestTelegram:
    def test_tells_people_what_is_wrong_what_to_do_and_whom_it_hits(self, bot: Messenger, bots: FakeTelegram) -> None:
        bot.tell(RAISED, to_chat())
        assert telegram.as_read(bots.texts[0]).splitlines() == [
            "🔴 Gemini (Google)",
            "Ключ не задан. Введите его в настройках.",
            "Слоты: Венеция <b>, Рим",
            BASE_URL,
        ]

    def test_in_the_language_of_the_house(self, bot: Messenger, bots: FakeTelegram) -> None:
        bot.tell(RAISED, to_chat(language="en"))
        assert "There is no key. Enter it in the settings." in bots.texts[0]

    def test_shows_no_preview_of_the_link(self, bot: Messenger, bots: FakeTelegram) -> None:
        bot.tell(RAISED, to_chat())
        assert bots.calls[0].json()["link_preview_options"] == {"is_disabled": True}

    @pytest.mark.parametrize(
        ("status", "description", "mishap"),
        [
            (400, "Bad Request: chat not found", Mishap.REFUSED),
            (401, "Unauthorized", Mishap.NOT_AUTHORISED),
            (403, "Forbidden: bot was blocked by the user", Mishap.NOT_AUTHORISED),
            (404, "Not Found", Mishap.NOT_FOUND),
        ],
    )
    def test_a_refusal_is_passed_on_and_hopeless(
        self, bot: Messenger, bots: FakeTelegram, status: int, description: str, mishap: Mishap
    ) -> None:
        bots.misbehave(telegram.says(telegram.refusal(status, description)))
        why = refusal(bot, to_chat())
        assert (why.mishap, why.message, why.is_hopeless) == (mishap, f"Telegram says: {description}", True)

    def test_whatever_it_says_can_be_stored_and_names_no_token(self, bot: Messenger, bots: FakeTelegram) -> None:
        to = to_chat()
        token = to["token"]
        said = f"a\x00b \ud800c {token[:5]}\x00{token[5:]} " + "x" * 500
        bots.misbehave(telegram.says(telegram.refusal(400, said)))
        assert refusal(bot, to).message == "Telegram says: " + ("ab c … " + "x" * 500)[:200]

    def test_the_chat_and_the_bot_are_really_looked_at(self, bot: Messenger) -> None:
        assert refusal(bot, to_chat(chat_id="42")).message == "Telegram says: Bad Request: chat not found"
        assert refusal(bot, to_chat(token="1:AAAAAAAAAAAAAAAAAAAAAAAA")).mishap is Mishap.NOT_AUTHORISED

    def test_too_many_messages_say_when_to_come_back(self, bot: Messenger, bots: FakeTelegram) -> None:
        bots.misbehave(telegram.too_many_requests(17))
        why = refusal(bot, to_chat())
        assert (why.mishap, why.retry_after, why.is_hopeless) == (Mishap.RATE_LIMITED, 17, False)

    @pytest.mark.parametrize(
        "behaviour",
        [
            server.html(),
            server.status(502, b"<html>Bad gateway"),
            server.body(b"[]", "application/json"),
            server.body(b'{"ok": false}', "application/json"),
            server.body(b"[" * 60_000, "application/json"),
        ],
        ids=["captive portal", "gateway", "list", "no reason", "deep"],
    )
    def test_what_is_no_bot_api_may_become_one(self, bot: Messenger, bots: FakeTelegram, behaviour: Behaviour) -> None:
        bots.misbehave(behaviour)
        why = refusal(bot, to_chat())
        assert (why.mishap, why.is_hopeless) == (Mishap.OUT_OF_ORDER, False)


class TestSecrets:
    """The bot's token is a part of the address: whatever fails, it must not be quoted."""

    @pytest.fixture(autouse=True)
    def restore_logging(self) -> Iterator[None]:
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        yield
        root.handlers[:], root.level = handlers, level
        structlog.reset_defaults()

    @pytest.mark.parametrize(
        "behaviour",
        [
            server.status(500, b"oops"),
            server.redirect("https://elsewhere.example/"),
            server.reset(),
            server.cut_short(),
            server.huge(1 << 20),
            lambda call, answer, wire: telegram.quoting_the_token(call),
        ],
        ids=["500", "redirect", "reset", "cut", "huge", "quoted"],
    )
    def test_no_error_no_traceback_and_no_log_tells_the_token(
        self, bot: Messenger, bots: FakeTelegram, behaviour: Behaviour, capsys: pytest.CaptureFixture[str]
    ) -> None:
        configure_logs("cleanup")
        structlog.configure(cache_logger_on_first_use=False)  # a logger kept by its module would outlive the test
        logging.getLogger().setLevel(logging.DEBUG)  # the libraries' own lines too
        bots.misbehave(behaviour)
        why = refusal(bot, to_chat())
        logging.getLogger("any").error("it failed", exc_info=why)
        printed = capsys.readouterr()
        assert "it failed" in printed.out
        for told in (f"{why!r} {why} {why.message}", *traceback.format_exception(why), printed.out, printed.err):
            assert telegram.TOKEN not in told

    def test_values_are_not_shown_by_accident(self) -> None:
        assert telegram.TOKEN not in repr(to_chat())


class TestWords:
    @pytest.fixture
    def words(self, tmp_path: Path) -> TelegramWords:
        return TelegramWords(load_catalogue(load_settings({"VAR_DIR": str(tmp_path)}).catalogue_path), None)

    def said(self, words: TelegramWords, notice: Notice, language: str = "ru") -> list[str]:
        return telegram.as_read(words.text(notice, language)).splitlines()

    def test_an_end_says_how_long_it_lasted_and_gives_no_more_advice(self, words: TelegramWords) -> None:
        ended = Notice(Event.ENDED, NOW, Alert(Trouble.NO_WORKER), NOW - timedelta(minutes=12))
        assert self.said(words, ended) == [
            "✅ PhotoChanger",
            "Закончилось через 12 мин: Ни один обработчик не запущен: снимки ждут, пока не выйдет их время.",
        ]

    def test_a_reminder_says_how_long_it_lasts(self, words: TelegramWords) -> None:
        reminded = Notice(Event.REMINDED, NOW, Alert(Trouble.NO_WORKER), NOW - timedelta(hours=6))
        assert self.said(words, reminded, "en")[1] == (
            "Still so after 6 h: No worker is running: photos wait until their time is over. "
            "Start queue_worker.py on the server."
        )

    def test_what_is_only_a_warning_looks_like_one(self, words: TelegramWords) -> None:
        low = Alert(Trouble.DISK_LOW, message="9.1 / 200 GB")
        [title, _, figures] = self.said(words, Notice(Event.RAISED, NOW, low))
        assert (title, figures) == ("⚠️ PhotoChanger", "9.1 / 200 GB")

    def test_many_slots_are_counted(self, words: TelegramWords) -> None:
        crowd = tuple(Sufferer(f"slot-{n:03}", f"Слот {n}") for n in range(1, 16))
        [*_, slots] = self.said(words, Notice(Event.RAISED, NOW, Alert(Lack.TEMPLATE, slots=crowd)))
        assert slots == "Слоты: Слот 1, Слот 2, Слот 3, Слот 4, Слот 5 и ещё 10"

    def test_what_others_wrote_is_text_and_never_too_long(self, bot: Messenger, bots: FakeTelegram) -> None:
        nasty = Alert(
            Lack.READABLE_KEY,
            "<b>&" * 400,
            "</i><script>" * 400,
            message="<i>&amp;" * 900,
            slots=tuple(Sufferer(f"slot-{n:03}", "<&>" * 26) for n in range(15)),
        )
        bot.tell(Notice(Event.RAISED, NOW, nasty, NOW), to_chat())
        assert "<script>" not in bots.texts[0]
        assert "…" in bots.texts[0]
