"""Where a job keeps its files, what people's downloads are called, and whether a result can still be had."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from app.domain.job import (
    JobStatus,
    JobView,
    Source,
    StoredResult,
    copy_paths,
    download_name,
    extension,
    payload_path,
    preview_path,
    result_path,
)
from app.domain.media import ACCEPTED_TYPES, PREVIEW_SIZES

JOB = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
NOW = datetime(2026, 11, 20, 17, 45, 12, tzinfo=UTC)


def test_every_accepted_type_has_its_extension() -> None:
    assert [extension(mime_type) for mime_type in ACCEPTED_TYPES] == ["jpg", "png", "webp", "heic", "heif"]


def test_paths_say_whose_they_are() -> None:
    assert payload_path(JOB, "image/heic") == f"payloads/{JOB}.heic"
    assert result_path(JOB, 1, "image/jpeg") == f"results/{JOB}.jpg"
    assert [preview_path(JOB, size) for size in PREVIEW_SIZES] == [
        f"previews/{JOB}/grid.webp",
        f"previews/{JOB}/large.webp",
    ]


def test_all_copies_of_a_result_are_known() -> None:
    assert copy_paths(JOB) == [
        f"previews/{JOB}/grid.webp",
        f"previews/{JOB}/large.webp",
        f"previews/{JOB}/full.jpg",
        f"previews/{JOB}/grid.jpg",
        f"previews/{JOB}/large.jpg",
    ]


def test_every_attempt_has_a_result_file_of_its_own() -> None:
    paths = [result_path(JOB, attempt, "image/png") for attempt in (1, 2, 3)]
    assert paths == [f"results/{JOB}.png", f"results/{JOB}.2.png", f"results/{JOB}.3.png"]


def test_a_download_is_called_by_slot_and_time() -> None:
    assert download_name("slot-003", NOW, "image/jpeg") == "slot-003_2026-11-20_174512.jpg"


@pytest.mark.parametrize(
    ("has_file", "expires_in", "available", "expired"),
    [
        (True, 1, True, False),
        (True, 0, False, True),
        (True, -1, False, True),
        (False, 1, False, True),  # cleaned up early
        (False, -1, False, True),
        (False, None, False, False),  # a failure, or not finished
    ],
)
def test_a_result_is_there_until_its_time_is_over(
    has_file: bool, expires_in: int | None, available: bool, expired: bool
) -> None:
    view = JobView(
        id=JOB,
        slot_id="slot-001",
        status=JobStatus.FINALIZED,
        source=Source.INGEST,
        booth="",
        failure=None,
        result=StoredResult("results/a.jpg", "image/jpeg", 1, "0" * 64, 1, 1) if has_file else None,
        result_expires_at=None if expires_in is None else NOW + timedelta(seconds=expires_in),
        provider="local",
        operation="image_edit",
        model="",
        cost_usd=Decimal(0),
        attempt=1,
        created_at=NOW,
        started_at=NOW,
        finalized_at=NOW,
        expires_at=NOW,
        read_at=NOW,
    )
    assert (view.result_is_available, view.result_has_expired) == (available, expired)
