"""What is said of a version in several places agrees."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_version_is_one():
    cited = re.findall(r"^version: (\S+)$", (ROOT / "CITATION.cff").read_text(), re.M)
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert cited == [version("lossbench")]
    assert re.findall(r"^## \[(.+?)\]", changes, re.M)[:2] == ["Unreleased", *cited]


def test_pages_link_to_what_is_there():
    """Files and headings, of the pages that people read first."""
    pages = [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "strategies/README.md",
        "datasets/README.md",
    ]
    for page in pages:
        for target in re.findall(r"\]\(([^)\s]+)\)", (ROOT / page).read_text()):
            if "://" in target:
                continue
            path, _, heading = target.partition("#")
            file = (ROOT / page).parent / path if path else ROOT / page
            assert file.exists(), f"{page}: {target}"
            if heading:
                titles = re.findall(r"^#+ (.+)$", file.read_text(), re.M)
                made = [re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles]
                assert heading in made, f"{page}: {target}"
