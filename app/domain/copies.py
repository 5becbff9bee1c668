"""Copies of photos in the studio's own storage: where that is, what a copy is called, and how copying can fail."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.domain.job import download_name
from app.domain.photo import Photo

URL, ACCESS_KEY_ID, SECRET_ACCESS_KEY = "url", "access_key_id", "secret_access_key"
FIELDS = (URL, ACCESS_KEY_ID, SECRET_ACCESS_KEY)
KEYS = (ACCESS_KEY_ID, SECRET_ACCESS_KEY)
"""Needed for a bucket; a folder is written without them."""

HIDDEN = frozenset({SECRET_ACCESS_KEY})
"""Never shown again, in no page, answer or log."""

URL_MAX = 1000
_KEY = re.compile(r"[!-~]{1,256}")
_BUCKET = "s3://"

OVERDUE_SECONDS = 300.0
"""A photo that has waited for so long although it could be copied is a reason to tell somebody."""


@dataclass(frozen=True, slots=True)
class Destination:
    """The studio's storage: an absolute folder, or `s3://bucket/prefix?endpoint=…&region=…` with keys."""

    url: str
    access_key_id: str = ""
    secret_access_key: str = field(default="", repr=False)

    @property
    def is_bucket(self) -> bool:
        return is_bucket(self.url)


class StorageFault(StrEnum):
    """Why nothing can be stored at a destination."""

    NOT_SET_UP = "not_set_up"
    BAD_ADDRESS = "bad_address"
    OWN_PLACE = "own_place"
    FOLDER_MISSING = "folder_missing"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"


class NotStored(Exception):
    """A destination took nothing. `message` is an English sentence that names no secret."""

    def __init__(self, fault: StorageFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message


def is_bucket(url: str) -> bool:
    return url.startswith(_BUCKET)


def required(url: str) -> tuple[str, ...]:
    """The FIELDS without which nothing can be copied to `url`."""
    return FIELDS if is_bucket(url) else (URL,)


def is_key(value: str) -> bool:
    """Whether `value` can be entered for one of the KEYS."""
    return _KEY.fullmatch(value) is not None


def copy_names(photo: Photo, zone: ZoneInfo) -> Iterator[str]:
    """What a copy may be called, best first, such as `2026-11-20/slot-003/slot-003_2026-11-20_174512.jpg`.

    The first is the photo's download name. The last is nobody else's: when clocks are set back, seconds come twice.
    """
    finished = photo.finalized_at.astimezone(zone)
    for twin in (photo.id,) if photo.is_twin else (None, photo.id):
        name = download_name(photo.slot_id, finished, photo.result.mime_type, twin=twin)
        yield f"{finished:%Y-%m-%d}/{photo.slot_id}/{name}"
