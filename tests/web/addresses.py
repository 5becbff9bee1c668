"""Addresses of every route, for tests that knock at all doors."""

import re
from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

_BY_TYPE = {"uuid": "00000000-0000-0000-0000-000000000000", "int": "1"}
_BY_NAME = {"slot_id": "slot-001", "field": "template", "path": "output.overlay", "provider_id": "gemini"}


def address(rule: Rule) -> str:
    """The rule's path with something of the right kind in each of its places."""
    return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?(\w+)>", _sample, rule.rule)


def unsafe(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Method, address and endpoint of whatever may change something."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}):
            yield method, address(rule), rule.endpoint


def _sample(match: re.Match[str]) -> str:
    kind, name = match.groups()
    return _BY_TYPE.get(kind) or _BY_NAME.get(name, "x")
