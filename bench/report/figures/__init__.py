"""The figures of the report: one or two in each file, all in one list."""

from .conflict import CONFLICT
from .cost import COST
from .differences import DIFFERENCES
from .exhibit import FigureExhibit
from .leaderboard import LEADERBOARD
from .learning_curves import LEARNING_CURVES
from .overview import OVERVIEW
from .profile import PROFILE
from .quality_by_time import QUALITY_BY_TIME
from .scaling import SCALING
from .stability import STABILITY
from .trade_off import TRADE_OFF
from .tuning import BEST_OF_K, TUNING

# In the order of the page and of the terminal's list. A further figure is a file and a line here.
FIGURES: list[FigureExhibit] = [
    LEADERBOARD,
    PROFILE,
    OVERVIEW,
    DIFFERENCES,
    LEARNING_CURVES,
    TRADE_OFF,
    STABILITY,
    CONFLICT,
    TUNING,
    BEST_OF_K,
    COST,
    SCALING,
    QUALITY_BY_TIME,
]
