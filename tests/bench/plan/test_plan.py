"""Requests to cells: the choices, the hand-set weights, the hash of the code."""

import os
from pathlib import Path

import pytest

from lossbench import strategies
from lossbench.bench.plan import code_hash, plan, presets, tasks
from lossbench.bench.plan.request import Request
from lossbench.bench.plan.resolved import strategy_on
from lossbench.bench.text.words import clock

EXAMPLES = Path(__file__).parents[3] / "examples"
ALONE = {"single_task": False, "static_weights": False, "tune": 0}


def build(tune=None, **given):
    return plan.build(Request(**given, budget=tune))


def test_every_preset_names_what_exists():
    for preset in presets.PRESETS.values():
        assert {tasks.base(name) for name in preset.tasks} <= {*tasks.names(), "all"}
        for name in preset.strategies or ():
            strategies.get(name)


def test_cells_are_tasks_by_strategies_by_variants():
    made = build(strategies=["sum", "pcgrad"], tasks="two_digits,shortcut", xla="both", **ALONE)
    assert len(made.cells) == 8
    assert {cell.xla for cell in made.cells} == {False, True}
    assert made.content["cells"] == [cell.key for cell in made.cells]
    assert build(strategies="sum,sum").content["strategies"] == ["sum"]


def test_options_override_the_preset_and_the_task():
    given = {"strategies": "sum", "tasks": "shortcut"}
    cell = build(**given).cells[0]
    assert (cell.steps, cell.batch_size, cell.optimizer) == (1500, 64, "adam")
    cell = build(**given, steps=7, seeds=2, batch_size=16, learning_rate=0.1).cells[0]
    assert (cell.steps, cell.seeds, cell.batch_size, cell.learning_rate) == (7, (0, 1), 16, 0.1)


def weights(call, task):
    return strategy_on(tasks.get(task), call).weights


def test_strategies_that_take_weights_are_given_the_tasks():
    two_digits = tasks.get("two_digits")
    assert weights("weighted", "two_digits") == (0.8, 0.2)
    assert weights("weighted(weights=(1, 2))", "two_digits") == (1, 2)
    assert strategy_on(two_digits, "clipped(of='weighted')").inner.weights == (0.8, 0.2)
    pcgrad = strategies.get("pcgrad")
    assert strategy_on(two_digits, pcgrad) is pcgrad


def test_the_weight_of_a_nuisance_is_applied_once():
    assert weights("weighted", "shortcut") == (1.0, 1.0), "the engine applies sign and weight"
    assert weights("subtraction", "shortcut") == (1.0, 0.1), "it puts the sign itself"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"strategies": "pcgard"}, "did you mean pcgrad"),
        ({"tasks": "two_digit"}, "did you mean two_digits"),
        ({"strategies": ["cagrad(d=1)"]}, "has no hyperparameter 'd'"),
        ({"strategies": "cagrad(c=-1)"}, "c is a finite number"),
        ({"strategies": "cagrad(c="}, "expected name(key=value"),
        ({"tasks": "missing.py"}, "no task file"),
        ({"scale": {"lefty": 2}}, "did you mean left"),
        ({"tasks": "units", "optimizer": "sgd"}, "no learning rate for sgd"),
    ],
)
def test_what_is_not_there_is_one_line_that_helps(given, message):
    with pytest.raises(ValueError, match=r".") as caught:
        build(**given)
    text = str(caught.value)
    assert message in text
    assert "\n" not in text


def test_a_cell_resolves_its_words_once():
    (cell,) = build(strategies="weighted(rescale='none')", tasks="two_digits[sgd]", **ALONE).cells
    strategy, task, given = cell.resolved
    assert strategy.weights == (0.8, 0.2)
    assert (task.name, task.optimizer, given) == ("two_digits[sgd]", "sgd", ("rescale",))
    assert cell.resolved is cell.resolved
    assert cell == type(cell).from_json(cell.json())


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    os.utime(path, ns=(0, hash(text) & 0xFFFFFFFF))
    return path


def test_the_code_hash_follows_relative_imports_and_ignores_comments(tmp_path):
    write(tmp_path, "__init__.py", "")
    main = write(tmp_path, "main.py", "from .part import thing\nfrom . import other\n")
    write(tmp_path, "part.py", "thing = 1\n")
    write(tmp_path, "other.py", "x = 1\n")
    unused = write(tmp_path, "unused.py", "y = 1\n")
    base = code_hash.of([(main, tmp_path)])
    unused.write_text("y = 2\n")
    write(tmp_path, "part.py", "# why\nthing  =  1\n")
    assert code_hash.of([(main, tmp_path)]) == base
    write(tmp_path, "part.py", "thing = 2\n")
    changed = code_hash.of([(main, tmp_path)])
    assert changed != base
    write(tmp_path, "other.py", "x = 2\n")
    assert code_hash.of([(main, tmp_path)]) not in (base, changed)


def test_the_code_hash_follows_imports_of_our_own_package(tmp_path):
    alone = write(tmp_path, "alone.py", "x = 1\n")
    ours = write(tmp_path, "ours.py", "from lossbench.strategies.core import Noise\n")
    read = code_hash._read(ours, tmp_path, 0)[1]
    assert any(path.parts[-3:] == ("strategies", "core", "__init__.py") for path in read)
    assert code_hash.of([(alone, tmp_path)]) != code_hash.of([(ours, tmp_path)])


def test_every_cell_depends_on_the_engine_and_on_its_own_files():
    cells = build(strategies="sum,mean", tasks="two_digits,shortcut", **ALONE).cells
    assert len({cell.code for cell in cells}) == 4


def test_times_are_written_for_people():
    assert [clock(s) for s in (0.4, 59.4, 60, 3599, 3725)] == [
        "0 s",
        "59 s",
        "1:00 min",
        "59:59 min",
        "1:02:05 h",
    ]


@pytest.mark.parametrize(
    ("kind", "source", "other"),
    [
        ("tasks", EXAMPLES / "waves.py", "two_digits"),
        ("strategies", EXAMPLES / "unit_sum.py", "sum"),
    ],
)
def test_two_files_of_one_name_are_refused(tmp_path, kind, source, other):
    paths = [tmp_path / "a" / "mine.py", tmp_path / "b" / "mine.py"]
    for path in paths:
        path.parent.mkdir()
        path.write_text(source.read_text())
    given = {"strategies": "sum", "tasks": "two_digits", **ALONE}
    with pytest.raises(ValueError, match=rf"two {kind} are called mine: \S+ and \S+; rename one"):
        build(**{**given, kind: [other, *paths]})
    assert build(**{**given, kind: [other, paths[0], paths[0]]}).cells
