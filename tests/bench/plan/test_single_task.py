"""Single-task cells: which they are."""

import dataclasses
import json

from lossbench.bench.plan import plan, single_task, tasks
from lossbench.bench.plan.comparable import with_comparable
from lossbench.bench.plan.request import Request


def build(strategies, **given):
    small = {"seeds": 2, "steps": 7, "budget": 0, "static_weights": False, "tasks": "two_digits"}
    return plan.build(Request(**{**small, "strategies": strategies, **given}))


def labels(made):
    return [cell.label for cell in made.cells]


def test_a_plan_contains_each_single_task_cell_once():
    two = ("weighted(weights=(1.0, 0.0))", "weighted(weights=(0.0, 1.0))")
    made = build("sum,mean", xla="both")
    assert sorted(labels(made)) == sorted(["sum", "mean"] * 2 + list(two))
    alone = [cell for cell in made.cells if made.single_task(cell)]
    assert [made.single_task(cell) for cell in alone] == ["left", "right"]
    assert {cell.conditions for cell in alone} == {made.cells[0].conditions}, "the first variant"
    assert made.content["single_task"] == {
        "two_digits": dict(zip(("left", "right"), two, strict=True))
    }
    assert made.content["strategies"] == ["sum", "mean"]
    assert made.content["cells"] == [cell.key for cell in made.cells]
    asked = build(["sum", two[0]])
    assert sorted(labels(asked)) == sorted(["sum", *two])
    assert asked.content["strategies"] == ["sum", two[0]]


def test_only_heads_that_are_combined_and_wanted_run_alone():
    found = {name: single_task.heads(tasks.get(name)) for name in tasks.names()}
    assert [h["single_task"] for h in found["shortcut"]] == ["weighted(weights=(1.0, 0.0))"]
    assert found["smooth"] == [], "one loss is combined, which runs alone anyway"
    assert [h["name"] for h in found["units"]] == ["malignant", "area", "texture"]
    assert all(json.loads(json.dumps(heads)) == heads for heads in found.values())
    single = tasks.get("two_digits")
    single = dataclasses.replace(single, heads=single.heads[:1])
    assert single_task.heads(single) == [], "a single loss runs alone anyway"


def test_without_single_task_runs_none_is_planned():
    made = build("sum", single_task=False)
    assert labels(made) == ["sum"]
    assert made.content["single_task"] == {}


def test_stored_single_task_cells_serve_later_runs_and_are_no_strategies():
    first = build("sum")
    later = build("mean", single_task=False)
    content = with_comparable(later, first.cells)
    assert content["strategies"] == ["mean", "sum"]
    assert content["single_task"] == first.content["single_task"]
    assert set(content["cells"]) == {cell.key for cell in (*first.cells, *later.cells)}
    longer = build("mean", single_task=False, steps=8)
    assert with_comparable(longer, first.cells)["single_task"] == {}
