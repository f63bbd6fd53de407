"""Prepare data sets ahead of a run: what `lossbench prepare` does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from .loader import default_data_dir, packaged, sizes
from .own_files import prepare_from


def prepare(
    names: Sequence[str] = (),
    data_dir: Path | str | None = None,
    *,
    source: Path | str | None = None,
    say: Callable[[str], object] = print,
) -> None:
    """Prepare data sets, saying one line for each.

    Args:
        names: data sets; none are all packaged ones. A TFDS set that is named is fetched over the
            network: naming it is asking for it.
        data_dir: folder of prepared data; None is `default_data_dir()`.
        source: folder with the files of the one set that is named, in place of the network.
        say: what takes the lines.

    Raises:
        ValueError: files for none or for several sets.
        DataUnavailable: at the first set that cannot be had; those before it are prepared.

    Example:
        >>> prepare(["sk_digits"])
        sk_digits: 1245 train, 276 validation, 276 test (... s)
        data are in ...
    """
    folder = Path(data_dir).expanduser().absolute() if data_dir else default_data_dir()
    if source is not None:
        if len(names) != 1:
            raise ValueError(
                f"--from takes the files of one data set, and {len(names)} are named: name one"
            )
        prepare_from(names[0], folder, Path(source).expanduser())
    for name in names or packaged():
        began = time.perf_counter()
        counts = sizes(name, folder, download=True)
        parts = ", ".join(f"{count} {split}" for split, count in counts.items())
        say(f"{name}: {parts} ({time.perf_counter() - began:.1f} s)")
    say(f"data are in {folder}")
