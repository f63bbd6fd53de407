"""Two quadratics in the plane: the simplest conflict, and a front that is a segment."""

from .core.analytic import problem
from .core.quadratics import first, front, second

task = problem(
    summary="Two quadratics of a point in the plane: which point of their segment is chosen.",
    source="textbook bi-objective problem (Schaffer), in two variables",
    objectives=(first, second),
    front=front,
    start=((-2, 2), (1, 2)),
    steps=1000,
    learning_rate=0.02,
)
