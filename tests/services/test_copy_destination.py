"""Where copies go is set up like everything secret, never where our own files are, and a test says what happened."""

import queue
import threading
from pathlib import Path
from typing import Any

import pytest

from app.adapters.files.directory import DirectoryFiles
from app.adapters.files.studio import StudioFiles
from app.domain.copies import Destination, NotStored, StorageFault
from app.domain.errors import Reason, Refused
from app.ports.copies import StudioStorage
from app.ports.media import MediaStore
from app.services.copies import destination as module
from app.services.copies.destination import DestinationService, DestinationView, Trial
from tests.twins.memory_secrets import MemorySecretStore
from tests.twins.memory_stores import MemoryStores
from tests.waiting import until

OWN = "/srv/photochanger/media"
BUCKET = {"url": "s3://studio/photos", "access_key_id": "KEYID", "secret_access_key": "a-secret-key"}


class Desk:
    def __init__(self, storage: StudioStorage | None = None, *keys: str) -> None:
        self.stores = MemoryStores()
        self.storage = storage or StudioFiles([OWN], {})
        self.service = self.service_with(self.stores.secrets_of(*(keys or ("the only key",))))

    def service_with(self, secrets: MemorySecretStore) -> DestinationService:
        return DestinationService(
            secrets=secrets, storage=self.storage, audit=self.stores.audit, transaction=self.stores.transaction
        )

    def change(self, **changes: Any) -> None:
        self.service.change(changes, "serg")

    def view(self) -> DestinationView:
        return self.service.view()

    def refused(self, changes: Any) -> dict[str, Any]:
        with pytest.raises(Refused) as refused:
            self.service.change(changes, "serg")
        assert refused.value.reason is Reason.INVALID_SETTINGS
        assert self.audited() == []
        return {path: problem["code"] for path, problem in refused.value.details["fields"].items()}

    def audited(self) -> list[tuple[str, dict[str, Any]]]:
        with self.stores.transaction():
            kept = self.stores.database.table("audit_log").values()
            return [(change.action, dict(change.detail)) for change in kept]


@pytest.fixture
def desk() -> Desk:
    return Desk()


class TestReadiness:
    def test_a_new_house_copies_nowhere(self, desk: Desk) -> None:
        assert desk.service.current() is None
        assert not desk.view().is_ready
        failure = desk.service.test().failure
        assert failure is not None
        assert failure.fault is StorageFault.NOT_SET_UP

    def test_a_folder_needs_no_keys(self, desk: Desk) -> None:
        desk.change(url="/mnt/studio")
        assert desk.service.current() == Destination("/mnt/studio")
        assert desk.view().is_ready

    @pytest.mark.parametrize("missing", ["access_key_id", "secret_access_key"])
    def test_a_bucket_needs_both(self, desk: Desk, missing: str) -> None:
        desk.change(**{name: value for name, value in BUCKET.items() if name != missing})
        assert desk.service.current() is None
        assert not desk.view().is_ready
        desk.change(**{missing: BUCKET[missing]})
        assert desk.service.current() == Destination(**BUCKET)

    def test_keys_without_an_address_are_nothing(self, desk: Desk) -> None:
        desk.change(**{**BUCKET, "url": ""})
        assert desk.service.current() is None

    def test_nothing_is_copied_with_half_of_what_was_saved(self) -> None:
        desk = Desk(None, "old")
        desk.change(**BUCKET)
        lost = desk.service_with(desk.stores.secrets_of("new"))
        assert lost.current() is None
        assert lost.view().unreadable == ("url", "access_key_id", "secret_access_key")
        assert not lost.view().is_ready


class TestChanging:
    def test_blank_keeps_none_removes(self, desk: Desk) -> None:
        desk.change(**BUCKET)
        desk.change(url=" ", secret_access_key="")
        assert desk.service.current() == Destination(**BUCKET)
        desk.change(secret_access_key=None)
        secret = desk.view().fields["secret_access_key"]
        assert (secret.is_set, secret.updated_by, desk.view().is_ready) == (False, "serg", False)

    def test_the_secret_says_only_that_it_is_set(self, desk: Desk) -> None:
        desk.change(**BUCKET)
        fields = desk.view().fields
        assert (fields["secret_access_key"].value, fields["secret_access_key"].is_set) == (None, True)
        assert (fields["url"].value, fields["access_key_id"].value) == ("s3://studio/photos", "KEYID")
        assert "a-secret-key" not in repr(desk.service.current())

    def test_what_surrounds_a_value_is_not_part_of_it(self, desk: Desk) -> None:
        desk.change(url=" /mnt/studio\n")
        assert desk.service.current() == Destination("/mnt/studio")

    @pytest.mark.parametrize(
        ("changes", "problems"),
        [
            ({"url": "photos"}, {"url": "bad_url"}),
            ({"url": 5}, {"url": "bad_url"}),
            ({"url": "s3://key:secret@studio"}, {"url": "bad_url"}),
            ({"url": f"{OWN}/results"}, {"url": "own_place"}),
            ({"access_key_id": "two words"}, {"access_key_id": "bad_key"}),
            ({"access_key_id": ["a"]}, {"access_key_id": "bad_key"}),
            ({"secret_access_key": "ключ"}, {"secret_access_key": "bad_key"}),
            ({"secret_access_key": "a" * 257}, {"secret_access_key": "bad_key"}),
            ({"url": "/mnt/studio", "colour": "red"}, {"colour": "unknown_field"}),
            ("/mnt/studio", {"copies": "not_an_object"}),
        ],
        ids=str,
    )
    def test_what_cannot_be_used_is_refused_by_field_and_nothing_changes(
        self, desk: Desk, changes: Any, problems: dict[str, str]
    ) -> None:
        assert desk.refused(changes) == problems
        assert desk.service.current() is None

    def test_who_changed_what_is_written_down_without_values(self, desk: Desk) -> None:
        desk.change(**BUCKET)
        desk.change(url="s3://studio/photos")
        desk.change(url="/mnt/studio", access_key_id=None)
        assert desk.audited() == [
            ("copies.changed", dict.fromkeys(BUCKET, "set")),
            ("copies.changed", {"url": "set", "access_key_id": "removed"}),
        ]

    def test_a_new_key_of_encryption_covers_it(self) -> None:
        desk = Desk(None, "old")
        desk.change(**BUCKET)
        assert desk.stores.secrets_of("new", "old").rotate() == 3
        assert desk.service_with(desk.stores.secrets_of("new")).current() == Destination(**BUCKET)


class TestTrial:
    def test_a_folder_that_takes_a_file_is_left_empty(self, desk: Desk, tmp_path: Path) -> None:
        desk.change(url=str(tmp_path))
        trial = desk.service.test()
        assert trial == Trial(trial.duration_ms)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []

    def test_one_that_is_missing_is_named(self, desk: Desk, tmp_path: Path) -> None:
        desk.change(url=str(tmp_path / "studio"))
        failure = desk.service.test().failure
        assert failure is not None
        assert (failure.fault, str(tmp_path / "studio") in failure.message) == (StorageFault.FOLDER_MISSING, True)

    def test_a_bucket_that_nobody_serves_is_refused(self, desk: Desk, free_port: int) -> None:
        desk.change(**{**BUCKET, "url": f"s3://studio?endpoint=http://127.0.0.1:{free_port}"})
        failure = desk.service.test().failure
        assert failure is not None
        assert failure.fault is StorageFault.REFUSED

    def test_one_that_hangs_is_not_waited_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        may_end = threading.Event()

        class Hanging:
            def examine(self, url: str) -> None: ...

            def open(self, destination: Destination) -> MediaStore:
                may_end.wait(10)
                raise NotStored(StorageFault.REFUSED, "Too late.")

        monkeypatch.setattr(module, "_TRIAL_SECONDS", 0.05)
        desk = Desk(Hanging())
        desk.change(url="/mnt/studio")
        failure = desk.service.test().failure
        may_end.set()
        assert failure is not None
        assert failure.fault is StorageFault.NO_ANSWER

    def test_nor_asked_again_before_it_answers(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        may_end, asked = threading.Event(), queue.SimpleQueue[str]()

        class Hanging:
            def examine(self, url: str) -> None: ...

            def open(self, destination: Destination) -> MediaStore:
                asked.put(destination.url)
                if destination.url == "/mnt/gone":
                    may_end.wait(10)
                return DirectoryFiles(tmp_path)

        monkeypatch.setattr(module, "_TRIAL_SECONDS", 0.05)
        desk = Desk(Hanging())
        desk.change(url="/mnt/gone")
        failures = [desk.service.test().failure for _ in range(3)]
        assert [failure and failure.fault for failure in failures] == [StorageFault.NO_ANSWER] * 3
        assert (asked.get(timeout=10), asked.empty()) == ("/mnt/gone", True)
        monkeypatch.setattr(module, "_TRIAL_SECONDS", 10)
        desk.change(url="/mnt/studio")
        assert desk.service.test().failure is None, "another place is not kept from being tried"
        may_end.set()
        desk.change(url="/mnt/gone")
        until(lambda: desk.service.test().failure is None)
