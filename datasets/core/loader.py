"""Data sets by name, as numpy arrays: prepared when needed, once, and healed when damaged.

The packaged sets (a folder of `datasets/` each) need no network. Any other name is a TFDS set,
which is read from the data folder and fetched only when asked for.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib
import io
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .unavailable import DataUnavailable, diagnose

if TYPE_CHECKING:
    import numpy as np
    import tensorflow_datasets as tfds

LOCK_TIMEOUT = 600.0  # seconds; preparing a packaged set takes less than one
_HERE = Path(__file__).parent.parent


def default_data_dir() -> Path:
    """Where data sets live: $LOSSBENCH_DATA, else a folder of ours in the user's cache."""
    if chosen := os.environ.get("LOSSBENCH_DATA"):
        return Path(chosen).expanduser().absolute()
    home = Path.home()
    if sys.platform == "darwin":
        cache = home / "Library" / "Caches"
    elif sys.platform == "win32":
        cache = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    else:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return cache / "lossbench" / "datasets"


def packaged() -> tuple[str, ...]:
    """Names of the data sets that need no network."""
    return tuple(sorted(p.parent.name for p in _HERE.glob("*/*_dataset_builder.py")))


def arrays(
    name: str, data_dir: Path | str | None = None, *, download: bool = False
) -> dict[str, dict[str, np.ndarray]]:
    """All splits of a data set as numpy arrays, in the order of the prepared files.

    Several processes may call this at once on one folder. A packaged set that is missing, half
    written or damaged is prepared anew under a lock; no network is ever used for it. Prepared data
    in a folder that cannot be written are read without a lock.

    Args:
        name: "sk_digits", "sk_tabular/wine", or a TFDS name such as "mnist".
        data_dir: folder of prepared data; None is `default_data_dir()`.
        download: whether a TFDS set may be fetched.

    Returns:
        {split: {feature: array of shape (examples, ...)}}; nested features are joined by "/".

    Raises:
        DataUnavailable: with one line that names the remedy.

    Example:
        >>> arrays("sk_digits")["train"]["image"].shape
        (1245, 8, 8, 1)
    """
    folder = Path(data_dir).expanduser().absolute() if data_dir else default_data_dir()
    with _quiet():
        if name.partition("/")[0] in packaged():
            return _packaged_arrays(name, folder)
        builder = _tfds_builder(name, folder, download)
        try:
            return _read(builder)
        except Exception as error:
            raise _damaged(name, folder, error) from error


def _packaged_arrays(name: str, folder: Path) -> dict[str, dict[str, np.ndarray]]:
    # An older or interrupted run may have left anything in the folder, so whatever goes wrong
    # here means the same: prepare anew.
    _config(name)  # a wrong name is no reason to lock or write anything
    with contextlib.suppress(Exception):
        return _read_prepared(name, folder)
    try:
        with _lock(name, folder):
            with contextlib.suppress(Exception):
                return _read_prepared(name, folder)  # another process may have done it meanwhile
            _clear(name, folder)
            # A builder reads what is prepared when constructed: only now, inside the lock.
            _prepare(_packaged_builder(name, folder))
            return _read_prepared(name, folder)
    except DataUnavailable:
        raise
    except Exception as error:
        raise diagnose(name, folder, error) from error


def _read_prepared(name: str, folder: Path) -> dict[str, dict[str, np.ndarray]]:
    if not _version_folder(name, folder).is_dir():
        raise FileNotFoundError(_version_folder(name, folder))
    return _read(_packaged_builder(name, folder))


def _read(builder: tfds.core.DatasetBuilder) -> dict[str, dict[str, np.ndarray]]:
    import tensorflow_datasets as tfds

    if not builder.info.splits:
        raise ValueError(f"{builder.data_dir} has no splits")
    config = tfds.ReadConfig(try_autocache=False)
    splits = {}
    for split, info in builder.info.splits.items():
        dataset = builder.as_dataset(
            split=split, batch_size=-1, shuffle_files=False, read_config=config
        )
        columns = dict(_flat("", tfds.as_numpy(dataset)))
        found = {len(column) for column in columns.values()}
        if found != {info.num_examples}:
            raise ValueError(f"{split}: {info.num_examples} examples announced, {found} found")
        splits[split] = columns
    return splits


def _flat(prefix: str, value) -> Iterator[tuple[str, np.ndarray]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{prefix}/{key}" if prefix else key, item)
    else:
        yield prefix, value


def _prepare(builder: tfds.core.DatasetBuilder) -> None:
    import tensorflow_datasets as tfds

    builder.download_and_prepare(
        download_config=tfds.download.DownloadConfig(try_download_gcs=False)
    )


# Packaged sets.


def _packaged_class(name: str) -> type[tfds.core.GeneratorBasedBuilder]:
    root = __package__.rpartition(".")[0]
    return importlib.import_module(f"{root}.{name}.{name}_dataset_builder").Builder


def _config(name: str) -> tuple[str, str | None]:
    """Set and config of "set/config"; a set that has configs needs one of them."""
    base, _, config = name.partition("/")
    known = [item.name for item in _packaged_class(base).BUILDER_CONFIGS]
    if known and not config:
        raise DataUnavailable(f"{base} is several data sets: choose one of {_list(base, known)}")
    if config and config not in known:
        raise DataUnavailable(
            f"no data set called {name!r}"
            + (f"; choose one of {_list(base, known)}" if known else f"; use {base!r}")
        )
    return base, config or None


def _list(base: str, configs: list[str]) -> str:
    return ", ".join(f"{base}/{config}" for config in configs)


def _packaged_builder(name: str, folder: Path) -> tfds.core.GeneratorBasedBuilder:
    base, config = _config(name)
    return _packaged_class(base)(data_dir=folder, config=config)


def _version_folder(name: str, folder: Path) -> Path:
    base, config = _config(name)
    return folder / base / (config or "") / str(_packaged_class(base).VERSION)


def _lock(name: str, folder: Path):
    import filelock

    folder.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(folder / f".{name.replace('/', '-')}.lock", timeout=LOCK_TIMEOUT)
    try:
        return lock.acquire()
    except filelock.Timeout:
        raise DataUnavailable(
            f"{name}: another process has held {lock.lock_file} for {LOCK_TIMEOUT:.0f} s; "
            "end that process and run again"
        ) from None


def _clear(name: str, folder: Path) -> None:
    """Remove what an interrupted or damaged preparation left. Called with the lock held."""
    version = _version_folder(name, folder)
    for leftover in [version, *version.parent.glob("incomplete.*")]:
        if leftover.is_dir():
            shutil.rmtree(leftover)


# Sets of TFDS.


def _tfds_builder(name: str, folder: Path, download: bool) -> tfds.core.DatasetBuilder:
    """A prepared builder. Without `download` nothing is fetched, and no host is asked."""
    import tensorflow_datasets as tfds

    if ":" in name:  # a namespace: TFDS would ask the network for it
        raise DataUnavailable(f"no data set called {name!r}: names have the form set or set/config")
    try:
        builder = tfds.builder(name, data_dir=str(folder))
    except tfds.core.DatasetNotFoundError:
        known = {*packaged(), *tfds.list_builders(with_community_datasets=False)}
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        raise DataUnavailable(
            f"no data set called {name!r}"
            + (f"; did you mean {', '.join(near)}?" if near else "")
            + f"; packaged, without a network: {', '.join(packaged())}"
        ) from None
    except Exception as error:
        raise _damaged(name, folder, error) from error
    if not builder.is_prepared():
        if not download:
            raise DataUnavailable(
                f"{name} is not in {folder}; run `lossbench prepare {name} --download` on a "
                f"machine with a network, or copy a prepared folder {Path(builder.data_dir)} here"
            )
        _resolve(name, folder, builder)
        try:
            with _lock(name, folder):
                builder = tfds.builder(name, data_dir=str(folder))
                _prepare(builder)
        except DataUnavailable:
            raise
        except Exception as error:
            raise diagnose(name, folder, error) from error
    return builder


def _damaged(name: str, folder: Path, error: Exception) -> DataUnavailable:
    # Not healed by itself: fetching it again may take hours.
    return DataUnavailable(
        f"{name} in {folder / name} is damaged ({type(error).__name__}); delete that folder and "
        f"run `lossbench prepare {name} --download`"
    )


def _resolve(name: str, folder: Path, builder: tfds.core.DatasetBuilder) -> None:
    """Ask once for every host: TFDS itself would hang for minutes without a network."""
    manual = folder / "downloads" / "manual"
    needed = {
        url: info.filename
        for url, info in (builder.url_infos or {}).items()
        if not (manual / info.filename).exists()
    }
    for host in sorted({urlsplit(url).hostname or "" for url in needed}):
        try:
            socket.getaddrinfo(host, 443)
        except OSError as error:
            raise DataUnavailable(
                f"{name}: no network ({host}: {error.strerror}); copy a prepared folder to "
                f"{Path(builder.data_dir)}, or put its source files in {manual}: "
                + ", ".join(sorted(needed.values()))
            ) from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """TFDS prints, logs and draws progress bars; the command line has its own display."""
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
