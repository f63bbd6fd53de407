"""From a cell to its outcome: the step, the loop, the worker's answers."""
