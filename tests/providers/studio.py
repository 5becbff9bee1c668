"""A house whose providers are the real drivers over real HTTP, with a fake of one of them at the other end."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

from structlog.testing import capture_logs

from app.domain.catalogue import ProviderSpec
from app.domain.job import ClaimedJob, Failure, FailureReason, FinishedJob
from app.domain.limits import ProviderAlert
from app.domain.pace import Pace
from app.domain.refusals import refusal_of
from app.domain.slot import Policy, Step
from app.ports.providers import Connection, Provider
from app.services.processing import ProcessingService
from app.services.processing.attempt import Means
from app.web.errors import STATUS
from tests.providers.drivers import driver
from tests.providers.public_folder import PublicFolder
from tests.providers.requests import catalogue
from tests.providers.subjects import Subject
from tests.services.house import House
from tests.support.fakes import server
from tests.support.fakes.messages import Call, Reply
from tests.support.fakes.rows import PRIVATE_URL
from tests.support.fakes.server import Answer, Behaviour, Condition, FakeServer
from tests.support.fakes.wire import Wire

LOCAL = Step("local", "image_edit", {"effect": "glow", "strength": 80})


@dataclass(frozen=True)
class Ending:
    """What one shot came to. `attempts` are those of the processing log, `logs` the lines of the process's log."""

    status: int
    code: str | None
    detail: Mapping[str, Any]
    attempts: Sequence[Mapping[str, Any]]
    cost_usd: Decimal
    seconds: float
    logs: Sequence[Mapping[str, Any]]

    @property
    def faults(self) -> list[tuple[str, str | None, int | None]]:
        """Who was asked, with the fault and the HTTP status of the answer, in order."""
        return [(a["provider"], a["fault"], a["http_status"]) for a in self.attempts]

    @property
    def events(self) -> set[str]:
        return {line["event"] for line in self.logs}


@dataclass(frozen=True)
class Neighbours:
    """Other servers: where the photos' public addresses lead to, and a host that is nobody's."""

    folder: PublicFolder
    foreign: FakeServer

    def publish(self, job: ClaimedJob, data: bytes, mime_type: str) -> str:
        return self.folder.publish(data, mime_type)


class Roads:
    """Implements ports.ProviderConnections. `detours` are taken first, one by each call."""

    def __init__(self, usual: Connection) -> None:
        self.usual = usual
        self.detours: list[Connection] = []

    def get(self, spec: ProviderSpec) -> Connection:
        return self.detours.pop() if self.detours and spec.is_remote else self.usual


class Drivers:
    """Implements ports.ProviderRegistry."""

    def get(self, provider_id: str) -> Provider | None:
        return driver(provider_id)

    def spec(self, provider_id: str) -> ProviderSpec | None:
        return catalogue().provider(provider_id)


class Studio(House):
    """`fake` is the only provider over the network."""

    def __init__(self, subject: Subject, fake: FakeServer, neighbours: Neighbours) -> None:
        super().__init__()
        self.subject = subject
        self.fake = fake
        self.neighbours = neighbours
        self.roads = Roads(Connection(fake.url, subject.key, None, subject.spec.result_hosts))
        self._service = ProcessingService(
            Means(
                queue=self.queue,
                photos=self.stores.photos,
                media=self.media,
                images=self.images,
                templates=self.stores.templates,
                providers=Drivers(),
                connections=self.roads,
                gate=self.stores.gate,
                links=neighbours,
                guest_address=None,
            )
        )

    @property
    def alerts(self) -> list[ProviderAlert]:
        return self.stores.gate.alerts()

    @property
    def orders(self) -> list[Call]:
        return [call for call in self.fake.calls if self.subject.orders(call)]

    def patience(self, window: float) -> float:
        """Seconds after which a call is left for another step."""
        return Pace(window).seconds(self.subject.model.p95_seconds)

    def end_of_attempts(self, window: float) -> float:
        """Seconds after which nobody waits for the provider any more."""
        return window - Pace(window).seconds(self.subject.spec.reserve_seconds)

    def shoot(self, *fallbacks: Step, window: float, policy: Policy | None = None) -> Ending:
        """One shot of a slot with the subject's step and then the `fallbacks`, from its claim to the booth's answer."""
        job = self.claimed(self.subject.step, *fallbacks, policy=policy, window_seconds=window)
        began = time.monotonic()
        with capture_logs() as logs:
            self._service.run(job, Event())
        seconds = time.monotonic() - began
        finished = next(iter(self.queue.finished([job.id])), None)
        status, code = _answer(finished or self.queue.end_waiting(job.id, Failure(FailureReason.TIMEOUT)))
        view = self.stores.jobs.get(job.id)
        assert view
        return Ending(
            status,
            code,
            view.failure.detail if view.failure else {},
            [event.detail for event in self.stores.jobs.timeline(job.id) if event.event == "attempt"],
            view.cost_usd,
            seconds,
            logs,
        )

    def trouble(self, row: str) -> tuple[Behaviour, Condition]:
        """What happens to which calls in a row of the table.

        Beside the fake's own there are `…_elsewhere`, which lead to the foreign host instead of a private address, and
        `order_redirected`.
        """
        if row == "order_redirected":
            return server.redirect(self.neighbours.foreign.url), self.subject.orders
        found = self.fake.misbehaviour(row.removesuffix("_elsewhere"))
        assert found, f"{self.subject.id} cannot show {row}"
        behaviour, on = found
        return (self._leading_elsewhere(behaviour), on) if row.endswith("_elsewhere") else (behaviour, on)

    def _leading_elsewhere(self, behaviour: Behaviour) -> Behaviour:
        foreign = f"{self.neighbours.foreign.url}/stolen.png"

        def behave(call: Call, answer: Answer, wire: Wire) -> Reply:
            reply = behaviour(call, answer, wire)
            assert reply
            headers = {name: value.replace(PRIVATE_URL, foreign) for name, value in reply.headers.items()}
            return Reply(reply.status, reply.body.replace(PRIVATE_URL.encode(), foreign.encode()), headers)

        return behave


@contextmanager
def studio(subject: Subject, neighbours: Neighbours, certificate: Path | None = None) -> Iterator[Studio]:
    with subject.fake(certificate=certificate) as fake:
        yield Studio(subject, fake, neighbours)


def _answer(finished: FinishedJob) -> tuple[int, str | None]:
    """HTTP status and code that the booth gets."""
    if finished.result:
        return 200, None
    refusal = refusal_of(finished)
    return STATUS[refusal.reason], refusal.reason.value
