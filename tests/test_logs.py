"""Logs are one JSON object a line, and never hold a secret or a line break that somebody sent."""

import json
import logging
import threading

import pytest
import structlog

from app.logs import MASK, configure_logs, mask_text, without_secrets


@pytest.fixture(autouse=True)
def _restore_logging() -> object:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_names_its_process_and_its_job(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("worker")
    structlog.contextvars.bind_contextvars(job_id="7")
    structlog.get_logger("x").info("job_succeeded", provider="local")
    [line] = lines(capsys)
    assert (line["event"], line["role"], line["job_id"], line["level"]) == ("job_succeeded", "worker", "7", "info")


def test_every_thread_names_its_process(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("web")
    for write in (structlog.get_logger("x").info, logging.getLogger("waitress").warning):
        thread = threading.Thread(target=write, args=("event",))
        thread.start()
        thread.join()
    assert [line["role"] for line in lines(capsys)] == ["web", "web"]


def test_libraries_log_in_the_same_shape(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("web")
    logging.getLogger("waitress").warning("told you %s", "so")
    [line] = lines(capsys)
    assert (line["event"], line["logger"]) == ("told you so", "waitress")


def test_what_visitors_send_cannot_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("web")
    structlog.get_logger("x").info("ingest_refused", slot_id='a\r\n{"event": "job_succeeded"}\x1b[31m')
    assert len(lines(capsys)) == 1


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "ingest_password",
        "api_key",
        "x-goog-api-key",
        "Authorization",
        "Proxy-Authorization",
        "csrf_token",
        "secret_key",
        "ENCRYPTION_KEYS",
        "proxy",
        "GEMINI_PROXY",
        "pwd",
        "ingestPwd",
        "pw",
        "pin",
        "guest_pin",
        "key",
        "passcode",
        "Passphrase",
        "Пароль",
    ],
)
def test_values_named_like_secrets_are_masked(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("web")
    structlog.get_logger("x").info("event", **{name: "hunter22"})
    assert lines(capsys)[0][name] == MASK


@pytest.mark.parametrize("name", ["keyboard", "pins", "monkey", "spin", "pwm", "Имя", "{qr1}", "name"])
def test_ordinary_names_give_nothing_away(name: str) -> None:
    assert without_secrets(name, "hunter22") == "hunter22"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgresql://user:hunter22@host/db failed", "hunter22"),
        ("GET /x?access_token=hunter22&a=1", "hunter22"),
        ('{"password": "hunter22"}', "hunter22"),
        ("Authorization: Bearer hunter22", "hunter22"),
        ("{'Authorization': 'Token hunter22'}", "hunter22"),
        ("Proxy-Authorization: Basic aHVudGVyMjI=", "aHVudGVyMjI="),
        ("x-goog-api-key: hunter22", "hunter22"),
        ("x-key=hunter22", "hunter22"),
        ("/ingest/slot-001&pwd=hunter22", "hunter22"),
        ("GET /?a=1&pin=hunter22", "hunter22"),
        ("пароль: hunter22", "hunter22"),
        ("GET /v1beta/models?key=hunter22 failed", "hunter22"),
        ("cannot connect to http://hunter22:@10.0.0.1:3128", "hunter22"),
        ("cannot connect to http://user:hunter/22@10.0.0.1:3128", "hunter/22"),
        ("cannot connect to http://hunter22@10.0.0.1:3128", "hunter22"),
        ("key AIzaSyD-abcdefghijklmnopqrstuvwxyz12345 is not valid", "AIzaSyD"),
        ("Incorrect API key provided: sk-proj-abcdefghijkl0123456789", "abcdefghijkl"),
        ("Incorrect API key provided: sk-proj-abcd****wxyz.", "wxyz"),
        ("token r8_abcdefghijklmnopqrstuvwxyz012345678901", "abcdefgh"),
        ("Client disconnected while serving /s/bPZ0-rTq_8mVg3xYwK4nJ7hD2fLsC9aE1uO6iWkXtQ5", "bPZ0-rTq"),
        ("https://photo.example.org/wall/bPZ0-rTq_8mVg3xYwK4nJ7hD2fLsC9aE1uO6iWkXtQ5/photos", "bPZ0-rTq"),
        ("gAAAAABrAbcSaUWQA7q_UKLb4r5iFsgF3ffuL5zr7_i2G2FSF87OfLwedcHNlKUY798tU4CLI8TYojHRh1E=", "gAAAA"),
    ],
)
def test_secrets_inside_text_are_masked(text: str, secret: str) -> None:
    assert secret not in mask_text(text)
    assert MASK in mask_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "job 7 took 12 ms at https://photo.example.org/r/7?x=1",
        "media key: results/7.jpg of https://gemini.example:8443/v1, task-force-of-the-year-2026",
        "write to serg@example.org",
        "5 *** of 7, see **here** and sk-short",
        "GET /s/ and /wall/short of /slots/slot-003/that-is-quite-a-long-name",
    ],
)
def test_text_without_secrets_is_left_alone(text: str) -> None:
    assert mask_text(text) == text


def test_secrets_deep_inside_values_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("web")
    detail = {"headers": [{"x-goog-api-key": "hunter22"}, ("http://u:hunter22@h",)], "ms": 12, "ok": True, "at": None}
    structlog.get_logger("x").info("event", detail=detail, error=ValueError("http://u:hunter22@h"))
    [line] = lines(capsys)
    assert "hunter22" not in json.dumps(line)
    assert line["detail"] == {
        "headers": [{"x-goog-api-key": MASK}, [f"http://{MASK}@h"]],
        "ms": 12,
        "ok": True,
        "at": None,
    }


def test_a_traceback_is_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("web")
    try:
        raise RuntimeError("cannot reach postgresql://user:hunter22@host/db")
    except RuntimeError:
        structlog.get_logger("x").exception("broken")
    assert "hunter22" not in json.dumps(lines(capsys))
