"""Writes statistics.json beside this file, with packages that the project does not use.

In an environment of its own:

    pip install numpy scipy baycomp==1.0.3 scikit-posthocs arch statsmodels
    python make_statistics.py

The scores are random numbers. Takes half a minute; the versions used are in the file.
"""

# pyright: reportMissingImports=false

import json
import warnings
from importlib.metadata import version
from pathlib import Path

import baycomp
import numpy as np
import scikit_posthocs
from arch.bootstrap import IIDBootstrap
from scipy import stats
from statsmodels.stats.libqsturng import qsturng
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import ttost_paired

PACKAGES = ("numpy", "scipy", "baycomp", "arch", "statsmodels", "scikit-posthocs")
LABELS, TASKS, SEEDS = 5, 8, 10
RESAMPLES = 40_000
DRAWS = 200_000


def scores():
    """(labels, tasks, seeds): seeds have something in common, three runs of label 3 failed."""
    rng = np.random.default_rng(20261)
    level = rng.uniform(0.4, 1.1, TASKS)[:, None]
    gain = np.array([0, 0.002, 0.03, -0.05, 0.01])[:, None, None]
    common = 0.04 * rng.normal(size=(1, TASKS, SEEDS))
    found = level + gain + common + 0.02 * rng.normal(size=(LABELS, TASKS, SEEDS))
    found = np.round(found, 4)
    found[3, 2, :3] = 0.0
    return found


def stratified_bootstrap(scores):
    """(labels, resamples): rliable's recipe, scipy's trimmed mean of seeds drawn per task."""
    seeds = np.random.RandomState(7).randint(0, SEEDS, (RESAMPLES, TASKS, SEEDS))
    tasks = np.arange(TASKS)[None, :, None]
    drawn = [of_label[tasks, seeds].reshape(RESAMPLES, -1) for of_label in scores]
    return np.array([stats.trim_mean(sample, 0.25, axis=1) for sample in drawn])


def one_task_error(values):
    """Standard error of a trimmed mean by arch's bootstrap."""
    bootstrap = IIDBootstrap(values, seed=3)
    covariance = bootstrap.cov(lambda x: np.atleast_1d(stats.trim_mean(x, 0.2)), RESAMPLES)
    return float(np.sqrt(np.asarray(covariance).item()))


def signed_rank(a, b, rope):
    worse, equal, better = baycomp.SignedRankTest.probs(a, b, rope, nsamples=DRAWS, random_state=1)
    return {"rope": rope, "worse": worse, "equal": equal, "better": better}


def figures():
    values = scores()
    means, flat, bootstrap = (
        values.mean(axis=2),
        values.reshape(LABELS, -1),
        stratified_bootstrap(values),
    )
    others, p = range(1, LABELS), [0.001, 0.2, 0.03, 0.04, 0.012, 0.5]
    return {
        "made_with": {name: version(name) for name in PACKAGES},
        "scores": values.tolist(),
        "iqm": [stats.trim_mean(row, 0.25) for row in flat],  # 20 of 80 cut at each end
        "cvar": [np.sort(row)[:20].mean() for row in flat],
        "iqm_se": bootstrap.std(axis=1, ddof=1).tolist(),
        "iqm_difference_se": (bootstrap - bootstrap[0]).std(axis=1, ddof=1).tolist(),
        "one_task_se_arch": one_task_error(values[1, 0]),
        "signed_rank": [
            {"label": k, **signed_rank(means[0], means[k], rope)}
            for rope in (0.01, 0.03)
            for k in others
        ]
        + [
            {"all": 0.05, "tasks": n, **signed_rank(np.zeros(n), np.full(n, 0.05), 0.01)}
            for n in (1, 2, 3)
        ],
        "wilson": [
            [k, n, *map(float, proportion_confint(k, n, method="wilson"))]
            for k, n in ((0, 10), (1, 10), (5, 120), (10, 10), (60, 120))
        ],
        "holm": {"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()},
        "friedman_p": stats.friedmanchisquare(*means).pvalue,
        "mean_ranks": (LABELS + 1 - stats.rankdata(means, axis=0)).mean(axis=1).tolist(),
        "nemenyi_p": scikit_posthocs.posthoc_nemenyi_friedman(means.T).to_numpy().tolist(),
        "studentized_range_5": {k: float(qsturng(0.95, k, np.inf)) for k in (3, 5, 10, 40)},
        # label, task, rope, p: the larger p of the two one-sided paired t tests.
        "tost": [
            [k, t, rope, float(ttost_paired(values[k, t], values[0, t], -rope, rope)[0])]
            for k in others
            for t in range(3)
            for rope in (0.01, 0.03, 0.06)
        ],
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # of the packages, at import and in loops
    text = json.dumps(figures(), separators=(",", ":"))
    Path(__file__).with_name("statistics.json").write_text(text + "\n", encoding="utf-8")
