"""Tasks of an invented study, as its plan describes them."""

from __future__ import annotations

from lossbench.bench.plan import single_task

ABOUT = {
    "dataset": "none",
    "batch_size": 64,
    "learning_rate": 5e-3,
    "learning_rates": [5e-4, 5e-2],
    "optimizer": "adam",
}
TWO_HEADS = {
    "summary": "Invented: two heads that pull against each other",
    "source": "random numbers of the tests",
    "primary": "left/accuracy",
    "steps": 1500,
    "metrics": {
        "left/accuracy": {"higher_is_better": True, "chance": 0.1},
        "right/accuracy": {"higher_is_better": True, "chance": 0.1},
    },
    "heads": [
        {"name": "left", "kind": "task", "weight": 0.8},
        {"name": "right", "kind": "task", "weight": 0.2},
    ],
}
THREE_HEADS = {
    **TWO_HEADS,
    "metrics": {
        f"{head}/accuracy": {"higher_is_better": True, "chance": 0.1}
        for head in ("left", "right", "third")
    },
    "heads": [{"name": name, "kind": "task", "weight": 1.0} for name in ("left", "right", "third")],
}
ERROR = {
    "summary": "Invented: a reconstruction error, lower is better",
    "source": "random numbers of the tests",
    "primary": "image/mse",
    "steps": 1500,
    "metrics": {"image/mse": {"higher_is_better": False, "chance": 0.06}},
    "heads": [
        {"name": "image", "kind": "task", "weight": 1.0},
        {"name": "sparsity", "kind": "regulariser", "weight": 1e-3},
    ],
}


def heads_of(about: dict) -> list[dict]:
    """What a result stores of a task's heads, from what the plan says of it."""
    combined = [head for head in about["heads"] if head["kind"] != "regulariser"]
    found = []
    for k, head in enumerate(combined):
        name = next(name for name in about["metrics"] if name.startswith(head["name"] + "/"))
        metric = about["metrics"][name]
        found.append(
            {
                "name": head["name"],
                "metric": f"metric/{name}/test",
                "single_task": single_task.label(k, len(combined)),
                **metric,
            }
        )
    return found
