"""Imports between the rooms of the house point one way; the order stands in CONTRIBUTING.md.

Files are read with `ast`: an import within a function or under TYPE_CHECKING counts like any other.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("strategies", "datasets", "bench")
BENCH = "lossbench.bench"
PUBLIC = "api"  # the room of the calls from Python: of the `__init__.py` of bench and lossbench too
MOST_LINES = 250

# Files of bench that share a name, and why that is no second meaning.
SAME_TOPIC = {
    "single_task": "planned and analysed",
    "static_weights": "planned, analysed and tabulated",
    "stability": "recorded in training, analysed, tabulated and drawn",
    "leaderboard": "analysed, tabulated and drawn",
    "tuning": "trained, analysed, tabulated and drawn",
    "tuning_effect": "analysed and tabulated",
    "training_time": "analysed and tabulated",
    "learning_curves": "analysed and drawn",
    "overall": "analysed and tabulated",
    "exhibit": "of both kinds, of tables and of figures",
    "cost": "analysed, tabulated and drawn",
    "conflict": "analysed and drawn",
    "task": "analysed and tabulated",
    "axis": "asked for, analysed, drawn and written",
    "scaling": "timed and drawn",
    "worker": "the process of a training and of a timing",
    "write": "tables and figures to a folder",
    "report": "the folder, and the command that makes one",
    # A folder and the file in it that the folder is named for.
    "plan": "the plan",
    "store": "the store",
    "page": "the page",
    "analysis": "of timings and of runs",
}


def modules(root: Path) -> dict[str, Path]:
    """{"lossbench.bench.plan.cell": its file}; a package is its `__init__.py`."""
    files = [*root.glob("__init__.py")]
    files += [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]
    names = [("lossbench", *path.relative_to(root).with_suffix("").parts) for path in files]
    return {
        ".".join(name).removesuffix(".__init__"): path
        for name, path in zip(names, files, strict=True)
    }


def imports(root: Path) -> dict[str, set[str]]:
    """{module: modules of ours that it imports}."""
    known = modules(root)
    return {
        name: {
            found
            for node in ast.walk(ast.parse(path.read_text()))
            for found in _imported(node, name, path.name == "__init__.py", known)
        }
        for name, path in known.items()
    }


def _imported(
    node: ast.AST, name: str, is_package: bool, known: Mapping[str, Path]
) -> Iterator[str]:
    if isinstance(node, ast.Import):
        targets = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        parts = [node.module] if node.module else []
        if node.level:
            up = node.level - is_package
            parts = [*name.split(".")[: -up or None], *parts]
        targets = [".".join([*parts, alias.name]) for alias in node.names]
    else:
        return
    for target in targets:
        while target and target not in known:  # a name in a module, or somebody else's module
            target = target.rpartition(".")[0]
        if target and target != name:
            yield target


def order(text: str) -> dict[str, int]:
    """{room: step} of the table of rooms: its rows are "| 3 | `store` | ... |"."""
    return {room: int(step) for step, room in re.findall(r"^\| (\d+) \| `([\w.]+)` \|", text, re.M)}


def room(module: str, steps: Mapping[str, int]) -> str:
    """The room of a module of bench, "" without one: the longest that its name begins with."""
    if module in ("lossbench", BENCH):
        return PUBLIC
    inside = module.removeprefix(f"{BENCH}.") + "."
    return max((room for room in steps if inside.startswith(f"{room}.")), key=len, default="")


def upward(imported: Mapping[str, set[str]], steps: Mapping[str, int]) -> list[str]:
    """Imports from a room of bench into another one that is no earlier step, and the homeless."""
    ours = [name for name in imported if name.startswith(BENCH) or name == "lossbench"]
    faults = [f"{name} has no room" for name in ours if not room(name, steps)]
    for name in ours:
        here = room(name, steps)
        for target in sorted(imported[name].intersection(ours)):
            there = room(target, steps)
            if here and there and here != there and steps[there] >= steps[here]:
                faults.append(f"{name} -> {target}")
    return faults


def leaving(imported: Mapping[str, set[str]]) -> list[str]:
    """Imports of strategies and datasets from outside themselves."""
    return [
        f"{name} -> {target}"
        for name, targets in imported.items()
        for target in sorted(targets)
        if name.startswith(("lossbench.strategies", "lossbench.datasets"))
        and target.split(".")[:2] != name.split(".")[:2]
    ]


def circles(imported: Mapping[str, set[str]]) -> list[str]:
    """Modules that import one another, directly or through others: "a, b"."""
    reached = {name: set(targets) for name, targets in imported.items()}
    for middle in imported:
        for targets in reached.values():
            if middle in targets:
                targets |= reached[middle]
    groups = {
        tuple(other for other in sorted(reached[name]) if name in reached[other])
        for name in imported
        if name in reached[name]
    }
    return [", ".join(group) for group in sorted(groups)]


def namesakes(imported: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """{last part of a name: the modules of bench that share it}."""
    found = defaultdict(list)
    for name in imported:
        if name.startswith(f"{BENCH}."):
            found[name.rpartition(".")[2]].append(name)
    return {word: names for word, names in found.items() if len(names) > 1}


IMPORTS = imports(ROOT)
STEPS = order((ROOT / "CONTRIBUTING.md").read_text())


def test_no_import_points_upward():
    assert not (faults := upward(IMPORTS, STEPS)), "\n".join(faults)


def test_every_room_of_the_table_is_there():
    homes = {room(name, STEPS) for name in IMPORTS}
    assert [name for name in STEPS if name not in homes] == []


def test_no_modules_import_one_another():
    assert not (faults := circles(IMPORTS)), "\n".join(faults)


def test_strategies_and_datasets_stand_alone():
    assert not (faults := leaving(IMPORTS)), "\n".join(faults)


def test_no_name_has_two_meanings():
    assert {
        word: names for word, names in namesakes(IMPORTS).items() if word not in SAME_TOPIC
    } == {}
    assert set(SAME_TOPIC) <= set(namesakes(IMPORTS)), "no longer shared: take it off the list"


def test_files_can_be_read_in_one_go():
    texts = [*modules(ROOT).values(), *(ROOT / "bench").rglob("templates/*.*")]
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in texts}
    assert {path: count for path, count in lines.items() if count > MOST_LINES} == {}


def test_what_breaks_a_rule_is_found(tmp_path):
    tree = {
        "bench/__init__.py": "",
        "bench/api.py": "from . import loft",
        "bench/cellar/__init__.py": "",
        "bench/cellar/wine.py": "def open():\n    from ..loft.roof import tile",
        "bench/cellar/coal.py": "from ..hall import door\nfrom ...datasets import mnist",
        "bench/hall.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
        "    from .cellar import coal",
        "bench/loft/__init__.py": "import json\nfrom .. import hall",
        "bench/loft/roof.py": "from . import wine\nimport lossbench.bench.cellar.wine",
        "bench/loft/wine.py": "from .roof import tile",
        "bench/shed.py": "from lossbench.bench import api",
        "datasets/mnist.py": "from ..bench.cellar.coal import sack",
        "strategies/sum.py": "from . import mean\nimport datasets",
        "strategies/mean.py": "",
    }
    for path, text in tree.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    imported = imports(tmp_path)
    steps = order("| 1 | `cellar` | a |\n| 2 | `hall` | b |\n| 2 | `loft` | c |\n| 9 | `api` | d |")
    assert upward(imported, steps) == [
        "lossbench.bench.shed has no room",
        "lossbench.bench.cellar.coal -> lossbench.bench.hall",
        "lossbench.bench.cellar.wine -> lossbench.bench.loft.roof",
        "lossbench.bench.loft -> lossbench.bench.hall",  # of one step
    ]
    assert leaving(imported) == ["lossbench.datasets.mnist -> lossbench.bench.cellar.coal"]
    assert circles(imported) == [
        "lossbench.bench.cellar.coal, lossbench.bench.hall, lossbench.datasets.mnist",
        "lossbench.bench.cellar.wine, lossbench.bench.loft.roof, lossbench.bench.loft.wine",
    ]
    assert list(namesakes(imported)) == ["wine"]
