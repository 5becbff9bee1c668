"""What Turbotext is asked for, and the way of a picture through its queue."""

from collections.abc import Iterator
from typing import Any

import pytest

from app.domain.errors import FaultKind, ProviderFault
from app.ports.providers import Connection, InputImage
from tests.pictures import heic, webp
from tests.providers.drivers import driver, verdict
from tests.providers.requests import seconds_from_now, unpublished, usual_shot
from tests.providers.turbotext_studio import TEMPLATE, Studio, opened_studio
from tests.support.fakes import server
from tests.support.fakes.messages import Reply
from tests.support.fakes.rows import picture, says
from tests.support.fakes.turbotext import (
    KEY,
    RECONNECT,
    FakeTurbotext,
    changed,
    finished,
    is_create,
    is_download,
    is_poll,
    refusal,
)


@pytest.fixture
def studio() -> Iterator[Studio]:
    with opened_studio() as opened:
        yield opened


@pytest.fixture
def turbotext(studio: Studio) -> FakeTurbotext:
    return studio.turbotext


def test_a_job_is_created_asked_for_and_fetched(studio: Studio, turbotext: FakeTurbotext) -> None:
    answer = studio.run()
    assert answer.image == picture()
    assert answer.request_id == "700001"
    assert answer.cost_usd is None
    steps = [is_create, is_poll, is_poll, is_download]
    assert [step(call) for step, call in zip(steps, turbotext.calls, strict=True)] == [True] * 4


def test_an_edit_sends_the_prompt_and_the_usual_parameters(studio: Studio, turbotext: FakeTurbotext) -> None:
    studio.run()
    (job,) = turbotext.jobs.values()
    assert job.method == "generate_image2image"
    assert job.pictures == {"url": usual_shot().data}
    assert job.parameters == {
        "do": "create_queue",
        "url": f"{studio.folder.url}/public/media/1",
        "content": "пират",
        "original_language": "ru",
        "strength": "40",
        "scale": "7.5",
    }


def test_an_edit_sends_what_the_slot_says(studio: Studio, turbotext: FakeTurbotext) -> None:
    avoided = " ".join(f"слово{number}" for number in range(100))
    settings = {
        "prompt": "a pirate",
        "original_language": "en",
        "strength": 80,
        "scale": 0.1,
        "seed": 10**10,
        "negative_prompt": avoided,
    }
    studio.run(settings=settings)
    (job,) = turbotext.jobs.values()
    sent = {name: job.parameters[name] for name in ("content", "original_language", "strength", "scale", "seed")}
    assert sent == {
        "content": "a pirate",
        "original_language": "en",
        "strength": "80",
        "scale": "0.1",
        "seed": "10000000000",
    }
    assert len(job.parameters["negative_prompt"].split()) == 80


def test_a_mix_gives_the_shot_the_style_of_the_template(studio: Studio, turbotext: FakeTurbotext) -> None:
    studio.run("style_transfer", settings={"prompt": "в стиле Дисней"})
    (job,) = turbotext.jobs.values()
    assert job.method == "mix_images"
    assert job.pictures == {"url_image_target": usual_shot().data, "url": TEMPLATE.data}
    assert job.parameters["content"] == "в стиле Дисней"


def test_an_optional_prompt_that_is_empty_is_not_sent(studio: Studio, turbotext: FakeTurbotext) -> None:
    studio.run("style_transfer")
    (job,) = turbotext.jobs.values()
    assert set(job.parameters) == {"do", "url", "url_image_target"}


@pytest.mark.parametrize(
    ("face_from", "person", "face"),
    [("guest", TEMPLATE.data, usual_shot().data), ("template", usual_shot().data, TEMPLATE.data)],
)
def test_a_face_goes_from_the_guest_into_the_template_or_back(
    studio: Studio, turbotext: FakeTurbotext, face_from: str, person: bytes, face: bytes
) -> None:
    settings = {"face_from": face_from, "face_restore": face_from == "guest"}
    studio.run("identity_transfer", settings=settings)
    (job,) = turbotext.jobs.values()
    assert job.method == "deepfake_photo"
    assert job.pictures == {"url": person, "url_image_target": face}
    assert job.parameters["face_restore"] == ("True" if face_from == "guest" else "False")


def test_a_face_goes_from_the_guest_into_the_template_unless_said_otherwise(
    studio: Studio, turbotext: FakeTurbotext
) -> None:
    studio.run("identity_transfer")
    (job,) = turbotext.jobs.values()
    assert job.pictures["url_image_target"] == usual_shot().data
    assert job.parameters["face_restore"] == "True"


def test_as_a_file_the_shot_needs_no_public_address(studio: Studio, turbotext: FakeTurbotext) -> None:
    answer = studio.run(settings={"delivery": "file"}, publish=unpublished)
    assert answer.image == picture()
    (job,) = turbotext.jobs.values()
    assert job.pictures == {"file": usual_shot().data}
    (create,) = filter(is_create, turbotext.calls)
    assert create.files()["file"].mimetype == "image/jpeg"
    assert create.form()["content"] == "пират"


@pytest.mark.parametrize(("face_from", "named"), [("guest", "url"), ("template", "url_image_target")])
def test_as_a_file_only_the_shot_is_kept_off_public_addresses(
    studio: Studio, turbotext: FakeTurbotext, face_from: str, named: str
) -> None:
    settings = {"delivery": "file", "face_from": face_from}
    studio.run("identity_transfer", settings=settings)
    (job,) = turbotext.jobs.values()
    assert job.pictures == {"file": usual_shot().data, named: TEMPLATE.data}
    assert [reply.body for reply in studio.folder.published.values()] == [TEMPLATE.data]


def test_without_a_public_address_nothing_is_created(studio: Studio, turbotext: FakeTurbotext) -> None:
    fault = studio.fault(publish=unpublished)
    assert verdict(fault) == (FaultKind.NOT_CONFIGURED, True)
    assert not fault.may_have_cost
    assert turbotext.calls == []


def test_without_a_key_nobody_is_called(studio: Studio, turbotext: FakeTurbotext) -> None:
    fault = studio.fault(connection=Connection(turbotext.url))
    assert verdict(fault) == (FaultKind.NOT_CONFIGURED, True)
    assert turbotext.calls == []
    assert studio.folder.published == {}


LOCATIONS = {
    "at the top": {"uploaded_image": "{url}/download.php?f=700001.png"},
    "in the data": {"data": {"uploaded_image": "{url}/download.php?f=700001.png"}},
    "a list in the data": {"data": {"image": ["{url}/download.php?f=700001.png"]}},
    "a text in the data": {"data": {"image": "{url}/download.php?f=700001.png"}},
    "relative": {"data": {"image": ["download.php?f=700001.png"]}},
    "relative to the root": {"data": {"image": "/download.php?f=700001.png"}},
    "as a result": {"result_url": "{url}/download.php?f=700001.png", "data": []},
    "after empty names": {"uploaded_image": "", "data": {"image": ["", "download.php?f=700001.png"]}},
}


@pytest.mark.parametrize("location", LOCATIONS.values(), ids=LOCATIONS.keys())
def test_the_result_is_found_wherever_it_is_named(
    studio: Studio, turbotext: FakeTurbotext, location: dict[str, Any]
) -> None:
    def rename(document: dict[str, Any]) -> None:
        document.clear()
        document.update(replaced(location, turbotext.url), success="True", error="")

    turbotext.always(changed(rename), on=is_poll)
    assert studio.run().image == picture()


def replaced(value: Any, url: str) -> Any:
    if isinstance(value, dict):
        return {name: replaced(inner, url) for name, inner in value.items()}
    if isinstance(value, list):
        return [replaced(inner, url) for inner in value]
    return value.replace("{url}", url) if isinstance(value, str) else value


@pytest.mark.parametrize("queue_id", [700001, "700001"])
@pytest.mark.parametrize("success", [True, "true", "True"])
def test_queue_ids_and_truth_come_as_values_or_as_text(
    studio: Studio, turbotext: FakeTurbotext, queue_id: object, success: object
) -> None:
    change = changed(lambda document: document.update(queueid=queue_id, success=success))
    turbotext.misbehave(change, on=is_create)
    assert studio.run().request_id == "700001"


def test_a_job_may_also_say_that_it_is_being_processed(studio: Studio, turbotext: FakeTurbotext) -> None:
    turbotext.misbehave(server.body(b'{"success": false, "status": "processing"}', "application/json"), on=is_poll)
    assert studio.run().image == picture()


def test_keys_go_to_the_api_and_not_with_the_download(studio: Studio, turbotext: FakeTurbotext) -> None:
    studio.run()
    for call in turbotext.calls:
        assert ("authorization" in call.headers) is not is_download(call)
        assert KEY not in f"{call.path} {call.query} {call.body!r}"
    assert not any("authorization" in call.headers for call in studio.folder.calls)


def test_the_fake_takes_what_the_catalogue_allows_and_nothing_else(studio: Studio, turbotext: FakeTurbotext) -> None:
    """Otherwise the tests above would show little."""
    webp_shot = InputImage(webp(300, 200), "image/webp")
    assert studio.run(shot=webp_shot).image == picture()
    heic_shot = InputImage(heic(), "image/heic")
    fault = studio.fault(shot=heic_shot)
    assert "PUBLIC_BASE_URL" in fault.message
    assert turbotext.created == 1


def test_a_check_costs_nothing(turbotext: FakeTurbotext) -> None:
    driver("turbotext").check(Connection(turbotext.url, KEY), seconds_from_now(3))
    (call,) = turbotext.calls
    assert is_poll(call)
    assert turbotext.created == 0


@pytest.mark.parametrize("answer", [Reply.json(RECONNECT), finished([]), refusal("params_error"), refusal("", 404)])
def test_any_answer_to_the_check_that_minds_the_job_only_means_a_good_key(
    turbotext: FakeTurbotext, answer: Reply
) -> None:
    turbotext.misbehave(says(answer))
    driver("turbotext").check(Connection(turbotext.url, KEY), seconds_from_now(3))


BAD_CHECKS = {
    "no key": (None, FaultKind.NOT_CONFIGURED),
    "a status": (server.status(403), FaultKind.KEY_REFUSED),
    "a word": (says(refusal("Auth_Error")), FaultKind.KEY_REFUSED),
    "no attempts left": (says(refusal("LIMIT")), FaultKind.ACCOUNT_EMPTY),
    "out of order": (server.status(503), FaultKind.OVERLOADED),
    "a page": (server.html(), FaultKind.INVALID_OUTPUT),
    "another site": (server.status(404, b"<html>"), FaultKind.MODEL_GONE),
}


@pytest.mark.parametrize(("behaviour", "kind"), BAD_CHECKS.values(), ids=BAD_CHECKS.keys())
def test_a_check_tells_what_is_wrong(
    turbotext: FakeTurbotext, behaviour: server.Behaviour | None, kind: FaultKind
) -> None:
    if behaviour:
        turbotext.misbehave(behaviour)
    with pytest.raises(ProviderFault) as caught:
        driver("turbotext").check(Connection(turbotext.url, KEY if behaviour else None), seconds_from_now(3))
    assert caught.value.kind is kind


def test_a_check_finds_a_wrong_key(turbotext: FakeTurbotext) -> None:
    with pytest.raises(ProviderFault) as caught:
        driver("turbotext").check(Connection(turbotext.url, "wrong"), seconds_from_now(3))
    assert caught.value.kind is FaultKind.KEY_REFUSED
    assert "wrong" not in caught.value.message
