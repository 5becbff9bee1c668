"""The contract's operations, one by one, for tests that hold of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.web import contract

UNSAFE = {"post", "put", "patch", "delete"}
METHODS = UNSAFE | {"get"}


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    about: dict[str, Any]
    parameters: list[dict[str, Any]]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def needs_sign_in(self) -> bool:
        return self.about.get("security") != []

    @property
    def bodies(self) -> dict[str, Any]:
        content: dict[str, Any] = self.about.get("requestBody", {}).get("content", {})
        return content

    @property
    def limits(self) -> dict[str, Any]:
        """What `page` and `page_size` may be."""
        return {p["name"]: p["schema"] for p in self.parameters if p["name"] in ("page", "page_size")}

    def codes(self, status: int) -> set[str]:
        content = self.about["responses"].get(str(status), {}).get("content", {})
        return {code for media in content.values() for code in contract.codes(media)}


def operations() -> Iterator[Operation]:
    for path, item in contract.read()["paths"].items():
        for method in sorted(METHODS & set(item)):
            about = item[method]
            yield Operation(method, path, about, [*item.get("parameters", []), *about.get("parameters", [])])


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema itself where it is only named."""
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = contract.read()["components"]["schemas"][name] if name else schema
    return found
