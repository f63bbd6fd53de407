"""The problems that are timed have the sizes that their names say."""

import pytest

from lossbench.bench.timing.problems import get, grown, width_of


@pytest.mark.parametrize(("losses", "size"), [(1, 10_000), (8, 100_000), (32, 1_000_000)])
def test_grown_models_have_the_parameters_that_were_asked_for(losses, size):
    model = grown(losses, width_of(size, losses)).model()
    assert len(model.outputs) == losses
    assert model.count_params() == pytest.approx(size, rel=0.03)


@pytest.mark.parametrize("name", ["reference_0", "grown_0_5", "grown_2_0"])
def test_a_problem_of_nothing_is_refused(name):
    with pytest.raises(ValueError, match="at least 1"):
        get(name)


def test_a_name_of_no_problem_is_looked_up_among_the_tasks():
    assert get("two_digits").name == "two_digits"
    with pytest.raises(ValueError, match="did you mean two_digits"):
        get("two_digts")
