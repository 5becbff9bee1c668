"""Reads contracts/openapi.yaml for people: references followed, types and limits as words."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from markupsafe import Markup, escape

CONTRACT = Path(__file__).resolve().parents[2] / "contracts" / "openapi.yaml"
_SCHEMAS = "#/components/schemas/"
_SCHEMAS_PAGE = "/api/docs/schemas"
_METHODS = ("get", "post", "put", "patch", "delete", "head")
_CODE, _STRONG = re.compile("`([^`]+)`"), re.compile(r"\*\*([^*]+)\*\*")

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `parameters`, `body` and `answers` (by status) are as OpenAPI has them."""

    method: str
    path: str
    about: Node
    parameters: list[Node]
    body: Node
    answers: dict[str, Node]
    is_public: bool

    @property
    def anchor(self) -> str:
        return re.sub(r"\W+", "-", f"{self.method}{self.path}").strip("-").lower()


@cache
def read() -> Node:
    """The contract without references, but for those to schemas, which the page links to."""
    document: Node = yaml.safe_load(CONTRACT.read_text("utf-8"))
    inlined: Node = _inlined(document, document)
    return inlined


def operations(tag: str) -> Iterator[Operation]:
    """What belongs to the tag, in the contract's order."""
    for path, item in read()["paths"].items():
        for method in _METHODS:
            if method in item and tag in item[method]["tags"]:
                yield _operation(method, path, item)


def section_of(tag: str) -> str:
    """The tag's part of an address."""
    return tag.lower().replace(" ", "-")


def tag_of(section: str) -> Node | None:
    """The tag whose section this is, None if there is none."""
    return next((tag for tag in read()["tags"] if section_of(tag["name"]) == section), None)


def kind(schema: Node) -> Markup:
    """What a value is, such as `list of Slot`, with links to the schemas that have a name."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_SCHEMAS)
        return Markup('<a href="{1}#schema-{0}">{0}</a>').format(name, _SCHEMAS_PAGE)
    if "allOf" in schema:
        return kind(schema["allOf"][0])
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return Markup(" or ").join(Markup("<code>{}</code>").format(json.dumps(value)) for value in values)
    if schema.get("type") == "array":
        return Markup("list of {}").format(kind(schema["items"]))
    types = schema.get("type", "any")
    said = " or ".join(types) if isinstance(types, list) else types
    return escape(f"{said} ({schema['format']})" if "format" in schema else said)


def limits(schema: Node) -> str:
    """The bounds of a value, such as `1 to 80 characters`; empty without any."""
    low = schema.get("minimum", schema.get("minLength", schema.get("minItems")))
    high = schema.get("maximum", schema.get("maxLength", schema.get("maxItems")))
    unit = " characters" if {"minLength", "maxLength"} & set(schema) else ""
    bounds = {(True, True): f"{low} to {high}", (True, False): f"at least {low}", (False, True): f"at most {high}"}
    said = bounds.get((low is not None, high is not None), "")
    default = f"{json.dumps(schema['default'])} if missing" if "default" in schema else ""
    return ", ".join(part for part in (f"{said}{unit}" if said else "", default) if part)


def codes(media: Node) -> list[str]:
    """The error codes that an answer may carry."""
    parts = media.get("schema", {}).get("allOf", [])
    errors = [part.get("properties", {}).get("error", {}).get("properties", {}) for part in parts]
    found = [error["code"] for error in errors if "code" in error]
    return [code for node in found for code in node.get("enum", [node.get("const")])]


def examples(node: Node) -> list[str]:
    """The examples of a body or a schema as text."""
    values = [example["value"] for example in node.get("examples", {}).values()]
    values += [node["example"]] if "example" in node else []
    return [json.dumps(value, indent=2, ensure_ascii=False) for value in values]


def prose(text: str) -> Markup:
    """Paragraphs, `code` and **bold** of the contract's descriptions."""
    paragraphs = (" ".join(part.split()) for part in text.strip().split("\n\n"))
    return Markup("").join(Markup("<p>{}</p>").format(_inline_marks(part)) for part in paragraphs if part)


def _inline_marks(text: str) -> Markup:
    safe = str(escape(text))
    return Markup(_STRONG.sub(r"<strong>\1</strong>", _CODE.sub(r"<code>\1</code>", safe)))  # noqa: S704 - escaped


def _operation(method: str, path: str, item: Node) -> Operation:
    about = item[method]
    return Operation(
        method=method.upper(),
        path=path,
        about=about,
        parameters=[*item.get("parameters", []), *about.get("parameters", [])],
        body=about.get("requestBody", {}).get("content", {}),
        answers=about["responses"],
        is_public=about.get("security") == [],
    )


def _inlined(node: Any, document: Node) -> Any:
    if isinstance(node, list):
        return [_inlined(child, document) for child in node]
    if not isinstance(node, dict):
        return node
    target = node.get("$ref")
    if isinstance(target, str) and not target.startswith(_SCHEMAS):
        return _inlined(_found(target, document), document)
    return {name: _inlined(child, document) for name, child in node.items()}


def _found(target: str, document: Node) -> Any:
    node: Any = document
    for name in target.removeprefix("#/").split("/"):
        node = node[name]
    return node
