"""Whether a results folder is of this version: asked before anything in it is touched."""

from __future__ import annotations

from pathlib import Path

from . import json_object
from .json_object import ObjectError
from .schema import CELLS, PLAN, RUNS, SCHEMA, other_version


class StoreError(ValueError):
    """A results folder that can't be used, with the remedy."""


def require(directory: Path) -> None:
    """Refuse a folder that another version or another program wrote.

    A plan that can't be read is replaced by the next run, where there are cells beside it.

    Raises:
        StoreError: it is of another version, or of something else.
    """
    try:
        schema = json_object.read(directory / PLAN, {}).get("schema")
    except (FileNotFoundError, ObjectError) as error:
        ours = [name for name in (PLAN, RUNS) if (directory / name).exists()]
        if ours and not (directory / CELLS).is_dir():
            raise StoreError(
                f"{directory} holds {' and '.join(ours)}, but no plan of lossbench ({PLAN} is "
                "missing or can't be read): choose another folder with --out"
            ) from error
        return
    if schema != SCHEMA:
        raise StoreError(other_version(directory, schema))
