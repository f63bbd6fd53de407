"""From the calls of all rounds to the seconds of a step."""

from lossbench.bench.timing.rounds import ones_of, steps_of


class Runner:
    def __init__(self, steps, seeds=1):
        self.steps, self.seeds = steps, seeds


def test_a_step_is_what_a_call_takes_beyond_one_of_one_step():
    runners = {"a": Runner(10), "b": Runner(5, seeds=2), "base": Runner(20)}
    rounds = [
        [
            {"a": (1.0, 1.0 + 10 * 3.0), "base": (2.0, 2.0 + 20 * 2.0)},
            {"b": (0.5, 0.5 + 5 * 2 * 4.0), "base": (2.0, 2.0 + 20 * 1.0)},
        ],
        [{"a": (1.0, 1.0 + 10 * 6.0), "base": (2.0, 2.0 + 20 * 3.0)}],
    ]
    found = steps_of(rounds, runners, ones_of(rounds))
    assert found == {
        "a": [(3.0, 1.5), (6.0, 3.0)],  # over the median of its round
        "b": [(4.0, 1.5)],
        "base": [(2.0, 1.5), (1.0, 1.5), (3.0, 3.0)],
    }
