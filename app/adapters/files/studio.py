"""The studio's own folders and buckets, where copies go."""

import os.path
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from app.adapters.files import open_media_store
from app.domain.copies import URL_MAX, Destination, NotStored, StorageFault, is_bucket
from app.domain.errors import MediaStoreUnavailable
from app.ports.media import MediaStore

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
_AMAZON = re.compile(r"https?://s3[\w.-]*\.amazonaws\.com(:\d+)?", re.ASCII | re.IGNORECASE)
_ANY_KEYS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}


class StudioFiles:
    """Implements ports.StudioStorage.

    `own` are the folders and buckets in which the installation keeps its own files, and sweeps what it does not know;
    `own_options` are those of `open_media_store` that they are opened with.
    """

    def __init__(self, own: Sequence[str], own_options: Mapping[str, str]) -> None:
        self._own = [_place(url, own_options) for url in own]

    def examine(self, url: str) -> None:
        if not url.isprintable() or len(url) > URL_MAX or not (is_bucket(url) or Path(url).is_absolute()):
            raise NotStored(StorageFault.BAD_ADDRESS, "It is neither an absolute folder nor s3://bucket/prefix.")
        if is_bucket(url):
            _open_bucket(url, _ANY_KEYS)
        place = _place(url, {})
        if any(place[: len(own)] == own for own in self._own):
            raise NotStored(StorageFault.OWN_PLACE, "PhotoChanger keeps its own files there.")

    def open(self, destination: Destination) -> MediaStore:
        self.examine(destination.url)
        if destination.is_bucket:
            return _open_bucket(destination.url, _options(destination))
        if not os.path.isdir(destination.url):
            raise NotStored(StorageFault.FOLDER_MISSING, f"There is no folder {destination.url} on the server.")
        try:
            return open_media_store(destination.url)
        except MediaStoreUnavailable as error:
            raise NotStored(StorageFault.REFUSED, str(error)) from error


def _options(destination: Destination) -> dict[str, str]:
    """With where Amazon's own buckets are: unset, it would be where the environment says that our own files are."""
    region = dict(parse_qsl(urlsplit(destination.url).query)).get("region", "us-east-1")
    return {
        "AWS_ACCESS_KEY_ID": destination.access_key_id,
        "AWS_SECRET_ACCESS_KEY": destination.secret_access_key,
        "AWS_ENDPOINT_URL_S3": f"https://s3.{region}.amazonaws.com",
    }


def _open_bucket(url: str, keys: Mapping[str, str]) -> MediaStore:
    try:
        return open_media_store(url, keys)
    except ValueError as error:
        raise NotStored(StorageFault.BAD_ADDRESS, f"Bucket: {error}.") from None


def _place(url: str, options: Mapping[str, str]) -> tuple[str, ...]:
    """Comparable: a place lies inside another one if it begins with all of it.

    Amazon's buckets have names that are theirs alone in all regions, and need no endpoint.
    """
    if not is_bucket(url):
        return Path(os.path.realpath(url)).parts
    parts = urlsplit(url)
    named = dict(parse_qsl(parts.query)).get("endpoint")
    spelled = named or next((options[name] for name in _ENDPOINTS if options.get(name)), "")
    endpoint = "" if _AMAZON.fullmatch(spelled.rstrip("/")) else spelled.rstrip("/")
    return ("s3", endpoint, parts.netloc, *(part for part in parts.path.split("/") if part))
