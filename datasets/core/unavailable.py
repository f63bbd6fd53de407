"""Why data cannot be had, in one line with a remedy."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from pathlib import Path

ELSEWHERE = "name another folder with --data-dir or LOSSBENCH_DATA"

_FULL = {errno.ENOSPC, errno.EDQUOT}
_CLOSED = {errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST}
# TFDS and TensorFlow wrap errors of the system into their own and keep only the text.
_FULL_TEXT = ("No space left on device", "Not enough disk space", "Disk quota exceeded")
_CLOSED_TEXT = ("Read-only file system", "Permission denied")
_NETWORK_TEXT = ("NameResolutionError", "Max retries exceeded", "Network is unreachable")


class DataUnavailable(Exception):
    """Data that cannot be had. Its text is one line: what is missing, where, and what to do."""


def diagnose(name: str, folder: Path, error: BaseException) -> DataUnavailable:
    """What a failed preparation of the data set `name` in `folder` means for a person."""
    chain = list(_chain(error))
    codes = {part.errno for part in chain if isinstance(part, OSError)}
    text = " ".join(str(part) for part in chain)
    if codes & _FULL or any(mark in text for mark in _FULL_TEXT):
        return DataUnavailable(
            f"{name}: the disk of {folder} is full; free some space, or {ELSEWHERE}"
        )
    if any(isinstance(part, socket.gaierror) for part in chain) or any(
        mark in text for mark in _NETWORK_TEXT
    ):
        return DataUnavailable(
            f"{name} is not in {folder} and its source cannot be reached over the network; prepare "
            f"it on a machine with a network and copy the folder {folder / name} here"
        )
    if codes & _CLOSED or any(mark in text for mark in _CLOSED_TEXT):
        return DataUnavailable(
            f"{name} is not prepared in {folder}, where nothing can be written "
            f"({_reason(chain)}); {ELSEWHERE}"
        )
    detail = " ".join(str(error).split())[:300]
    return DataUnavailable(
        f"{name} could not be prepared in {folder}: {type(error).__name__}: {detail}"
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what caused it, outermost first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _reason(chain: list[BaseException]) -> str:
    for part in chain:
        if isinstance(part, OSError) and part.strerror:
            return part.strerror
    return next(mark for mark in _CLOSED_TEXT if any(mark in str(part) for part in chain))
