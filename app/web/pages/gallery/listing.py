"""The gallery itself: photos by day, newest first, older ones as one scrolls, new ones as they come."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from app.domain.job_log import Place
from app.domain.photo import SELECTION_MAX, Photo, PhotoState
from app.services.gallery import Arrivals, PhotoPage
from app.web.arrivals import Glance
from app.web.pages.formats import house_zone
from app.web.pages.gallery.filters import Filters
from app.web.pages.gallery.look import Look
from app.web.pages.gallery.summary import Summary
from app.web.pages.site import blueprint, is_htmx, unless_seen
from app.web.pages.stats.names import Names
from app.web.use_cases import services

_PAGE_SIZE = 48
_RENEWAL_SECONDS = 60  # after which a page that knows all gets a new address to look at


@dataclass(frozen=True, slots=True)
class Section:
    """Photos of one day that stand together."""

    day: date
    photos: Sequence[Photo]


@blueprint.get("/gallery")
def gallery() -> ResponseReturnValue:
    """The page for a browser; for htmx what other filters show, what is older than `before`, or the summary alone."""
    look = Look.of(request.args)
    if is_htmx() and request.args.get("part") == "summary":
        return unless_seen(render_template("_gallery_summary.html", summary=Summary.of(look)))
    before = Place.parse(request.args.get("before", ""))
    page = PhotoPage([], None) if look.problems else services().gallery.page(look.wanted, before, _PAGE_SIZE)
    names = Names.of(services().slots.all(), services().catalogue)
    context: dict[str, Any] = {
        "look": look,
        "names": names,
        "sections": list(_by_day(page.photos)),
        "older": look.address(before=str(page.next)) if page.next else None,
    }
    if is_htmx() and before:
        return render_template("_gallery_older.html", **context)
    context |= _first_look(look, page, names, is_first=before is None)
    if is_htmx():
        return render_template("_gallery.html", **context), {"HX-Push-Url": look.address()}
    return render_template("gallery.html", **context)


@blueprint.get("/gallery/arrivals")
def gallery_arrivals() -> ResponseReturnValue:
    """What came and what was taken out of sight since the page looked (app.web.arrivals); 204 when it knows that."""
    look, glance = Look.of(request.args), Glance.asked(request.args)
    gallery = services().gallery
    found = Arrivals([], []) if look.problems else gallery.arrivals(look.wanted, glance.seen, glance.away_seconds)
    if not found.is_all:
        return "", 204, {"HX-Refresh": "true"}
    if glance.knows(found) and glance.away_seconds < _RENEWAL_SECONDS:
        return "", 204
    return render_template(
        "_gallery_arrivals.html",
        look=look,
        photos=found.to_show,
        unseen=glance.unseen(found),
        withdrawn=found.withdrawn,
        watch=look.address("pages.gallery_arrivals", **glance.next(found).address),
        names=Names.of(services().slots.all(), services().catalogue) if found.to_show else None,
    )


def _first_look(look: Look, page: PhotoPage, names: Names, *, is_first: bool) -> dict[str, Any]:
    """What stands around the photos. Only photos for guests come by themselves, and only to the newest ones."""
    is_live = is_first and not look.problems and look.wanted.state is PhotoState.VISIBLE
    watch = look.address("pages.gallery_arrivals", **Glance.of_page(page.photos).address)
    return {
        "summary": Summary.of(look),
        "filters": Filters.of(look, names),
        "is_first": is_first,
        "watch": watch if is_live else None,
        "selection_max": SELECTION_MAX,
    }


def _by_day(photos: Sequence[Photo]) -> Iterator[Section]:
    zone = house_zone()
    for day, of_day in groupby(photos, key=lambda photo: photo.finalized_at.astimezone(zone).date()):
        yield Section(day, list(of_day))
