"""`shortcut` where nobody knows of the mark: the validation split agrees with it too."""

from __future__ import annotations

import dataclasses
from functools import partial

from . import shortcut

task = dataclasses.replace(
    shortcut.task,
    summary="The same where validation agrees with the mark: what tuning makes of unlearning.",
    heads=shortcut.heads(probe_chance=0.1114),
    data=partial(shortcut.data, agreeing=("train", "validation")),
)
