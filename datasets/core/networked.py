"""The data sets of TFDS that come over the network: read when prepared, fetched when asked for."""

from __future__ import annotations

import difflib
import socket
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from . import reading
from .packaged import packaged
from .unavailable import DataUnavailable, diagnose

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

    from .reading import Columns, Each, Limit


def is_there(name: str, folder: Path) -> bool:
    """Whether a prepared set lies in the folder, without TensorFlow: looks for its description."""
    return any((folder / name).glob("*/dataset_info.json"))


def how_to_get(name: str, folder: Path) -> str:
    """What to do about a set that is not there, in one line."""
    return (
        f"{name} is not in {folder}; run `lossbench prepare {name}`, or do so on a machine with a "
        f"network and copy the prepared folder to {folder / name}"
    )


def load(name: str, folder: Path, limit: Limit = None, each: Each = None) -> Columns:
    """The arrays of a prepared set. Never asks the network.

    Raises:
        DataUnavailable: no such set, not prepared, or damaged.
    """
    builder = prepared(name, folder, download=False)
    try:
        return reading.read(builder, limit, each)
    except Exception as error:
        raise _damaged(name, folder, error) from error


def prepared(name: str, folder: Path, *, download: bool) -> tfds.core.DatasetBuilder:
    """The builder of a set that is prepared, after fetching it if need be and `download`.

    Raises:
        DataUnavailable: no such set, or it is not there and cannot or may not be fetched.
    """
    builder = builder_of(name, folder)
    if builder.is_prepared():
        return builder
    if not download:
        raise DataUnavailable(how_to_get(name, folder))
    _ask_hosts(name, folder, builder)
    try:
        with reading.lock(name, folder):
            builder = builder_of(name, folder)  # reads what is prepared: only now, inside the lock
            reading.prepare(builder)
    except DataUnavailable:
        raise
    except Exception as error:
        raise diagnose(name, folder, error) from error
    return builder


def builder_of(name: str, folder: Path) -> tfds.core.DatasetBuilder:
    """The builder of a set, prepared or not.

    Raises:
        DataUnavailable: no such set, or what is there is damaged.
    """
    import tensorflow_datasets as tfds

    if ":" in name:  # a namespace: TFDS would ask the network for it
        raise DataUnavailable(f"no data set called {name!r}: names have the form set or set/config")
    try:
        return tfds.builder(name, data_dir=str(folder))
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


def _damaged(name: str, folder: Path, error: Exception) -> DataUnavailable:
    # Not healed by itself: fetching it again may take hours.
    return DataUnavailable(
        f"{name} in {folder / name} is damaged ({type(error).__name__}); delete that folder and "
        f"run `lossbench prepare {name}`"
    )


def _ask_hosts(name: str, folder: Path, builder: tfds.core.DatasetBuilder) -> None:
    """Look every host up once: TFDS itself would hang for minutes without a network."""
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
