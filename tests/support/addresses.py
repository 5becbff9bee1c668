"""Addresses from the application's own map, so that tests of every page know those that were added yesterday."""

import re
from collections.abc import Iterator, Mapping

from flask import Flask
from werkzeug.routing import Map, Rule

PAGES = ("pages", "docs")

_BY_TYPE = {"uuid": "00000000-0000-0000-0000-000000000000", "int": "1"}
_BY_NAME = {
    "slot_id": "slot-001",
    "field": "template",
    "path": "output.overlay",
    "provider_id": "gemini",
    "change": "hide",
}


def readable(url_map: Map, examples: Mapping[str, object], blueprints: tuple[str, ...] = PAGES) -> dict[str, str]:
    """Whatever these blueprints read out: an address of each, by endpoint."""
    return {
        rule.endpoint: _address(url_map, rule, examples)
        for rule in url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint.partition(".")[0] in blueprints
    }


def unsafe(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Method, address and endpoint of whatever may change something; what the addresses name need not exist."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}):
            yield method, re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>", _sample, rule.rule), rule.endpoint


def is_page(content_type: str, body: bytes) -> bool:
    """A whole page; not a part of one, nor a file."""
    return content_type.startswith("text/html") and body.lstrip().lower().startswith(b"<!doctype html>")


def _address(url_map: Map, rule: Rule, examples: Mapping[str, object]) -> str:
    """An address that the rule matches; each argument of any rule needs an example of something that exists."""
    missing = rule.arguments - set(examples)
    assert not missing, f"{rule.rule} needs an example of {missing}"
    return url_map.bind("localhost").build(rule.endpoint, {name: examples[name] for name in rule.arguments})


def _sample(match: re.Match[str]) -> str:
    kind, name = match.groups()
    return _BY_TYPE.get(kind) or _BY_NAME.get(name, "x")
