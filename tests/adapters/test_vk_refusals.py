"""Every number that VK refuses with becomes one thing that a person or a program can do something about."""

import logging
import traceback
from collections.abc import Iterator

import pytest
import structlog

from app.adapters.vk_api import refusals
from app.domain.vk import errors
from app.domain.vk.errors import VkError
from app.logs import configure_logs
from tests.adapters.vk_calls import TOKEN, Client, NoPace, Vk, failing, refuses
from tests.support.fakes import server
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.server import Behaviour

# Marked `global` in VK's schema 5.199, but for advertisers (603) and votes (3305).
ANY_CALLS = (
    *(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 20, 21, 23, 24, 25, 27, 28, 29, 30, 33, 34, 35, 37),
    *(38, 39, 40, 41, 42, 43, 100, 101, 113, 150, 200, 201, 203, 300, 500, 600, 1114, 1116, 1117, 1118),
    *(3300, 3301, 3302, 3303, 3304, 3609, 3610, 3611, 9999, 11500),
)

MEANINGS: dict[type[VkError], tuple[int, ...]] = {
    errors.VkOutcomeUnknown: (1, 10),
    errors.VkBusy: (6,),
    errors.VkQuotaUsedUp: (9, 29),
    errors.VkTokenRefused: (5, 1117),
    errors.VkWrongTokenType: (27, 28, 1051),
    errors.VkCaptcha: (14, 3300),
    errors.VkValidationNeeded: (17, 24, 703),
    errors.VkAccessDenied: (7, 15, 19, 200, 203, 210),
    errors.VkBadRequest: (3, 8, 100, 104, 113, 114, 118, 121),
    errors.VkUploadFailed: (22, 129),
    errors.VkAlbumFull: (300,),
    errors.VkAlbumLimit: (302,),
    errors.VkCallbackLimit: (2000,),
    errors.VkPostRefused: (214, 219, 220, 222, 224, 225, 13000),
}


@pytest.fixture
def vk() -> Iterator[Vk]:
    with Vk() as running:
        yield running


@pytest.fixture
def client(vk: Vk) -> Client:
    return Client(vk.url, NoPace())


def refusal(vk: Vk, client: Client, behaviour: Behaviour, method: str = "wall.post") -> VkError:
    vk.always(behaviour)
    with pytest.raises(VkError) as caught:
        client.write(method, TOKEN, message="Добрый вечер")
    return caught.value


@pytest.mark.parametrize(
    ("number", "kind"), [(number, kind) for kind, numbers in MEANINGS.items() for number in numbers]
)
def test_numbers_have_their_class(vk: Vk, client: Client, number: int, kind: type[VkError]) -> None:
    error = refusal(vk, client, refuses(number, "It is so."))
    assert (type(error), error.vk_code, error.message, error.method) == (kind, number, "It is so.", "wall.post")


def test_a_number_that_nobody_knows_is_a_refusal_and_no_more(vk: Vk, client: Client) -> None:
    error = refusal(vk, client, refuses(31337, "Something new"))
    assert (type(error), error.vk_code, error.is_permanent, error.is_unknown) == (VkError, 31337, True, False)


@pytest.mark.parametrize("number", ANY_CALLS)
def test_whatever_any_call_may_meet_has_a_class_of_its_own(number: int) -> None:
    assert type(refusals.refusal({"error_code": number}, "wall.get", TOKEN.value)) is not VkError


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Access to adding post denied: a post is already scheduled for this time", errors.VkTimeTaken),
        ("Access to adding post denied: you can only add 50 posts a day", errors.VkPostRefused),
    ],
)
def test_a_minute_that_is_taken_is_told_from_other_refusals(
    vk: Vk, client: Client, message: str, kind: type[VkError]
) -> None:
    assert type(refusal(vk, client, refuses(214, message))) is kind


def test_a_captcha_says_where_a_person_goes_on(vk: Vk, client: Client) -> None:
    address = "https://id.vk.ru/not_robot_captcha?domain=vk.com&session_token=abc"
    error = refusal(vk, client, refuses(14, "Captcha needed", redirect_uri=address, captcha_sid=1))
    assert (error.details, error.needs_person) == ({"redirect_uri": address}, True)


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "http://id.vk.ru/", "", 7, None, f"https://id.vk.ru/?t={TOKEN.value}"]
)
def test_an_address_that_no_page_should_link_to_is_left_out(vk: Vk, client: Client, address: object) -> None:
    assert refusal(vk, client, refuses(17, redirect_uri=address)).details == {}


@pytest.mark.parametrize("code", ["5", None, [5], {"a": 1}, 5.5], ids=repr)
def test_an_error_without_a_proper_number_tells_nothing(vk: Vk, client: Client, code: object) -> None:
    reply = Reply.json({"error": {"error_code": code, "error_msg": "Odd"}})
    error = refusal(vk, client, lambda call, answer, wire: reply)
    assert (type(error), error.vk_code) == (errors.VkOutcomeUnknown, None)


def test_an_error_counts_whatever_the_status(vk: Vk, client: Client) -> None:
    reply = Reply.json({"error": {"error_code": 5, "error_msg": "User authorization failed"}}, 401)
    assert type(refusal(vk, client, lambda call, answer, wire: reply)) is errors.VkTokenRefused


def test_words_of_vk_are_cut_and_cleaned(vk: Vk, client: Client) -> None:
    error = refusal(vk, client, refuses(100, "a\x00b\ud800c " + "x" * 900))
    assert error.message == ("abc " + "x" * 900)[:300]


def test_an_error_without_words_has_some(vk: Vk, client: Client) -> None:
    assert refusal(vk, client, refuses(100, "")).message == "No reason given."


class TestTokens:
    """Whatever fails, no error, traceback or log may tell one."""

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
            server.huge(17 << 20),
            refuses(5, f"User authorization failed: {TOKEN.value} is of another address"),
            refuses(5, f"{TOKEN.value[:9]}\x00{TOKEN.value[9:]}"),
            refuses(14, redirect_uri=f"https://id.vk.ru/?access_token={TOKEN.value}"),
            lambda call, answer, wire: Reply(500, call.body),
        ],
        ids=["500", "redirect", "reset", "cut", "huge", "quoted", "quoted with NUL", "address", "echo"],
    )
    def test_are_told_nowhere(
        self, vk: Vk, client: Client, behaviour: Behaviour, capsys: pytest.CaptureFixture[str]
    ) -> None:
        configure_logs("tracker")
        structlog.configure(cache_logger_on_first_use=False)  # a logger kept by its module would outlive the test
        logging.getLogger().setLevel(logging.DEBUG)  # the libraries' own lines too
        error = refusal(vk, client, behaviour)
        logging.getLogger("any").error("it failed", exc_info=error)
        printed = capsys.readouterr()
        assert "it failed" in printed.out
        secret = TOKEN.value
        for told in (f"{error!r} {error.message} {error.details}", *traceback.format_exception(error), *printed):
            assert secret not in told

    def test_are_not_shown_by_accident(self) -> None:
        assert TOKEN.value not in repr(TOKEN)

    @pytest.mark.parametrize(
        "token", [TOKEN.value, "vk2.a.FakeTokenOfVkId_0123456789", "0123456789abcdef" * 5 + "01234"], ids=len
    )
    def test_are_masked_in_logs_whoever_writes_them(self, token: str, capsys: pytest.CaptureFixture[str]) -> None:
        configure_logs("tracker")
        logging.getLogger("any").error("VK did not like %s at all", token)
        assert token not in capsys.readouterr().out


def test_a_call_that_echoes_its_parameters_is_a_refusal_without_them(vk: Vk, client: Client) -> None:
    def echo(call: Call, answer: object, wire: object) -> Reply:
        return Reply.json({"error": {"error_code": 100, "error_msg": "Bad", "request_params": [call.form().to_dict()]}})

    error = refusal(vk, client, echo)
    assert (error.details, error.message) == ({}, "Bad")


def test_the_classes_agree_on_who_can_help() -> None:
    assert errors.VkCaptcha.needs_person
    assert errors.VkWrongTokenType.needs_person
    assert not errors.VkBusy.needs_person
    with failing(errors.VkTimeTaken) as caught:
        raise errors.VkTimeTaken("Move it.")
    assert caught.value.is_permanent
