"""The examples run as they say, and the READMEs show them as they are."""

from __future__ import annotations

import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
SHOWN = {"unit_sum": "strategies/README.md", "waves": "datasets/README.md"}
QUICK = ("--steps", "4", "--seeds", "2", "--tune", "0", "--jobs", "1")
ALONE = ("--no-references", "--no-curves", "--no-timing")


def by_command(arguments: list[str], out: Path) -> None:
    """Run the line of a docstring in the repository, shortened."""
    command = [
        sys.executable,
        "-m",
        "lossbench.bench",
        *arguments,
        *QUICK,
        *ALONE,
        "--out",
        str(out),
    ]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_it_runs(path, tmp_path):
    (said,) = re.findall(rf"^    (lossbench|python) (.*{path.stem}.*)$", path.read_text(), re.M)
    if said[0] == "lossbench":
        by_command(shlex.split(said[1]), tmp_path)
    else:
        alone = {"single_task": False, "static_weights": False}
        compare = runpy.run_path(str(path))["compare"]
        results = compare(tmp_path, steps=4, seeds=2, jobs=1, **alone)
        assert list(results.verdicts) == ["waves"]
        assert set(results.runs["strategy"]) >= {"sum", "uw", "unit_sum"}
        assert results.report() == tmp_path / "report.html"
    runs = pd.read_parquet(tmp_path / "runs.parquet")
    assert set(runs["status"]) == {"ok"}
    assert (tmp_path / "report.html").is_file()


@pytest.mark.parametrize("name", SHOWN)
def test_the_readme_shows_it(name):
    shown = re.findall(r"^```python\n(.*?)^```", (ROOT / SHOWN[name]).read_text(), re.M | re.S)
    assert shown[0] == (ROOT / "examples" / f"{name}.py").read_text(), f"copy examples/{name}.py"
