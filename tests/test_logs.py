"""Logs are one JSON object a line, and never hold a secret or a line break that somebody sent."""

import json
import logging
import threading

import pytest
import structlog

from app.logs import MASK, configure_logs, mask_text


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
    "name", ["password", "ingest_password", "api_key", "Authorization", "csrf_token", "secret_key"]
)
def test_values_named_like_secrets_are_masked(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("web")
    structlog.get_logger("x").info("event", **{name: "hunter22"})
    assert lines(capsys)[0][name] == MASK


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgresql://user:hunter22@host/db failed", "hunter22"),
        ("GET /x?access_token=hunter22&a=1", "hunter22"),
        ('{"password": "hunter22"}', "hunter22"),
        ("Authorization: Bearer hunter22", "hunter22"),
    ],
)
def test_secrets_inside_text_are_masked(text: str, secret: str) -> None:
    assert secret not in mask_text(text)
    assert MASK in mask_text(text)


def test_text_without_secrets_is_left_alone() -> None:
    text = "job 7 took 12 ms at https://photo.example.org/r/7?x=1"
    assert mask_text(text) == text


def test_a_traceback_is_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs("web")
    try:
        raise RuntimeError("cannot reach postgresql://user:hunter22@host/db")
    except RuntimeError:
        structlog.get_logger("x").exception("broken")
    assert "hunter22" not in json.dumps(lines(capsys))
