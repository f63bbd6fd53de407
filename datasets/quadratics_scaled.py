"""Two quadratics in the plane, one in another unit: the front is the same, the sum is not."""

from .core.analytic import problem
from .core.quadratics import first, front, second

task = problem(
    summary="Two quadratics of a point, the first one times 100: scale and no other difference.",
    source="textbook bi-objective problem (Schaffer), badly scaled",
    objectives=(first, second),
    front=front,
    start=((-2, 2), (1, 2)),
    steps=1000,
    learning_rate=0.02,
    scale=100.0,
)
