"""The offline provider from bytes to bytes: what each effect does to a photo, and what it never does."""

import time
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread, Timer
from typing import Any
from uuid import uuid4

import cv2
import numpy as np
import pytest
from PIL import Image

from app.adapters.catalogue import load_catalogue
from app.adapters.images import Images
from app.adapters.providers import Tools
from app.adapters.providers.local import LocalProvider, create
from app.adapters.providers.local.effects import EFFECTS
from app.domain.deadlines import Deadline
from app.domain.errors import FaultKind, ProviderFault
from app.domain.media import Output
from app.ports.providers import Connection
from tests.adapters.finishing import finished
from tests.adapters.local_provider import PNG, answered, distance, fault, request
from tests.pictures import heic, jpeg, logo_frame, opened, pixels, png, quadrants, webp, wide_gamut_profile
from tests.scene import party

CATALOGUE = Path(__file__).parents[2] / "configs" / "providers.json"


def edited(shot: bytes, effect: str, strength: int = 100, **changes: Any) -> bytes:
    return answered(request(shot, "image_edit", effect=effect, strength=strength, **changes))


def transferred(shot: bytes, reference: bytes, strength: int = 100, **changes: Any) -> bytes:
    return answered(request(shot, "style_transfer", reference, strength=strength, **changes))


def grey(picture: bytes | Image.Image) -> np.ndarray:
    return pixels(picture).mean(axis=2)


def chroma(picture: bytes | Image.Image) -> float:
    values = pixels(picture)
    return float((values.max(axis=2) - values.min(axis=2)).mean())


@pytest.fixture(scope="module")
def shot() -> bytes:
    return jpeg(600, 400)


def test_the_catalogue_offers_exactly_the_effects_that_exist() -> None:
    operation = load_catalogue(CATALOGUE).operation("local", "image_edit")
    assert operation is not None
    assert [option.value for option in operation.fields[0].options] == list(EFFECTS)


@pytest.mark.parametrize("effect", EFFECTS)
class TestEveryEffect:
    def test_changes_the_picture_and_keeps_its_size(self, shot: bytes, effect: str) -> None:
        result = edited(shot, effect)
        assert opened(result).size == (600, 400)
        assert distance(result, shot) > 6

    def test_grows_with_its_strength_from_nothing(self, shot: bytes, effect: str) -> None:
        steps = [distance(edited(shot, effect, strength), shot) for strength in (0, 10, 40, 80, 100)]
        assert steps[0] == 0
        assert steps == sorted(steps)
        assert 0 < steps[1] < 0.3 * steps[-1]

    def test_is_nearly_complete_at_the_usual_strength(self, shot: bytes, effect: str) -> None:
        assert distance(edited(shot, effect, 80), edited(shot, effect)) < 6

    def test_keeps_faces_recognisable(self, shot: bytes, effect: str) -> None:
        """Light stays light and dark stays dark where the first guest looks out of the picture."""
        face = (slice(110, 270), slice(150, 290))
        before, after = grey(shot)[face], grey(edited(shot, effect))[face]
        assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.6

    def test_looks_the_same_at_any_size(self, effect: str) -> None:
        small, large = (edited(jpeg(w, h), effect, output=Output("png", max_side=300)) for w, h in SIZES)
        assert distance(small, large) < 16

    @pytest.mark.parametrize("size", [(1, 1), (1, 60), (60, 1), (3, 2), (7, 5), (700, 9)])
    def test_takes_pictures_of_any_shape(self, effect: str, size: tuple[int, int]) -> None:
        assert opened(edited(png(image=party(*size)), effect)).size == size

    @pytest.mark.parametrize("colour", ["black", "white", "grey"])
    def test_takes_a_picture_of_nothing(self, effect: str, colour: str) -> None:
        result = pixels(edited(png(image=Image.new("RGB", (90, 60), colour)), effect))
        assert result.std() < 90

    def test_gives_the_same_picture_every_time(self, shot: bytes, effect: str) -> None:
        assert edited(shot, effect) == edited(shot, effect)


SIZES = ((600, 400), (2400, 1600))


def test_watercolour_is_light_and_ends_on_white_paper(shot: bytes) -> None:
    result = edited(shot, "watercolour")
    assert grey(result).mean() > grey(shot).mean() + 20
    assert grey(result)[:2].mean() > 225


def test_oil_lies_in_strokes_and_keeps_its_colours(shot: bytes) -> None:
    result = edited(shot, "oil")
    assert chroma(result) > chroma(shot)
    plain = np.s_[330:390, 120:240]  # the red shirt
    assert cv2.Laplacian(grey(result)[plain], cv2.CV_64F).std() > 0.5


def test_a_pencil_drawing_is_grey_on_paper(shot: bytes) -> None:
    result = edited(shot, "pencil")
    assert chroma(result) < 12
    assert np.percentile(grey(result), 98) > 235
    assert grey(result).min() < 70


def test_a_comic_has_ink_and_few_tones(shot: bytes) -> None:
    result = edited(shot, "comic")
    assert chroma(result) > 1.2 * chroma(shot)
    assert (grey(result) < 25).mean() > 0.01
    face = np.bincount(grey(result)[120:260, 160:280].astype(int).ravel(), minlength=256)
    assert np.sort(face)[-60:].sum() > 0.7 * face.sum()


def test_pop_art_is_printed_in_five_inks(shot: bytes) -> None:
    inks = np.array([(33, 20, 84), (0, 140, 171), (237, 31, 120), (255, 168, 38), (255, 240, 204), (0, 0, 0)])
    result = pixels(edited(shot, "pop_art")).reshape(-1, 1, 3)
    assert (np.abs(result - inks).max(axis=2).min(axis=1) <= 12).mean() > 0.85


def test_warm_film_warms_and_cool_film_cools_the_shadows(shot: bytes) -> None:
    def warmth(picture: bytes, where: np.ndarray) -> float:
        values = pixels(picture)[where]
        return float((values[:, 0] - values[:, 2]).mean())

    lights, shadows = grey(shot) > 140, grey(shot) < 50
    assert warmth(edited(shot, "film_warm"), lights) > warmth(shot, lights) + 8
    assert warmth(edited(shot, "film_cool"), shadows) < warmth(shot, shadows) - 8


def test_cool_film_leaves_skin_warm(shot: bytes) -> None:
    cheek = pixels(edited(shot, "film_cool"))[205:225, 235:255].mean(axis=(0, 1))
    assert cheek[0] > cheek[1] > cheek[2]


def test_vintage_is_faded_with_dark_corners(shot: bytes) -> None:
    result = edited(shot, "vintage")
    assert np.percentile(grey(result), 1) > np.percentile(grey(shot), 1)
    assert chroma(result) < 0.9 * chroma(shot)
    flat = grey(edited(png(image=Image.new("RGB", (300, 200), (150, 150, 150))), "vintage"))
    assert flat[:20, :20].mean() < flat[90:110, 140:160].mean() - 10


def test_glow_lets_light_spill(shot: bytes) -> None:
    lamp = Image.new("RGB", (300, 200), (40, 40, 40))
    lamp.paste((255, 255, 255), (120, 70, 180, 130))
    result = grey(edited(png(image=lamp), "glow"))
    assert result[100, 185] > result[100, 290] + 12
    assert grey(edited(shot, "glow"))[110:270, 150:290].mean() > grey(shot)[110:270, 150:290].mean()


def test_black_and_white_has_no_colour_and_full_contrast(shot: bytes) -> None:
    result = edited(shot, "black_and_white")
    assert chroma(result) < 5
    assert np.ptp(np.percentile(grey(result), (1, 99))) > np.ptp(np.percentile(grey(shot), (1, 99)))


def lab(picture: bytes | Image.Image) -> np.ndarray:
    values = pixels(picture).astype(np.float32) / 255
    return cv2.cvtColor(values, cv2.COLOR_RGB2LAB).reshape(-1, 3)


def sunset() -> Image.Image:
    red, green, blue = party(300, 200).split()
    return Image.merge("RGB", (red.point(lambda v: min(255, v + 30)), green, blue.point(lambda v: v // 2)))


def ice() -> Image.Image:
    light = party(300, 200).convert("L")
    return Image.merge("RGB", [light.point(lambda v, share=share: 80 + v * share) for share in (0.45, 0.6, 0.68)])


@pytest.mark.parametrize("reference", [sunset(), ice()], ids=["sunset", "ice"])
class TestStyleTransfer:
    def test_moves_mean_and_spread_of_colour_towards_the_reference(self, shot: bytes, reference: Image.Image) -> None:
        result = transferred(shot, png(image=reference))
        before, after, there = lab(shot), lab(result), lab(reference)
        assert np.linalg.norm(after.mean(0) - there.mean(0)) < 0.5 * np.linalg.norm(before.mean(0) - there.mean(0))
        gap_before = np.abs(np.cov(before[:, 1:].T) - np.cov(there[:, 1:].T)).sum()
        gap_after = np.abs(np.cov(after[:, 1:].T) - np.cov(there[:, 1:].T)).sum()
        assert gap_after < gap_before

    def test_grows_with_its_strength_from_nothing(self, shot: bytes, reference: Image.Image) -> None:
        steps = [distance(transferred(shot, png(image=reference), s), shot) for s in (0, 30, 60, 100)]
        assert steps[0] == 0
        assert steps == sorted(steps)

    def test_is_gentler_to_skin(self, shot: bytes, reference: Image.Image) -> None:
        moved = np.abs(lab(transferred(shot, png(image=reference))) - lab(shot))[:, 1:].sum(axis=1).reshape(400, 600)
        assert moved[205:225, 235:255].mean() < moved[20:120, 330:420].mean() + 8

    def test_keeps_white_nearly_white(self, reference: Image.Image) -> None:
        picture = party(300, 200)
        picture.paste((255, 255, 255), (0, 0, 150, 60))
        white = lab(transferred(png(image=picture), png(image=reference))).reshape(200, 300, 3)[10:50, 10:140]
        assert np.abs(white[..., 1:]).mean() < 12


def test_a_reference_with_the_same_colours_changes_nearly_nothing(shot: bytes) -> None:
    turned = png(image=opened(shot).rotate(180))
    assert distance(transferred(shot, turned), shot) < 3


@pytest.mark.parametrize("colour", ["black", "white", "red"])
def test_a_reference_of_one_colour_does_not_flatten_the_shot(shot: bytes, colour: str) -> None:
    result = transferred(shot, png(image=Image.new("RGB", (50, 50), colour)))
    assert grey(result).std() > 0.25 * grey(shot).std()


@pytest.mark.parametrize(
    "data",
    [jpeg(90, 60), png(90, 60), webp(90, 60), heic(90, 60)],
    ids=["jpeg", "png", "webp", "heic"],
)
@pytest.mark.parametrize("form", ["jpeg", "png", "webp"])
def test_every_accepted_type_becomes_every_output_and_is_not_encoded_twice(data: bytes, form: str) -> None:
    output = Output(form, quality=85, max_side=64)
    result = edited(data, "film_warm", output=output)
    assert opened(result).size in {(64, 43), (64, 42)}
    assert finished(result, output).data is result


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_shot_is_turned_upright(orientation: int) -> None:
    stored = jpeg(image=quadrants(60, 40), orientation=orientation, gps=True)
    result = edited(stored, "film_warm", 10)
    assert distance(result, finished(stored, PNG).data) < 4
    assert not dict(opened(result).getexif())


def test_a_wide_profile_is_converted_and_not_ignored() -> None:
    plain, wide = (edited(jpeg(90, 60, **p), "film_warm", 0) for p in ({}, {"icc_profile": wide_gamut_profile()}))
    assert chroma(wide) > 1.1 * chroma(plain)
    assert "icc_profile" not in opened(wide).info


def cut_out() -> Image.Image:
    """A guest without background: transparent black around."""
    picture = party(300, 200).convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 100, 200))
    return picture


@pytest.mark.parametrize("effect", ["watercolour", "film_cool", "pop_art"])
@pytest.mark.parametrize("form", ["png", "webp"])
def test_transparency_survives_where_the_output_has_it(effect: str, form: str) -> None:
    alpha = opened(edited(png(image=cut_out()), effect, output=Output(form))).getchannel("A")
    assert alpha.tobytes() == cut_out().getchannel("A").tobytes()


def test_transparency_is_white_in_a_jpeg() -> None:
    result = pixels(edited(png(image=cut_out()), "film_cool", output=Output("jpeg")))
    assert result[:, :90].min() > 250


def test_invisible_pixels_leave_no_trace_at_the_edge() -> None:
    """Their colour is black here; the drawing must not get an outline from it."""
    result = pixels(edited(png(image=cut_out()), "film_warm"))
    on_white = Image.new("RGB", (300, 200), "white")
    on_white.paste(cut_out(), mask=cut_out())
    expected = pixels(edited(png(image=on_white), "film_warm"))
    assert np.abs(result - expected)[:, 101:].max() == 0


@pytest.mark.parametrize(
    ("operation", "settings", "words"),
    [
        ("image_edit", {"effect": "sepia", "strength": 50}, "watercolour"),
        ("image_edit", {"strength": 50}, "effect"),
        ("image_edit", {"effect": "oil", "strength": 101}, "0 to 100"),
        ("image_edit", {"effect": "oil", "strength": "50"}, "0 to 100"),
        ("image_edit", {"effect": "oil", "strength": True}, "0 to 100"),
        ("style_transfer", {"strength": 50}, "template"),
        ("frame", {"fit": "cover"}, "template"),
        ("deepfake", {}, "deepfake"),
    ],
)
def test_arguments_that_cannot_work_are_permanent_faults(operation: str, settings: dict, words: str) -> None:
    caught = fault(request(jpeg(60, 40), operation, **settings))
    assert (caught.kind, caught.permanent) == (FaultKind.BAD_ARGUMENT, True)
    assert words in caught.message


def test_images_that_do_not_decode_are_permanent_faults() -> None:
    for bad in (
        request(jpeg(60, 40)[:300], "image_edit", effect="oil", strength=50),
        request(jpeg(60, 40), "style_transfer", b"GIF89a", strength=50),
    ):
        caught = fault(bad)
        assert (caught.kind, caught.permanent) == (FaultKind.BAD_ARGUMENT, True)


@pytest.mark.parametrize(("make", "form"), [(png, "PNG"), (webp, "WEBP"), (jpeg, "JPEG"), (heic, "JPEG")])
def test_the_original_format_is_the_shots_where_it_can_be_written(make: Any, form: str) -> None:
    result = edited(make(90, 60), "oil", output=Output("original"), shot_type=f"image/{make.__name__}")
    assert opened(result).format == form


class Watched(Images):
    """Remembers what was to be encoded."""

    def __init__(self) -> None:
        super().__init__()
        self.outputs: list[Output] = []

    def encode(self, image: Image.Image, output: Output) -> bytes:
        self.outputs.append(output)
        return super().encode(image, output)


@pytest.mark.parametrize(
    ("changes", "frame", "is_draft"),
    [
        ({}, None, False),
        ({"qr_corner": "top_left"}, None, True),
        ({"overlay": str(uuid4())}, None, True),
        ({"aspect": "crop"}, None, False),
        ({"aspect": "crop"}, logo_frame(60, 60, 5), True),
        ({"aspect": "none"}, logo_frame(60, 60, 5), False),
    ],
    ids=["plain", "code", "overlay", "same shape", "other shape", "other shape is welcome"],
)
def test_a_picture_that_is_worked_on_afterwards_leaves_large_and_nearly_lossless(
    changes: dict, frame: Image.Image | None, is_draft: bool
) -> None:
    codec, output = Watched(), Output("jpeg", 80, 60, **changes)
    if frame is None:
        asked = request(jpeg(90, 60), "image_edit", effect="glow", strength=50, output=output)
    else:
        asked = request(jpeg(90, 60), "frame", png(image=frame), fit="cover", output=output)
    LocalProvider(codec).run(asked)
    assert codec.outputs == [replace(output, quality=95, max_side=None) if is_draft else output]


def test_checking_the_connection_asks_nobody() -> None:
    create(Tools(http=None, files=None, codec=Images())).check(Connection(base_url=""), Deadline(0))


def test_a_job_that_ended_costs_no_more_work() -> None:
    ended = Event()
    ended.set()
    caught = fault(request(jpeg(60, 40), "image_edit", effect="oil", strength=50, cancelled=ended))
    assert (caught.kind, caught.permanent) == (FaultKind.CANCELLED, False)


def test_a_window_that_is_over_ends_the_work() -> None:
    over = Deadline(time.monotonic() - 1)
    caught = fault(request(jpeg(60, 40), "image_edit", effect="oil", strength=50, deadline=over))
    assert (caught.kind, caught.permanent) == (FaultKind.HANG, False)


def test_cancelling_in_the_middle_stops_before_the_effect() -> None:
    cancelled = Event()

    class CancelledWhileDecoding(Images):
        def decode(self, data: bytes) -> Image.Image:
            cancelled.set()
            return super().decode(data)

        def encode(self, image: Image.Image, output: Output) -> bytes:
            raise AssertionError("nothing is left to encode")

    late = LocalProvider(CancelledWhileDecoding())
    with pytest.raises(ProviderFault) as caught:
        late.run(request(jpeg(60, 40), "image_edit", effect="oil", strength=50, cancelled=cancelled))
    assert caught.value.kind is FaultKind.CANCELLED


@pytest.mark.parametrize("how", ["over", "cancelled"])
def test_waiting_for_a_turn_ends_with_the_window_or_the_job(how: str) -> None:
    started, go_on = Event(), Event()

    class Slow(Images):
        def decode(self, data: bytes) -> Image.Image:
            started.set()
            go_on.wait(30)
            return super().decode(data)

    busy = LocalProvider(Slow(), at_once=1)
    first = Thread(target=busy.run, args=[request(jpeg(60, 40), "image_edit", effect="glow", strength=50)])
    first.start()
    started.wait(30)
    changes = {
        "over": {"deadline": Deadline(time.monotonic() + 0.3)},
        "cancelled": {"cancelled": _set_in(0.3)},
    }[how]
    with pytest.raises(ProviderFault) as caught:
        busy.run(request(jpeg(60, 40), "image_edit", effect="glow", strength=50, **changes))
    go_on.set()
    first.join(30)
    assert caught.value.kind is {"over": FaultKind.HANG, "cancelled": FaultKind.CANCELLED}[how]
    assert busy.run(request(jpeg(60, 40), "image_edit", effect="glow", strength=50)).image


def _set_in(seconds: float) -> Event:
    event = Event()
    Timer(seconds, event.set).start()
    return event
