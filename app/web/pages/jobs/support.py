"""What somebody who helps from afar needs to know of a job, as plain text without secrets and without guests' data."""

import platform
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from flask import Response

from app import __version__
from app.domain.job import LogEvent
from app.domain.job_log import JobRecord
from app.logs import mask_text
from app.web.pages.jobs.choices import state_of
from app.web.pages.site import blueprint
from app.web.use_cases import services


@blueprint.get("/jobs/<uuid:job_id>/support.txt")
def job_support(job_id: UUID) -> Response:
    return Response(support_text(services().jobs.record(job_id)), mimetype="text/plain")


def support_text(record: JobRecord) -> str:
    """English in every language: whoever reads it may be anywhere. Times are UTC."""
    lines = [*_facts(record), "", "Timeline, from the arrival of the request:", *_story(record), ""]
    return mask_text("\n".join(lines))


def _facts(record: JobRecord) -> Iterator[str]:
    view = record.view
    yield f"PhotoChanger {__version__}, Python {platform.python_version()}"
    yield f"Job:       {view.id}"
    yield f"Slot:      {view.slot_id}, sent by {view.source.value}, booth {view.booth or 'unknown'}"
    yield f"State:     {state_of(view).value}{f' ({view.failure.code})' if view.failure else ''}"
    if view.failure and view.failure.detail.get("message"):
        yield f"Message:   {view.failure.detail['message']}"
    yield f"Provider:  {view.provider}, {view.operation}, model {view.model or 'default'}, {view.cost_usd} USD"
    if record.reference:
        yield f"Ordered:   {record.reference}"
    if view.result:
        yield f"Result:    {view.result.mime_type}, {view.result.size_bytes} bytes, SHA-256 {view.result.checksum}"
    yield f"Workers:   {view.attempt}"
    for name, moment in (("Received", view.created_at), ("Started", view.started_at), ("Ended", view.finalized_at)):
        yield f"{name + ':':10} {_utc(moment)}"
    yield f"Deadline:  {_utc(view.expires_at)}"


def _utc(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}Z" if moment else "never"


def _story(record: JobRecord) -> Iterator[str]:
    for event in record.events:
        since = round((event.at - record.view.created_at).total_seconds() * 1000)
        took = "" if event.duration_ms is None else f" took {event.duration_ms} ms"
        yield f"{since:>8} ms  {event.event}{took}{_told(event)}"


def _told(event: LogEvent) -> str:
    """What a call of a provider came to."""
    detail = event.detail
    if event.event != "attempt":
        return "".join(f", {name} {value}" for name, value in detail.items())
    names = {"http_status": "HTTP", "request_id": "request", "fault": "fault", "cost_usd": "USD", "message": "said"}
    told = [detail.get("provider"), detail.get("operation"), detail.get("model")]
    told += [f"{title} {detail[name]}" for name, title in names.items() if detail.get(name) not in (None, "", "0")]
    return ": " + ", ".join(str(fact) for fact in told if fact)
