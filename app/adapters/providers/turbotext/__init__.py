"""Turbotext's photo methods: a job is ordered, asked for until it is ready, and its picture fetched.

Facts: https://www.turbotext.ru/photo_ai/docs/info (photo methods). What that page leaves open is answered in `answers`
and `orders`, each time with the reason.
"""

from threading import Event

from app.adapters.providers import Tools
from app.adapters.providers.turbotext import answers, orders
from app.adapters.providers.turbotext.line import Line
from app.adapters.providers.turbotext.queued_job import QueuedJob
from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.domain.pace import Pace
from app.ports.providers import Connection, HttpClient, ProviderAnswer, ProviderRequest

_NO_SUCH_JOB = "0"
_KEY_IS_GOOD = frozenset({FaultKind.BAD_ARGUMENT, FaultKind.MODEL_GONE, FaultKind.NO_REFERENCE})
"""Faults of a question that was read and understood."""


def create(tools: Tools) -> "TurbotextProvider":
    return TurbotextProvider(tools.http)


class TurbotextProvider:
    """Implements Provider: `image_edit`, `style_transfer` and `identity_transfer`.

    Every job that is created is billed, so one is created only through the request's ticket; whatever fails later is
    answered with the same job, by this attempt or by the next.
    """

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def run(self, request: ProviderRequest) -> ProviderAnswer:
        method = orders.method_of(request.operation)
        line = Line(self._http, request.connection, request.deadline, request.cancelled, request.pace)
        queue_id = request.ticket.create(lambda: _order(line, method, request))
        try:
            return ProviderAnswer(QueuedJob(line, method, queue_id).picture(), request_id=queue_id)
        except ProviderFault as fault:
            fault.may_have_cost = True
            fault.request_id = queue_id
            raise

    def check(self, connection: Connection, deadline: Deadline) -> None:
        """Ask for a job that does not exist: the only call that is certain to cost nothing.

        Who the key belongs to is looked at first, so that a bad one is refused as such. What the API says of the job
        is not documented and does not matter: that it reads the question at all means that the key was accepted.
        """
        line = Line(self._http, connection, deadline, Event(), Pace())
        reply = line.call("generate_image2image", {"do": "get_result", "queueid": _NO_SUCH_JOB})
        try:
            answers.read(reply, line.key)
        except ProviderFault as fault:
            if fault.kind not in _KEY_IS_GOOD or not answers.is_readable(reply):
                raise


def _order(line: Line, method: str, request: ProviderRequest) -> str:
    form, files = orders.form_of(request)
    return answers.queue_id(line.call(method, form, files), line.key)
