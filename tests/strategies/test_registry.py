"""Strategies by name, by call, by file, and what is said when there is none."""

from __future__ import annotations

import ast
import inspect
import math
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import lossbench.strategies
from lossbench.strategies import Range, Strategy, combine, get, names
from lossbench.strategies.core.conformance import check
from lossbench.strategies.core.registry import label, parse_call

FOLDER = Path(lossbench.strategies.__file__).parent
PUBLISHED = """
    sum mean subtraction normalized_subtraction clipped_subtraction margin_subtraction
    weighted separate_gradients masked subset split clipped clipped_per_loss uw uw_revised
    uw_so gradnorm famo pcgrad mgda cagrad nash_mtl fairgrad upgrad dualproj aligned_mtl
    imtl_g imtl_l dwa gls si rlw stch max config relobralo softadapt lr_annealing db_mtl cov
    gradvac graddrop
"""
FAULTS = (math.nan, math.inf, -math.inf, "one", True)


def test_the_published_names_are_there():
    assert set(PUBLISHED.split()) <= set(names())
    assert list(names()) == sorted(names())


@pytest.mark.parametrize("name", names())
def test_one_file_one_strategy(name):
    strategy = get(name)
    assert isinstance(strategy, Strategy)
    assert strategy.name == name
    lines = Path(inspect.getfile(type(strategy))).read_text().splitlines()
    assert len(lines) <= 110, "a strategy is a formula and little else"


@pytest.mark.parametrize("name", names())
def test_hyperparameters_that_are_no_numbers_are_refused(name):
    strategy = get(name)
    for key, space in strategy.search_space.items():
        assert 0 < space.high > space.low
        if isinstance(space, Range):
            assert space.low <= getattr(strategy, key) <= space.high, f"the default of {key}"
        else:
            assert space.low < 1 < space.high, f"the factors of {key} leave it as it is"
        for fault in FAULTS:
            with pytest.raises(ValueError, match=rf"{name}: {key} is .*; got"):
                get(name, **{key: fault})


@pytest.mark.parametrize("name", names())
def test_a_label_makes_the_strategy_again(name):
    strategy = get(name, rescale="mean_norm")
    assert label(strategy) == f"{name}(rescale='mean_norm')"
    assert get(label(strategy)) == strategy


def test_a_label_holds_the_strategy_inside():
    nested = get("clipped", of=get("weighted", weights=(1.0, 0.5)), max_norm=2.0)
    assert label(nested) == "clipped(of='weighted(weights=(1.0, 0.5))', max_norm=2.0)"
    assert get(label(nested)).inner == nested.inner


@pytest.mark.parametrize("fault", [(1.0, math.nan), (math.inf,), (), 1.0, "12", (None, 1.0)])
@pytest.mark.parametrize(
    ("name", "key"),
    [("weighted", "weights"), ("stch", "preference"), ("famo", "lower"), ("masked", "mask")],
)
def test_weights_that_are_no_finite_numbers_are_refused(name, key, fault):
    with pytest.raises(ValueError, match=f"{name}: {key} is .*finite numbers.*; got"):
        get(name, **{key: fault})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("pcgradd", r"no strategy called 'pcgradd' \(did you mean pcgrad\?\)"),
        ("qqqq", "no strategy called 'qqqq'; `lossbench list strategies` shows all"),
        ("__init__", "no strategy called '__init__'"),
        ("n" * 5000, "no strategy called 'nnn"),
        ("n" * 5000 + ".py", "no strategy file"),
        ("core", "no strategy called 'core'"),
        ("weighted(wieghts=(1, 2))", r"no hyperparameter 'wieghts' \(did you mean weights\?\)"),
        ("weighted(1, 2)", r"expected name\(key=value, ...\)"),
        ("weighted(weights=[1, 2)", "can't read"),
        ("weighted(weights=open('x'))", "can't read"),
        ("weighted(weights=(1, 'a'))", "finite numbers"),
        ("sum(rescale='twice')", "rescale is one of none, sum_to_k, mean_norm; got 'twice'"),
        ("clipped(of='summ')", r"did you mean sum"),
        ("clipped(of=3)", "of is a strategy, its name or its call"),
        ("clipped(of=\"mean(rescale='sum_to_k')\", rescale='mean_norm')", "rescale is set twice"),
        ("dwa(window=2.5)", "whole number of steps"),
        ("split(shared=-1)", "index of a loss"),
        ("masked(mask=(1, 2))", "mask holds 0 and 1"),
        ("subset(losses=3)", "indices of losses"),
        ("softadapt(variant='other')", "one of original, normalized, loss_weighted"),
        ("lr_annealing(statistic='mean')", "one of max_over_mean, mean_over_mean"),
        ("no/such/file.py", "no strategy file"),
    ],
)
def test_bad_calls(call, message):
    with pytest.raises(ValueError, match=message):
        get(call)


def test_parse_call():
    assert parse_call(" cagrad(c=0.4, rescale='none') ") == (
        "cagrad",
        {"c": 0.4, "rescale": "none"},
    )
    assert parse_call("sum") == ("sum", {})


def write(folder: Path, name: str, text: str) -> str:
    path = folder / f"{name}.py"
    path.write_text(textwrap.dedent(text))
    return str(path)


GOOD = """
    import tensorflow as tf
    from lossbench.strategies import LossStrategy

    class Twice(LossStrategy):
        factor: float = 2.0

        def objective(self, losses, state):
            return self.factor * tf.reduce_sum(losses), state
"""


def test_a_strategy_from_a_file(tmp_path):
    path = write(tmp_path, "plugged_in", GOOD)
    strategy = get(f"{path}:Twice", factor=3.0)
    assert strategy.name == "plugged_in"
    assert combine(strategy, [[1.0], [2.0]]).direction.numpy().tolist() == [9.0]
    assert get(path) == get(f"{path}:Twice")
    check(strategy, 2)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("broken_syntax", "def f(:", "does not import: SyntaxError"),
        ("broken_import", "import no_such_module_anywhere", "does not import: ModuleNotFound"),
        ("empty_file", "x = 1", "expected one strategy, found none"),
        ("sum", GOOD, "'sum' is taken; rename the file"),
        ("two_in_one", GOOD + GOOD.replace("Twice", "Thrice"), "found Twice, Thrice; add :NAME"),
    ],
)
def test_broken_files(tmp_path, name, text, message):
    with pytest.raises(ValueError, match=message):
        get(write(tmp_path, name, text))


FAULTY = {
    "grows": ("return tf.reduce_sum(losses), tf.zeros((2,))", "the state that objective returns"),
    "vector": (
        "return losses, state",
        r"objective is expected as float32 of shape \(\); got .* shape \(2,\)",
    ),
    "no_pair": ("return tf.reduce_sum(losses)", "objective returns a pair"),
    "python": ("return (losses[0] if losses[0] > 1 else losses[1]), state", "can't be traced"),
    "random": ("return tf.reduce_sum(losses) * tf.random.uniform(()), state", "RandomUniform"),
    "single": (
        "return tf.reduce_sum(losses) * tf.constant(2.0, tf.float32), state",
        "can't be traced for 2 losses",
    ),
    "infinite": ("return tf.reduce_sum(losses) / 0.0, state", "finite for ordinary input"),
    "callback": (
        "return tf.numpy_function(lambda x: x.sum(), [losses], losses.dtype), state",
        "PyFunc|objective is expected",
    ),
    "forgotten": ("raise NotImplementedError", "can't be traced.*NotImplementedError"),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_the_check_finds_a_broken_contract(tmp_path, fault):
    body, message = FAULTY[fault]
    text = GOOD.replace("return self.factor * tf.reduce_sum(losses), state", body)
    strategy = get(write(tmp_path, f"faulty_{fault}", text))
    with pytest.raises(ValueError, match=message) as caught:
        check(strategy, 2)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"faulty_{fault}")


def test_files_evaluate_no_tensorflow_when_imported():
    """The command line lists strategies with a TensorFlow that is not loaded."""
    code = """
        import importlib, sys, types
        class Untouchable(types.ModuleType):
            def __getattr__(self, name):
                raise AssertionError(f"tensorflow.{name} is evaluated at import")
        sys.modules["tensorflow"] = Untouchable("tensorflow")
        from lossbench.strategies import get, names
        for name in names():
            strategy = get(name)
            strategy.cost, strategy.contract, strategy.promises, strategy.reference
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-800:]


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: path.stem)
def test_strategies_know_nothing_of_the_benchmark(path):
    for node in ast.walk(ast.parse(path.read_text())):
        module = getattr(node, "module", None) or ""
        imported = [module] + [alias.name for alias in getattr(node, "names", [])]
        assert not any("bench" in str(item) or "datasets" in str(item) for item in imported)
