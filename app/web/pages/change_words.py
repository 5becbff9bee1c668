"""The audit log in the words of the pages: what was done, to what, and from which value to which."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import format_datetime, gettext

from app.domain.catalogue import Catalogue
from app.domain.share_link import Audience
from app.ports.access import Scope
from app.ports.audit import Change
from app.web.pages.change_values import Vocabulary
from app.web.pages.community_changes import community_labels, community_titles, late_policy_names
from app.web.pages.formats import day, in_language
from app.web.pages.labels import slot_labels

_VALUE_MAX = 160
_ELSEWHERE = ("version", "restored_version", "copied_from", "label", "id", "ids", "username", "slot_id")
"""What the title says, or what people have no use for."""
_SLOTS = ("copied_from", "slot_id")
_TIMES = ("starts_at", "ends_at", "expires_at", "publication_date")


@dataclass(frozen=True, slots=True)
class Line:
    """One field: `old` and `new` as people read them, or what was done with it in `new` alone."""

    label: str
    new: str
    old: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """`address` leads to what was changed, if it has a page; `username` is None for the server itself."""

    at: datetime
    username: str | None
    title: str
    address: str | None
    lines: list[Line]


def entry(change: Change, vocabulary: Vocabulary) -> Entry:
    lines = list(_lines(change, vocabulary))
    return Entry(change.at, change.username, _title(change, vocabulary), _address(change), lines)


def subject_name(subject: str, catalogue: Catalogue) -> str:
    """What a subject is called on the pages."""
    provider = catalogue.provider(subject)
    return in_language(provider.label) if provider else subject


def _title(change: Change, vocabulary: Vocabulary) -> str:
    subject = vocabulary.slot(subject_name(change.subject, vocabulary.catalogue))
    named = {
        **{name: change.detail.get(name) for name in _ELSEWHERE},
        **{name: vocabulary.slot(change.detail[name]) for name in _SLOTS if name in change.detail},
        "subject": subject,
    }
    name = named["label"] or change.detail.get("new") or change.subject
    titles = {
        "settings.changed": gettext("Settings changed"),
        "provider.changed": gettext("Connection of %(subject)s changed", **named),
        "slot.changed": gettext("%(subject)s changed", **named),
        "slot.restored": gettext("%(subject)s brought back to version %(restored_version)s", **named),
        "slot.copied": gettext("%(subject)s made like %(copied_from)s", **named),
        "slot.paused": gettext("%(subject)s paused", **named),
        "slot.resumed": gettext("%(subject)s takes photos again", **named),
        "slot.stats_reset": gettext("Statistics of %(subject)s begin anew", **named),
        "template.added": gettext("Image “%(name)s” added", name=name),
        "template.renamed": gettext("Image renamed to “%(name)s”", name=name),
        "template.deleted": gettext("Image “%(name)s” deleted", name=name),
        "token.issued": gettext("API token “%(subject)s” issued", **named),
        "token.revoked": gettext("API token “%(subject)s” revoked", **named),
        "job.cancelled": gettext("Job of %(slot_id)s cancelled", **named),
        "job.rerun": gettext("Job of %(slot_id)s run again", **named),
        "event.created": gettext("Event “%(name)s” created", name=name),
        "event.changed": gettext("Event “%(name)s” changed", name=name),
        "event.removed": gettext("Event “%(name)s” removed", name=name),
        "link.created": gettext("Guests’ link “%(name)s” created", name=vocabulary.slot(name)),
        "link.prolonged": gettext("Guests’ link “%(name)s” has another end", name=vocabulary.slot(name)),
        "link.revoked": gettext("Guests’ link “%(name)s” closed", name=vocabulary.slot(name)),
        **_photo_titles(len(change.detail.get("ids", [])), subject),
        **community_titles(name),
        "purge.requested": gettext("Cleaning up started by hand"),
        "alerts.changed": gettext("Alerts to the outside changed"),
        "copies.changed": gettext("Storage for copies changed"),
        "password.changed": gettext("Password of %(subject)s changed", **named),
        "login": gettext("Logged in"),
        "login.throttled": gettext("Too many wrong passwords: a pause began"),
    }
    return str(titles.get(change.action) or f"{change.action} {change.subject}".strip())


def _photo_titles(n: int, slot: str) -> dict[str, str]:
    return {
        "photo.hidden": gettext("%(slot)s: photos hidden: %(n)s", slot=slot, n=n),
        "photo.shown": gettext("%(slot)s: photos shown again: %(n)s", slot=slot, n=n),
        "photo.deleted": gettext("%(slot)s: photos deleted: %(n)s", slot=slot, n=n),
        "photo.restored": gettext("%(slot)s: photos restored: %(n)s", slot=slot, n=n),
        "photo.kept": gettext("%(slot)s: photos kept for longer: %(n)s", slot=slot, n=n),
        "photo.released": gettext("%(slot)s: photos kept as usual again: %(n)s", slot=slot, n=n),
    }


def _address(change: Change) -> str | None:
    if change.action.startswith("photo.") and len(change.detail.get("ids", [])) == 1:
        return url_for("pages.photo", photo_id=change.detail["ids"][0])
    if change.action.startswith("slot."):
        return url_for("pages.slot", slot_id=change.subject)
    if change.action.startswith("link."):
        return url_for("pages.share_link", link_id=change.subject)
    if change.action.startswith("post."):
        return url_for("pages.community_posts", community_id=change.subject)
    if change.action.startswith("community.") and change.action != "community.removed":
        return url_for("pages.community", community_id=change.subject)
    if change.action in ("event.created", "event.changed"):
        return url_for("pages.event", event_id=change.subject)
    if change.action == "provider.changed":
        return url_for("pages.settings", provider=change.subject, _anchor=f"provider-{change.subject}")
    return None


def _lines(change: Change, vocabulary: Vocabulary) -> Iterator[Line]:
    labels = _labels(vocabulary.catalogue)
    if change.action == "login.throttled" and change.subject:
        yield Line(gettext("User"), change.subject)
    for name, told in _told(change):
        yield _line(name, _label(name, labels), told, vocabulary)


def _line(name: str, label: str, told: Any, vocabulary: Vocabulary) -> Line:
    if name == "slots":
        told = [_slots(one) for one in told] if isinstance(told, list) else _slots(told)
    match told:
        case [str(old), str(new)] if name == "late_policy":
            return Line(label, late_policy_names().get(new, new), late_policy_names().get(old, old))
        case [str(old), str(new)] if name in _TIMES:
            return Line(label, _when(name, new), _when(name, old))
        case str() if name in _TIMES:
            return Line(label, _when(name, told))
        case [old, new]:
            return Line(label, _words(new), _words(old))
        case {"old": old, "new": new}:
            return Line(label, _words(vocabulary.value(name, new)), _words(vocabulary.value(name, old)))
        case str():
            return Line(label, _codes().get(told) or _words(told))
    return Line(label, _words(told))


def _slots(names: str) -> str:
    """Whose photos belong to an event."""
    return names or str(gettext("all of them"))


def _told(change: Change) -> list[tuple[str, Any]]:
    """By field: what changed of a slot is one level deeper, and of some things only the two values are told."""
    detail = dict(change.detail)
    if detail.keys() == {"old", "new"}:
        return [(change.subject if change.action == "settings.changed" else "label", [detail["old"], detail["new"]])]
    fields = {name: told for name, told in detail.items() if name not in (*_ELSEWHERE, "changes", "new_job_id")}
    told = {**fields, **detail.get("changes", {})}
    times = [(name, told.pop(name)) for name in _TIMES if name in told]  # the database has them by their length
    return [*times, *told.items()]


def _label(path: str, labels: Mapping[str, str]) -> str:
    """`fallbacks.0.settings.strength` is the strength of the first fallback."""
    parts = path.split(".")
    if path in labels:
        return labels[path]
    if parts[0] == "fallbacks" and len(parts) > 2 and parts[1].isdecimal():
        rest = _label(".".join(parts[2:]), labels)
        return f"{gettext('Fallback %(n)s', n=int(parts[1]) + 1)}, {rest}"
    return labels.get(parts[-1], path)


def _labels(catalogue: Catalogue) -> dict[str, str]:
    """By path: of the catalogue's fields, of slots, and of the settings."""
    specs = [spec for provider in catalogue.providers for o in provider.operations for spec in o.fields]
    return {
        **{f"settings.{spec.name}": in_language(spec.label) for spec in specs},
        **slot_labels(),
        **community_labels(),
        "sync_response_seconds": gettext("Window, s"),
        "result_retention_hours": gettext("Pictures are kept, h"),
        "time_zone": gettext("Time zone"),
        "ingest_password": gettext("Ingest password"),
        "ingest_password_grace_hours": gettext("The old one is accepted, h"),
        "guide_hidden": gettext("First steps are hidden"),
        "api_key": gettext("Key"),
        "proxy": gettext("Proxy"),
        "base_url": gettext("Address"),
        "daily_budget_usd": gettext("Budget for a day, US dollars"),
        "client": gettext("From"),
        "scope": gettext("What it may do"),
        "expires_at": gettext("Ends"),
        "starts_at": gettext("Beginning"),
        "ends_at": gettext("End"),
        "slots": gettext("Slots"),
        "links": gettext("Links for guests removed with it"),
        "event": gettext("Event"),
        "audience": gettext("Guests see"),
        "allows_archive": gettext("Everything as a ZIP"),
        "password": gettext("Password"),
        "used_by": gettext("Used by"),
        "tokens_revoked": gettext("API tokens revoked with it"),
        "label": gettext("Name"),
        "token": gettext("Token of the bot"),
        "chat_id": gettext("Chat"),
        "url": gettext("Address"),
        "secret": gettext("Shared secret"),
        "access_key_id": gettext("Key ID"),
        "secret_access_key": gettext("Secret key"),
        "language": gettext("Language of the messages"),
    }


def _codes() -> dict[str, str]:
    """What the log has a word of its own for."""
    return {
        "set": gettext("set"),
        "removed": gettext("removed"),
        Audience.ALL: gettext("all photos"),
        Audience.OWN: gettext("only their own"),
        Scope.READ: gettext("read only"),
        Scope.WRITE: gettext("read and change"),
    }


def _when(name: str, text: str) -> str:
    """Of what ends days later, the day is enough."""
    moment = datetime.fromisoformat(text)
    return day(moment) if name == "expires_at" else str(format_datetime(moment, "d MMMM yyyy, HH:mm"))


def _words(value: Any) -> str:
    """A value as people read it; what is made of parts, by its parts."""
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    if value is None or value in ("", [], {}):
        return "—"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_words(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(_words(part) for part in value)
    text = str(value)
    return text if len(text) <= _VALUE_MAX else f"{text[:_VALUE_MAX]}…"
