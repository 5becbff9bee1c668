"""One attempt: the request is built, the provider is called, its picture is finished."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from threading import Event
from uuid import UUID

import structlog

from app.domain.deadlines import Deadline
from app.domain.errors import DatabaseUnavailable, FaultKind, ProviderFault, Reason, Refused
from app.domain.job import Attempt, ClaimedJob
from app.domain.media import EncodedImage, Finish
from app.ports.jobs import JobQueue
from app.ports.media import ImageTool, MediaLinks, MediaStore, TemplateStore
from app.ports.providers import (
    Connection,
    ProviderAnswer,
    ProviderConnections,
    ProviderGate,
    ProviderRegistry,
    ProviderRequest,
)
from app.services.processing.accounts import Accounts
from app.services.processing.inputs import Inputs
from app.services.processing.journal import Journal
from app.services.processing.patience import persistently
from app.services.processing.plan import Move, Plan
from app.services.processing.ticket import JobTicket

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Means:
    """What attempts are made with. `guest_address` gives the address of a photo's page, None without a public one."""

    queue: JobQueue
    media: MediaStore
    images: ImageTool
    templates: TemplateStore
    providers: ProviderRegistry
    connections: ProviderConnections
    gate: ProviderGate
    links: MediaLinks
    guest_address: Callable[[UUID], str] | None


@dataclass(frozen=True, slots=True)
class Terms:
    """How one attempt is made: until when and until what, in which words, and past a pausing breaker or not."""

    deadline: Deadline
    cancelled: Event
    insist: bool = False
    probe: bool = False


class Attempts:
    """Makes the attempts of one job; which and how many is not decided here."""

    def __init__(self, means: Means, job: ClaimedJob, shot: bytes, plan: Plan, journal: Journal) -> None:
        self._means = means
        self._job = job
        self._plan = plan
        self._accounts = Accounts(means.gate, journal, plan.policy.price_cap_usd)
        self._tickets: dict[int, JobTicket] = {}
        self._inputs = Inputs(
            shot=shot,
            mime_type=job.payload.mime_type,
            images=means.images,
            media=means.media,
            templates=means.templates,
            deadline=plan.deadline,
        )

    def make(self, move: Move, terms: Terms) -> tuple[EncodedImage, Attempt]:
        """Call the move's provider once; raises ProviderFault. The attempt is in the journal, however it ended."""
        ticket = self._ticket(move)
        price = Decimal(0) if ticket.is_paid else move.model.price_usd
        try:
            connection = self._connection(move)
        except ProviderFault as fault:
            self._accounts.refuse(move, self._plan.ask(move, price, None), fault)
            raise
        entry = self._accounts.open(
            move, self._plan.ask(move, price, connection.daily_budget_usd), probe=terms.probe
        )
        entry = replace(entry, owed_usd=ticket.take_debt(move.model.price_usd))
        try:
            answer = self._ask(move, connection, ticket, terms)
            image = self._finished(move, answer)
        except ProviderFault as fault:
            self._accounts.fail(entry, fault)
            raise
        return image, self._accounts.succeed(entry, answer)

    def is_ordered(self, move: Move) -> bool:
        """Whether the move's queue provider has the job already: another attempt would only fetch its picture."""
        return self._ticket(move).is_paid

    def _ticket(self, move: Move) -> JobTicket:
        return self._tickets.setdefault(
            move.index, JobTicket(self._means.queue, self._job, move.index, self._plan.deadline)
        )

    def _ask(self, move: Move, connection: Connection, ticket: JobTicket, terms: Terms) -> ProviderAnswer:
        provider = self._means.providers.get(move.spec.id)
        if provider is None:
            raise ProviderFault(FaultKind.NOT_CONFIGURED, f"There is no driver for {move.spec.id}.", permanent=True)
        request = self._request(move, connection, ticket, terms)
        try:
            return provider.run(request)
        except ProviderFault:
            raise
        except Exception as error:
            log.exception("provider_crashed", provider=move.spec.id)
            raise ProviderFault(FaultKind.INTERNAL, "The provider's driver failed.", permanent=True) from error

    def _request(self, move: Move, connection: Connection, ticket: JobTicket, terms: Terms) -> ProviderRequest:
        limits, settings = move.spec.input, move.settings(self._job.booth_fields)
        return ProviderRequest(
            job_id=self._job.id,
            operation=move.operation.id,
            model=move.model.id,
            settings=settings,
            shot=self._inputs.shot(limits),
            templates=self._inputs.templates(move.operation, settings, limits),
            output=self._plan.output,
            connection=connection,
            ticket=ticket,
            publish=lambda data, mime_type: self._means.links.publish(self._job, data, mime_type),
            deadline=terms.deadline,
            cancelled=terms.cancelled,
            insist=terms.insist,
        )

    def _connection(self, move: Move) -> Connection:
        try:
            return persistently(lambda: self._means.connections.get(move.spec), self._plan.deadline)
        except DatabaseUnavailable as error:
            raise ProviderFault(FaultKind.INTERNAL, "The database was away.", permanent=False) from error

    def _finished(self, move: Move, answer: ProviderAnswer) -> EncodedImage:
        picture, finish = answer.image, self._finish()
        try:
            try:
                return self._means.images.finish(picture, finish)
            except Refused as error:
                if error.reason is not Reason.INVALID_SETTINGS:
                    raise
                log.warning("overlay_left_out", message=error.message)
                return self._means.images.finish(picture, replace(finish, overlay=None))
        except Refused as error:
            is_large = error.reason is Reason.PAYLOAD_TOO_LARGE
            kind = FaultKind.TOO_LARGE if is_large else FaultKind.INVALID_OUTPUT
            raise ProviderFault(
                kind,
                error.message,
                permanent=is_large,
                status=200 if move.spec.is_remote else None,
                request_id=answer.request_id,
                may_have_cost=True,
            ) from error

    def _finish(self) -> Finish:
        """What the slot wants on top; what cannot be had is left out, for better a plain photo than none."""
        output = self._plan.output
        return Finish(
            output=output,
            shot_size=(0, 0) if output.aspect == "none" else self._inputs.shot_size,
            overlay=self._overlay(output.overlay) if output.overlay else None,
            qr_text=self._qr_text() if output.qr_corner else None,
        )

    def _overlay(self, template_id: str) -> bytes | None:
        try:
            return self._inputs.template_bytes(UUID(template_id))
        except ProviderFault as error:
            log.warning("overlay_left_out", message=error.message)
            return None

    def _qr_text(self) -> str | None:
        if self._means.guest_address is None:
            log.warning("qr_code_left_out")
            return None
        return self._means.guest_address(self._job.id)
