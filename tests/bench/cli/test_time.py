"""`lossbench time`: bad input is one line, and a device that is not there is rows."""

import argparse
import re

import pandas as pd
import pytest

from lossbench.bench.cli import time
from lossbench.bench.cli.main import main
from lossbench.bench.store.schema import TIMES
from lossbench.bench.timing import processes, scaling, times


def options(*arguments) -> argparse.Namespace:
    return time.options(argparse.ArgumentParser()).parse_args(arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--strategies", "pcgard"), "did you mean pcgrad"),
        (("--tasks", "two_digts"), "did you mean two_digits"),
        (("--xla", "maybe"), "one of off, on, both"),
        (("--precision", "float16"), "one of float32, mixed"),
        (("--processes", "0"), "at least 1"),
        (("--seeds", "1"), "at least 2"),
        (("--jobs", "4096"), "there are"),
        (("--jobs", "0"), "at least 1"),
        (("--scaling", "--tasks", "units"), "--scaling times problems of its own .* without --ta"),
        (("--growth", "--quick"), "without --quick"),
    ],
)
def test_bad_input_is_refused_before_anything_starts(arguments, words, tmp_path, capsys):
    assert main(["time", *arguments, "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert re.search(words, said)
    assert said.startswith("lossbench: ")
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_device_that_is_not_there_is_rows_that_say_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(processes, "gpus", list)
    given = options(
        *("--strategies", "pcgrad", "--tasks", "reference_2", "--devices", "gpu,tpu"),
        *("--out", str(tmp_path)),
    )
    assert time.execute(given) == 1
    said = capsys.readouterr().out
    assert "no GPU found by TensorFlow" in said
    assert "no device 'tpu'" in said
    found = times.read(tmp_path)
    assert set(found["status"]) == {"unavailable"}
    assert set(found[found["device"] == "gpu"]["precision"]) == {"float32", "mixed"}


@pytest.mark.parametrize("option", ["--scaling", "--growth"])
def test_scaling_has_a_table_of_its_own_under_either_name(option, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(scaling, "PARAMETERS", (10_000,))
    monkeypatch.setattr(scaling, "physical", lambda: 0.0)
    given = options(option, "--strategies", "sum", "--xla", "on", "--out", str(tmp_path))
    assert time.execute(given) == 1, "nothing could be timed"
    assert "GiB of memory" in capsys.readouterr().out
    assert set(pd.read_parquet(tmp_path / "scaling.parquet")["status"]) == {"skipped"}
    assert not (tmp_path / TIMES).exists()


def test_the_old_name_of_scaling_is_not_advertised():
    told = time.options(argparse.ArgumentParser()).format_help()
    assert "--scaling" in told
    assert "--growth" not in told
