"""Files that are replaced in one step: a reader finds the old one or the new one, whole."""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it takes its place unless an error came.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with replacing(Path(folder) / "note.txt") as temporary:
        ...         _ = temporary.write_text("whole or not at all")
        ...     [path.name for path in Path(folder).iterdir()]
        ['note.txt']
    """
    aside = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}")
    try:
        yield aside
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def read_json(path: Path) -> dict[str, Any]:
    """A JSON file, or {} when there is none or it is no JSON."""
    with contextlib.suppress(OSError, ValueError):
        return json.loads(path.read_text())
    return {}


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file in one step."""
    with replacing(path) as aside:
        aside.write_text(json.dumps(content, indent=1, allow_nan=False, default=str) + "\n")
