"""Why a post cannot be like that, in words."""

from collections.abc import Mapping
from typing import Any

from flask_babel import format_decimal, gettext

from app.web.pages.phrases import problem


def problem_sentence(found: Mapping[str, Any], *, is_left_out: bool = False) -> str:
    """`found` is a code of app.domain.vk.drafts with what is allowed; `is_left_out`: clocks jump over the time."""
    if is_left_out and found["code"] == "not_a_time":
        return str(gettext("Clocks are put forward over this time: it does not exist on that day."))
    number = format_decimal(found.get("maximum", 0))
    example = found.get("example", "")
    names = ", ".join(f"{{{name}}}" for name in found.get("names", ()))
    sentences = {
        "empty_post": gettext("Write something, or add a photo."),
        "unknown_variables": gettext("These variables have no value: %(names)s.", names=names),
        "too_many_photos": gettext("A post holds at most %(n)s photos.", n=number),
        "photo_twice": gettext("A photo is there twice."),
        "photo_gone": gettext("A photo was not there any more. It has been taken out."),
        "photo_refused": gettext("VK takes no picture with such proportions. It has been taken out."),
        "in_the_past": gettext("This time has passed. Choose a later one, or publish at once."),
        "too_far": gettext("At most %(n)s days ahead.", n=number),
        "not_on_wall": gettext("The address of a post of this wall, such as %(example)s.", example=example),
        "in_history": gettext("This address is that of another post, which is in the history already."),
        "bad_name": gettext("A letter first, then letters, digits and _: at most %(n)s characters.", n=number),
    }
    return str(sentences.get(found["code"]) or problem(found))
