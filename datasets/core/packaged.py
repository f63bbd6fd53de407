"""The data sets that need no network: a folder of `datasets/` each, with a TFDS builder."""

from __future__ import annotations

import contextlib
import importlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from . import reading
from .unavailable import DataUnavailable, diagnose

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

    from .reading import Columns

HERE = Path(__file__).parent.parent


def folders() -> tuple[str, ...]:
    """Names of the builders, each of one data set or of several configs; imports nothing."""
    return tuple(sorted(path.parent.name for path in HERE.glob("*/*_dataset_builder.py")))


def packaged() -> tuple[str, ...]:
    """Names of all packaged data sets: "sk_digits", "sk_tabular/wine"."""
    return tuple(
        f"{folder}/{config}" if config else folder
        for folder in folders()
        for config in (_configs(folder) or [""])
    )


def load(name: str, folder: Path) -> Columns:
    """The arrays of a packaged set, prepared or healed first where needed.

    Raises:
        DataUnavailable: no such set, or its folder cannot be written.
    """
    _split(name)  # a wrong name is no reason to lock or write anything
    # An older or interrupted run may have left anything in the folder, so whatever goes wrong
    # here means the same: prepare anew.
    with contextlib.suppress(Exception):
        return read_prepared(name, folder)
    try:
        with reading.lock(name, folder):
            with contextlib.suppress(Exception):
                return read_prepared(name, folder)  # another process may have done it meanwhile
            _clear(name, folder)
            # A builder reads what is prepared when constructed: only now, inside the lock.
            reading.prepare(_builder(name, folder))
            return read_prepared(name, folder)
    except DataUnavailable:
        raise
    except Exception as error:
        raise diagnose(name, folder, error) from error


def read_prepared(name: str, folder: Path) -> Columns:
    """The arrays as they are on disk.

    Raises:
        Exception: they are missing or damaged.
    """
    version = _version_folder(name, folder)
    if not version.is_dir():
        raise FileNotFoundError(version)
    return reading.read(_builder(name, folder))


def licence(name: str) -> str:
    """The licence of a packaged set, in a few words."""
    import tempfile

    with tempfile.TemporaryDirectory() as empty:  # nothing is prepared to know it
        return _builder(name, Path(empty)).info.redistribution_info.license


def _class(folder: str) -> type[tfds.core.GeneratorBasedBuilder]:
    root = __name__.rpartition(".core")[0]
    return importlib.import_module(f"{root}.{folder}.{folder}_dataset_builder").Builder


def _configs(folder: str) -> list[str]:
    return [config.name for config in _class(folder).BUILDER_CONFIGS]


def _split(name: str) -> tuple[str, str | None]:
    """Folder and config of "folder/config"; a builder with configs needs one of them."""
    folder, _, config = name.partition("/")
    known = _configs(folder)
    choice = "; choose one of " + ", ".join(f"{folder}/{item}" for item in known)
    if known and not config:
        raise DataUnavailable(f"{folder} is several data sets{choice}")
    if config and config not in known:
        raise DataUnavailable(
            f"no data set called {name!r}" + (choice if known else f"; use {folder!r}")
        )
    return folder, config or None


def _builder(name: str, folder: Path) -> tfds.core.GeneratorBasedBuilder:
    base, config = _split(name)
    return _class(base)(data_dir=folder, config=config)


def _version_folder(name: str, folder: Path) -> Path:
    base, config = _split(name)
    return folder / base / (config or "") / str(_class(base).VERSION)


def _clear(name: str, folder: Path) -> None:
    """Remove what an interrupted or damaged preparation left. Called with the lock held."""
    version = _version_folder(name, folder)
    for leftover in [version, *version.parent.glob("incomplete.*")]:
        if leftover.is_dir():
            shutil.rmtree(leftover)
