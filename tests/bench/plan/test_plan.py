"""Options to cells: the choices, the hand-set weights, the fingerprint of the code."""

import os

import pytest

from lossbench import strategies
from lossbench.bench.cli.main import parser
from lossbench.bench.plan import code_hash, hand_weights, plan, presets, tasks
from lossbench.bench.text.words import clock


def options(*arguments):
    return parser().parse_args(["run", *arguments])


def build(*arguments):
    return plan.build(options(*arguments), "lossbench run")


def test_words_split_outside_brackets_and_quotes():
    assert plan.words("sum, weighted(weights=(1, 0.5)) clipped(of='x(a=1), y')") == [
        "sum",
        "weighted(weights=(1, 0.5))",
        "clipped(of='x(a=1), y')",
    ]
    assert plan.words("") == plan.words(None) == []


def test_every_preset_names_what_exists():
    for preset in presets.PRESETS.values():
        assert {tasks.base(name) for name in preset.tasks} <= {*tasks.names(), "all"}
        for name in preset.strategies or ():
            strategies.get(name)


def test_cells_are_tasks_by_strategies_by_variants():
    made = build(
        *("--strategies", "sum pcgrad", "--tasks", "two_digits,shortcut", "--xla", "both"),
        *("--no-references", "--no-curves", "--tune", "0"),
    )
    assert len(made.cells) == 8
    assert {cell.xla for cell in made.cells} == {False, True}
    assert made.content["cells"] == [cell.key for cell in made.cells]
    assert build("--strategies", "sum,sum").content["strategies"] == ["sum"]


def test_options_override_the_preset_and_the_task():
    cell = build("--strategies", "sum", "--tasks", "shortcut").cells[0]
    assert (cell.steps, cell.batch_size, cell.optimizer) == (3000, 64, "adam")
    cell = build(
        *("--strategies", "sum", "--tasks", "shortcut", "--steps", "7", "--seeds", "2"),
        *("--batch-size", "16", "--learning-rate", "0.1"),
    ).cells[0]
    assert (cell.steps, cell.seeds, cell.batch_size, cell.learning_rate) == (7, (0, 1), 16, 0.1)


def hinted(call, task):
    return hand_weights.with_hints(strategies.get(call), tasks.get(task)).weights


def test_strategies_that_take_weights_are_given_the_tasks():
    assert hinted("weighted", "two_digits") == (0.8, 0.2)
    assert hinted("weighted(weights=(1, 2))", "two_digits") == (1, 2)
    wrapped = hand_weights.with_hints(
        strategies.get("clipped(of='weighted')"), tasks.get("two_digits")
    )
    assert wrapped.inner.weights == (0.8, 0.2)
    pcgrad = strategies.get("pcgrad")
    assert hand_weights.with_hints(pcgrad, tasks.get("two_digits")) is pcgrad


def test_the_weight_of_a_nuisance_is_applied_once():
    assert hinted("weighted", "shortcut") == (1.0, 1.0), "the engine applies sign and weight"
    assert hinted("subtraction", "shortcut") == (1.0, 0.1), "it puts the sign itself"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--preset", "quik"), "did you mean quick"),
        (("--strategies", "pcgard"), "did you mean pcgrad"),
        (("--tasks", "two_digit"), "did you mean two_digits"),
        (("--strategies", "cagrad(d=1)"), "has no hyperparameter 'd'"),
        (("--strategies", "cagrad(c=-1)"), "c is a finite number"),
        (("--strategies", "cagrad(c="), "expected name(key=value"),
        (("--devices", "tpu"), "one of cpu, gpu"),
        (("--xla", "maybe"), "one of off, on, both"),
        (("--engine", "cloud"), "one of local"),
        (("--heads", "all"), "one of own, weighted"),
        (("--seeds", "0"), "at least 1"),
        (("--steps", "many"), "at least 1"),
        (("--learning-rate", "nan"), "above 0"),
        (("--tasks", "missing.py"), "no task file"),
        (("--tune", "-1"), "at least 1"),
        (("--scale", "right"), "expected head=factor"),
        (("--scale", "right=0"), "finite factor above 0"),
        (("--scale", "lefty=2"), "did you mean left"),
        (("--optimizer", "sdg"), "did you mean sgd"),
        (("--tasks", "units", "--optimizer", "sgd"), "no learning rate for sgd"),
    ],
)
def test_a_bad_choice_is_one_line_that_helps(arguments, message):
    with pytest.raises(ValueError, match=r".") as caught:
        build(*arguments)
    text = str(caught.value)
    assert message in text
    assert "\n" not in text


def write(folder, name, text):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    os.utime(path, ns=(0, hash(text) & 0xFFFFFFFF))
    return path


def test_the_fingerprint_follows_relative_imports_and_ignores_comments(tmp_path):
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


def test_the_fingerprint_follows_imports_of_our_own_package(tmp_path):
    alone = write(tmp_path, "alone.py", "x = 1\n")
    ours = write(tmp_path, "ours.py", "from lossbench.strategies.core import Noise\n")
    read = code_hash._read(ours, tmp_path, 0)[1]
    assert any(path.parts[-3:] == ("strategies", "core", "__init__.py") for path in read)
    assert code_hash.of([(alone, tmp_path)]) != code_hash.of([(ours, tmp_path)])


def test_every_cell_depends_on_the_engine_and_on_its_own_files():
    arguments = ("--strategies", "sum,mean", "--tasks", "two_digits,shortcut", "--no-references")
    cells = build(*arguments, "--no-curves").cells
    assert len({cell.code for cell in cells}) == 4


def test_times_are_written_for_people():
    assert [clock(s) for s in (0.4, 59.4, 60, 3599, 3725)] == [
        "0 s",
        "59 s",
        "1:00 min",
        "59:59 min",
        "1:02:05 h",
    ]
