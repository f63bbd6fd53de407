"""From a cell to its outcome: the step, the loop, what a worker process answers."""

WORKER = f"{__name__}.worker"  # what a process of the pool runs
