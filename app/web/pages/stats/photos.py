"""Photos over time by how they ended."""

from flask_babel import gettext, ngettext

from app.domain.statistics import Counts, Overview
from app.web.pages.charts import Series
from app.web.pages.stats.panel import REST_FILL, Entry, Panel, Steps
from app.web.pages.stats.words import count, step_name


def photos_panel(overview: Overview) -> Panel:
    counts, totals = [point.counts for point in overview.course], overview.totals.counts
    drawn = [
        Series(gettext("Successful"), "f-good", [c.success for c in counts]),
        Series(gettext("Failed"), "f-bad", [failed(c) for c in counts]),
        Series(gettext("Cancelled"), REST_FILL, [c.cancelled for c in counts]),
    ]
    told = [
        Series(gettext("Photos"), "", [c.photos for c in counts]),
        *drawn,
        Series(gettext("Refused requests"), "", [c.refused for c in counts]),
    ]
    steps = Steps([point.start for point in overview.course], overview.step)
    sums = (totals.success, failed(totals), totals.cancelled)
    return Panel(
        _summary(overview),
        steps.chart(drawn),
        [Entry(s.label, s.fill, count(n)) for s, n in zip(drawn, sums, strict=True) if n],
        steps.table("photos", gettext("Photos over time"), told),
    )


def failed(counts: Counts) -> int:
    """Photos without a picture that nobody cancelled."""
    return counts.timeout + counts.provider_error


def _summary(overview: Overview) -> str:
    most = max(overview.course, key=lambda point: point.counts.photos, default=None)
    if most is None or not most.counts.photos:
        return str(gettext("There were no photos."))
    when, photos = step_name(most.start, overview.step), most.counts.photos
    return str(
        ngettext(
            "Most of them at %(when)s: %(n)s photo.",
            "Most of them at %(when)s: %(n)s photos.",
            photos,
            when=when,
            n=count(photos),
        )
    )
