"""Archives whose photos lie in a bucket."""

import hashlib
import os
from pathlib import Path
from uuid import UUID

import pytest

from app.adapters.files import open_media_store
from tests.services.depot import EVERYTHING, Depot, names_only
from tests.support.s3 import S3Server, s3_server

LARGE = os.urandom(1_500_000)  # more than is read at once, and than a copy in memory holds


def depot_in(s3: S3Server, prefix: str) -> tuple[Depot, list[UUID]]:
    """Three photos in a bucket, oldest first."""
    depot = Depot(open_media_store(s3.url(prefix), s3.options))
    ids = []
    for _ in range(3):
        depot.stores.pass_time(1)
        ids.append(depot.finished(LARGE))
    return depot, ids


def path_of(depot: Depot, photo: UUID) -> str:
    return depot.gallery.find(photo).result.path


def test_they_come_out_as_they_are(s3: S3Server) -> None:
    depot, ids = depot_in(s3, "archives/whole")
    archive = depot.sent()
    for name in depot.names(*ids):
        assert hashlib.sha256(archive.read(name)).digest() == hashlib.sha256(LARGE).digest()


@pytest.mark.parametrize("start", [1, 2_000_000, 4_500_300])
def test_another_process_goes_on_where_one_was_cut_off(s3: S3Server, start: int) -> None:
    depot, _ = depot_in(s3, f"archives/{start}")
    whole = b"".join(depot.opened().read())
    elsewhere = depot.another().open(EVERYTHING, names_only)
    assert b"".join(elsewhere.read(start)) == whole[start:]


def test_one_that_is_gone_ends_an_archive_once(s3: S3Server) -> None:
    depot, ids = depot_in(s3, "archives/gone")
    depot.media.delete([path_of(depot, ids[1])])
    archive = depot.opened()
    assert sum(map(len, archive.read())) < archive.size_bytes
    assert depot.sent().namelist() == [*depot.names(ids[0], ids[2]), "manifest.csv"]


def test_a_bucket_that_goes_away_ends_it_too(tmp_path: Path) -> None:
    with s3_server(tmp_path) as server:
        depot, _ = depot_in(server, "archives")
        archive = depot.opened()
        reading = archive.read()
        begun = len(next(reading))
    assert 0 < begun + sum(map(len, reading)) < archive.size_bytes
