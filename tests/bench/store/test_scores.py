"""The scores against single-task runs, by hand, and in the tables of a store."""

import numpy as np
import pandas as pd
import pytest

from lossbench.bench.plan import plan
from lossbench.bench.plan.cell import Cell
from lossbench.bench.plan.request import Request
from lossbench.bench.store.result import result
from lossbench.bench.store.scores import score
from lossbench.bench.store.store import Store
from lossbench.bench.sweep import fallen

ACCURACY = {"name": "a", "metric": "metric/a/accuracy/test", "higher_is_better": True}
ERROR = {"name": "b", "metric": "metric/b/mse/test", "higher_is_better": False}
HEADS = [
    {**ACCURACY, "chance": 0.1, "single_task": "only a"},
    {**ERROR, "chance": 2.0, "single_task": "only b"},
]


def row(label, a, b, seed=0, status="ok", cell=""):
    cell = cell or label
    return {
        "cell": cell,
        "task": "task",
        "label": label,
        "seed": seed,
        "status": status,
        ACCURACY["metric"]: a,
        ERROR["metric"]: b,
    }


def scored(*rows, heads=HEADS, conditions=None):
    """Label and seed to delta-m and retained share; conditions are equal unless told otherwise."""
    runs = pd.DataFrame(rows).sample(frac=1, random_state=0)  # the order of rows says nothing
    found = score(
        runs,
        conditions or dict.fromkeys(runs["cell"], "one"),
        {"task": heads},
    )
    assert found.index.equals(runs.index)
    return found.set_index(["label", "seed"])[["delta_m", "normalized_score"]].T.to_dict("list")


def nothing(scores):
    return all(map(np.isnan, scores))


SINGLE_TASK = (row("only a", 0.8, 9.0), row("only b", 0.2, 0.5))


def test_scores_by_hand_in_both_directions():
    found = scored(*SINGLE_TASK, row("x", 0.6, 0.4))
    # a: (0.6 - 0.8) / 0.8 = -25 %; b falls from 0.5 to 0.4: +20 %
    # a: (0.6 - 0.1) / (0.8 - 0.1) = 5/7; b: (0.4 - 2) / (0.5 - 2) = 16/15
    assert found["x", 0] == pytest.approx([(-25 + 20) / 2, (5 / 7 + 16 / 15) / 2])


def test_a_single_task_run_scores_nought_on_its_own_head():
    found = scored(*SINGLE_TASK, heads=HEADS[:1])
    assert found["only a", 0] == [0, 1]
    assert found["only b", 0] == pytest.approx([-75, 1 / 7])


def test_where_a_nuisance_leads_the_single_task_run_astray_the_oracle_is_perfect():
    (head,) = HEADS[:1]
    rows = row("only a", 0.6, 9.0), row("x", 0.75, 9.0), row("y", 0.5, 9.0)
    failed = row("z", np.nan, np.nan, status="diverged")
    found = scored(*rows, failed, heads=[{**head, "oracle": 0.9}])
    shares = {label: share for (label, _), (_, share) in found.items()}
    assert shares == pytest.approx({"only a": 0.0, "x": 0.5, "y": 0.0, "z": 0.0})


def test_the_relative_difference_is_to_the_size_of_a_negative_single_task_value():
    found = scored(row("only a", -0.5, 0), row("x", -0.4, 0), heads=HEADS[:1])
    assert found["x", 0][0] == pytest.approx(20)


def test_the_retained_share_is_clipped_per_head():
    found = scored(row("only a", 0.2, 9.0), row("only b", 0.2, 0.5), row("x", 0.9, 5.0))
    assert found["x", 0][1] == pytest.approx((1.5 + 0.0) / 2)


def test_each_seed_has_its_own_single_task_run():
    found = scored(
        *(row("only a", 0.8, 0), row("only a", 0.4, 0, seed=1)),
        *(row("x", 0.6, 0), row("x", 0.6, 0, seed=1), row("x", 0.6, 0, seed=2)),
        heads=HEADS[:1],
    )
    assert found["x", 0][0] == pytest.approx(-25)
    assert found["x", 1][0] == pytest.approx(50)
    assert nothing(found["x", 2]), "there is no single-task run with this seed"


def test_one_missing_or_failed_single_task_run_leaves_no_score():
    x = row("x", 0.6, 0.4)
    assert nothing(scored(SINGLE_TASK[0], x)["x", 0])
    fallen = row("only b", np.nan, np.nan, status="diverged")
    assert nothing(scored(SINGLE_TASK[0], fallen, x)["x", 0])
    failed = row("x", np.nan, np.nan, status="crashed")
    assert nothing(scored(failed)["x", 0])
    assert nothing(scored(*SINGLE_TASK, x, heads=[])["x", 0]), "a task with a single loss"


@pytest.mark.parametrize("status", ["diverged", "crashed", "failed"])
def test_a_failed_run_has_no_delta_m_and_retains_nothing(status):
    delta, share = scored(*SINGLE_TASK, row("x", np.nan, np.nan, status=status))["x", 0]
    assert np.isnan(delta)
    assert share == 0


def test_a_single_task_run_that_learned_nothing_gives_no_share_and_a_zero_no_ratio():
    delta, share = scored(row("only a", 0.1, 0), row("x", 0.2, 0), heads=HEADS[:1])["x", 0]
    assert delta == pytest.approx(100)
    assert np.isnan(share)
    delta, share = scored(row("only a", 0.0, 0), row("x", 0.2, 0), heads=HEADS[:1])["x", 0]
    assert nothing([delta, share])
    unknown = [{**HEADS[0], "chance": None}]
    delta, share = scored(row("only a", 0.8, 0), row("x", 0.6, 0), heads=unknown)["x", 0]
    assert delta == pytest.approx(-25)
    assert np.isnan(share)


def test_only_single_task_runs_of_the_same_conditions_count():
    cells = {"only a": "short", "old": "short", "x": "long"}
    rows = row("only a", 0.8, 0), row("y", 0.6, 0, cell="old"), row("x", 0.6, 0)
    found = scored(*rows, heads=HEADS[:1], conditions=cells)
    assert found["y", 0][0] == pytest.approx(-25)
    assert nothing(found["x", 0])


# ---- in the store


def stored(store, cell, left, right, status="ok"):
    if status != "ok":
        store.write(cell, fallen(cell, status, "why"), {}, {})
        return
    metrics = {"metric/left/accuracy/test": left, "metric/right/accuracy/test": right}
    rows = [{"seed": s, "status": "ok", "reason": "", **metrics} for s in cell.seeds]
    store.write(cell, result(cell, rows, {}), {}, {})


def test_collecting_fills_the_columns(tmp_path):
    store = Store(tmp_path)
    store.open()
    small = {"seeds": 2, "steps": 7, "budget": 0, "static_weights": False}
    made = plan.build(Request(strategies="sum,mean", tasks="two_digits", **small))
    total, mean, left, right = made.cells
    stored(store, total, 0.6, 0.4)
    stored(store, left, 0.8, 0.1)
    stored(store, mean, 0, 0, "crashed")
    store.write_plan(made.content, {})
    assert store.collect().runs["delta_m"].isna().all()
    stored(store, right, 0.1, 0.5)
    runs = store.collect().runs.set_index("label")
    assert runs.loc["sum", "delta_m"].tolist() == pytest.approx([(-25 - 20) / 2] * 2)
    kept = ((0.6 - 0.099) / (0.8 - 0.099) + (0.4 - 0.098) / (0.5 - 0.098)) / 2
    assert runs.loc["sum", "normalized_score"].tolist() == pytest.approx([kept] * 2)
    assert runs.loc["mean", "delta_m"].isna().all()
    assert runs.loc["mean", "normalized_score"].tolist() == [0, 0]
    # A run of older code is not held against single-task runs of today's.
    old = Cell.from_json(made.cells[0].json() | {"label": "old", "code": "old"})
    stored(store, old, 0.6, 0.4)
    assert store.collect().runs.set_index("label").loc["old", "delta_m"].isna().all()
