"""VK's API as the services call it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class VkToken:
    """A token, and how often VK lets it call in a second (3 for a user's, 20 for a community's)."""

    value: str = field(repr=False)
    calls_per_second: int


@dataclass(frozen=True, slots=True)
class UploadFile:
    """A JPEG to be uploaded."""

    name: str
    data: bytes = field(repr=False)


class VkApi(Protocol):
    """Thin: names and parameters are VK's own, answers are what stands in `response`.

    Every method raises a VkError of app.domain.vk.errors. Reads are repeated a few times where that can help, writes
    only where VK was not reached or too busy to begin: of a write whose answer was lost VkOutcomeUnknown is raised.
    Calls wait for their turn, which all processes share by token; one that uses a quota up parks its token. They take
    seconds: no transaction may be open.
    Parameters that are None are left out, lists are joined by commas, booleans are 1 and 0.
    """

    def read(self, method: str, token: VkToken, **parameters: Any) -> Any:
        """A call that changes nothing."""

    def write(
        self, method: str, token: VkToken, before_sending: Callable[[], None] | None = None, /, **parameters: Any
    ) -> Any:
        """A call that changes something.

        `before_sending` is called once its turn has come, and again before each repetition; if it raises, nothing is
        sent.
        """

    def upload(self, url: str, files: Mapping[str, UploadFile]) -> Mapping[str, Any]:
        """Send `files` by form field to an upload address that VK gave; returns what it answers.

        Changes nothing that anybody sees: raises VkUploadFailed whatever is lost, VkFileRefused for a bad picture.
        """


class TokenPace(Protocol):
    """When a token may call next, across processes."""

    def reserve(self, token: str, calls_per_second: int, method: str = "") -> float:
        """Take the next place; returns the seconds until it begins.

        Raises VkQuotaUsedUp while the token is parked, wholly or for this method.
        """

    def park(self, token: str, seconds: float, reason: str, method: str = "") -> None:
        """Let the token rest, for all calls or for those of one method; a shorter rest never ends a longer one."""

    def parked(self, tokens: Sequence[str]) -> Mapping[str, float]:
        """Those among `tokens` that are parked for all calls, with the seconds that are left."""
