"""A results folder, checked and in memory."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from . import folder, missing
from .budget import at_budget, chosen_budget
from .constant_weights import with_best
from .criterion import scored
from .folder import RERUN, StudyError
from .splits import joined
from .study import Study

__all__ = ["Study", "StudyError", "read"]


def read(directory: Path) -> Study:
    """Reads a results folder at its plan's tuning budget, the untuned runs beside it.

    What a stopped run left in `cells/` is collected first.

    Raises:
        StudyError: no folder, no plan, no table, no rows, or one of another version.
    """
    directory = Path(directory)
    if not directory.is_dir():
        raise StudyError(f"{directory} is no folder: {RERUN}")
    plan = folder.plan(directory)
    environment = folder.environment(directory)
    notes = folder.collect(directory)
    runs, odd = folder.runs(directory, plan)
    trials, odd_trials = folder.trials(directory, plan)
    plan, runs, trials = joined(plan, runs, trials)
    runs = scored(runs, plan["tasks"])
    notes += [*odd, *odd_trials]
    if environment is None:
        notes.append("There is no env.json: where this ran is not known.")
    about = Study(directory, plan, environment or {}, runs, runs[:0], runs[:0], trials)
    budget = chosen_budget(runs, plan)
    study = at_budget(about, budget)
    if study.runs.empty:
        raise StudyError(
            f"{directory} has runs of single tasks or static weights, none of a strategy: {RERUN}"
        )
    if budget and (runs["budget"] == 0).any():
        # Trials and static weights belong to the tuned runs.
        untuned = dataclasses.replace(
            at_budget(about, 0), trials=trials[:0], static_weights=runs[:0]
        )
        study = dataclasses.replace(study, untuned=None if untuned.runs.empty else untuned)
    study = dataclasses.replace(study, notes=(*notes, *missing.notes(study)))
    return with_best(study)
