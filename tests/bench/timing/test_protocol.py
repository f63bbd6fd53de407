"""How long and how often."""

from lossbench.bench.timing.protocol import FULL, QUICK


def test_the_protocol_of_make_bench_is_short():
    assert QUICK.processes >= 3
    assert QUICK.rounds < FULL.rounds
