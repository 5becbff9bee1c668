"""A house in which jobs are processed, and what its providers can be told to do."""

import threading
from collections.abc import Callable

from app.domain.errors import FaultKind, ProviderFault
from app.domain.job import ClaimedJob, Failure, FinishedJob, JobView
from app.domain.limits import Ask
from app.domain.slot import Step
from app.ports.providers import ProviderAnswer, ProviderRequest
from app.services.processing import ProcessingService
from app.services.processing.attempt import Means
from tests.services.house import CATALOGUE, House, shot
from tests.twins.memory_gate import MemoryGate
from tests.twins.memory_media_store import MemoryMediaStore
from tests.twins.scripted_provider import Act, PlainConnections, ScriptedProvider, ScriptedProviders

GONE_WRONG = ProviderFault(FaultKind.HANG, "It took too long.", permanent=False)
TOO_LARGE = ProviderFault(FaultKind.TOO_LARGE, "It is too large.", permanent=True)
REFUSED_FOR_GOOD = ProviderFault(FaultKind.BAD_ARGUMENT, "It never works.", permanent=True)


def gives(data: bytes | ProviderAnswer) -> Act:
    return lambda request: data


def raises(error: Exception) -> Act:
    def act(_: ProviderRequest) -> bytes:
        raise error

    return act


def after(happening: Callable[[], object], act: Act) -> Act:
    """`act`, before which something happens elsewhere."""

    def acts(request: ProviderRequest) -> bytes | ProviderAnswer:
        happening()
        return act(request)

    return acts


class PlainLinks:
    """Implements ports.MediaLinks."""

    def publish(self, job: ClaimedJob, data: bytes, mime_type: str) -> str:
        return f"https://booth.example/public/media/{job.id}"


class Workshop(House):
    """A house with scripted providers and the processing service."""

    def __init__(self, media: MemoryMediaStore | None = None) -> None:
        super().__init__()
        self.media = media or self.media
        self.local = ScriptedProvider(gives(shot()))
        self.backup = ScriptedProvider(gives(shot(48, 32)))
        self.rival = ScriptedProvider(gives(shot(24, 16)))
        self.orders = ScriptedProvider(gives(shot(12, 8)))
        self.gate = MemoryGate()
        self.connections = PlainConnections()
        self.cancelled = threading.Event()
        drivers = {"local": self.local, "backup": self.backup, "rival": self.rival, "orders": self.orders}
        self.service = ProcessingService(
            Means(
                queue=self.queue,
                photos=self.stores.photos,
                media=self.media,
                images=self.images,
                templates=self.stores.templates,
                providers=ScriptedProviders(CATALOGUE, drivers),
                connections=self.connections,
                gate=self.gate,
                links=PlainLinks(),
                guest_address=lambda job_id: f"https://booth.example/r/{job_id}",
            )
        )

    def ask(self, step: Step) -> Ask:
        """What the gate is asked for the step's default model."""
        spec = CATALOGUE.provider(step.provider)
        assert spec is not None
        model = spec.operations[0].models[0]
        return Ask(spec.id, model.id, "slot-001", model.price_usd)

    def run(self, job: ClaimedJob) -> None:
        self.service.run(job, self.cancelled)

    def end_of(self, job: ClaimedJob) -> FinishedJob | None:
        return next(iter(self.queue.finished([job.id])), None)

    def failure_of(self, job: ClaimedJob) -> Failure:
        finished = self.end_of(job)
        assert finished is not None
        assert finished.failure is not None
        return finished.failure

    def view_of(self, job: ClaimedJob) -> JobView:
        view = self.stores.jobs.get(job.id)
        assert view is not None
        return view

    def files(self, folder: str) -> set[str]:
        return {entry.key for entry in self.media.list(folder)}
