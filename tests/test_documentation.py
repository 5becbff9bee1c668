"""What the documents say of the code is still so."""

import re
from pathlib import Path

import click

from app.__main__ import commands
from app.domain.errors import FaultKind

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md"))]


def test_every_provider_fault_is_explained_where_the_code_points_to() -> None:
    section = (ROOT / "docs/architecture.md").read_text().split("## Provider faults")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(FaultKind)
    assert "docs/architecture.md, Provider faults" in (FaultKind.__doc__ or "")


def test_every_command_that_is_named_exists() -> None:
    named = {name for path in DOCUMENTS for name in re.findall(r"python -m app ([\w-]+)", path.read_text())}
    assert isinstance(commands, click.Group)
    assert {"release", "password", "booth", "rotate-keys"} <= named <= set(commands.commands)
