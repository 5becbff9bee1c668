"""VK's own API schema, where somebody has put it beside the checkout: github.com/VKCOM/vk-api-schema, 5.199.

It is no part of this repository. The variable VK_API_SCHEMA names its folder; else it is looked for as
`shared/data/vk-api-schema` next to the checkout.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

_BESIDE = Path(__file__).parents[3] / "shared" / "data" / "vk-api-schema"
FOLDER = Path(os.environ.get("VK_API_SCHEMA", _BESIDE))
_BASE = "http://vk.invalid/"


@cache
def methods() -> dict[str, Any]:
    """What the schema says of every method, by name."""
    files = (_file(name) for name in ("photos/methods.json", "wall/methods.json", "groups/methods.json"))
    return {method["name"]: method for file in files for method in file["methods"]}


@cache
def error_codes() -> set[int]:
    return {error["code"] for error in _file("errors.json")["errors"].values()}


def check_answer(method: str, answer: Any) -> None:
    """Raises jsonschema's ValidationError if VK would not answer so."""
    _check(methods()[method]["responses"]["response"]["$ref"].removeprefix("../"), answer)


def check_object(name: str, content: Any) -> None:
    """The same of a definition, such as `callback/objects.json#/definitions/callback_base`."""
    _check(name, content)


def _check(name: str, content: Any) -> None:
    Draft7Validator({"$ref": _BASE + name}, registry=_registry()).validate(content)


@cache
def _registry() -> Registry[Any]:
    paths = [path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.json")]
    made = [(_BASE + path, DRAFT7.create_resource(_repaired(_file(path)))) for path in paths]
    registry: Registry[Any] = Registry().with_resources(made)
    return registry.crawl()


@cache
def _file(name: str) -> Any:
    return json.loads((FOLDER / name).read_text())


def _repaired(node: Any) -> Any:
    """Draft 7 names required properties in their parent, and leaves `$schema` out where it is registered."""
    if isinstance(node, list):
        return [_repaired(item) for item in node]
    if not isinstance(node, dict):
        return node
    kept = {name: _repaired(value) for name, value in node.items() if not _is_old(name, value)}
    properties = node.get("properties", {})
    required = [name for name, of in properties.items() if isinstance(of, dict) and of.get("required") is True]
    return {**kept, "required": required} if required else kept


def _is_old(name: str, value: Any) -> bool:
    return name == "$schema" or (name == "required" and isinstance(value, bool))
