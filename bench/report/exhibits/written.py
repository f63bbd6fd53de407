"""What a report has written: names of files, and what an earlier report left."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

WRITTEN = ".written"


def clear(directory: Path) -> None:
    """Makes the folder, and removes what an earlier report wrote there and nothing else."""
    directory.mkdir(parents=True, exist_ok=True)
    written = directory / WRITTEN
    if written.is_file():
        for name in written.read_text(encoding="utf-8").splitlines():
            (directory / Path(name).name).unlink(missing_ok=True)


def remember(directory: Path, paths: Iterable[Path]) -> None:
    """Notes what was written, so that a later report with fewer tasks leaves nothing stale."""
    names = sorted(path.name for path in paths)
    (directory / WRITTEN).write_text("\n".join(names) + "\n", encoding="utf-8")


def file_name(name: str) -> str:
    """A name as a file name: that of a plug-in's task may hold slashes and colons.

    >>> file_name("mine.py:task-stability")
    'mine.py_task-stability'
    """
    return "".join(c if c.isalnum() or c in "._-" else "_" for c in name)
