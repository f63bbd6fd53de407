"""The table over all tasks, on scores of known relation."""

import numpy as np
import pandas as pd
import pytest

from lossbench.bench.report.analysis.leaderboard import leaderboard

TASKS = tuple(f"t{i}" for i in range(7))


def runs(labels=("sum", "copy", "better", "worse"), tasks=TASKS, seeds=6, gain=None, random=0):
    """One row per (label, task, seed); `copy` is `sum` to the last bit."""
    rng = np.random.default_rng(random)
    gain = gain or {"better": 0.05, "worse": -0.05}
    level = rng.uniform(0.5, 1.0, (len(tasks), 1))
    common = level + 0.05 * rng.normal(size=(len(tasks), seeds))
    rows = []
    for label in labels:
        own = common + 0.01 * rng.normal(size=common.shape) + gain.get(label, 0.0)
        scores = common if label in ("sum", "copy") else own
        rows += [
            {
                "label": label,
                "task": task,
                "seed": seed,
                "status": "ok",
                "normalized_score": scores[t, seed],
            }
            for t, task in enumerate(tasks)
            for seed in range(seeds)
        ]
    return pd.DataFrame(rows)


def test_known_relations_are_found():
    found = leaderboard(runs(), "sum")
    table = found.table
    assert table.index.tolist() == ["sum", "copy", "better", "worse"]
    assert table["verdict"].tolist() == ["", "equivalent", "better", "worse"]
    assert table.loc["better", "difference"] == pytest.approx(0.05, abs=0.01)
    assert table.loc["better", "difference_low"] > 0
    assert table.loc["better", ["p_better", "win_share"]].min() > 0.95
    assert table.loc["worse", "p_worse"] > 0.95
    assert table.loc["worse", "win_high"] < 0.5
    assert table["mean_rank"].to_dict() == {"better": 1, "sum": 2.5, "copy": 2.5, "worse": 4}
    assert found.ranks.p < 0.01
    assert (table["note"] == "").all()
    assert found.notes == ()
    sum_ = runs().query("label == 'sum'")["normalized_score"].to_numpy()
    row = table.loc["sum"]
    assert (row["mean"], row["median"]) == pytest.approx((sum_.mean(), np.median(sum_)))
    assert row["cvar"] < row["mean"]
    assert row["low"] < row["mean"] < row["high"]
    assert table.loc["better", "worse_on"] == 0
    assert table.loc["better", "worst"] > 0
    assert np.isnan(row["iqm"]), "of seven tasks there is none"


def test_a_copy_of_the_baseline_differs_by_exactly_nothing():
    copy = leaderboard(runs(), "sum").table.loc["copy"]
    assert (copy[["difference", "difference_low", "difference_high"]] == 0).all()
    assert (copy["p_better"], copy["p_equal"], copy["p_worse"]) == (0, 1, 0)
    assert copy["win_share"] == 0.5
    assert copy["win_low"] < 0.5 < copy["win_high"]


def test_a_gain_on_the_hardest_task_alone_is_in_the_mean_and_not_in_the_iqm():
    table = runs(("sum", "copy"), tuple(f"t{i}" for i in range(12)))
    # The other tasks lie far above, so that the middle half does not see this one.
    table.loc[table["task"] == "t0", "normalized_score"] *= 0.1
    table.loc[(table["task"] == "t0") & (table["label"] == "copy"), "normalized_score"] += 0.1
    row = leaderboard(table, "sum").table.loc["copy"]
    names = ["iqm_difference", "iqm_difference_low", "iqm_difference_high"]
    assert row[names].tolist() == [0, 0, 0]
    assert row["difference"] == pytest.approx(0.1 / 12)
    assert row["difference_low"] > 0
    assert (row["without_low"], row["without_high"]) == pytest.approx((0, 0.1 / 11))


def test_pairing_makes_differences_surer_than_scores():
    row = leaderboard(runs(), "sum").table.loc["better"]
    assert row["difference_high"] - row["difference_low"] < 0.5 * (row["high"] - row["low"])


def test_the_baseline_has_no_difference_to_itself_and_another_may_be_chosen():
    table = runs()
    for baseline in ("sum", "better"):
        row = leaderboard(table, baseline).table.loc[baseline]
        assert row[["difference", "p_equal", "win_share", "win_low"]].isna().all()
        assert row["verdict"] == ""
    swapped = leaderboard(table, "better").table.loc["sum", "difference"]
    assert swapped == pytest.approx(-leaderboard(table, "sum").table.loc["better", "difference"])


@pytest.mark.parametrize("stored", [0.0, np.nan])
def test_a_failed_run_scores_nothing_and_loses(stored):
    table = runs()
    bad = (table["label"] == "better") & (table["seed"] == 0)
    table.loc[bad, ["status", "normalized_score"]] = ["diverged", stored]
    row = leaderboard(table, "sum").table.loc["better"]
    whole = leaderboard(runs(), "sum").table.loc["better"]
    assert row["cells"] == 42
    assert row["mean"] == pytest.approx(
        table.loc[table["label"] == "better", "normalized_score"].fillna(0).mean()
    )
    assert row["win_share"] == pytest.approx(whole["win_share"] - 7 / 42)
    assert (row["failures"], row["runs"]) == (7, 42)
    assert row["failure_low"] < row["failure_rate"] == 7 / 42 < row["failure_high"]


def test_a_failed_run_loses_even_against_a_score_of_0_and_ties_with_a_failed_one():
    table = runs(("sum", "a"), ("t",), 4)
    table["normalized_score"] = 0.0
    table["status"] = ["ok", "ok", "crashed", "crashed", "crashed", "ok", "ok", "crashed"]
    # lost, tie, won, tie
    assert leaderboard(table, "sum").table.loc["a", "win_share"] == 0.5
    table.loc[6, "status"] = "crashed"
    assert leaderboard(table, "sum").table.loc["a", "win_share"] == pytest.approx(2 / 4 - 1 / 8)


def test_missing_cells_are_compared_where_both_are():
    table = runs()
    table = table[~((table["label"] == "better") & (table["task"] == "t2"))]
    found = leaderboard(table, "sum").table
    row, rest = found.loc["better"], table[table["task"] != "t2"]
    assert (row["tasks"], row["cells"]) == (6, 36)
    assert row["note"] == "on 6 of 7 tasks"
    assert np.isnan(row["mean_rank"])
    assert found.loc["worse", "tasks"] == 7
    alone = leaderboard(rest, "sum").table.loc["better"]
    same = ["mean", "low", "high", "difference", "difference_low", "p_better", "win_low"]
    assert row[same].tolist() == pytest.approx(alone[same].tolist())


def test_a_label_that_shares_nothing_with_the_baseline_is_a_row_without_numbers():
    table = runs(("sum", "a"))
    table = table[(table["label"] == "sum") ^ (table["task"] == "t0")]
    row = leaderboard(table, "sum").table.loc["a"]
    assert row["cells"] == 0
    assert row[["worst", "difference", "mean", "win_share", "p_better"]].isna().all()
    assert row["note"] == "on 0 of 7 tasks; no scores"


def test_tasks_without_single_task_runs_are_left_out_and_counted():
    table = runs()
    table.loc[table["task"] == "t1", "normalized_score"] = np.nan
    table.loc[(table["task"] == "t2") & (table["seed"] == 3), "normalized_score"] = np.nan
    table.loc[(table["task"] == "t1") & (table["label"] == "worse"), "status"] = "diverged"
    found = leaderboard(table, "sum")
    assert found.table["tasks"].tolist() == [6] * 4
    assert found.table["cells"].tolist() == [35] * 4
    assert found.table.loc["worse", "failures"] == 6, "failures count on every task"
    assert found.notes[0].startswith("1 task of 7 left out")
    assert "t1" in found.notes[0]
    assert found.notes[1].startswith("1 pair of task and seed left out")


def test_no_single_task_runs_at_all_is_a_table_without_scores():
    table = runs().assign(normalized_score=np.nan)
    found = leaderboard(table, "sum")
    assert found.table["mean"].isna().all()
    assert (found.table["note"] == "no scores").all()
    assert found.table["runs"].tolist() == [42] * 4


def test_few_cells_and_few_tasks_are_said():
    found = leaderboard(runs(tasks=("a", "b"), seeds=5), "sum")
    row = found.table.loc["better"]
    assert 0 < row["difference_low"] < row["difference"] < row["difference_high"]
    assert np.isfinite(row["win_low"])
    assert row["note"] == ""
    assert row["verdict"] == "better"
    assert found.notes == ("Ranks: too few tasks for a rank test.",)


def test_the_same_table_gives_the_same_numbers_in_any_order():
    table = runs(tasks=tuple(f"t{i}" for i in range(11)))
    first = leaderboard(table, "sum").table.sort_index()
    for order in range(3):
        shuffled = table.sample(frac=1, random_state=order)
        second = leaderboard(shuffled, "sum").table.sort_index()
        pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_a_strategy_that_wins_here_and_loses_there_is_mixed():
    table = runs(("sum", "a", "b"), seeds=12)
    swing = table["task"].isin(["t0", "t1"])
    table.loc[(table["label"] == "a") & swing, "normalized_score"] -= 0.3
    table.loc[(table["label"] == "a") & ~swing, "normalized_score"] += 0.3
    found = leaderboard(table, "sum").table
    assert found.loc["a", "difference"] == pytest.approx(0.9 / 7, abs=0.02)
    assert found.loc["a", "verdict"] == "mixed"
    assert (found.loc["a", "better_on"], found.loc["a", "worse_on"]) == (5, 2)
    assert found.loc["a", "worst_task"] in ("t0", "t1")
    assert found.loc["a", "worst"] == pytest.approx(-0.3, abs=0.02)
    assert found.loc["a", "without_high"] == pytest.approx(1.2 / 6, abs=0.02)
    # Every situation counts alike, however many tasks it has.
    situations = dict.fromkeys(TASKS, "balanced") | dict.fromkeys(("t0", "t1"), "unlearn")
    row = leaderboard(table, "sum", situations=situations).table.loc["a"]
    assert row["difference"] == pytest.approx(0, abs=0.02)


def test_the_mean_and_not_the_middle_half_ranks_four_tasks():
    """The published ranking: what happens on the hard tasks was not in it."""
    table = runs(("sum", "famo"), tuple("abcd"), seeds=11)
    for task, gain in zip("abcd", (0.008, 0.022, -0.25, 0.285), strict=True):
        rows = table["task"] == task
        base = table[rows & (table["label"] == "sum")].set_index("seed")["normalized_score"]
        own = table.loc[rows & (table["label"] == "famo"), "seed"].map(base) + gain
        noise = np.random.default_rng(1).normal(0, 0.01, len(own))
        table.loc[own.index, "normalized_score"] = own + noise
    row = leaderboard(table, "sum").table.loc["famo"]
    assert row["difference"] == pytest.approx(0.016, abs=0.005)
    assert row["verdict"] == "mixed"
    assert (row["worst_task"], row["worst"]) == ("c", pytest.approx(-0.25, abs=0.01))


def test_bad_tables_are_refused():
    table = runs()
    with pytest.raises(ValueError, match=r"lacks the columns status, normalized_score"):
        leaderboard(table.drop(columns=["status", "normalized_score"]), "sum")
    with pytest.raises(ValueError, match=r"no runs of the baseline mean; there are sum, copy"):
        leaderboard(table, "mean")
    with pytest.raises(ValueError, match=r"168 runs there twice, such as sum on t0, seed 0"):
        leaderboard(pd.concat([table, table]), "sum")
