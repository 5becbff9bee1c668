"""Holds every answer of the machine paths to contracts/openapi.yaml."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from openapi_core import Config, OpenAPI
from openapi_core.contrib.werkzeug import WerkzeugOpenAPIRequest, WerkzeugOpenAPIResponse
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.paths.exceptions import OperationNotFound, PathNotFound
from werkzeug.test import TestResponse

from app.web.errors import MACHINE_PATHS

CONTRACT = Path(__file__).resolve().parents[2] / "contracts" / "openapi.yaml"


class _Asked(WerkzeugOpenAPIRequest):
    """The request that was answered; its body has been read by then."""

    body = None


class ContractClient(FlaskClient):
    """A test client that accepts no answer which the contract does not describe."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if response.request.path.startswith(MACHINE_PATHS):
            assert_documented(response)
        return response


def assert_documented(response: TestResponse) -> None:
    """Status, media type, headers and body are as the contract says; an undocumented path answers an error."""
    said = f"{response.request.method} {response.request.path}: {response.status} {response.get_data()[:2000]!r}"
    try:
        contract().validate_response(_Asked(response.request), WerkzeugOpenAPIResponse(response))
    except (PathNotFound, OperationNotFound):
        assert response.status_code in (400, 404, 405), said
        assert_is_error(response.get_json())
    except OpenAPIError as error:
        raise AssertionError(f"{said} is not in the contract: {error}; {error.__cause__}") from error


def assert_is_error(body: object) -> None:
    schemas = document()["components"]["schemas"]
    schema = {**schemas["Error"], "components": {"schemas": schemas}}
    Draft202012Validator(schema).validate(body)


@cache
def document() -> dict[str, Any]:
    """The contract as plain data, references unresolved."""
    parsed: dict[str, Any] = yaml.safe_load(CONTRACT.read_text())
    return parsed


@cache
def contract() -> OpenAPI:
    return OpenAPI.from_dict(document(), config=Config())
