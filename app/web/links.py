"""Addresses that leave this site: for booths, guests and programs."""

from urllib.parse import urljoin

from flask import current_app, request, url_for


def absolute(path: str) -> str:
    """`path` under PUBLIC_BASE_URL, or under the address that this request came by."""
    base: str = current_app.config["PUBLIC_BASE_URL"] or request.host_url
    return urljoin(base, path)


def ingest_url(slot_id: str) -> str:
    """What an operator types into the booth program."""
    return absolute(url_for("ingest.receive", slot_id=slot_id))
