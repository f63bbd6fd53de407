"""Whether a results folder is of this version: asked before anything in it is touched."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from . import json_object
from .json_object import ObjectError
from .schema import CELLS, PLAN, RUNS, SCHEMA, SPEC, other_version


class StoreError(ValueError):
    """A results folder that can't be used, with the remedy."""


def require(directory: Path) -> None:
    """Refuse a folder that another version or another program wrote.

    A plan that can't be read is replaced by the next run, where there are cells beside it, of this
    version.

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
        schemas = _schemas(directory)
        if schemas and SCHEMA not in schemas:
            raise StoreError(other_version(directory, schemas[0])) from error
        return
    if schema != SCHEMA:
        raise StoreError(other_version(directory, schema))


def _schemas(directory: Path) -> list[Any]:
    """Of the cells whose specification can be read."""
    found = []
    for path in sorted((directory / CELLS).glob(f"[!.]*/{SPEC}")):
        with contextlib.suppress(ObjectError, FileNotFoundError):
            found.append(json_object.read(path, {}).get("schema"))
    return found
