"""Beside a run only what is new is timed."""

import pandas as pd
import pytest

from lossbench.bench.timing import analysis, times, untimed
from lossbench.bench.timing.block import variants_of
from lossbench.bench.timing.measure import code_of


@pytest.fixture
def asked(monkeypatch):
    """What `measure` was asked for; its rows have no figures."""
    found = []

    def measure(strategies, problems, **options):
        found.append(list(strategies))
        variants = variants_of(strategies, (False, True), ("float32",), 0)
        rows = [
            {
                **analysis.blank(v, v.strategy, problems[0], "cpu", "ok"),
                "cpu_share": 1.0,
                "code": code_of(v.strategy),
                "environment": "{}",
                "finished": 0.0,
            }
            for v in variants
        ]
        return pd.DataFrame(rows)

    monkeypatch.setattr(untimed, "measure", measure)
    return found


def test_what_is_there_of_todays_code_is_not_timed_again(tmp_path, asked, monkeypatch):
    assert untimed.untimed(tmp_path, ["sum", "pcgrad"]) == ["sum", "pcgrad"]
    rows = untimed.measure_untimed(tmp_path, ["sum", "pcgrad"], tmp_path, lambda text, share: None)
    assert asked == [["sum", "pcgrad"]]
    assert len(rows) == len(times.read(tmp_path)) == 4
    assert untimed.untimed(tmp_path, ["sum", "pcgrad", "mgda"]) == ["mgda"]
    assert untimed.untimed(tmp_path, ["sum"]) == []
    monkeypatch.setattr(untimed, "code_of", lambda name: "another")
    assert untimed.untimed(tmp_path, ["sum"]) == ["sum"]
