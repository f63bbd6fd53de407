"""What to use, by situation: the first screen of the report.

Of several that can't be told from the best one, the cheapest: of equals nobody wants the slower.
"""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from ....datasets.core.situations import SITUATIONS
from ...text.numbers import number
from ...text.words import enumerate_
from ..analysis.comparison import Comparison
from ..analysis.leaderboard import Leaderboard
from ..analysis.verdicts import BETTER, MIXED

_NAMED = 4  # strategies beside the one to use
ALIKE = 1.1  # times of a step between which nobody chooses
DEAR = 1.5  # of K backward passes over one, two losses, where nothing was timed


class Advice(NamedTuple):
    """What to use where: the situation, what it is, its tasks, the strategy, and why."""

    situation: str
    what: str
    tasks: list[str]
    name: str
    words: str


def advice(comparison: Comparison) -> list[Advice]:
    """For each situation of the study what to use, and last what to use without looking.

    Empty where the tasks have no situations or no normalised scores.
    """
    found = []
    for situation, leaderboard in comparison.by_situation.items():
        tasks = [t for t, s in comparison.study.situations.items() if s == situation]
        use = _use(comparison, leaderboard)
        found.append(Advice(situation, SITUATIONS.get(situation, situation), tasks, *use))
    if len(found) > 1 and comparison.leaderboard is not None:
        use = _without_looking(comparison, comparison.leaderboard)
        found.append(Advice("any", "one strategy for all of these", comparison.study.tasks, *use))
    return found


def _use(comparison: Comparison, leaderboard: Leaderboard) -> tuple[str, str]:
    baseline, table = leaderboard.baseline, leaderboard.table
    others = table.drop(index=baseline)
    others = others[others["tasks"] == table.at[baseline, "tasks"]]  # what has run on all of them
    better = others[others["verdict"] == BETTER].sort_values("difference", ascending=False)
    mixed = others[others["verdict"] == MIXED].sort_values("difference", ascending=False)
    also = ""
    if len(mixed):
        names = [f"{label} {_points(row)}" for label, row in mixed.iterrows()]
        also = f" Better on some of its tasks and worse on others: {enumerate_(names, most=3)}."
    if better.empty:
        return baseline, f"none of {len(others)} others is shown to be better.{also}"
    level = better[better["difference_high"] >= better.iloc[0]["difference_low"]]
    name = _cheapest(comparison, level)
    use, level = level.loc[name], level.drop(index=name)
    words = f"{_points(use)} to {baseline}{_worst(use)}{_cost(comparison, name)}."
    if len(level):
        names = [f"{label} {_points(row)}" for label, row in level.iterrows()]
        words += f" Not told from it: {enumerate_(names, most=_NAMED)}."
    return name, words + also


def _without_looking(comparison: Comparison, leaderboard: Leaderboard) -> tuple[str, str]:
    """The cheapest of the best mean differences among those that lose next to nothing anywhere."""
    baseline, rope = leaderboard.baseline, leaderboard.rope
    others = leaderboard.table.drop(index=baseline)
    others = others[others["tasks"] == leaderboard.table.at[baseline, "tasks"]]
    safe = others[(others["worst"] >= -rope) & (others["verdict"] == BETTER)]
    if safe.empty:
        return baseline, (
            "every strategy that is shown to gain over all of them loses more than "
            f"{100 * rope:g} points on one."
        )
    safe = safe.sort_values("difference", ascending=False)
    name = _cheapest(comparison, safe[safe["difference_high"] >= safe.iloc[0]["difference_low"]])
    words = f"{_points(safe.loc[name])} to {baseline}{_worst(safe.loc[name])}"
    return name, f"{words}{_cost(comparison, name)}."


def _cheapest(comparison: Comparison, level: pd.DataFrame) -> str:
    """The first of those whose step takes hardly longer than that of the fastest."""
    times = {str(label): _time(comparison, str(label)) for label in level.index}
    most = ALIKE * min(times.values())
    return next(label for label, time in times.items() if time <= most)


def _points(row: pd.Series) -> str:
    values = [row[f"difference{end}"] for end in ("", "_low", "_high")]
    mean, low, high = (number(100 * value, 1, signed=True) for value in values)
    return f"{mean} points [{low}, {high}]"


def _worst(row: pd.Series) -> str:
    if row["tasks"] < 2:
        return ""
    return f", at worst {number(100 * row['worst'], 1, signed=True)} on {row['worst_task']}"


def _time(comparison: Comparison, label: str) -> float:
    """The time of a step over that of the baseline, as measured; else of its backward passes."""
    ratio = _ratio(comparison, label)
    if ratio is not None:
        return ratio
    cost = comparison.overall["cost"].get(label)
    return DEAR if isinstance(cost, str) and not cost.startswith("1 ") else 1.0


def _ratio(comparison: Comparison, label: str) -> float | None:
    """As `lossbench time` measured it without XLA, if it did."""
    times = comparison.step_times
    if times is None:
        return None
    ratios = times.loc[(times["label"] == label) & (times["xla"] == "off"), "ratio"].dropna()
    return float(ratios.median()) if len(ratios) else None


def _cost(comparison: Comparison, label: str) -> str:
    """What a step takes, in words."""
    ratio = _ratio(comparison, label)
    if ratio is not None:
        return f", a step takes {ratio:.1f} times as long"
    cost = comparison.overall["cost"].get(label)
    return f", {cost} a step" if isinstance(cost, str) else ""
