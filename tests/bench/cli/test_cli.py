"""End to end through the command line, as a user runs it: from any folder, in its own process."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest
import tensorflow as tf

# Strategies alone: what runs beside them, times and tuning take several times as long.
ALONE = ("--no-single-task", "--no-static-weights", "--no-timing", "--tune", "0")
SMALL = ("--steps", "12", "--seeds", "2", "--jobs", "1", *ALONE)


def lossbench(*arguments, cwd, check=None):
    done = subprocess.run(
        [sys.executable, "-m", "lossbench.bench", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if check is not None:
        assert done.returncode == check, done.stdout + done.stderr
    return done


def one_line(done):
    """The message of a refused command: one line, no traceback."""
    assert done.returncode == 2, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("lossbench: ")
    return lines[0]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A small run of two strategies on one task."""
    folder = tmp_path_factory.mktemp("run")
    done = lossbench(
        *("run", "--preset", "smoke", "--strategies", "sum,pcgrad", "--tasks", "two_digits"),
        *("--seeds", "3", "--out", "out", *ALONE),
        cwd=folder,
        check=0,
    )
    return folder / "out", done


def test_a_run_leaves_tables_figures_report_and_runs(finished):
    out, done = finished
    runs = pd.read_parquet(out / "runs.parquet")
    assert len(runs) == 6
    assert set(runs["status"]) == {"ok"}
    assert runs["primary_metric"].between(0, 1).all()
    assert (runs["step_time_us"] > 0).all()
    assert (out / "report.html").stat().st_size > 10_000
    assert list((out / "tables").glob("*.csv"))
    assert list((out / "tables").glob("*.md"))
    assert list((out / "figures").glob("*.png"))
    assert list((out / "figures").glob("*.svg"))
    assert "[2/2]" in done.stdout, "plain progress where there is no terminal"
    assert "pcgrad" in done.stdout


def test_strategies_share_weights_batches_and_noise(finished):
    runs = pd.read_parquet(finished[0] / "runs.parquet")
    pairs = runs.groupby("seed")["pairing"].nunique()
    assert (pairs == 1).all(), "one hash per (task, seed) over all strategies"
    assert runs["pairing"].nunique() == 3


def test_the_series_belong_to_the_run(finished):
    out, _ = finished
    cell = next(path for path in (out / "cells").iterdir() if not path.name.startswith("."))
    series = pd.read_parquet(cell / "series.parquet")
    assert {"seed", "step", "loss/left", "weight/right", "norm"} <= set(series.columns)
    assert series["loss/left"].notna().any()
    assert series["metric/left/accuracy/validation"].notna().any()
    spec = json.loads((cell / "spec.json").read_text())
    assert spec["seeds"] == [0, 1, 2]


def test_what_is_there_is_not_run_again_and_new_strategies_join(finished):
    out, _ = finished
    before = {path: path.stat().st_mtime_ns for path in (out / "cells").glob("*/result.json")}
    arguments = ("run", "--preset", "smoke", "--tasks", "two_digits", "--seeds", "3", "--out", out)
    arguments += ALONE
    again = lossbench(*arguments, "--strategies", "sum,pcgrad", cwd=out.parent, check=0)
    assert "2 cells: 2 there already, 0 to run" in again.stdout
    more = lossbench(*arguments, "--strategies", "sum,mean", cwd=out.parent, check=0)
    assert "2 cells: 1 there already, 1 to run" in more.stdout
    assert set(pd.read_parquet(out / "runs.parquet")["strategy"]) == {"sum", "pcgrad", "mean"}
    plan = json.loads((out / "plan.json").read_text())
    assert plan["strategies"] == ["sum", "mean", "pcgrad"], "it stands beside those that ran before"
    assert len(plan["cells"]) == 3
    after = {path: path.stat().st_mtime_ns for path in before}
    assert before == after


def test_plain_subtraction_diverges_by_size_and_says_so(tmp_path):
    lossbench(
        *("run", "--strategies", "sum,subtraction", "--tasks", "shortcut", "--seeds", "2"),
        *("--out", "out", *ALONE),
        cwd=tmp_path,
        check=0,
    )
    runs = pd.read_parquet(tmp_path / "out" / "runs.parquet").set_index("strategy")
    assert set(runs.loc["sum", "status"]) == {"ok"}
    fallen = runs.loc["subtraction"]
    assert set(fallen["status"]) == {"diverged"}
    assert fallen["reason"].str.contains("in the last fifth of the run, beyond 10 times").all()
    assert (fallen["bad_step"] >= 0).all()
    assert (fallen["bad_step"] < fallen["steps"]).all()


def test_a_run_is_held_against_each_loss_alone(tmp_path):
    small = ("--steps", "60", "--seeds", "2", "--jobs", "1", "--out", "out", *ALONE[1:])
    done = lossbench(
        *("run", "--strategies", "sum", "--tasks", "autoencode", *small), cwd=tmp_path, check=0
    )
    assert "3 cells (2 single-task, for delta-m)" in done.stdout
    runs = pd.read_parquet(tmp_path / "out" / "runs.parquet").set_index(["label", "seed"])
    total = runs.loc["sum"]
    gains = []
    for k, column, sign in ((0, "label/accuracy", 1), (1, "pixels/mse", -1)):
        weights = (0.0, 1.0) if k else (1.0, 0.0)
        alone = runs.loc[f"weighted(weights={weights})"]
        assert (alone["pairing"] == total["pairing"]).all(), "the same weights and batches"
        difference = total[f"metric/{column}/test"] - alone[f"metric/{column}/test"]
        gains.append(100 * sign * difference / alone[f"metric/{column}/test"])
    assert total["delta_m"].tolist() == pytest.approx(((gains[0] + gains[1]) / 2).tolist())
    assert total["normalized_score"].between(0, 1.5).all()
    plan = json.loads((tmp_path / "out" / "plan.json").read_text())
    assert plan["strategies"] == ["sum"]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Single-task scores, each loss trained alone" in page


HEADER = "import tensorflow as tf\nfrom lossbench.strategies import LossStrategy\n"
MINE = HEADER + (
    "class Mine(LossStrategy):\n"
    "    def objective(self, losses, state):\n"
    "        return tf.reduce_sum(losses) {change}, state\n"
)


def test_a_plug_in_file_runs_beside_the_others(tmp_path):
    (tmp_path / "mine.py").write_text(MINE.format(change=""))
    done = lossbench(
        *("run", "--strategies", "sum,mine.py", "--tasks", "two_digits", *SMALL, "--out", "out"),
        cwd=tmp_path,
        check=0,
    )
    runs = pd.read_parquet(tmp_path / "out" / "runs.parquet").set_index("strategy")
    assert runs.loc["mine", "primary_metric"].tolist() == runs.loc["sum", "primary_metric"].tolist()
    assert "mine" in done.stdout


NOISY = """
import tensorflow as tf
from lossbench.strategies import GradientStrategy, Noise

class Noisy(GradientStrategy):
    reference = "a test"

    def noise(self, num_losses, num_parameters):
        return Noise("normal", (num_parameters,))

    def combine(self, gradients, losses, state, noise):
        total = tf.reduce_sum(gradients, axis=0)
        size = tf.norm(total) / tf.sqrt(tf.cast(tf.size(noise), noise.dtype))
        return total + 3.0 * size * noise, state
"""


def test_a_broken_strategy_is_found_worse_and_a_copy_of_sum_equivalent(tmp_path):
    (tmp_path / "noisy.py").write_text(NOISY)
    (tmp_path / "same.py").write_text(MINE.format(change=""))
    lossbench(
        *("run", "--strategies", "sum,noisy.py,same.py", "--tasks", "robust", *ALONE),
        *("--seeds", "8", "--steps", "300", "--out", "out"),
        cwd=tmp_path,
        check=0,
    )
    table = pd.read_csv(tmp_path / "out" / "tables" / "robust.csv", index_col="label")
    assert table["verdict"].to_dict() == {
        "sum": "baseline",
        "noisy": "worse",
        "same": "equivalent",
    }
    assert table.loc["noisy", "high"] < 0
    assert table.loc["same", ["low", "high"]].tolist() == [0, 0]


# Dies where the engine makes the first carry, not in the check of the contract before.
CRASHES = HEADER + (
    "import os, sys\n"
    "class Crashes(LossStrategy):\n"
    "    def init(self, num_losses):\n"
    "        frame = sys._getframe()\n"
    "        while frame is not None:\n"
    "            if frame.f_code.co_filename.endswith('engine.py'):\n"
    "                os._exit(13)\n"
    "            frame = frame.f_back\n"
    "        return ()\n"
    "    def objective(self, losses, state):\n"
    "        return tf.reduce_sum(losses), state\n"
)


def test_a_worker_that_dies_costs_its_cell_and_no_more(tmp_path):
    (tmp_path / "crashes.py").write_text(CRASHES)
    done = lossbench(
        *("run", "--strategies", "crashes.py,sum", "--tasks", "two_digits", *SMALL, "--out", "out"),
        cwd=tmp_path,
        check=1,
    )
    runs = pd.read_parquet(tmp_path / "out" / "runs.parquet").set_index("strategy")
    assert set(runs.loc["crashes", "status"]) == {"crashed"}
    assert runs.loc["crashes", "reason"].str.contains("exit status 13").all()
    assert set(runs.loc["sum", "status"]) == {"ok"}
    assert "1 cell failed" in done.stdout
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def broken(:\n", "does not import: SyntaxError"),
        ("import nowhere\n", "does not import: ModuleNotFoundError"),
        ("x = 1\n", "expected one strategy, found none"),
        (MINE.format(change="* tf.ones((2,))"), "mine"),
        (MINE.format(change="* float('nan')"), "finite"),
        (MINE.format(change="+ tf.numpy_function(lambda: 1.0, [], tf.float32)"), "mine"),
    ],
)
def test_a_broken_plug_in_is_refused_in_one_line_and_nothing_is_written(tmp_path, text, message):
    (tmp_path / "mine.py").write_text(text)
    done = lossbench(
        *("run", "--strategies", "sum,mine.py", "--tasks", "two_digits", *SMALL, "--out", "out"),
        cwd=tmp_path,
    )
    assert message in one_line(done)
    written = [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert not written


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lsit",), "did you mean list"),
        ((), "COMMAND"),
        (("list", "strategy"), "did you mean strategies"),
        (("run", "--strategies", "pcgard"), "did you mean pcgrad"),
        (("run", "--seeds", "0"), "at least 1"),
        (("run", "--colour", "red"), "unrecognized arguments"),
        (("report", "nowhere"), "nowhere"),
    ],
)
def test_bad_input_is_one_line(tmp_path, arguments, message):
    assert message in one_line(lossbench(*arguments, cwd=tmp_path))
    assert not list(tmp_path.iterdir())


def test_an_output_folder_that_can_not_be_written(tmp_path):
    (tmp_path / "out").write_text("precious")
    done = lossbench("run", "--strategies", "sum", "--out", "out", cwd=tmp_path)
    assert "choose another folder with --out" in one_line(done)
    assert (tmp_path / "out").read_text() == "precious"


def test_without_a_gpu_its_cells_are_refused_and_the_others_run(finished):
    out, _ = finished
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("this machine has a GPU")
    arguments = ("run", "--preset", "smoke", "--strategies", "sum,mean", "--tasks", "two_digits")
    arguments += ("--seeds", "3", "--out", out, *ALONE)
    alone = lossbench(*arguments, "--devices", "gpu", cwd=out.parent)
    assert "no GPU found" in one_line(alone)
    both = lossbench(*arguments, "--devices", "cpu,gpu", cwd=out.parent, check=0)
    assert "2 cells left out" in both.stdout
    assert set(pd.read_parquet(out / "runs.parquet")["device"]) == {"cpu"}


LISTS_WITHOUT = """
import sys
from lossbench.bench.cli.main import main
assert main({arguments!r}) == 0
loaded = [name for name in sys.modules if name.startswith(("tensorflow.", "keras.", "sklearn."))]
assert not loaded, loaded[:5]
"""


@pytest.mark.parametrize("what", ["strategies", "tasks", "presets"])
def test_lists_do_not_import_tensorflow(what):
    code = LISTS_WITHOUT.format(arguments=["list", what])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 3


def test_the_report_does_not_import_tensorflow(finished):
    code = LISTS_WITHOUT.format(arguments=["report", str(finished[0])])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_plan_and_doctor_answer(tmp_path):
    plan = ("plan", "--strategies", "sum", "--out", "out")
    # On four tasks sum, eight single-task cells and three curves of seven points, all tuned.
    done = lossbench(*plan, cwd=tmp_path, check=0)
    assert f"{4 + 8 + 3 * 7} cells, 33 to run" in done.stdout
    assert done.stdout.count(", single-task: ") == 8, "each head alone"
    done = lossbench(*plan, "--untuned", cwd=tmp_path, check=0)
    assert f"{2 * (4 + 8) + 3 * 7} cells, 45 to run" in done.stdout
    assert done.stdout.count(", single-task: ") == 2 * 8, "each head alone, untuned and tuned"
    assert not list(tmp_path.iterdir()), "a plan writes nothing"
    done = lossbench("doctor", "--data-dir", tmp_path, cwd=tmp_path)
    assert "XLA: compiles" in done.stdout
    assert "FAIL" not in done.stdout, done.stdout


def test_the_package_lists_all_its_folders():
    root = Path(__file__).parents[3]
    listed = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    tops = (root / top for top in ("strategies", "datasets", "bench"))
    folders = [root, *(init.parent for top in tops for init in top.rglob("__init__.py"))]
    names = [".".join(["lossbench", *folder.relative_to(root).parts]) for folder in folders]
    assert sorted(listed) == sorted(names)
    assert "://" not in (root / "constraints.txt").read_text()
