"""Whatever a program sends, the answer is one that the contract describes: schemathesis makes the requests up."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.support.fakes.vk.fake import FakeVk

Auth = dict[str, str]

ALWAYS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
OUTSIDE = ("/check", "/test")
"""Ends of paths whose operations call somebody else; they come first, while there is nobody to be called."""


@pytest.fixture
def environment(vk: FakeVk) -> dict[str, str]:
    return {"VK_API_BASE_URL": vk.url}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "unfit"])
def test_any_request_gets_a_documented_answer(
    app: Flask, auth: Auth, mode: GenerationMode, subtests: pytest.Subtests
) -> None:
    for operation in operations(app):
        if mode is GenerationMode.NEGATIVE and not _takes_anything(operation):
            continue
        with subtests.test(operation=operation.label):
            try_out(operation, mode, auth)


def operations(app: Flask) -> list[Any]:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.yaml", app)
    found = [result.ok() for result in schema.get_all_operations()]
    return sorted(found, key=lambda operation: not operation.path.endswith(OUTSIDE))


def try_out(operation: Any, mode: GenerationMode, auth: Auth) -> None:
    expected = [*ALWAYS, *_more(operation, mode)]

    @settings(
        max_examples=12,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: Any) -> None:
        case.call_and_validate(headers=auth, checks=expected)

    attempt()


def _takes_anything(operation: Any) -> bool:
    """What does not fit an image cannot be written as one: broken shots are the matter of test_ingest_forms.py."""
    is_of_images = operation.path.endswith("/ingest/{slot_id}")
    return not is_of_images and bool([*operation.iter_parameters(), *operation.body])


def _more(operation: Any, mode: GenerationMode) -> Iterator[Any]:
    """What does not fit is refused, but in forms, where a number cannot be told from a text."""
    if operation.path != "/readyz":  # which says so with 503 when there is no worker
        yield not_a_server_error
    if mode is GenerationMode.NEGATIVE and "multipart/form-data" not in operation.get_request_payload_content_types():
        yield checks.negative_data_rejection
