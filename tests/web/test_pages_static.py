"""Files made by others are exactly those that the manifest names."""

import hashlib
import json
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text())


def test_every_vendored_file_is_in_the_manifest() -> None:
    files = {p.name for p in VENDOR.iterdir()} - {"manifest.json"}
    assert files == {entry["file"] for entry in MANIFEST}


def test_vendored_files_are_unchanged() -> None:
    for entry in MANIFEST:
        assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"], entry["file"]


def test_htmx_is_the_version_that_the_pages_are_written_for() -> None:
    [htmx] = [entry for entry in MANIFEST if entry["name"] == "htmx.org"]
    assert htmx["version"].startswith("2.0.")
    assert f'version:"{htmx["version"]}"' in (VENDOR / htmx["file"]).read_text()
