"""How often nominal 95 % intervals over tasks cover, by simulation; takes two minutes.

    python tests/benchmarks/interval_coverage.py

Three sets of tasks, each with 2,000 simulated studies. A task has a level in 0.4 to 1.1 and a noise
of 0.01 to 0.06; the second strategy is better by 0.01 on average, by another amount on each task.
The target is the same statistic of 200,000 seeds per task. Printed is the lowest and the highest of
the three sets in percent; the table stands in the docstring of `aggregate.iqm_intervals`.
"""

import numpy as np

from lossbench.bench.statistics import iqm, stratified

STUDIES, MANY, RESAMPLES = 2000, 200_000, 500
DESIGNS = ((10, 3), (10, 5), (10, 12), (20, 5), (20, 12))  # seeds, tasks
KINDS = ("normal, correlation 0.8", "long lower tail", "every tenth run fails")


def scores(rng, kind, level, noise, gain, shape):
    """Two strategies, each of shape (..., tasks, seeds)."""
    x, y = rng.normal(size=(2, *shape))
    if kind == KINDS[0]:
        y = 0.8 * x + 0.6 * y
    if kind == KINDS[1]:
        x, y = (1 - np.exp(0.8 * z) for z in (x, y))
    first, second = level + noise * x, level + gain + noise * y
    if kind == KINDS[2]:
        first, second = (np.where(rng.random(shape) < 0.1, 0, s) for s in (first, second))
    return first, second


def covered(low, high, target):
    return 100 * np.mean((low <= target) & (target <= high))


def study(kind, seeds, tasks, case):
    """Coverage in percent per statistic."""
    rng = np.random.default_rng([case, seeds, tasks])
    level, noise, gain = (
        rng.uniform(0.4, 1.1, (tasks, 1)),
        rng.uniform(0.01, 0.06, (tasks, 1)),
        rng.normal(0.01, 0.03, (tasks, 1)),
    )
    a, b = scores(rng, kind, level, noise, gain, (tasks, MANY))
    truth = iqm.iqm(b.ravel())
    difference = truth - iqm.iqm(a.ravel())
    win, mean = stratified.wins(b, a).mean(), (b - a).mean()
    a, b = (
        s.reshape(STUDIES, -1)
        for s in scores(rng, kind, level, noise, gain, (STUDIES, tasks, seeds))
    )
    strata = np.repeat(np.arange(tasks), seeds)
    alone, paired = iqm.iqm_intervals(b, strata, a, resamples=RESAMPLES)
    drawn = iqm.resample(strata, RESAMPLES)
    resampled = np.array(
        [[iqm.iqm(y[drawn]), iqm.iqm(x[drawn])] for x, y in zip(a, b, strict=True)]
    )
    bounds = np.quantile(resampled[:, 0], [0.025, 0.975], axis=1)
    of_difference = np.quantile(resampled[:, 0] - resampled[:, 1], [0.025, 0.975], axis=1)
    return {
        "IQM": covered(*alone[1:], truth),
        "IQM, percentile": covered(*bounds, truth),
        "difference of IQM": covered(*paired[1:], difference),
        "difference, percentile": covered(*of_difference, difference),
        "mean difference": covered(*stratified.mean_interval(b - a, strata)[1:], mean),
        "P(A > B)": covered(*stratified.share(stratified.wins(b, a), strata)[1:], win),
    }


if __name__ == "__main__":
    for kind in KINDS:
        print(f"\n{kind:24}", *(f"{seeds} x {tasks:2}".rjust(12) for seeds, tasks in DESIGNS))
        found = [[study(kind, *design, case) for case in range(3)] for design in DESIGNS]
        for name in found[0][0]:
            values = [[of_case[name] for of_case in design] for design in found]
            print(f"{name:24}", *(f"{min(v):5.1f}, {max(v):5.1f}" for v in values))
