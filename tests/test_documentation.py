"""What the documents say of the code is still so."""

import re
from decimal import Decimal
from pathlib import Path

import click

from app.__main__ import commands
from app.adapters.catalogue import load_catalogue
from app.domain import reactions
from app.domain.errors import FaultKind

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]


def test_every_provider_fault_has_its_row_where_the_code_points_to() -> None:
    """Two are our own affair: a job that ended meanwhile, and what failed on our side."""
    rows = re.findall(r"^\| [^|]*`[^|]*\|", (ROOT / "docs/providers.md").read_text(), re.MULTILINE)
    explained = {kind for row in rows for kind in re.findall(r"`(\w+)`", row)}
    assert explained >= set(FaultKind) - {FaultKind.CANCELLED, FaultKind.INTERNAL}
    assert "docs/providers.md" in (reactions.__doc__ or "")


def test_every_command_that_is_named_exists() -> None:
    named = {name for path in DOCUMENTS for name in re.findall(r"python -m app ([\w-]+)", path.read_text())}
    assert isinstance(commands, click.Group)
    assert {"release", "password", "booth", "rotate-keys"} <= named <= set(commands.commands)


def test_what_the_readme_says_of_times_and_prices_is_what_the_catalogue_says() -> None:
    """Every figure of a provider's row is one of the catalogue, and the lowest and the highest are there."""
    catalogue = load_catalogue(ROOT / "configs" / "providers.json")
    readme = (ROOT / "README.md").read_text()
    rows = re.findall(r"^\| ([\w-]+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", readme, re.MULTILINE)
    told = {"local" if name == "built-in" else name.lower(): (price, time) for name, price, time in rows}
    for spec in catalogue.providers:
        models = [model for operation in spec.operations for model in operation.models]
        usual = {model.price_usd for model in models} - {0}
        every = usual | {surcharge.price_usd for model in models for surcharge in model.surcharges}
        price, time = told[spec.id]
        figures = {Decimal(figure) for figure in re.findall(r"\d+\.\d+", price)}
        assert figures <= every, spec.id
        assert not usual or {min(usual), max(usual)} <= figures, spec.id
        seconds = {model.usual_seconds for model in models}
        assert {int(figure) for figure in re.findall(r"\d+", time)} == {min(seconds), max(seconds)}, spec.id
