"""The driver of ComfyUI against a fake whose queue runs one workflow after another."""

import copy
import json
import time
from collections.abc import Callable, Iterator
from threading import Event, Timer
from typing import Any

import pytest

from app.domain.errors import FaultKind, ProviderFault
from app.ports.providers import Connection, ProviderRequest
from tests.providers.drivers import driver, fault_of, verdict
from tests.providers.requests import provider_request, seconds_from_now, template, usual_shot
from tests.support.fakes import server
from tests.support.fakes.comfyui import WITH_TEMPLATE, WORKFLOW, FakeComfyUi, ending, polls, queues, raising, views
from tests.support.fakes.rows import picture


@pytest.fixture
def comfyui() -> Iterator[FakeComfyUi]:
    with FakeComfyUi() as fake:
        yield fake


@pytest.fixture
def busy() -> Iterator[FakeComfyUi]:
    """One that never finishes what it runs."""
    with FakeComfyUi(polls=1 << 30) as fake:
        yield fake


def request(comfyui: FakeComfyUi, operation: str = "image_edit", **options: Any) -> ProviderRequest:
    workflow = options.pop("workflow", WITH_TEMPLATE if "templates" in options else WORKFLOW)
    text = workflow if isinstance(workflow, str) else json.dumps(workflow)
    settings = {"workflow": text, **options.pop("settings", {})}
    connection = Connection(comfyui.url, options.pop("key", None))
    return provider_request("comfyui", operation, connection, settings, **options)


def with_node(**nodes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(WORKFLOW), **nodes}


def test_the_workflow_runs_on_the_shot_and_gives_what_it_saved(comfyui: FakeComfyUi) -> None:
    answer = driver("comfyui").run(request(comfyui))
    assert answer.image == picture()
    assert answer.request_id
    assert comfyui.calls[-1].query == {"filename": "ComfyUI_00042_.png", "subfolder": "booth", "type": "output"}
    assert list(comfyui.uploads.values()) == [usual_shot().data]


def test_tokens_are_replaced_where_they_stand_and_nothing_else_is(comfyui: FakeComfyUi) -> None:
    prompt = 'Anna, "pirate" %seed%'
    driver("comfyui").run(request(comfyui, settings={"prompt": prompt, "seed": 7}))
    (nodes,) = comfyui.queued
    expected = copy.deepcopy(WORKFLOW)
    expected["1"]["inputs"]["image"] = next(iter(comfyui.uploads))
    expected["2"]["inputs"]["text"] = f"a photo, {prompt}"
    expected["3"]["inputs"]["seed"] = 7
    assert nodes == expected


def test_without_a_seed_each_photo_has_its_own(comfyui: FakeComfyUi) -> None:
    for _ in range(3):
        driver("comfyui").run(request(comfyui))
    seeds = {nodes["3"]["inputs"]["seed"] for nodes in comfyui.queued}
    assert len(seeds) == 3


def test_the_template_is_uploaded_beside_the_shot(comfyui: FakeComfyUi) -> None:
    image = template()
    driver("comfyui").run(request(comfyui, "style_transfer", templates={"template": image}))
    (nodes,) = comfyui.queued
    assert comfyui.uploads[nodes["1"]["inputs"]["image"]] == usual_shot().data
    assert comfyui.uploads[nodes["6"]["inputs"]["image"]] == image.data


def test_guests_go_to_the_folder_that_comfyui_empties(comfyui: FakeComfyUi) -> None:
    driver("comfyui").run(request(comfyui))
    (name,) = comfyui.uploads
    assert name.endswith(".jpeg [temp]")


@pytest.mark.parametrize(
    ("workflow", "said"),
    [
        ("{", "API format"),
        ("[]", "API format"),
        ("{}", "API format"),
        ('{"1": {"class_type": "LoadImage"}}', "API format"),
        ('{"1": "LoadImage"}', "API format"),
        ('{"last_node_id": 9, "nodes": [], "links": []}', "Export (API)"),
        (with_node(**{"1": {"class_type": "LoadImage", "inputs": {"image": "me.jpg"}}}), "%shot%"),
    ],
)
def test_a_workflow_that_cannot_run_is_refused_before_any_call(
    comfyui: FakeComfyUi, workflow: str | dict[str, Any], said: str
) -> None:
    fault = fault_of("comfyui", request(comfyui, workflow=workflow))
    assert verdict(fault) == (FaultKind.BAD_ARGUMENT, True)
    assert said in fault.message
    assert comfyui.calls == []


def test_a_template_that_no_node_takes_is_told(comfyui: FakeComfyUi) -> None:
    given = request(comfyui, "style_transfer", workflow=WORKFLOW, templates={"template": template()})
    assert "%template%" in fault_of("comfyui", given).message


def test_what_comfyui_has_against_a_workflow_is_told(comfyui: FakeComfyUi) -> None:
    unknown = with_node(**{"7": {"class_type": "FaceDetailer", "inputs": {}}})
    fault = fault_of("comfyui", request(comfyui, workflow=unknown))
    assert verdict(fault) == (FaultKind.BAD_ARGUMENT, True)
    assert fault.message == (
        "ComfyUI answered 400: Prompt outputs failed validation, FaceDetailer, "
        "Cannot execute because node FaceDetailer does not exist."
    )


def test_a_preview_will_do_where_nothing_is_saved(comfyui: FakeComfyUi) -> None:
    preview = {"filename": "preview_00001_.png", "subfolder": "", "type": "temp"}
    comfyui.misbehave(ending({"4": {"images": [preview]}}), on=polls)
    assert driver("comfyui").run(request(comfyui)).image == picture()
    assert comfyui.calls[-1].query == preview


ROWS = {
    "reset": (FaultKind.CONNECTION_LOST, False),
    "overloaded_500": (FaultKind.OVERLOADED, False),
    "overloaded_502": (FaultKind.OVERLOADED, False),
    "overloaded_503": (FaultKind.OVERLOADED, False),
    "overloaded_504": (FaultKind.OVERLOADED, False),
    "key_401": (FaultKind.KEY_REFUSED, True),
    "forbidden_403": (FaultKind.KEY_REFUSED, True),
    "bad_argument": (FaultKind.BAD_ARGUMENT, True),
    "no_reference": (FaultKind.NO_REFERENCE, True),
    "no_image": (FaultKind.NO_IMAGE, True),
    "empty_content": (FaultKind.NO_IMAGE, True),
    "cut_json": (FaultKind.INVALID_OUTPUT, False),
    "redirect": (FaultKind.FORBIDDEN_ADDRESS, True),
    "too_many_bytes": (FaultKind.TOO_LARGE, True),
}


@pytest.mark.parametrize("row", ROWS)
def test_each_fault_is_named(comfyui: FakeComfyUi, row: str) -> None:
    behaviour, happens_to = comfyui.misbehaviour(row)
    comfyui.misbehave(behaviour, on=happens_to)
    assert verdict(fault_of("comfyui", request(comfyui))) == ROWS[row]
    assert sum(queues(call) for call in comfyui.calls) == 1


@pytest.mark.parametrize(
    ("exception", "message", "expected"),
    [
        ("torch.OutOfMemoryError", "Allocation on device", (FaultKind.OVERLOADED, False)),
        ("IndexError", "no face in the picture", (FaultKind.BAD_ARGUMENT, True)),
    ],
)
def test_a_node_that_fails_is_named(
    comfyui: FakeComfyUi, exception: str, message: str, expected: tuple[FaultKind, bool]
) -> None:
    comfyui.misbehave(raising(exception, message), on=polls)
    fault = fault_of("comfyui", request(comfyui))
    assert verdict(fault) == expected
    assert fault.message == f"The workflow failed in KSampler: {message}"


def test_an_interruption_at_the_computer_is_worth_another_try(comfyui: FakeComfyUi) -> None:
    comfyui.misbehave(ending({}, ["execution_interrupted", {}], status="error"), on=polls)
    assert verdict(fault_of("comfyui", request(comfyui))) == (FaultKind.OVERLOADED, False)


def test_a_file_that_is_late_is_looked_for_again(comfyui: FakeComfyUi) -> None:
    comfyui.misbehave(server.status(404), on=views)
    assert driver("comfyui").run(request(comfyui)).image == picture()
    comfyui.always(server.status(404), on=views)
    assert verdict(fault_of("comfyui", request(comfyui))) == (FaultKind.RESULT_GONE, True)


def cancel_soon(event: Event) -> Event:
    Timer(0.3, event.set).start()
    return event


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (lambda: {"seconds": 0.6}, FaultKind.HANG),
        (lambda: {"cancelled": cancel_soon(Event())}, FaultKind.CANCELLED),
    ],
    ids=["deadline", "cancelled"],
)
def test_what_runs_for_nobody_is_interrupted(
    busy: FakeComfyUi, end: Callable[[], dict[str, Any]], kind: FaultKind
) -> None:
    began = time.monotonic()
    fault = fault_of("comfyui", request(busy, **end()))
    assert fault.kind is kind
    assert time.monotonic() - began < 1.5
    assert busy.interrupted == [fault.request_id]
    assert busy.unfinished == []


def test_what_waits_for_nobody_leaves_the_queue_and_disturbs_nobody(busy: FakeComfyUi) -> None:
    other = busy.enqueue({"5": WORKFLOW["5"]})
    fault = fault_of("comfyui", request(busy, seconds=0.5))
    assert busy.deleted == [fault.request_id]
    assert (busy.running, busy.interrupted) == (other, [])


def test_a_proxy_in_front_of_it_may_ask_for_a_token(comfyui: FakeComfyUi) -> None:
    driver("comfyui").run(request(comfyui, key="studio-token"))
    driver("comfyui").run(request(comfyui))
    sent = [call.headers.get("authorization") for call in comfyui.calls]
    assert set(sent) == {"Bearer studio-token", None}


def test_the_check_tells_comfyui_from_anything_else(comfyui: FakeComfyUi) -> None:
    driver("comfyui").check(Connection(comfyui.url), seconds_from_now(5))
    for behaviour, kind in [(server.html(), FaultKind.INVALID_OUTPUT), (server.status(404), FaultKind.BAD_ARGUMENT)]:
        comfyui.misbehave(behaviour)
        with pytest.raises(ProviderFault) as caught:
            driver("comfyui").check(Connection(comfyui.url), seconds_from_now(5))
        assert caught.value.kind is kind
