"""Names, types and statuses of what is stored; imports nothing heavy."""

from __future__ import annotations

RETRIED = ("crashed", "failed")  # tried again by the next run
COLUMNS = (  # of runs.parquet, before metric/... and hp/...
    *("strategy", "task", "seed", "device", "xla", "precision", "status", "reason", "steps"),
    *("learning_rate", "budget", "primary_metric", "delta_m", "normalized_score"),
    *("step_time_us", "compile_s", "wall_s", "diagnostic_s"),
    *("label", "cell", "bad_step", "pairing", "contract", "cost", "batch_size", "optimizer"),
)
NUMBERS = ("primary_metric", "step_time_us", "compile_s", "wall_s", "diagnostic_s", "bad_step")
