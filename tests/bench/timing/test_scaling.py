"""The grid of losses and parameters."""

from lossbench.bench.store.schema import SCALING
from lossbench.bench.timing import scaling, times


def test_a_grid_point_that_needs_too_much_memory_is_skipped_with_the_reason(tmp_path):
    kept = []
    rows = scaling.measure_grid(
        losses=(1, 2),
        parameters=(10_000_000,),
        data_dir=tmp_path,
        memory=1e6,
        on_rows=kept.append,
    )
    assert set(rows["status"]) == {"skipped"}
    assert len(rows) == len(scaling.CLASSES) * 2 * 2
    assert rows["reason"].str.contains("GiB of memory").all()
    assert set(rows["losses"]) == {1, 2}
    assert len(kept) == 1
    times.merge(tmp_path, rows, SCALING)
    assert len(times.read(tmp_path, SCALING)) == len(rows), "what was skipped is read again"
