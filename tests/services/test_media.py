"""Temporary public files: given an address for a photo's window, and to be had for no longer."""

import io
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.domain.errors import DatabaseUnavailable, FaultKind, MediaStoreUnavailable, ProviderFault, Reason, Refused
from app.domain.media import MediaObject
from app.services.media import MediaService
from tests import pictures
from tests.services.house import House, shot

MAX_UPLOAD_BYTES = 100_000
BASE_URL = "https://photo.example.org"
WINDOW = timedelta(seconds=48)


class FixedWindow:
    """The part of ports.RuntimeSettings that says how long a file is public."""

    def sync_response_seconds(self) -> float:
        return WINDOW.total_seconds()


class Counter(House):
    """A house with the service of temporary files."""

    def __init__(self, base_url: str | None = BASE_URL) -> None:
        super().__init__()
        self.service = MediaService(
            objects=self.stores.media_objects,
            media=self.media,
            images=self.images,
            settings=FixedWindow(),
            base_url=base_url,
            max_upload_bytes=MAX_UPLOAD_BYTES,
        )

    def register(self, data: bytes | None = None) -> MediaObject:
        content = shot() if data is None else data
        return self.service.register(io.BytesIO(content), len(content), "serg")

    def files(self) -> list[str]:
        return [entry.key for entry in self.media.list("media")]

    def refusal(self, media_id: UUID) -> Reason:
        with pytest.raises(Refused) as raised:
            self.service.open(media_id)
        return raised.value.reason


@pytest.fixture
def counter() -> Counter:
    return Counter()


class TestRegistering:
    def test_the_file_is_kept_as_it_came_for_one_window(self, counter: Counter) -> None:
        found = counter.register()
        assert found.path == f"media/{found.id}.jpg"
        assert counter.media.read(found.path) == shot()
        assert (found.mime_type, found.job_id, found.expires_at - found.created_at) == ("image/jpeg", None, WINDOW)

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"", Reason.INVALID_REQUEST),
            (b"<svg/>", Reason.UNSUPPORTED_MEDIA_TYPE),
            (shot()[:-100], Reason.INVALID_IMAGE),
            (shot() + bytes(MAX_UPLOAD_BYTES), Reason.PAYLOAD_TOO_LARGE),
        ],
        ids=["empty", "another type", "cut", "too large"],
    )
    def test_what_is_no_image_leaves_nothing(self, counter: Counter, data: bytes, reason: Reason) -> None:
        with pytest.raises(Refused) as raised:
            counter.register(data)
        assert (raised.value.reason, counter.files()) == (reason, [])

    def test_no_two_have_the_same_address(self, counter: Counter) -> None:
        assert counter.register().id != counter.register().id

    def test_without_the_database_the_file_is_left_for_the_sweep(self, counter: Counter) -> None:
        counter.database.go_away(1)
        with pytest.raises(DatabaseUnavailable):
            counter.register()
        assert len(counter.files()) == 1


class TestPublishing:
    def test_the_address_leads_to_the_bytes(self, counter: Counter) -> None:
        job = counter.claimed()
        picture = pictures.png(40, 30)
        address = counter.service.publish(job, picture, "image/png")
        prefix, _, name = address.rpartition("/")
        found, stream = counter.service.open(UUID(name))
        assert prefix == f"{BASE_URL}/public/media"
        assert (stream.read(), found.mime_type, found.path) == (picture, "image/png", f"media/{name}.png")

    def test_it_ends_with_the_job(self, counter: Counter) -> None:
        job = counter.claimed()
        counter.stores.pass_time(20)
        [_, name] = counter.service.publish(job, shot(), "image/jpeg").rsplit("/", 1)
        view = counter.stores.jobs.get(job.id)
        found, _ = counter.service.open(UUID(name))
        assert view is not None
        assert (found.expires_at, found.job_id) == (view.expires_at, job.id)
        counter.stores.pass_time(28)
        assert counter.refusal(UUID(name)) is Reason.MEDIA_EXPIRED

    def test_without_a_public_address_nothing_can_be_published(self) -> None:
        counter = Counter(base_url=None)
        with pytest.raises(ProviderFault) as raised:
            counter.service.publish(counter.claimed(), shot(), "image/jpeg")
        assert (raised.value.kind, raised.value.permanent) == (FaultKind.NOT_CONFIGURED, True)
        assert counter.files() == []

    @pytest.mark.parametrize("lost", ["database", "media store"])
    def test_an_outage_is_our_own_fault_and_passes(self, counter: Counter, lost: str) -> None:
        job = counter.claimed()
        if lost == "database":
            counter.database.go_away(1)
        else:
            counter.media.unavailable = True
        with pytest.raises(ProviderFault) as raised:
            counter.service.publish(job, shot(), "image/jpeg")
        assert (raised.value.kind, raised.value.permanent) == (FaultKind.INTERNAL, False)


class TestOpening:
    def test_a_stranger_is_not_found(self, counter: Counter) -> None:
        assert counter.refusal(uuid4()) is Reason.NOT_FOUND

    def test_after_its_time_it_is_gone_with_or_without_its_file(self, counter: Counter) -> None:
        found = counter.register()
        counter.stores.pass_time(47)
        assert counter.service.open(found.id)[1].read() == shot()
        counter.stores.pass_time(1)
        assert counter.refusal(found.id) is Reason.MEDIA_EXPIRED
        counter.stores.media_objects.forget_media(10)
        assert counter.refusal(found.id) is Reason.MEDIA_EXPIRED

    @pytest.mark.parametrize("left", [None, shot()[:100]], ids=["missing", "cut"])
    def test_a_damaged_file_is_never_served(self, counter: Counter, left: bytes | None) -> None:
        found = counter.register()
        [key] = counter.files()
        counter.media.delete([key])
        if left:
            counter.media.write(key, left)
        assert counter.refusal(found.id) is Reason.MEDIA_EXPIRED

    def test_a_store_that_is_away_is_no_verdict(self, counter: Counter) -> None:
        found = counter.register()
        counter.media.unavailable = True
        with pytest.raises(MediaStoreUnavailable):
            counter.service.open(found.id)
