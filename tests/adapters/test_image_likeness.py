"""Whether two files show the same picture: one that a network made smaller, or another of the same scene."""

import pytest
from PIL import ImageEnhance, ImageOps

from app.adapters.images import Images
from app.adapters.images.likeness import Likeness
from app.domain.errors import Refused
from tests.pictures import jpeg, png, webp
from tests.scene import party

OURS = jpeg(1536, 1024)
SCENE = party(600, 400)


@pytest.fixture
def is_same() -> Likeness:
    return Likeness(Images())


@pytest.mark.parametrize(
    "shown",
    [OURS, jpeg(604, 403, quality=60), jpeg(130, 87, quality=75), webp(400, 267, quality=50), png(300, 200)],
    ids=["itself", "smaller", "for a grid", "as WebP", "as PNG"],
)
def test_size_and_quality_make_no_other_picture(is_same: Likeness, shown: bytes) -> None:
    assert is_same(OURS, shown)


def test_one_that_lies_on_its_side_is_seen_upright(is_same: Likeness) -> None:
    assert is_same(OURS, jpeg(image=party(604, 403).rotate(90, expand=True), orientation=6))


@pytest.mark.parametrize(
    "other",
    [
        ImageOps.mirror(SCENE),
        SCENE.crop((60, 40, 600, 400)),
        ImageEnhance.Brightness(SCENE).enhance(0.7),
        ImageOps.grayscale(SCENE).convert("RGB"),
        ImageOps.expand(SCENE, 40, "white"),
    ],
    ids=["mirrored", "a step aside", "darker", "grey", "framed"],
)
def test_another_picture_of_the_same_scene_is_another(is_same: Likeness, other: object) -> None:
    assert not is_same(OURS, jpeg(image=other))  # type: ignore[arg-type]  # an image


def test_what_is_no_picture_is_refused(is_same: Likeness) -> None:
    with pytest.raises(Refused):
        is_same(OURS, b"no picture")
