"""Modules of the user's own: neither of the standard library nor installed."""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterable
from importlib.machinery import PathFinder
from pathlib import Path

INSTALLED = ("site-packages", "dist-packages")
STANDARD = tuple(Path(sysconfig.get_path(kind)).resolve() for kind in ("stdlib", "platstdlib"))


def files(module: str, names: Iterable[str] = ()) -> list[Path]:
    """The files that an import of a module reads, with those of its packages; imports nothing.

    Args:
        module: as it is written, "helper" or "package.part".
        names: what is imported from it: sub-modules, where there are such files.

    Example:
        >>> files("json.decoder"), files("numpy", ["linalg"])
        ([], [])
    """
    first, *rest = module.split(".")
    places = _places(first)
    found = []
    for place in places:
        found += [place / "__init__.py", place.with_suffix(".py")]
        for part in rest:
            place /= part
            found += [place / "__init__.py", place.with_suffix(".py")]
        for name in names:
            found += [place / name / "__init__.py", place / f"{name}.py"]
    return [path.resolve() for path in found if path.is_file()]


def _places(name: str) -> list[Path]:
    """Where a module or package of this name lies, as a path without suffix; none of others'."""
    if not name or name in sys.stdlib_module_names:
        return []
    try:
        spec = PathFinder.find_spec(name)
        # What an editable installation puts there has a finder of its own: it knows once loaded.
        origin = spec.origin if spec else vars(sys.modules.get(name, sys)).get("__file__")
        folders = list(spec.submodule_search_locations or ()) if spec else []
    except (ImportError, ValueError, AttributeError, OSError):
        return []
    places = [Path(folder) for folder in folders]
    if origin and not places:
        file = Path(origin)
        places = [file.parent if file.name == "__init__.py" else file.with_suffix("")]
    return [place.resolve() for place in places if _is_own(place.resolve())]


def _is_own(place: Path) -> bool:
    standard = any(place.is_relative_to(folder) for folder in STANDARD)
    return not standard and not any(part in INSTALLED for part in place.parts)
