"""One attempt: the request is built, the provider is called, its picture is finished."""

import time
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
from app.ports.photos import PhotoKeeper
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
    photos: PhotoKeeper
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
    """How one attempt is made: until when and until what, in which words, and past a pausing breaker or not.

    `is_called_off` as in ProviderRequest.
    """

    deadline: Deadline
    cancelled: Event
    is_called_off: Callable[[], bool]
    insist: bool = False
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A finished picture and the attempt that made it, which is not in the log yet.

    Whoever uses it writes the attempt with the job's end and calls `settle` then; nothing stands between the picture
    and the guest. Whoever does not use it calls `drop`.
    """

    image: EncodedImage
    attempt: Attempt
    settle: Callable[[], None]
    journal: Journal

    def drop(self) -> None:
        self.journal.flush()
        self.settle()


class Attempts:
    """Makes the attempts of one job; which and how many is not decided here."""

    def __init__(self, means: Means, job: ClaimedJob, shot: bytes, plan: Plan, journal: Journal) -> None:
        self._means = means
        self._job = job
        self._plan = plan
        self._journal = journal
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

    def make(self, move: Move, terms: Terms) -> Made:
        """Call the move's provider once; raises ProviderFault. An attempt that failed is in the journal then."""
        ticket = self._ticket(move)
        price = self._price(move)
        try:
            connection = self._connection(move)
        except ProviderFault as fault:
            self._accounts.refuse(move, self._plan.ask(move, price, None), fault)
            raise
        ask = self._plan.ask(move, price, connection.daily_budget_usd)
        entry = self._accounts.open(move, ask, probe=terms.probe, is_paid=ticket.is_paid)
        entry = replace(entry, owed_usd=ticket.take_debt(move.price_usd))
        time_given = terms.deadline.remaining(time.monotonic())
        try:
            answer, image, finish_ms = self._picture(move, connection, ticket, terms)
        except ProviderFault as fault:
            known = self._blamed(move, fault, time_given)
            self._accounts.fail(entry, known)
            raise known from fault
        attempt = self._accounts.succeed(entry, answer, finish_ms)
        return Made(image, attempt, lambda: self._accounts.settle(entry, attempt.cost_usd, None), self._journal)

    def could_ask(self, index: int, before: Move) -> bool:
        """Whether an attempt of the step, after one more of `before`, would get as far as its provider."""
        move = self._plan[index]
        if not move.spec.is_remote or self.is_ordered(move):
            return True
        try:
            connection = self._connection(move)
        except ProviderFault:
            return False
        has_key = bool(connection.api_key) or not move.spec.needs_key
        ask = self._plan.ask(move, move.price_usd, connection.daily_budget_usd)
        return has_key and self._accounts.could_open(ask, self._price(before))

    def is_ordered(self, move: Move) -> bool:
        """Whether the move's queue provider has the job already: another attempt would only fetch its picture."""
        return self._ticket(move).is_paid

    def _price(self, move: Move) -> Decimal:
        return Decimal(0) if self.is_ordered(move) else move.price_usd

    def _ticket(self, move: Move) -> JobTicket:
        return self._tickets.setdefault(
            move.index, JobTicket(self._means.queue, self._job, move.index, self._plan.deadline)
        )

    def _blamed(self, move: Move, fault: ProviderFault, time_given: float) -> ProviderFault:
        """The fault, unless it is ours: silence of a provider that was not asked, or had too little time to answer."""
        is_short = time_given < self._plan.pace.seconds(move.model.usual_seconds)
        was_asked = fault.may_have_cost or not move.spec.is_remote
        if fault.kind is not FaultKind.HANG or (was_asked and not is_short):
            return fault
        return ProviderFault(
            FaultKind.OUT_OF_TIME,
            "There was too little time for an ordinary call.",
            permanent=fault.permanent,
            request_id=fault.request_id,
            may_have_cost=fault.may_have_cost,
        )

    def _picture(
        self, move: Move, connection: Connection, ticket: JobTicket, terms: Terms
    ) -> tuple[ProviderAnswer, EncodedImage, int]:
        """What the provider gave, what became of it, and the milliseconds which that took."""
        provider = self._means.providers.get(move.spec.id)
        if provider is None:
            raise ProviderFault(FaultKind.NOT_CONFIGURED, f"There is no driver for {move.spec.id}.", permanent=True)
        try:
            finish = self._finish()
            answer = provider.run(self._request(move, connection, ticket, terms))
            began = time.monotonic()
            image = self._finished(move, answer, finish)
            return answer, image, round((time.monotonic() - began) * 1000)
        except ProviderFault:
            raise
        except Exception as error:
            log.exception("attempt_crashed", provider=move.spec.id)
            message = "The attempt failed on our side."
            raise ProviderFault(FaultKind.INTERNAL, message, permanent=True, may_have_cost=True) from error

    def _request(self, move: Move, connection: Connection, ticket: JobTicket, terms: Terms) -> ProviderRequest:
        settings = move.settings(self._job.booth_fields)
        limits = move.spec.input if move.spec.is_remote else None  # what stays in the house stays as it is
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
            pace=self._plan.pace,
            is_called_off=terms.is_called_off,
        )

    def _connection(self, move: Move) -> Connection:
        try:
            return persistently(lambda: self._means.connections.get(move.spec), self._plan.deadline)
        except DatabaseUnavailable as error:
            raise ProviderFault(FaultKind.INTERNAL, "The database was away.", permanent=False) from error

    def _finished(self, move: Move, answer: ProviderAnswer, finish: Finish) -> EncodedImage:
        picture = answer.image
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
