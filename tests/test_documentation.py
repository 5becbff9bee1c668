"""What the documents say of the code is still so."""

import re
from pathlib import Path

import click

from app.__main__ import commands
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
