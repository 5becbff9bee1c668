"""What templates/_tiles.html asks of a photo."""

import math
from datetime import timedelta

from app.domain.job import StoredResult
from app.domain.photo import Photo
from app.web.pages.site import blueprint

_STEPS_PER_DOUBLING = 12
_STEPS_MAX = 16  # beyond 2.5:1 a tile shows a part of the picture
_SOON = timedelta(hours=6)


@blueprint.app_template_filter()
def aspect(result: StoredResult) -> str:
    """The class in static/tiles.css whose proportions are nearest; a tile cuts off 3 % at most."""
    steps = round(_STEPS_PER_DOUBLING * math.log2(result.width / result.height))
    steps = max(-_STEPS_MAX, min(steps, _STEPS_MAX))
    return f"aspect-{steps}" if steps >= 0 else f"aspect-n{-steps}"


@blueprint.app_template_filter()
def goes_soon(photo: Photo) -> bool:
    """Whether what is left of its time is worth saying without being asked."""
    return photo.time_left < _SOON
