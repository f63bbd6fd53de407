"""Prepare an image set of TFDS from files that are already here: no network is asked.

The four files of MNIST and its kin are passed on in many packings, so that their checksums differ
from those that TFDS knows. What counts is what is inside: the contents, unpacked, are held against
a hash, or, for sets whose contents nobody has hashed here, the packed file against TFDS's own.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import reading
from .networked import builder_of
from .unavailable import DataUnavailable

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

ENDING = "-ubyte.gz"
KINDS = {2049: "labels", 2051: "images"}  # the number that a file begins with
# SHA-256 of the unpacked files, read off Debian's package dataset-fashion-mnist.
CONTENTS: Mapping[str, Mapping[str, str]] = {
    "fashion_mnist": {
        "t10k-images-idx3-ubyte.gz": (
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"
        ),
        "t10k-labels-idx1-ubyte.gz": (
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"
        ),
        "train-images-idx3-ubyte.gz": (
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"
        ),
        "train-labels-idx1-ubyte.gz": (
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"
        ),
    }
}


def prepare_from(name: str, folder: Path, source: Path) -> None:
    """Prepare a set from the files of a folder.

    Args:
        name: a set of TFDS whose files are of the MNIST kind.
        folder: of prepared data.
        source: folder with the files, packed (.gz) or not, under the names that TFDS gives them.

    Raises:
        DataUnavailable: it is no such set, files are missing, or their contents are others; nothing
            is prepared then.
    """
    with reading.quiet():
        builder = builder_of(name, folder)
        known = {info.filename: info.checksum for info in (builder.url_infos or {}).values()}
        if not known or not all(file.endswith(ENDING) for file in known):
            raise DataUnavailable(
                f"{name} can't be prepared with --from: it takes sets of four image files, as "
                f"mnist, fashion_mnist and kmnist; run `lossbench prepare {name}`"
            )
        contents = _contents(name, known, source)
        with (
            reading.lock(name, folder),
            tempfile.TemporaryDirectory(dir=folder, prefix=".files-") as where,
        ):
            builder = builder_of(name, folder)  # reads what is prepared: only now, inside the lock
            if builder.is_prepared():
                return
            unpacked = {file: Path(where) / file.removesuffix(".gz") for file in contents}
            for file, content in contents.items():
                unpacked[file].write_bytes(content)
            _without_network(builder, unpacked)
            reading.prepare(builder)


def _contents(name: str, known: Mapping[str, str | None], source: Path) -> dict[str, bytes]:
    """What is in the files of the folder, all of them checked."""
    if not source.is_dir():
        raise DataUnavailable(f"--from {source}: there is no such folder")
    found = {file: _found(source, file) for file in sorted(known)}
    if missing := [file for file, path in found.items() if path is None]:
        raise DataUnavailable(
            f"--from {source} lacks {', '.join(missing)} (or the same without .gz) of {name}"
        )
    return {file: _checked(name, file, path, known[file]) for file, path in found.items() if path}


def _found(source: Path, file: str) -> Path | None:
    there = [source / file, source / file.removesuffix(".gz")]
    return next((path for path in there if path.is_file()), None)


def _checked(name: str, file: str, path: Path, packed: str | None) -> bytes:
    """The contents of a file, unpacked.

    Raises:
        DataUnavailable: they are not those of the set.
    """
    raw = path.read_bytes()
    try:
        content = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
    except (OSError, EOFError) as error:
        raise DataUnavailable(f"{path} can't be unpacked ({error})") from error
    _check_header(path, content, "labels" if "labels" in file else "images")
    expected = CONTENTS.get(name, {}).get(file)
    if expected is None:
        if hashlib.sha256(raw).hexdigest() != packed:
            raise DataUnavailable(
                f"{path} is not the file that TFDS knows for {name} (SHA-256 {packed}), and the "
                "contents of another packing are not known here"
            )
    elif hashlib.sha256(content).hexdigest() != expected:
        raise DataUnavailable(
            f"{path} holds other data than {name}: unpacked, its SHA-256 is "
            f"{hashlib.sha256(content).hexdigest()}, expected {expected}"
        )
    return content


def _check_header(path: Path, content: bytes, kind: str) -> None:
    """Whether a file is of its kind and as long as it says."""
    try:
        (magic,) = struct.unpack(">I", content[:4])
        sizes = struct.unpack(f">{magic & 0xFF}I", content[4 : 4 + 4 * (magic & 0xFF)])
    except struct.error:
        magic, sizes = 0, ()
    length = 4 + 4 * len(sizes) + math.prod(sizes)
    if KINDS.get(magic) != kind or len(content) != length:
        raise DataUnavailable(f"{path} is no whole file of {kind} of the MNIST kind")


def _without_network(builder: tfds.core.DatasetBuilder, files: Mapping[str, Path]) -> None:
    """Let a builder find what it would download and unpack."""
    import tree

    make = builder._make_download_manager

    def with_files(**options: Any) -> Any:
        manager = make(**options)
        manager.download_and_extract = lambda urls: tree.map_structure(
            lambda url: files[str(url).rpartition("/")[2]], urls
        )
        return manager

    builder._make_download_manager = with_files
