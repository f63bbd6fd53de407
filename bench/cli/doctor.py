"""The command `lossbench doctor`: one line per question, with the remedy where it is not fine."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from ...strategies.core.plugins import in_one_line
from ..machine import environment
from ..plan.values import data_dir

ENOUGH = 1 << 30  # bytes of disk for data and results


def options(command: argparse.ArgumentParser) -> None:
    """Adds the options of the command."""
    command.add_argument("--data-dir", help="folder of prepared data")


def execute(options: argparse.Namespace) -> int:
    """Examines the installation with the folder of data that is meant."""
    return examine(data_dir(options.data_dir))


def examine(folder: Path) -> int:
    """Print the findings; returns 0 when nothing stands in the way of a run, else 1."""
    questions: tuple[tuple[str, Callable[[], str]], ...] = (
        ("Python", _python),
        ("TensorFlow", _tensorflow),
        ("XLA", _xla),
        ("devices", _devices),
        ("data", lambda: _data(folder)),
        ("disk", lambda: _disk(folder)),
        ("strategies", _strategies),
    )
    fine = True
    for name, question in questions:
        try:
            with _quiet():
                finding = question()
            print(f"ok    {name}: {finding}")
        except Exception as error:  # whatever is wrong is what the user wants to know
            fine = False
            print(f"FAIL  {name}: {in_one_line(error)}")
    return 0 if fine else 1


@contextlib.contextmanager
def _quiet() -> Generator[None]:
    """TensorFlow writes to the standard error of the process, whatever its settings."""
    sys.stderr.flush()
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _python() -> str:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise RuntimeError(f"{sys.version.split()[0]} is not supported: install 3.11, 3.12 or 3.13")
    return f"{sys.version.split()[0]}, {environment.cores()} cores"


def _tensorflow() -> str:
    import keras
    import tensorflow as tf

    return f"{tf.version.VERSION} with Keras {keras.version()}"


def _xla() -> str:
    import tensorflow as tf

    double = tf.function(lambda x: x * 2, jit_compile=True, autograph=False)
    if float(double(tf.constant(2.0))) != 4.0:
        raise RuntimeError("a compiled function gives a wrong result: reinstall tensorflow")
    return "compiles"


def _devices() -> str:
    import tensorflow as tf

    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return "CPU only (for an NVIDIA GPU on Linux: pip install 'lossbench[gpu]')"
    names = [tf.config.experimental.get_device_details(gpu).get("device_name") for gpu in gpus]
    return ", ".join(str(name) for name in names)


def _data(folder: Path) -> str:
    from ...datasets.core.loader import arrays, packaged

    if not os.access(_nearest(folder), os.W_OK):
        raise RuntimeError(f"{folder} can't be written: set LOSSBENCH_DATA to another folder")
    for name in packaged():
        with tempfile.TemporaryDirectory() as temporary:
            arrays(name, Path(temporary))
    return f"packaged sets prepare without a network; data live in {folder}"


def _nearest(folder: Path) -> Path:
    """The folder, or the first one above it that exists."""
    return next(parent for parent in (folder, *folder.parents) if parent.exists())


def _disk(folder: Path) -> str:
    place = _nearest(folder)
    free = shutil.disk_usage(place).free
    if free < ENOUGH:
        raise RuntimeError(f"{free >> 20} MiB free at {place}: make room or set LOSSBENCH_DATA")
    return f"{free >> 30} GiB free"


def _strategies() -> str:
    from ...strategies import get, names

    broken = list(_broken(names(), get))
    if broken:
        raise RuntimeError("; ".join(broken))
    return f"{len(names())} load"


def _broken(names: tuple[str, ...], get: Callable[[str], object]) -> Iterator[str]:
    for name in names:
        try:
            get(name)
        except ValueError as error:
            yield str(error)
