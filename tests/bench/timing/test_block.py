"""What processes are asked to time."""

from pathlib import Path

from lossbench.bench.timing.block import Variant, split, variants_of
from lossbench.bench.timing.protocol import Protocol


def test_every_block_holds_the_baseline_and_every_strategy_is_in_one():
    names = ["sum", *(f"s{i}" for i in range(5))]
    variants = variants_of(names, (False, True), ("float32",), 0)
    protocol = Protocol(processes=2, part=2)
    blocks = list(split(["reference_2"], "cpu", variants, protocol, Path("data")))
    assert len(blocks) == 2 * 3
    for block in blocks:
        assert [v for v in block.variants if v.strategy == "sum"] == variants[:2]
    assert {v for block in blocks[:3] for v in block.variants} == set(variants)


def test_several_seeds_are_timed_beside_one():
    assert variants_of(["sum"], (True,), ("float32", "mixed"), 10) == [
        Variant("sum", True, precision, seeds)
        for precision in ("float32", "mixed")
        for seeds in (1, 10)
    ]
