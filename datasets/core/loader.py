"""Data sets by name, as numpy arrays: prepared when needed, once, and healed when damaged."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from . import networked, reading
from . import packaged as _packaged
from .packaged import packaged
from .resplit import dealt
from .unavailable import ELSEWHERE, DataUnavailable

if TYPE_CHECKING:
    from .reading import Columns, Each, Limit

__all__ = ["DataUnavailable", "arrays", "default_data_dir", "packaged", "sizes"]


def default_data_dir() -> Path:
    """Where data sets live: $LOSSBENCH_DATA, else a folder of ours in the user's cache.

    Raises:
        ValueError: there is no home directory.
    """
    chosen = os.environ.get("LOSSBENCH_DATA")
    try:
        if chosen:
            return Path(chosen).expanduser().absolute()
        home = Path.home()
    except RuntimeError:
        raise ValueError(
            f"no home directory is known{f' for {chosen}' if chosen else ''}, where the data would "
            f"lie; {ELSEWHERE}"
        ) from None
    if sys.platform == "darwin":
        cache = home / "Library" / "Caches"
    elif sys.platform == "win32":
        cache = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    else:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return cache / "lossbench" / "datasets"


def arrays(
    name: str, data_dir: Path | str | None = None, *, limit: Limit = None, each: Each = None
) -> Columns:
    """All splits of a data set as numpy arrays, in the order of the prepared files.

    Several processes may call this at once on one folder. A packaged set that is missing, half
    written or damaged is prepared anew under a lock. Prepared data in a folder that cannot be
    written are read without one. The network is never used.

    Args:
        name: a packaged set ("sk_digits", "sk_tabular/wine"), or a TFDS set that is prepared in
            the folder ("mnist").
        data_dir: folder of prepared data; None is `default_data_dir()`.
        limit: read only so many examples of each split of a TFDS set, the first ones; None is all.
            Splits that a mapping does not name are left empty.
        each: what is kept of an example of a TFDS set, as a function of tensors. Examples stream
            through it, so that a set that does not fit into memory can be made smaller on the way.

    Returns:
        {split: {feature: array of shape (examples, ...)}}; nested features are joined by "/".

    Raises:
        DataUnavailable: with one line that names the remedy.

    Example:
        >>> arrays("sk_digits")["train"]["image"].shape
        (1245, 8, 8, 1)
    """
    folder = _folder(data_dir)
    with reading.quiet():
        if _is_packaged(name):
            return dealt(_packaged.load(name, folder))
        return networked.load(name, folder, limit, each)


def sizes(name: str, data_dir: Path | str | None = None, *, download: bool) -> dict[str, int]:
    """Examples of each split of a data set, prepared first where needed.

    Args:
        name: as in `arrays`.
        data_dir: as in `arrays`.
        download: whether a TFDS set that is not there may be fetched.

    Raises:
        DataUnavailable: with one line that names the remedy.
    """
    folder = _folder(data_dir)
    with reading.quiet():
        if _is_packaged(name):
            columns = _packaged.load(name, folder)
            return {split: len(next(iter(part.values()))) for split, part in columns.items()}
        builder = networked.prepared(name, folder, download=download)
        return {split: info.num_examples for split, info in builder.info.splits.items()}


def _folder(data_dir: Path | str | None) -> Path:
    return Path(data_dir).expanduser().absolute() if data_dir else default_data_dir()


def _is_packaged(name: str) -> bool:
    return name.partition("/")[0] in _packaged.folders()
