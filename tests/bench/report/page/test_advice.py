"""What to use, by situation."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from invented import TWO_HEADS, write_study

from lossbench.bench.report.analysis.comparison import compare
from lossbench.bench.report.page.answer import answer
from lossbench.bench.report.read import read

SITUATIONS = {"a": "balanced", "b": "balanced", "c": "units", "d": "unlearn"}
GAINS = {  # task to the gain of each strategy in points
    "good": {"a": 0, "b": 0, "c": 20, "d": 0},
    "twin": {"a": 0, "b": 0, "c": 20, "d": -9},
    "swing": {"a": 9, "b": -9, "c": 40, "d": -40},
}


def study(tmp_path, situations=SITUATIONS, gains=GAINS):
    folder = write_study(
        tmp_path,
        strategies=("sum", *gains),
        tasks=dict.fromkeys(SITUATIONS, TWO_HEADS),
        seeds=12,
        series=False,
        single_task=True,
    )
    plan = json.loads((folder / "plan.json").read_text())
    for task, situation in situations.items():
        plan["tasks"][task]["situation"] = situation
    (folder / "plan.json").write_text(json.dumps(plan))
    runs = pd.read_parquet(folder / "runs.parquet")
    noise = np.random.default_rng(0).normal(0, 0.004, len(runs))
    gain = [
        gains.get(label, {}).get(task, 0) / 100
        for label, task in zip(runs["label"], runs["task"], strict=True)
    ]
    runs["normalized_score"] = 0.7 + 0.01 * runs["seed"] + noise + gain
    runs.to_parquet(folder / "runs.parquet")
    return answer(compare(read(folder)))


def test_each_situation_names_what_gains_and_where_it_fails(tmp_path):
    found = study(tmp_path)
    use = {each.situation: each for each in found.advice}
    assert list(use) == ["balanced", "units", "unlearn", "any"]
    assert use["balanced"].name == "sum"
    assert "Better on some of its tasks and worse on others: swing" in use["balanced"].words
    assert use["units"].name == "swing"
    assert use["units"].words.startswith(("+40.", "+39."))
    assert use["unlearn"].name == "sum"
    assert "none of 3 others is shown to be better" in use["unlearn"].words
    assert use["any"].name == "good"
    assert found.headline.endswith("one strategy for all of these: good.")
    assert "losses in different units: swing" in found.headline


def test_what_can_not_be_told_from_the_best_is_named(tmp_path):
    use = study(tmp_path, gains={key: GAINS[key] for key in ("good", "twin")}).advice
    units = next(each for each in use if each.situation == "units")
    assert {"good", "twin"} == {units.name, units.words.split("Not told from it: ")[1].split()[0]}


def test_of_those_that_can_not_be_told_apart_the_cheapest_is_advised(tmp_path):
    gains = {"mgda": {"c": 20.05}, "uw": {"c": 20}, "dear": {"c": 40}}
    use = study(tmp_path, gains={key: gains[key] for key in ("mgda", "uw")}).advice
    units = next(each for each in use if each.situation == "units")
    assert units.name == "uw"
    assert "Not told from it: mgda" in units.words
    use = study(tmp_path / "b", gains={"mgda": gains["dear"], "uw": gains["uw"]}).advice
    assert next(each for each in use if each.situation == "units").name == "mgda", "it is better"


def test_nothing_that_loses_somewhere_is_advised_for_all(tmp_path):
    use = study(tmp_path, gains={"twin": GAINS["twin"]}).advice
    assert use[-1].name == "sum"
    assert "loses more than 1 points on one" in use[-1].words


def test_tasks_without_a_situation_are_judged_as_before(tmp_path):
    found = study(tmp_path, situations={})
    assert found.advice == []
    assert "What to use" not in found.headline
