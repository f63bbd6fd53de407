"""The tables of the report: one in each file, all in one list."""

from .conflict import CONFLICT
from .cost import COST
from .exhibit import TableExhibit
from .failures import FAILURES
from .leaderboard import LEADERBOARD
from .overall import OVERALL
from .single_task import SINGLE_TASK
from .stability import STABILITY, STABILITY_OF_ALL
from .static_weights import STATIC_WEIGHTS, STATIC_WEIGHTS_OF_ALL
from .task import TASK
from .training_time import TRAINING_TIME
from .tuning import TUNING, TUNING_OF_ALL
from .tuning_effect import TUNING_EFFECT

# In the order of the page and of the terminal's list. A further table is a file and a line here.
TABLES: list[TableExhibit] = [
    LEADERBOARD,
    OVERALL,
    TASK,
    STABILITY,
    STATIC_WEIGHTS,
    TUNING,
    COST,
    TRAINING_TIME,
    FAILURES,
    SINGLE_TASK,
    TUNING_EFFECT,
    TUNING_OF_ALL,
    STABILITY_OF_ALL,
    STATIC_WEIGHTS_OF_ALL,
    CONFLICT,
]
