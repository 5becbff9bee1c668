"""What the API answers, field by field (contracts/openapi.yaml)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import url_for

from app.domain.catalogue import Catalogue, Field, Model, Operation
from app.domain.job import JobView, LogEvent, Source
from app.domain.job_log import Refusal
from app.domain.media import MediaObject, TemplateMedia
from app.domain.slot import Slot, Step
from app.domain.slot_changes import Revision
from app.ports.access import Token
from app.ports.audit import Change
from app.ports.settings import SettingView
from app.ports.upkeep import Purge
from app.services.connections import Check
from app.services.connections.values import ConnectionView
from app.services.settings.rotation import Rotation
from app.web.links import absolute, ingest_url


def slot_json(slot: Slot) -> dict[str, Any]:
    return {
        "id": slot.id,
        **_slot_content(slot),
        "version": slot.version,
        "updated_by": slot.updated_by,
        "updated_at": slot.updated_at.isoformat(),
        "ingest_url": ingest_url(slot.id),
    }


def revision_json(revision: Revision) -> dict[str, Any]:
    changes = revision.changes
    return {
        "version": revision.slot.version,
        "updated_by": revision.slot.updated_by,
        "updated_at": revision.slot.updated_at.isoformat(),
        "content": _slot_content(revision.slot),
        "changes": None if changes is None else {path: asdict(change) for path, change in changes.items()},
    }


def _slot_content(slot: Slot) -> dict[str, Any]:
    snapshot = slot.snapshot()
    return {
        "name": slot.name,
        **_step(slot.step),
        "fallbacks": [_step(step) for step in slot.fallbacks],
        "output": snapshot["output"],
        "policy": snapshot["policy"],
        "keeping": snapshot["keeping"],
        "publishing": snapshot["publishing"],
        "is_active": slot.is_active,
    }


def _step(step: Step) -> dict[str, Any]:
    return {"provider": step.provider, "operation": step.operation, "settings": dict(step.settings)}


def job_json(job: JobView) -> dict[str, Any]:
    left = 0.0 if job.is_finalized else max(0.0, (job.expires_at - job.read_at).total_seconds())
    return {
        "id": str(job.id),
        "slot_id": job.slot_id,
        "source": job.source.value,
        "status": job.status.value,
        "is_finalized": job.is_finalized,
        "failure_reason": job.failure.reason.value if job.failure else None,
        "failure_detail": dict(job.failure.detail) if job.failure else None,
        "booth": job.booth,
        "provider": job.provider,
        "operation": job.operation,
        "model": job.model,
        "cost_usd": float(job.cost_usd),
        "attempt": job.attempt,
        "created_at": job.created_at.isoformat(),
        "started_at": time_json(job.started_at),
        "finalized_at": time_json(job.finalized_at),
        "expires_at": job.expires_at.isoformat(),
        "seconds_left": round(left, 1),
        "result": _result(job),
    }


def refusal_json(refusal: Refusal) -> dict[str, Any]:
    return {
        "id": refusal.id,
        "slot_id": refusal.slot_id,
        "source": Source.INGEST.value,
        "status": "refused",
        "reason": refusal.reason,
        "client": refusal.client,
        "created_at": refusal.at.isoformat(),
    }


def event_json(event: LogEvent) -> dict[str, Any]:
    return {
        "at": event.at.isoformat(),
        "event": event.event,
        "duration_ms": event.duration_ms,
        "detail": dict(event.detail),
    }


def _result(job: JobView) -> dict[str, Any] | None:
    if job.result is None or job.is_withdrawn or not job.result_is_available:
        return None
    return {
        "url": absolute(url_for("public.result", job_id=job.id)),
        "mime_type": job.result.mime_type,
        "size_bytes": job.result.size_bytes,
        "checksum": job.result.checksum,
        "width": job.result.width,
        "height": job.result.height,
        "expires_at": time_json(job.result_expires_at),
    }


def settings_json(
    settings: Mapping[str, SettingView], rotation: Rotation | None, connections: Sequence[ConnectionView]
) -> dict[str, Any]:
    return {
        "sync_response_seconds": settings["sync_response_seconds"].value,
        "result_retention_hours": settings["result_retention_hours"].value,
        "time_zone": settings["time_zone"].value,
        "ingest_password": {
            **secret_json(settings["ingest_password"]),
            "previous_valid_until": time_json(rotation.valid_until if rotation else None),
            "previous_last_used_at": time_json(rotation.last_used_at if rotation else None),
        },
        "providers": {view.spec.id: _connection(view) for view in connections},
    }


def _connection(view: ConnectionView) -> dict[str, Any]:
    budget = view.daily_budget_usd.value
    return {
        "api_key": secret_json(view.api_key),
        "base_url": view.base_url.value,
        "proxy": secret_json(view.proxy),
        "daily_budget_usd": None if budget is None else float(budget),
    }


def secret_json(view: SettingView) -> dict[str, Any]:
    return {"is_set": view.is_set, "updated_at": time_json(view.updated_at), "updated_by": view.updated_by}


def token_json(token: Token) -> dict[str, Any]:
    return {
        "id": str(token.id),
        "name": token.name,
        "scope": token.scope.value,
        "username": token.username,
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "last_used_at": time_json(token.last_used_at),
    }


def change_json(change: Change) -> dict[str, Any]:
    return {
        "at": change.at.isoformat(),
        "username": change.username,
        "action": change.action,
        "subject": change.subject,
        "detail": dict(change.detail),
    }


def check_json(check: Check) -> dict[str, Any]:
    return {
        "ok": check.fault is None,
        "duration_ms": check.duration_ms,
        "fault": check.fault.kind.value if check.fault else None,
        "message": check.fault.message if check.fault else None,
    }


def template_json(template: TemplateMedia) -> dict[str, Any]:
    return {
        "id": str(template.id),
        "label": template.label,
        "mime_type": template.mime_type,
        "size_bytes": template.size_bytes,
        "width": template.width,
        "height": template.height,
        "used_by": list(template.used_by),
        "created_at": template.created_at.isoformat(),
    }


def media_json(found: MediaObject) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "url": absolute(url_for("public.media", media_id=found.id)),
        "mime_type": found.mime_type,
        "size_bytes": found.size_bytes,
        "expires_at": found.expires_at.isoformat(),
    }


def purge_json(purge: Purge) -> dict[str, Any]:
    status = "finished" if purge.finished_at else "running" if purge.started_at else "queued"
    return {
        "id": purge.id,
        "status": status,
        "requested_by": purge.requested_by,
        "requested_at": purge.requested_at.isoformat(),
        "finished_at": time_json(purge.finished_at),
        "counts": dict(purge.counts) if purge.counts else None,
    }


def catalogue_json(catalogue: Catalogue) -> list[dict[str, Any]]:
    return [
        {
            "id": provider.id,
            "label": dict(provider.label),
            "needs_key": provider.needs_key,
            "is_queue": provider.is_queue,
            "reserve_seconds": provider.reserve_seconds,
            "input": asdict(provider.input),
            "quota": asdict(provider.quota),
            "operations": [_operation(operation) for operation in provider.operations],
        }
        for provider in catalogue.providers
    ]


def _operation(operation: Operation) -> dict[str, Any]:
    return {
        "id": operation.id,
        "label": dict(operation.label),
        "hint": dict(operation.hint) or None,
        "models": [_model(model) for model in operation.models],
        "fields": [_field(f) for f in operation.fields],
    }


def _model(model: Model) -> dict[str, Any]:
    return {
        **asdict(model),
        "label": dict(model.label),
        "price_usd": float(model.price_usd),
        "surcharges": [{"field": s.field, "value": s.value, "price_usd": float(s.price_usd)} for s in model.surcharges],
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "name": field.name,
        "type": field.type,
        "label": dict(field.label),
        "hint": dict(field.hint) or None,
        "required": field.required,
        "default": field.default,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "step": field.step,
        "placeholders": field.placeholders,
        "role": field.role,
        "models": list(field.models),
        "options": [{"value": o.value, "label": dict(o.label)} for o in field.options],
    }


def time_json(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
