"""What a slot does to its pictures at last: the shot's proportion, an overlay, a QR code."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from app.domain.errors import Reason, Refused
from app.domain.media import CORNERS, Output
from tests.adapters.finishing import finished
from tests.pictures import encoded, heic, jpeg, logo_frame, opened, pixels, png, quadrants, webp, wide_gamut_profile
from tests.scene import party

GREEN = (0, 160, 60)
ADDRESS = "https://photo.example.ru/r/123e4567-e89b-12d3-a456-426614174000"
SAMPLE = Path(__file__).parents[2] / "static" / "sample.jpg"


def flat(width: int, height: int, colour: tuple[int, ...] = (90, 60, 140)) -> bytes:
    return png(image=Image.new("RGBA" if len(colour) == 4 else "RGB", (width, height), colour))


def read_code(picture: bytes) -> str:
    return cv2.QRCodeDetector().detectAndDecode(np.ascontiguousarray(pixels(picture).astype(np.uint8)))[0]


class TestFormat:
    @pytest.mark.parametrize(
        ("make", "form"), [(jpeg, "image/jpeg"), (png, "image/png"), (webp, "image/webp"), (heic, "image/jpeg")]
    )
    @pytest.mark.parametrize("max_side", [None, 50])
    def test_as_provided_means_the_pictures_own_where_it_can_be_written(
        self, make, form: str, max_side: int | None
    ) -> None:
        result = finished(make(90, 60), Output("original", max_side=max_side))
        assert result.info.mime_type == form
        assert f"image/{opened(result.data).format.lower()}" == form

    @pytest.mark.parametrize("aspect", ["none", "crop", "fit"])
    @pytest.mark.parametrize("make", [jpeg, png, webp], ids=["jpeg", "png", "webp"])
    def test_what_fits_already_is_passed_on_unchanged(self, make, aspect: str) -> None:
        data = make(90, 60)
        assert finished(data, Output("original", max_side=90, aspect=aspect), (6000, 4000)).data is data

    def test_an_overlay_or_a_code_that_is_not_there_changes_nothing(self) -> None:
        data = jpeg(900, 600)
        assert finished(data, Output(overlay="gone", qr_corner="top_left")).data is data
        assert finished(data, Output(), qr_text=ADDRESS).data is data


class TestAspect:
    def test_a_crop_is_a_part_of_the_picture_and_nothing_else(self) -> None:
        result = pixels(finished(png(image=party(300, 300)), Output("png", aspect="crop"), (3, 2)).data)
        assert np.array_equal(result, pixels(party(300, 300))[40:240])

    def test_a_crop_that_shrinks_is_as_sharp_as_it_can_be(self) -> None:
        result = finished(jpeg(image=party(2400, 2400), quality=95), Output(aspect="crop", max_side=300), (3, 2))
        expected = party(2400, 2400).crop((0, 320, 2400, 1920)).resize((300, 200), Image.Resampling.LANCZOS)
        assert np.abs(pixels(result.data) - pixels(expected)).mean() < 3

    def test_the_picture_is_turned_upright_before_its_proportion_counts(self) -> None:
        lying = jpeg(image=quadrants(900, 600), orientation=6)
        assert finished(lying, Output(aspect="crop"), (600, 900)).info.height == 900
        assert finished(lying, Output(aspect="crop"), (900, 600)).info.height == 400

    def test_a_fitted_picture_is_whole_and_in_the_middle(self) -> None:
        result = pixels(finished(png(image=party(300, 300)), Output("png", aspect="fit"), (3, 2)).data)
        assert result.shape == (300, 450, 3)
        assert np.array_equal(result[:, 75:375], pixels(party(300, 300)))

    def test_margins_are_made_of_the_picture_soft_and_darker(self) -> None:
        picture = party(300, 300)
        margin = pixels(finished(png(image=picture), Output("png", aspect="fit"), (3, 2)).data)[:, :70]
        assert np.abs(np.diff(margin, axis=0)).max() <= 6
        assert 0.5 < margin.mean() / pixels(picture)[:, :100].mean() < 1

    def test_margins_of_a_grey_picture_are_grey(self) -> None:
        result = opened(finished(png(image=party(300, 300).convert("L")), Output("png", aspect="fit"), (2, 3)).data)
        assert (result.mode, result.size) == ("L", (300, 450))

    def test_a_cut_out_stands_before_nothing(self) -> None:
        guest = party(300, 300).convert("RGBA")
        guest.paste((0, 0, 0, 0), (0, 0, 100, 300))
        result = opened(finished(png(image=guest), Output("png", aspect="fit"), (3, 2)).data)
        assert result.getchannel("A").crop((0, 0, 170, 300)).getextrema() == (0, 0)
        assert result.getchannel("A").crop((180, 0, 370, 300)).getextrema() == (255, 255)

    def test_an_idle_alpha_channel_is_no_cut_out(self) -> None:
        result = opened(finished(png(image=party(300, 300).convert("RGBA")), Output("png", aspect="fit"), (3, 2)).data)
        assert result.mode == "RGB"
        assert pixels(result)[:, :70].max() > 50

    def test_the_colour_profile_stays_with_margins_too(self) -> None:
        result = finished(jpeg(300, 300, icc_profile=wide_gamut_profile()), Output(aspect="fit"), (3, 2))
        assert opened(result.data).info["icc_profile"] == wide_gamut_profile()

    @settings(max_examples=60, deadline=None)
    @given(
        size=st.tuples(st.integers(1, 160), st.integers(1, 160)),
        shot=st.tuples(st.integers(40, 160), st.integers(40, 160)),
        aspect=st.sampled_from(["none", "crop", "fit"]),
        max_side=st.none() | st.integers(64, 200),
        form=st.sampled_from(["jpeg", "png", "webp", "original"]),
        mode=st.sampled_from(["L", "LA", "RGB", "RGBA"]),
    )
    @example(size=(29, 86), shot=(72, 83), aspect="fit", max_side=None, form="jpeg", mode="L")
    def test_any_picture_becomes_any_output(self, size, shot, aspect, max_side, form, mode) -> None:
        result = finished(png(image=party(*size).convert(mode)), Output(form, 80, max_side, aspect), shot)
        width, height = opened(result.data).size
        assert (result.info.width, result.info.height) == (width, height)
        assert max(width, height) <= (max_side or 16_000)
        if aspect != "none" and not 0.99 < size[0] * shot[1] / (size[1] * shot[0]) < 1.01:
            assert abs(width * shot[1] - height * shot[0]) <= 1.5 * max(shot)


class TestFrame:
    @pytest.mark.parametrize("size", [(300, 200), (900, 600), (60, 40), (200, 300)])
    def test_covers_exactly_the_whole_picture(self, size: tuple[int, int]) -> None:
        frame = png(image=logo_frame(*size, border=size[0] // 10))
        result = pixels(finished(png(image=party(600, 400)), Output("png"), overlay=frame).data)
        assert result.shape == (400, 600, 3)
        for edge in (result[0], result[-1], result[:, 0], result[:, -1]):
            assert np.abs(edge - GREEN).max() <= 1
        inside = np.s_[80:320, 90:510]
        assert np.array_equal(result[inside], pixels(party(600, 400))[inside])

    def test_is_laid_on_without_seams(self) -> None:
        """A picture is worked on in strips; a gradient shows where they meet."""
        gradient = Image.new("RGBA", (100, 256), (0, 0, 0, 255))
        gradient.putalpha(Image.linear_gradient("L").crop((0, 0, 100, 256)))
        result = pixels(finished(flat(100, 1800, (200, 200, 200)), Output("png"), overlay=png(image=gradient)).data)
        assert np.abs(np.diff(result[:, 50, 0])).max() <= 2

    def test_is_measured_by_the_picture_that_leaves(self) -> None:
        frame = png(image=logo_frame(300, 300, border=30))
        output = Output("png", max_side=150, aspect="crop")
        result = pixels(finished(png(image=party(400, 200)), output, (100, 100), overlay=frame).data)
        assert result.shape == (150, 150, 3)
        assert np.abs(result[:14, :14] - GREEN).max() <= 1

    def test_half_transparent_colours_mix(self) -> None:
        result = pixels(finished(flat(60, 40, (200, 0, 0)), Output("png"), overlay=flat(60, 40, (0, 0, 200, 128))).data)
        assert np.abs(result - (100, 0, 100)).max() <= 1

    def test_invisible_pixels_of_a_stretched_frame_leave_no_halo(self) -> None:
        frame = Image.new("RGBA", (30, 20), (0, 0, 0, 0))
        frame.paste((255, 255, 255, 255), (0, 0, 15, 20))
        result = pixels(finished(flat(300, 200, (255, 255, 255)), Output("png"), overlay=png(image=frame)).data)
        assert result.min() >= 254

    def test_a_cut_out_stays_one_inside_its_frame(self) -> None:
        frame = png(image=logo_frame(60, 40, border=5))
        alpha = opened(finished(flat(60, 40, (0, 0, 0, 0)), Output("png"), overlay=frame).data).getchannel("A")
        assert (alpha.getpixel((2, 2)), alpha.getpixel((30, 20))) == (255, 0)

    def test_its_own_secrets_stay_at_home(self) -> None:
        frame = webp(image=logo_frame(60, 40, 5), xmp=b"<x:xmpmeta>made by Igor</x:xmpmeta>")
        assert b"Igor" not in finished(jpeg(60, 40), Output("webp"), overlay=frame).data


class TestLogo:
    @pytest.mark.parametrize("logo", [(400, 200), (40, 20), (4000, 2000)])
    @pytest.mark.parametrize("place", CORNERS)
    def test_is_a_quarter_of_the_longest_side_in_its_corner(self, place: str, logo: tuple[int, int]) -> None:
        result = finished(flat(800, 600), Output("png", overlay_place=place), overlay=flat(*logo, GREEN))
        rows, columns = np.nonzero(np.abs(pixels(result.data) - GREEN).max(axis=2) <= 1)
        left = 18 if place.endswith("left") else 800 - 18 - 200
        upper = 18 if place.startswith("top") else 600 - 18 - 100
        assert (columns.min(), columns.max() + 1, rows.min(), rows.max() + 1) == (left, left + 200, upper, upper + 100)

    def test_shrinks_with_the_picture(self) -> None:
        output = Output("png", max_side=400, overlay_place="top_left")
        result = pixels(finished(flat(800, 600), output, overlay=flat(50, 50, GREEN)).data)
        assert (np.abs(result - GREEN).max(axis=2) <= 1).sum() == 100 * 100

    @pytest.mark.parametrize("size", [(900, 60), (60, 900), (3, 2), (1, 1)])
    @pytest.mark.parametrize("place", CORNERS)
    def test_stays_inside_any_picture(self, place: str, size: tuple[int, int]) -> None:
        result = finished(flat(*size), Output("png", overlay_place=place), overlay=flat(50, 50, GREEN))
        share = (np.abs(pixels(result.data) - GREEN).max(axis=2) <= 1).mean()
        assert opened(result.data).size == size
        assert 0 < share < 0.1 or max(size) < 10


class TestColours:
    @pytest.mark.parametrize("place", ["frame", "top_left"])
    def test_an_overlay_looks_the_same_on_a_picture_with_a_wide_profile(self, place: str) -> None:
        overlay = flat(90, 60, GREEN) if place == "top_left" else png(image=logo_frame(900, 600, border=90))
        picture = encoded(party(900, 600), "PNG", icc_profile=wide_gamut_profile())
        result = finished(picture, Output("png", overlay_place=place), overlay=overlay)
        assert "icc_profile" not in opened(result.data).info
        assert np.abs(pixels(result.data)[40, 60] - GREEN).max() <= 1

    def test_the_picture_under_it_keeps_the_colours_people_see(self) -> None:
        picture = encoded(party(90, 60), "PNG", icc_profile=wide_gamut_profile())
        result = finished(picture, Output("png"), overlay=flat(90, 60, (0, 0, 0, 0)))
        wide = ImageCms.ImageCmsProfile(BytesIO(wide_gamut_profile()))
        expected = ImageCms.profileToProfile(party(90, 60), wide, ImageCms.createProfile("sRGB"))
        assert np.abs(pixels(result.data) - pixels(expected)).max() <= 2

    def test_an_overlay_with_a_profile_of_its_own_is_converted(self) -> None:
        pale = (120, 150, 130)
        profiled = encoded(Image.new("RGB", (90, 60), pale), "PNG", icc_profile=wide_gamut_profile())
        result = pixels(finished(flat(90, 60), Output("png"), overlay=profiled).data)[30, 45]
        assert np.ptp(result) > 1.1 * np.ptp(pale)

    def test_a_grey_picture_takes_a_coloured_overlay(self) -> None:
        grey = png(image=party(300, 200).convert("L"))
        result = pixels(finished(grey, Output("png"), overlay=png(image=logo_frame())).data)
        assert np.abs(result[0, 0] - GREEN).max() <= 1


class TestCode:
    @pytest.mark.parametrize("corner", CORNERS)
    def test_can_be_read_from_a_small_coarse_jpeg(self, corner: str) -> None:
        output = Output("jpeg", 80, 1200, qr_corner=corner)
        result = finished(jpeg(6000, 4000), output, qr_text=ADDRESS)
        assert max(opened(result.data).size) == 1200
        assert read_code(result.data) == ADDRESS

    @pytest.mark.parametrize("output", [Output("webp", 60), Output("png"), Output("jpeg", 30)])
    def test_can_be_read_from_every_format(self, output: Output) -> None:
        printed = Output(output.format, output.quality, qr_corner="bottom_right")
        assert read_code(finished(SAMPLE.read_bytes(), printed, qr_text=ADDRESS).data) == ADDRESS

    @pytest.mark.parametrize("mode", ["L", "RGBA"])
    def test_can_be_read_on_any_kind_of_picture(self, mode: str) -> None:
        picture = png(image=Image.new(mode, (900, 600)))
        assert read_code(finished(picture, Output("png", qr_corner="top_left"), qr_text=ADDRESS).data) == ADDRESS

    def test_is_printed_above_the_overlay(self) -> None:
        output, frame = Output("jpeg", 80, qr_corner="bottom_left"), png(image=logo_frame(1200, 800, border=300))
        result = finished(jpeg(1200, 800), output, overlay=frame, qr_text=ADDRESS)
        assert read_code(result.data) == ADDRESS

    def test_is_black_on_white_whatever_the_profile(self) -> None:
        picture = jpeg(1200, 800, icc_profile=wide_gamut_profile())
        result = finished(picture, Output("png", qr_corner="top_left"), qr_text=ADDRESS)
        code = pixels(result.data)[24:150, 24:150].reshape(-1, 3)
        assert {tuple(colour) for colour in np.unique(code, axis=0)} == {(0, 0, 0), (255, 255, 255)}

    @pytest.mark.parametrize(("short_side", "module"), [(4000, 17), (1200, 5), (800, 3), (300, 2)])
    def test_has_modules_of_whole_pixels_on_at_most_a_fifth_of_the_short_side(
        self, short_side: int, module: int
    ) -> None:
        picture = flat(short_side * 3 // 2, short_side)
        result = pixels(finished(picture, Output("png", qr_corner="bottom_right"), qr_text=ADDRESS).data)
        rows, columns = np.nonzero((result != (90, 60, 140)).any(axis=2))
        side, margin = 45 * module, round(0.03 * short_side)  # version 5 and its quiet zone: 37 + 2 x 4 modules
        assert rows.max() + 1 == short_side - margin
        assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (side, side)
        assert side <= short_side / 5 or module == 2
        assert (result[rows.min() : rows.min() + 4 * module, columns.min() : columns.max()] == 255).all()

    @pytest.mark.parametrize("size", [(90, 900), (60, 40), (1, 1)])
    def test_is_left_out_where_it_could_not_be_read(self, size: tuple[int, int]) -> None:
        result = finished(flat(*size), Output("png", qr_corner="top_left"), qr_text=ADDRESS)
        assert len(np.unique(pixels(result.data))) == 3


class TestRefusals:
    @pytest.mark.parametrize(
        "overlay", [b"hello", png(60, 40)[:-40], png(60, 40)[:300], flat(60, 40)[:50]], ids=["text", "a", "b", "c"]
    )
    def test_an_overlay_that_cannot_be_used_is_a_wrong_setting(self, overlay: bytes) -> None:
        with pytest.raises(Refused) as caught:
            finished(jpeg(60, 40), Output(), overlay=overlay)
        assert caught.value.reason is Reason.INVALID_SETTINGS
        assert "overlay" in caught.value.message

    def test_a_broken_picture_is_an_invalid_image_whatever_the_overlay(self) -> None:
        with pytest.raises(Refused) as caught:
            finished(jpeg(60, 40)[:500], Output(), overlay=png(image=logo_frame()))
        assert caught.value.reason is Reason.INVALID_IMAGE


def test_frames_and_margins_of_large_pictures_at_once_take_the_memory_of_one(tmp_path: Path) -> None:
    (tmp_path / "picture").write_bytes(encoded(Image.new("RGB", (6000, 4000), "navy"), "JPEG"))
    (tmp_path / "frame").write_bytes(png(image=logo_frame(3600, 2400, 120)))
    done = subprocess.run([sys.executable, "-c", _FRAME_THREE, tmp_path], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 600


_FRAME_THREE = """
import re, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from app.adapters.images import Images
from app.domain.media import Finish, Output
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) // 1024
picture, frame = (Path(sys.argv[1], name).read_bytes() for name in ("picture", "frame"))
images, before = Images(pixels_at_once=40_000_000), peak()
finish = Finish(Output(aspect="fit"), (1, 1), frame)
with ThreadPoolExecutor(3) as pool:
    assert len(list(pool.map(lambda _: images.finish(picture, finish), range(3)))) == 3
print(peak() - before)
"""
