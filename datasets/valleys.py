"""The landscape of the CAGrad paper: conflicting ravines on the way to the front."""

from .core.analytic import problem
from .core.valleys import first, front, second

task = problem(
    summary="The landscape of the CAGrad paper: ravines where gradients conflict, then two bowls.",
    source="Liu et al. 2021 (CAGrad), figure 1",
    objectives=(first, second),
    front=front,
    start=((-10, 10), (4, 10)),
    steps=6000,  # the ravines leave large second moments in Adam: 4000 stop short of the front
    learning_rate=0.1,
)
