"""The landscape of the CAGrad paper with one loss at a tenth of its size."""

from .core.analytic import problem
from .core.valleys import first, front, second

task = problem(
    summary="The landscape of the CAGrad paper, the first loss times 0.1: conflict and scale.",
    source="Liu et al. 2021 (CAGrad), the imbalanced variant of Nash-MTL (Navon et al. 2022)",
    objectives=(first, second),
    front=front,
    start=((-10, 10), (4, 10)),
    steps=6000,  # the ravines leave large second moments in Adam: 4000 stop short of the front
    learning_rate=0.1,
    scale=0.1,
)
