"""A house in which jobs are processed, and what its providers can be told to do."""

import threading
from collections.abc import Callable

from app.domain.errors import FaultKind, ProviderFault
from app.domain.job import ClaimedJob, Failure, FinishedJob, JobView
from app.ports.providers import ProviderRequest
from app.services.processing import ProcessingService
from tests.services.house import CATALOGUE, House, shot
from tests.twins.memory_media_store import MemoryMediaStore
from tests.twins.scripted_provider import Act, ScriptedProvider, ScriptedProviders

GONE_WRONG = ProviderFault(FaultKind.HANG, "It took too long.", permanent=False)
REFUSED_FOR_GOOD = ProviderFault(FaultKind.BAD_ARGUMENT, "It never works.", permanent=True)


def gives(data: bytes) -> Act:
    return lambda request: data


def raises(error: Exception) -> Act:
    def act(_: ProviderRequest) -> bytes:
        raise error

    return act


def after(happening: Callable[[], object], act: Act) -> Act:
    """`act`, before which something happens elsewhere."""

    def acts(request: ProviderRequest) -> bytes:
        happening()
        return act(request)

    return acts


class Workshop(House):
    """A house with two scripted providers and the processing service."""

    def __init__(self, media: MemoryMediaStore | None = None) -> None:
        super().__init__()
        self.media = media or self.media
        self.local = ScriptedProvider(gives(shot()))
        self.backup = ScriptedProvider(gives(shot(48, 32)))
        self.cancelled = threading.Event()
        self.service = ProcessingService(
            queue=self.queue,
            media=self.media,
            images=self.images,
            providers=ScriptedProviders(CATALOGUE, {"local": self.local, "backup": self.backup}),
            templates=self.stores.templates,
        )

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
