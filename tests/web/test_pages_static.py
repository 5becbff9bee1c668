"""Files made by others are exactly those that the manifest names."""

import hashlib
import json
import re
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


def test_photoswipe_is_the_version_that_the_lightbox_is_written_for() -> None:
    [core] = [entry for entry in MANIFEST if entry["file"] == "photoswipe.esm.min.js"]
    assert core["version"].startswith("5.4.")
    assert f"PhotoSwipe {core['version']} " in (VENDOR / core["file"]).read_text()


def test_photoswipe_comes_with_its_licence() -> None:
    assert "Permission is hereby granted" in (VENDOR / "photoswipe.LICENSE").read_text()


def test_photoswipe_needs_nothing_that_the_security_policy_forbids() -> None:
    core = (VENDOR / "photoswipe.esm.min.js").read_text()
    assert not re.search(r"""style=["']|setAttribute\(["']style|cssText|\beval\b|new Function|<style""", core)
    assert "url(" not in (VENDOR / "photoswipe.css").read_text()
