"""A call of a method: its token and its parameters, read as strictly as VK reads them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.fakes.vk.refusals import Refusal, bad
from tests.support.fakes.vk.world import ADMINISTRATOR, Group, Token, World

USER, COMMUNITY = "user", "community"


@dataclass(frozen=True)
class Asked:
    """Getters raise Refusal with code 100 for what cannot be understood."""

    fields: Mapping[str, str]
    token: Token

    @property
    def user_id(self) -> int:
        """Of a user's token."""
        return self.token.user_id or 0

    def text(self, name: str, *, longest: int | None = None, shortest: int = 0) -> str:
        value = self.fields.get(name, "")
        if len(value) < shortest:
            raise bad(name, "is too short" if value else "is undefined")
        if longest is not None and len(value) > longest:
            raise bad(name, "is too long")
        return value

    def number(
        self, name: str, default: int | None = None, *, lowest: int | None = None, most: int | None = None
    ) -> int:
        """Required if there is no default."""
        value = self._whole(name, default)
        if lowest is not None and value < lowest:
            raise bad(name, f"should be greater or equal to {lowest}")
        if most is not None and value > most:
            raise bad(name, f"should be less or equal to {most}")
        return value

    def _whole(self, name: str, default: int | None) -> int:
        if not self.fields.get(name):
            if default is None:
                raise bad(name, "is undefined")
            return default
        try:
            return int(self.fields[name])
        except ValueError:
            raise bad(name, "not integer") from None

    def flag(self, name: str) -> bool:
        if (value := self.fields.get(name, "")) not in ("", "0", "1"):
            raise bad(name, "is neither 0 nor 1")
        return value == "1"

    def several(self, name: str, *, most: int | None = None) -> list[str]:
        """A list, joined by commas."""
        values = [value.strip() for value in self.fields.get(name, "").split(",") if value.strip()]
        if most is not None and len(values) > most:
            raise bad(name, f"has more than {most} items")
        return values

    def numbers(self, name: str, *, most: int | None = None) -> set[int]:
        """The same, of numbers."""
        try:
            return {int(value) for value in self.several(name, most=most)}
        except ValueError:
            raise bad(name, "not integer") from None

    def page(self, *, default: int, most: int) -> slice:
        """What `offset` and `count` ask for."""
        start = self.number("offset", 0, lowest=0)
        return slice(start, start + self.number("count", default, lowest=0, most=most))


Answer = Callable[[World, Asked], Any]


@dataclass(frozen=True)
class Method:
    """`tokens`: the types that may call it; `right`: what a user's token must be allowed to."""

    answer: Answer
    tokens: tuple[str, ...]
    right: str | None

    def call(self, world: World, asked: Asked) -> Any:
        self._admit(asked.token)
        return self.answer(world, asked)

    def _admit(self, token: Token) -> None:
        if token.group_id is not None and COMMUNITY not in self.tokens:
            raise Refusal(27, "method is unavailable with group auth.")
        if token.user_id is not None and USER not in self.tokens:
            raise Refusal(28, "method is unavailable with user auth.")
        if token.user_id is not None and self.right and self.right not in token.rights:
            raise Refusal(15, "no access to call this method")


METHODS: dict[str, Method] = {}


def method(name: str, *tokens: str, right: str | None = None) -> Callable[[Answer], Answer]:
    """Register the answer to `name`."""

    def register(answer: Answer) -> Answer:
        METHODS[name] = Method(answer, tokens, right)
        return answer

    return register


def group_of(world: World, asked: Asked, name: str = "group_id") -> Group:
    """The community that a positive number names."""
    group = world.groups.get(asked.number(name, lowest=1))
    if group is None:
        raise bad(name, "not found")
    return group


def managed_group(world: World, asked: Asked, name: str = "group_id") -> Group:
    """The same, for an administrator of it only."""
    group = group_of(world, asked, name)
    if world.role(asked.token, group.id) != ADMINISTRATOR:
        raise Refusal(203, "you should be group admin")
    return group
