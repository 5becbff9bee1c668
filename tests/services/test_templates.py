"""Template images: taken in only if they are images, shown, and deleted only if nobody needs them."""

import io
from dataclasses import replace
from uuid import UUID

import pytest

from app.domain.errors import DatabaseUnavailable, MediaMissing, Reason, Refused
from app.domain.media import TemplateMedia
from app.services.templates import LABEL_MAX, TemplateService
from tests import pictures
from tests.services.house import House
from tests.twins.memory_media_store import MemoryMediaStore
from tests.twins.troubled_media import Undeletable

MAX_UPLOAD_BYTES = 100_000
PICTURE = pictures.png(40, 30)


class Gallery(House):
    """A house with the service of templates."""

    def __init__(self, media: MemoryMediaStore | None = None) -> None:
        super().__init__()
        self.media = media or self.media
        self.service = TemplateService(
            templates=self.stores.templates,
            media=self.media,
            images=self.images,
            audit=self.stores.audit,
            transaction=self.stores.transaction,
            max_upload_bytes=MAX_UPLOAD_BYTES,
        )

    def register(self, data: bytes = PICTURE, label: str = "Frame") -> TemplateMedia:
        return self.service.register(io.BytesIO(data), len(data), label, "serg")

    def refusal(self, data: bytes) -> Refused:
        with pytest.raises(Refused) as raised:
            self.register(data)
        return raised.value


@pytest.fixture
def gallery() -> Gallery:
    return Gallery()


class TestRegistering:
    def test_the_image_is_kept_as_it_came_with_what_it_is(self, gallery: Gallery) -> None:
        template = gallery.register()
        assert gallery.media.read(template.path) == PICTURE
        assert template.path == f"templates/{template.id}.png"
        assert (template.mime_type, template.size_bytes) == ("image/png", len(PICTURE))
        assert (template.width, template.height, template.used_by) == (40, 30, ())
        assert [stored.id for stored in gallery.service.all()] == [template.id]

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (b"", Reason.INVALID_REQUEST),
            (b"<svg/>", Reason.UNSUPPORTED_MEDIA_TYPE),
            (PICTURE[:-100], Reason.INVALID_IMAGE),
            (PICTURE + bytes(MAX_UPLOAD_BYTES), Reason.PAYLOAD_TOO_LARGE),
        ],
        ids=["empty", "another type", "cut", "too large"],
    )
    def test_what_is_no_image_leaves_nothing(self, gallery: Gallery, data: bytes, reason: Reason) -> None:
        assert gallery.refusal(data).reason is reason
        assert gallery.media.files == {}
        assert gallery.service.all() == []

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("Рамка «Зима» 🎄", "Рамка «Зима» 🎄"),
            ("  winter.png\n", "winter.png"),
            ("a\x00b\ud800c\u202ed", "abcd"),
            ("x" * 500, "x" * LABEL_MAX),
            ("\t \x00", "template"),
        ],
    )
    def test_a_label_can_be_stored_and_shown(self, gallery: Gallery, given: str, kept: str) -> None:
        assert gallery.register(label=given).label == kept

    def test_it_was_created_when_the_database_says(self, gallery: Gallery) -> None:
        gallery.stores.pass_time(7200)
        template = gallery.register()
        assert template == gallery.service.get(template.id)

    @pytest.mark.parametrize("lost_answer", [False, True], ids=["refused", "stored"])
    def test_a_row_whose_fate_is_unknown_keeps_its_file(self, gallery: Gallery, lost_answer: bool) -> None:
        (gallery.database.lose_answers if lost_answer else gallery.database.go_away)(1)
        with pytest.raises(DatabaseUnavailable):
            gallery.register()
        assert len(gallery.service.all()) == lost_answer
        assert len(gallery.media.files) == 1, "without a row it is swept"


class TestReading:
    def test_the_bytes_and_a_small_picture_can_be_had(self, gallery: Gallery) -> None:
        template = gallery.register()
        found, stream = gallery.service.open(template.id)
        assert (found.id, stream.read()) == (template.id, PICTURE)
        preview = pictures.opened(gallery.service.preview(template.id, max_side=20))
        assert (preview.format, preview.size) == ("WEBP", (20, 15))

    def test_a_stranger_is_not_found(self, gallery: Gallery) -> None:
        template = gallery.register()
        gallery.service.delete(template.id, "serg", force=False)
        for ask in (gallery.service.get, gallery.service.open):
            with pytest.raises(Refused) as raised:
                ask(template.id)
            assert raised.value.reason is Reason.NOT_FOUND

    def test_a_vanished_file_is_told_from_a_stranger(self, gallery: Gallery) -> None:
        template = gallery.register()
        gallery.media.files.clear()
        with pytest.raises(MediaMissing):
            gallery.service.open(template.id)


class TestDeleting:
    def test_row_and_file_go(self, gallery: Gallery) -> None:
        gallery.service.delete(gallery.register().id, "serg", force=False)
        assert gallery.service.all() == []
        assert gallery.media.files == {}

    def test_what_slots_use_stays_unless_forced(self, gallery: Gallery) -> None:
        template = gallery.register()
        gallery.stores.templates.bind("slot-002", {"settings.template": template.id})
        with pytest.raises(Refused) as raised:
            gallery.service.delete(template.id, "serg", force=False)
        assert raised.value.reason is Reason.TEMPLATE_IN_USE
        assert raised.value.details == {"used_by": ["slot-002"]}
        assert gallery.media.read(template.path) == PICTURE
        gallery.service.delete(template.id, "serg", force=True)
        assert gallery.media.files == {}

    def test_an_outage_of_the_database_leaves_the_file(self, gallery: Gallery) -> None:
        template = gallery.register()
        gallery.database.go_away(after=1)
        with pytest.raises(DatabaseUnavailable):
            gallery.service.delete(template.id, "serg", force=False)
        assert template.path in gallery.media.files

    def test_a_file_that_cannot_be_deleted_is_left_to_the_cleanup(self) -> None:
        gallery = Gallery(Undeletable())
        template = gallery.register()
        gallery.service.delete(template.id, "serg", force=False)
        assert gallery.service.all() == []
        assert template.path in gallery.media.files


class TestRenaming:
    def test_another_name_and_nothing_else(self, gallery: Gallery) -> None:
        template = gallery.register()
        renamed = gallery.service.rename(template.id, " Зимняя рамка ", "igor")
        assert renamed == replace(template, label="Зимняя рамка")
        assert gallery.service.all() == [renamed]

    @pytest.mark.parametrize("label", ["", "  ", "x" * (LABEL_MAX + 1), "a\nb", "\u202egnp", None, 7, ["x"]])
    def test_what_is_no_name_is_refused(self, gallery: Gallery, label: object) -> None:
        template = gallery.register()
        with pytest.raises(Refused) as raised:
            gallery.service.rename(template.id, label, "igor")
        assert raised.value.reason is Reason.INVALID_SETTINGS
        assert raised.value.details["fields"]["label"]["maximum"] == LABEL_MAX
        assert gallery.service.all() == [template]

    def test_a_stranger_is_not_found(self, gallery: Gallery) -> None:
        with pytest.raises(Refused) as raised:
            gallery.service.rename(UUID(int=1), "Frame", "igor")
        assert raised.value.reason is Reason.NOT_FOUND


def test_whoever_adds_renames_or_deletes_is_told(gallery: Gallery) -> None:
    template = gallery.register(label="Frame")
    gallery.service.rename(template.id, "Рамка", "igor")
    gallery.service.delete(template.id, "serg", force=False)
    changes, _ = gallery.stores.audit.search(subject=str(template.id), page=1, page_size=9)
    assert [(c.username, c.action, dict(c.detail)) for c in reversed(changes)] == [
        ("serg", "template.added", {"label": "Frame"}),
        ("igor", "template.renamed", {"old": "Frame", "new": "Рамка"}),
        ("serg", "template.deleted", {"label": "Рамка", "used_by": []}),
    ]
