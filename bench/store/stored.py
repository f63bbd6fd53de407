"""A cell as it lies in a results folder, held against the schema."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import json_object
from .json_object import ObjectError
from .schema import ACHIEVED, RESULT, RETRIED, SCHEMA, SPEC, SPECIFIED


@dataclasses.dataclass(frozen=True)
class Stored:
    """A cell that is there: its folder, spec.json and result.json."""

    folder: Path
    spec: dict[str, Any]
    result: dict[str, Any]

    @property
    def key(self) -> str:
        """Hash of its specification."""
        return self.folder.name

    @property
    def stands(self) -> bool:
        """Whether its result is one that the next run does not try to better."""
        return not any(row["status"] in RETRIED for row in self.result["seeds"])

    def same(self, fields: Sequence[str]) -> str:
        """These fields of its specification as one text."""
        return json.dumps([self.spec[field] for field in fields], sort_keys=True)


def read(folder: Path) -> Stored:
    """A cell.

    Raises:
        ObjectError: it is not there whole, or of another version; says what is wrong.
    """
    try:
        spec = json_object.read(folder / SPEC, {})
        if spec.get("schema") != SCHEMA:
            raise ObjectError(f"of schema {spec.get('schema')!r}")
        json_object.require(spec, SPECIFIED, SPEC)
        return Stored(folder, spec, json_object.read(folder / RESULT, ACHIEVED))
    except FileNotFoundError as error:
        raise ObjectError(f"no {Path(error.filename).name}") from error
