"""What turns shots into pictures, and what it needs from this installation."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import Decimal
from threading import Event
from typing import Any, Protocol
from uuid import UUID

from app.domain.catalogue import ProviderSpec
from app.domain.deadlines import Deadline
from app.domain.errors import ProviderFault
from app.domain.limits import Admission, Ask, ProviderAlert
from app.domain.media import Output
from app.domain.pace import Pace


@dataclass(frozen=True, slots=True)
class Connection:
    """How a provider is reached now: an administrator's change counts from the next attempt on.

    `base_url` is without a slash at its end. `result_hosts` as in the catalogue. `must_be_public`: somebody else chose
    the base URL, so that it too may not lead into a private network.
    """

    base_url: str
    api_key: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    result_hosts: tuple[str, ...] = ()
    daily_budget_usd: Decimal | None = None
    must_be_public: bool = False


class ProviderConnections(Protocol):
    def get(self, spec: ProviderSpec) -> Connection:
        """What the settings page says, else the environment, else the catalogue.

        Raises ProviderFault(NOT_CONFIGURED) if a stored secret cannot be decrypted.
        """


class ProviderKeys(Protocol):
    def without_key(self, specs: Sequence[ProviderSpec]) -> Mapping[str, str]:
        """Those of `specs` that cannot be called for want of a secret, by id, however many with one question.

        What cannot be decrypted is said in a sentence; it is empty where there simply is no key.
        """


class ProviderBudgets(Protocol):
    def daily_budgets(self) -> Mapping[str, Decimal]:
        """US dollars that each provider may cost in a day (UTC), for those with a limit, with one question."""


@dataclass(frozen=True, slots=True)
class InputImage:
    """An image file of a type and size that the provider takes. `template_id` is None for the shot."""

    data: bytes = field(repr=False)
    mime_type: str
    template_id: UUID | None = None


class Ticket(Protocol):
    """The one job that a queue provider may create for a step of a photo; it outlives the worker that made it."""

    def create(self, call: Callable[[], str]) -> str:
        """The provider's own id of its job: of an earlier worker's, if there is one, else what `call` returns.

        That `call` begins is on record before it does, its result before this returns. Raises what `call` raises; a
        fault that may have cost something is permanent, and so is the fault of a worker that finds a call begun
        whose end nobody knows: nothing is ever created twice.
        """


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """One call of a provider. `templates` are keyed by field name, in the order of the catalogue.

    `settings` holds only what `model` knows, placeholders replaced. `output` is what the slot wants in the end; a
    provider may use it to save a second encoding. `insist`: the last call gave no image, so ask for one in words.
    `publish` gives an image (bytes, MIME type) an address that the provider can fetch it from while the photo's window
    lasts; raises ProviderFault(NOT_CONFIGURED) where this installation has no public address. `pace` turns planned
    seconds, such as pauses between questions, into those of the photo's window. `is_called_off` tells after `cancelled`
    that no worker will want the picture any more, so that what was ordered may be cancelled at the provider.
    """

    job_id: UUID
    operation: str
    model: str
    settings: Mapping[str, Any]
    shot: InputImage
    templates: Mapping[str, InputImage]
    output: Output
    connection: Connection
    ticket: Ticket
    publish: Callable[[bytes, str], str]
    deadline: Deadline
    cancelled: Event
    insist: bool = False
    pace: Pace = field(default_factory=Pace)
    is_called_off: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class ProviderAnswer:
    """An image file of any accepted type; `cost_usd` as the provider counted it, None if it does not say."""

    image: bytes
    request_id: str | None = None
    cost_usd: Decimal | None = None


class Provider(Protocol):
    """Turns a shot into a picture. One module each, named by the catalogue."""

    def run(self, request: ProviderRequest) -> ProviderAnswer:
        """Raises ProviderFault. Makes its calls once: whoever asks it decides about another try.

        Returns soon after `request.cancelled` is set or the deadline has passed; what comes later is dropped.
        """

    def check(self, connection: Connection, deadline: Deadline) -> None:
        """Make the cheapest call that shows whether the key works; raises ProviderFault."""


class ProviderRegistry(Protocol):
    """The providers that this installation can run."""

    def get(self, provider_id: str) -> Provider | None: ...

    def spec(self, provider_id: str) -> ProviderSpec | None: ...


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer, read to its end. `headers` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


FileParts = Sequence[tuple[str, tuple[str, bytes, str]]]
"""Parts of a multipart form: field name, then file name, content and MIME type."""


class HttpSession(Protocol):
    """Calls of one attempt, all inside its deadline, to one provider."""

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        files: FileParts | None = None,
        body: bytes | None = None,
        max_bytes: int = 1 << 20,
    ) -> HttpReply:
        """Call the provider; `url` is a path below the base URL, or a full URL on the same host.

        Every status but a redirect is returned. Raises ProviderFault: HANG, CONNECTION_LOST, UNREACHABLE, TLS,
        TOO_LARGE (the answer has more than `max_bytes`), FORBIDDEN_ADDRESS (a redirect, or a URL elsewhere),
        INVALID_OUTPUT (an answer cut short), CANCELLED.
        """

    def download(self, url: str, *, max_bytes: int) -> HttpReply:
        """Fetch a result, without any key, from the provider's host or one of its result hosts.

        Raises ProviderFault as `send` does; FORBIDDEN_ADDRESS also for a host that is not listed, or that resolves to
        a private address unless the base URL is one.
        """


class HttpClient(Protocol):
    def session(
        self, connection: Connection, deadline: Deadline, cancelled: Event
    ) -> AbstractContextManager[HttpSession]:
        """A fresh session that shares nothing with others and ends with the block."""


class RemoteFiles(Protocol):
    """Files that lie at a provider for a while, so that a template is uploaded once and not with every shot."""

    def find(self, provider: str, account: str, sha256: str) -> str | None:
        """The address of a file with this content that is still good for ten minutes.

        `account` stands for the key that uploaded it: a digest, never the key.
        """

    def keep(self, provider: str, account: str, sha256: str, address: str, lifetime_seconds: float) -> None:
        """Remember where it lies; replaces what was known."""

    def forget(self, provider: str, account: str, sha256: str) -> None: ...


class ProviderGate(Protocol):
    """Breakers, quota windows and budgets, held for all workers together.

    What writes waits for others that are doing so for the same provider or the same slot at that moment, and for nobody
    else. Every method answers within a second or so, or raises DatabaseUnavailable and has changed nothing.
    """

    def admit(self, ask: Ask, *, probe: bool = False) -> Admission:
        """Whether the call may be made now; one that is admitted is counted, and its price reserved.

        A call that finds the breaker open is paused. With `probe` it is let through nevertheless if no other probe is
        under way and the breaker's last one is long enough ago. Workers that ask at once pass one by one.
        """

    def would_admit(self, ask: Ask) -> bool:
        """Whether `admit` would let the call pass now; nothing is counted, and nothing waited for."""

    def settle(self, ask: Ask, admission: Admission | None, *, cost_usd: Decimal, fault: ProviderFault | None) -> None:
        """Tell how a call ended: corrects what was reserved, and moves the breaker (app.domain.reactions).

        Success closes the breakers of the model and of the provider. `admission` is None for a call that was made
        while the gate could not be asked.
        """

    def note(self, ask: Ask, fault: ProviderFault) -> None:
        """Raise the alert for a call that could not be made."""

    def reopen(self, provider: str) -> None:
        """Forget what was held against the provider: its key or address has changed, or a check succeeded."""

    def alerts(self) -> list[ProviderAlert]:
        """What administrators should know now, most urgent first."""
