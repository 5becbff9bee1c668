"""The effects by the names that the catalogue gives them."""

from collections.abc import Callable, Mapping

from app.adapters.providers.local.drawing import pencil
from app.adapters.providers.local.film import black_and_white, film_cool, film_warm, glow, vintage
from app.adapters.providers.local.painting import oil, watercolour
from app.adapters.providers.local.picture import Rgb
from app.adapters.providers.local.printing import comic, pop_art

Effect = Callable[[Rgb], Rgb]
"""Gives a picture of the same size; the one it is given stays as it is."""

EFFECTS: Mapping[str, Effect] = {
    effect.__name__: effect
    for effect in (
        watercolour,
        oil,
        pencil,
        comic,
        pop_art,
        film_warm,
        film_cool,
        vintage,
        glow,
        black_and_white,
    )
}
