"""The examples run as they say, and the READMEs show them as they are."""

from __future__ import annotations

import re
import runpy
import shlex
from pathlib import Path

import pytest

from lossbench.bench.cli.main import main

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
SHOWN = {"unit_sum": "strategies/README.md", "waves": "datasets/README.md"}


def said(path: Path) -> tuple[str, str]:
    """The line of a docstring that runs the example: its program and arguments."""
    (found,) = re.findall(rf"^    (lossbench|python) (.*{path.stem}.*)$", path.read_text(), re.M)
    return found


BY_COMMAND = [path for path in EXAMPLES if said(path)[0] == "lossbench"]


@pytest.mark.parametrize("path", BY_COMMAND, ids=lambda path: path.stem)
def test_its_command_can_be_run(path, tmp_path, monkeypatch, capsys):
    """Up to the training, which the call from Python does for all of them."""
    monkeypatch.chdir(ROOT)
    command, *arguments = shlex.split(said(path)[1])
    assert command == "run"
    assert main(["plan", *arguments, "--out", str(tmp_path)]) == 0
    assert path.stem in capsys.readouterr().out


def test_the_call_from_python_trains_the_strategy_and_the_task(tmp_path):
    compare = runpy.run_path(str(ROOT / "examples" / "call_from_python.py"))["compare"]
    alone = {"single_task": False, "static_weights": False}
    results = compare(tmp_path, steps=4, seeds=2, jobs=1, **alone)
    assert list(results.verdicts) == ["waves"]
    assert set(results.runs["strategy"]) >= {"sum", "uw", "unit_sum"}
    assert set(results.runs["status"]) == {"ok"}
    assert results.report() == tmp_path / "report.html"
    assert (tmp_path / "report.html").is_file()


@pytest.mark.parametrize("name", SHOWN)
def test_the_readme_shows_it(name):
    shown = re.findall(r"^```python\n(.*?)^```", (ROOT / SHOWN[name]).read_text(), re.M | re.S)
    assert shown[0] == (ROOT / "examples" / f"{name}.py").read_text(), f"copy examples/{name}.py"
