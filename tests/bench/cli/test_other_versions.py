"""A results folder of another version: one line, exit code 2, and nothing in it is touched."""

import json

import pandas as pd
import pytest
from invented import write_study

from lossbench import run
from lossbench.bench.cli.main import main

RUN = ("run", "--strategies", "sum", "--tasks", "two_digits", "--tune", "0", "--out", "OLD")
COMMANDS = (
    RUN,
    ("report", "OLD"),
    ("compare", "OLD", "NEW"),
    ("compare", "NEW", "OLD"),
    ("time", "--strategies", "sum", "--quick", "--out", "OLD"),
)


@pytest.fixture
def folders(tmp_path):
    """One of an earlier version, as it named things, and one of this version."""
    for name in ("OLD", "NEW"):
        (tmp_path / name).mkdir()
        write_study(tmp_path / name, strategies=("sum", "mean"), seeds=2, series=False)
    plan = tmp_path / "OLD" / "plan.json"
    content = json.loads(plan.read_text())
    earlier = {"budget": "tune", "single_task": "references", "static_weights": "curves"}
    content = {earlier.get(key, key): value for key, value in content.items()}
    plan.write_text(json.dumps(content | {"schema": 1}))
    return tmp_path


def files(directory):
    return {path: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", COMMANDS, ids=[" ".join(words[:2]) for words in COMMANDS])
def test_it_is_refused_in_one_line_and_stays_as_it_is(folders, command, capsys):
    before = files(folders)
    names = {name: str(folders / name) for name in ("OLD", "NEW")}
    assert main([names.get(word, word) for word in command]) == 2
    assert capsys.readouterr().err.splitlines() == [
        f"lossbench: {folders / 'OLD'} was made by another version of lossbench (schema 1; this "
        "one reads 2): run again into another folder with --out"
    ]
    assert files(folders) == before


def test_a_call_from_python_is_refused_in_the_same_words(folders):
    before = files(folders)
    with pytest.raises(ValueError, match=r"another version of lossbench \(schema 1;"):
        run("sum", "two_digits", tune=0, out=folders / "OLD", quiet=True)
    assert files(folders) == before


def test_times_of_another_version_are_refused_before_anything_is_timed(folders, capsys):
    times = folders / "NEW" / "times.parquet"
    pd.DataFrame({"label": ["sum"], "us": [1.0]}).to_parquet(times)
    before = files(folders)
    assert main(["time", "--strategies", "sum", "--quick", "--out", str(times.parent)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "times.parquet lacks the columns" in line
    assert files(folders) == before
