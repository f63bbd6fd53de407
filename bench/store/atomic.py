"""Files that are replaced in one step: a reader finds the old one or the new one, whole."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Generator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: Path) -> Generator[Path]:
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
    temporary = path.with_name(f".{path.name}-{uuid.uuid4().hex[:8]}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
