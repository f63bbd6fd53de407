"""The command `lossbench prepare`: data sets ahead of a run."""

from __future__ import annotations

import argparse

from .lazy import release


def options(command: argparse.ArgumentParser) -> None:
    """Adds the arguments of the command."""
    command.add_argument("names", nargs="*", help="data sets; default: all that need no network")
    command.add_argument(
        "--from",
        dest="source",
        metavar="DIR",
        help="folder with the files of one image set (mnist, fashion_mnist, kmnist): no network",
    )
    command.add_argument("--data-dir", help="folder of prepared data")


def execute(options: argparse.Namespace) -> int:
    """Prepares them.

    Raises:
        ValueError: one can't be had.
    """
    release()
    from ...datasets import DataUnavailable
    from ...datasets.core.prepare import prepare
    from ..plan.values import data_dir

    try:
        prepare(options.names, data_dir(options.data_dir), source=options.source)
    except DataUnavailable as error:
        raise ValueError(str(error)) from error
    return 0
