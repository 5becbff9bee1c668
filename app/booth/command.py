"""`python -m app booth URL`: try a server before an event, as the booths will."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click

from app.booth.client import BOOTH_TIMEOUT
from app.booth.contract import image_type
from app.booth.report import Tally, as_json, as_table
from app.booth.shots import ShotSource, made_up_shots, photo_files, shots_from
from app.booth.simulator import Outcome, Plan, replay
from app.booth.target import parse_target
from app.booth.wire import Part

_SUFFIXES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", None: "txt"}


def _url(context: click.Context, parameter: click.Parameter, value: str) -> str:
    try:
        parse_target(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    return value


def _fields(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> list[Part]:
    parts = [value.partition("=") for value in values]
    if any(not name or not separator for name, separator, _ in parts):
        raise click.BadParameter("must be NAME=VALUE")
    return [(name, value) for name, _, value in parts]


@click.command("booth")
@click.argument("url", callback=_url)
@click.option("--password", help="The ingest password, as typed into the booth program.")
@click.option(
    "--photos",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A photo, or a folder of photos, to send in turn; may be repeated. Without it photos are made up.",
)
@click.option("--booths", default=10, show_default=True, type=click.IntRange(1, 1000), help="Booths at once.")
@click.option("--shots", default=100, show_default=True, type=click.IntRange(1), help="Shots of all booths together.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), help="Shots a minute; as fast as possible without it.")
@click.option(
    "--timeout",
    default=BOOTH_TIMEOUT,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="Seconds after which a booth gives up.",
)
@click.option("--field", "fields", multiple=True, callback=_fields, help="A further NAME=VALUE, as of a survey.")
@click.option("--save", type=click.Path(file_okay=False, path_type=Path), help="A folder to keep the answers in.")
@click.option("--json", "machine_readable", is_flag=True, help="Print the report as JSON.")
def booth_command(
    url: str,
    password: str | None,
    photos: tuple[Path, ...],
    booths: int,
    shots: int,
    rate: float | None,
    timeout: float,
    fields: list[Part],
    save: Path | None,
    machine_readable: bool,
) -> None:
    """Send shots to URL exactly as DSLR Remote Pro does, and report how they were answered.

    Ends with status 1 unless every shot was answered with an image.
    """
    plan = Plan(url, _shot_source(photos), shots, booths, rate, timeout, password, fields)
    tally, started = Tally(secret=password), time.monotonic()
    try:
        for outcome in _with_progress(replay(plan), shots):
            tally.add(outcome)
            if save:
                _keep(save, outcome)
    except KeyboardInterrupt:
        click.echo(f"Stopped after {tally.shots} of {shots} shots.", err=True)
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    seconds = time.monotonic() - started
    click.echo(json.dumps(as_json(tally, seconds), indent=2) if machine_readable else as_table(tally, seconds))
    raise SystemExit(0 if tally.images == shots else 1)


def _shot_source(photos: tuple[Path, ...]) -> ShotSource:
    if not photos:
        return made_up_shots()
    files = photo_files(photos)
    if not files:
        raise click.BadParameter("no JPEG, PNG, WebP or HEIC files there", param_hint="--photos")
    return shots_from(files)


def _with_progress(outcomes: Iterator[Outcome], count: int) -> Iterator[Outcome]:
    """A bar on the terminal's error output, nothing where that is no terminal."""
    with click.progressbar(outcomes, length=count, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield from bar


def _keep(folder: Path, outcome: Outcome) -> None:
    if outcome.answer:
        folder.mkdir(parents=True, exist_ok=True)
        suffix = _SUFFIXES[image_type(outcome.answer.body)]
        (folder / f"{outcome.number:05}.{suffix}").write_bytes(outcome.answer.body)
