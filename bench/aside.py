"""Files that are replaced in one step: a reader finds the old one or the new one, whole."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes its place unless an error came.

    Example:
        with replacing(directory / "runs.parquet") as aside:
            table.to_parquet(aside)
    """
    aside = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}")
    try:
        yield aside
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
