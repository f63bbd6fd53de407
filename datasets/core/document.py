"""`datasets/TASKS.md`, written from the task objects and their data.

    python -m lossbench.datasets.core.document

A test compares the page with what this writes, so it is never out of date.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf

from . import packaged, samples
from .data import load
from .loader import default_data_dir
from .situations import SITUATIONS
from .task import Head, Metric, Task

if TYPE_CHECKING:
    from .task import Splits

HERE = packaged.HERE
PAGE = HERE / "TASKS.md"
EXAMPLES = 32  # enough to see which losses reach which variables
INTRODUCTION = """\
# Tasks, one by one

Written by `python -m lossbench.datasets.core.document` from the task objects; do not edit.
[README.md](README.md) says what the kinds of heads are, where data come from, and how to add a
task.

*Chance* is what the best constant of the training split scores on the test split, *perfect* what
the truth would. The main metric is bold. *Judged* are the metrics by which tuning selects, on the
validation split. *Variables* counts the trainable numbers of each group of variables that the same
losses reach.
"""


def tasks() -> dict[str, Task]:
    """All tasks of the folder by name, sorted."""
    root = str(__package__).rpartition(".")[0]
    found = {}
    for path in sorted(HERE.glob("[!_]*.py")):
        module = importlib.import_module(f"{root}.{path.stem}")
        (found[path.stem],) = (item for item in vars(module).values() if isinstance(item, Task))
    return found


def page(folder: Path) -> str:
    """The whole page. Packaged data are prepared in the folder; nothing is asked of the network."""
    sections = [section(name, task, folder) for name, task in tasks().items()]
    return "\n".join([INTRODUCTION, *sections])


def section(name: str, task: Task, folder: Path) -> str:
    """One task: question, data, model, heads and metrics, defaults, a picture."""
    splits = None if task.networked else load(task, folder)
    keras.utils.set_random_seed(0)
    model = task.model()
    low, high = task.searched_rates
    rates = f"Adam at {task.learning_rate:g}"
    if task.sgd_learning_rate is not None:
        rates += f", as `[sgd]` at {task.sgd_learning_rate:g} with momentum 0.9"
    facts = {
        "Situation": f"{task.situation}: {SITUATIONS[task.situation]}",
        "From": task.source,
        "Data": _data(task, splits),
        "Model": f"{model.count_params():,} trainable numbers",
        "Variables": _listed(
            f"{group} {count:,}" for group, count in _groups(task, model, splits).items()
        ),
        "Run": f"{task.steps} steps of {task.batch_size}; {rates}; tuning searches "
        f"{low:g} to {high:g}",
        "Judged": _listed(f"`{column}`" for column in task.judged),
        "Variations": _listed(f"`{name}[{variation}]`" for variation in task.variations),
    }
    picture = samples.path(name)
    lines = [f"## `{name}`", "", task.summary, ""]
    if name in samples.PICTURES:
        lines += [
            f"![{samples.PICTURES[name].caption}]({picture.relative_to(HERE).as_posix()})",
            "",
            f"{samples.PICTURES[name].caption}.",
            "",
        ]
    lines += [f"- {key}: {value}" for key, value in facts.items() if value]
    lines += ["", *_heads(task), ""]
    return "\n".join(lines)


def write(folder: Path) -> None:
    """The page and its pictures, in the folder of the tasks."""
    samples.write({name: load(tasks()[name], folder) for name in samples.PICTURES})
    PAGE.write_text(page(folder))


def _data(task: Task, splits: Splits | None) -> str:
    if not task.dataset:
        return "none"
    if splits is None:
        return f"`{task.dataset}`, fetched over the network once (sizes in README.md)"
    sizes = ", ".join(f"{len(arrays['x'])} {split}" for split, arrays in splits.items())
    inputs = np.prod(splits["train"]["x"].shape[1:])
    about = f"[`{task.dataset}`]({task.dataset.partition('/')[0]}/README.md)"
    return f"{about}, licence: {packaged.licence(task.dataset)}; {sizes}; {inputs} inputs"


def _groups(task: Task, model: keras.Model, splits: Splits | None) -> dict[str, int]:
    """Numbers in each group of variables that the same losses reach."""
    variables = [variable.value for variable in model.trainable_variables]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(variables)
        if splits is None:  # the output of a head has its name
            outputs = model(tf.zeros((1, *model.input_shape[1:])))
            losses = [tf.reduce_sum(outputs[head.name]) for head in task.heads]
        else:
            batch = {key: tf.constant(v[:EXAMPLES]) for key, v in splits["train"].items()}
            outputs = model(batch["x"])
            losses = [tf.reduce_mean(head.loss(outputs, batch)) for head in task.heads]
    reached = [tape.gradient(loss, variables) for loss in losses]
    groups: dict[str, int] = {}
    for i, variable in enumerate(variables):
        heads = [h.name for h, row in zip(task.heads, reached, strict=True) if row[i] is not None]
        name = "shared by all" if len(heads) == len(task.heads) else " and ".join(heads) + " only"
        groups[name] = groups.get(name, 0) + int(np.prod(variable.shape))
    own = [name for name in groups if name.endswith(" only")]
    if len(own) > 10:  # the same for each
        (count,) = {groups[name] for name in own}
        return {"shared by all": groups["shared by all"], "each head alone": count}
    return groups


def _heads(task: Task) -> list[str]:
    rows: list[tuple[str, ...]] = [
        ("head", "kind", "weight", "metric", "better", "chance", "perfect")
    ]
    same = [head for head in task.heads if len(task.heads) > 10 and len(head.metrics) == 1]
    for head in task.heads:
        if head in same[1:]:
            continue
        for k, metric in enumerate(head.metrics or (None,)):
            first = ("", "", "")
            if k == 0:
                more = f" and {len(same) - 1} more" if head in same else ""
                first = (f"{head.name}{more}", head.kind, f"{head.weight:g}")
            rows.append((*first, *_metric(task, head, metric)))
    return [
        "| " + " | ".join(row) + " |" + ("\n|" + "---|" * len(row) if row is rows[0] else "")
        for row in rows
    ]


def _metric(task: Task, head: Head, metric: Metric | None) -> Sequence[str]:
    if metric is None:
        return ("", "", "", "")
    name = metric.name + (f" (fitted on {metric.fitted_on})" if metric.fitted_on else "")
    return (
        f"**{name}**" if f"{head.name}/{metric.name}" == task.primary else name,
        "higher" if metric.higher_is_better else "lower",
        "unknown" if metric.chance is None else f"{metric.chance:.4g}",
        "" if metric.perfect is None else f"{metric.perfect:g}",
    )


def _listed(items: Iterable[str]) -> str:
    return ", ".join(items)


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else default_data_dir())
