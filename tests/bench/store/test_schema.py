"""The schema: what is fixed from outside, and that it costs nothing to import."""

import subprocess
import sys

from lossbench.bench.store import schema

FIXED = (
    *("strategy", "task", "seed", "device", "xla", "precision", "status", "reason", "steps"),
    *("learning_rate", "budget", "primary_metric", "delta_m", "normalized_score"),
    *("step_time_us", "compile_s", "wall_s"),
)
IMPORTS = """
import sys
import lossbench.bench.store.schema
heavy = {"numpy", "pandas", "pyarrow", "tensorflow", "keras"} & set(sys.modules)
assert not heavy, heavy
"""


def test_the_columns_that_others_rely_on_are_there_in_their_order():
    assert tuple(schema.RUN_COLUMNS)[: len(FIXED)] == FIXED
    assert schema.metric("left/accuracy", "test").startswith(schema.METRIC)


def test_it_imports_nothing_heavy():
    command = [sys.executable, "-c", IMPORTS]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
