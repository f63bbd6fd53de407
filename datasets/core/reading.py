"""What packaged and downloaded sets share: quiet preparation, a lock, and reading as arrays."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .unavailable import DataUnavailable

if TYPE_CHECKING:
    import numpy as np
    import tensorflow_datasets as tfds

    Columns = dict[str, dict[str, np.ndarray]]  # per split, per feature
    Limit = int | Mapping[str, int] | None  # examples of each split; None is all
    Example = Mapping[str, Any]  # nested, of tensors
    Each = Callable[[Example], Example] | None  # an example -> what is kept of it

LOCK_TIMEOUT = 600.0  # seconds; preparing a packaged set takes less than one


def prepare(builder: tfds.core.DatasetBuilder) -> None:
    """Write the records of a data set, from the network if its builder says so."""
    import tensorflow_datasets as tfds

    builder.download_and_prepare(
        download_config=tfds.download.DownloadConfig(try_download_gcs=False)
    )


def read(builder: tfds.core.DatasetBuilder, limit: Limit = None, each: Each = None) -> Columns:
    """All splits as arrays, in the order of the records; of each the first `limit` examples.

    With `each`, examples stream through it one by one and only what it keeps is ever in memory.

    Raises:
        ValueError: there are no splits, or not as many examples as announced.
        Exception: whatever TensorFlow makes of damaged files.
    """
    import tensorflow_datasets as tfds

    if not builder.info.splits:
        raise ValueError(f"{builder.data_dir} has no splits")
    config = tfds.ReadConfig(try_autocache=False)
    splits = {}
    for split, info in builder.info.splits.items():
        most = limit.get(split, 0) if isinstance(limit, Mapping) else limit
        expected = info.num_examples if most is None else min(most, info.num_examples)
        dataset = builder.as_dataset(
            split=f"{split}[:{expected}]",
            batch_size=None if each else -1,
            shuffle_files=False,
            read_config=config,
        )
        if each:
            # Several at once, in the order of the records; two are enough for pictures, and more
            # would compete with the other workers.
            kept = dataset.map(each, num_parallel_calls=2, deterministic=True)
            dataset = kept.batch(max(expected, 1)).get_single_element()
        columns = dict(_flat("", tfds.as_numpy(dataset)))
        found = {len(column) for column in columns.values()}
        if found != {expected}:
            raise ValueError(f"{split}: {expected} examples announced, {found} found")
        splits[split] = columns
    return splits


def _flat(prefix: str, value) -> Iterator[tuple[str, np.ndarray]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{prefix}/{key}" if prefix else key, item)
    else:
        yield prefix, value


def lock(name: str, folder: Path):
    """A context that holds the data set `name` in `folder` for this process alone.

    The system frees it when the process ends, however it ends.

    Raises:
        DataUnavailable: another process has held it too long.
        OSError: the folder cannot be made or written.
    """
    import filelock

    folder.mkdir(parents=True, exist_ok=True)
    held = filelock.FileLock(folder / f".{name.replace('/', '-')}.lock", timeout=LOCK_TIMEOUT)
    try:
        return held.acquire()
    except filelock.Timeout:
        raise DataUnavailable(
            f"{name}: another process has held {held.lock_file} for {LOCK_TIMEOUT:.0f} s; "
            "end that process and run again"
        ) from None


@contextlib.contextmanager
def quiet() -> Generator[None]:
    """TFDS prints, logs and draws progress bars; the command line has its own display."""
    # TFDS imports TensorFlow when first used, which would be inside the lock: seconds in which
    # the other processes wait.
    import tensorflow as _  # noqa: F401
    import tensorflow_datasets as tfds
    from absl import logging

    tfds.disable_progress_bar()
    before = logging.get_verbosity()
    logging.set_verbosity(logging.FATAL)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.set_verbosity(before)
