"""Hash of the code that a result depends on: change the code, and the result is made anew.

That is a file and what it imports: of this package, and of modules of the user's own. The standard
library and installed packages are left out; the versions of those that matter are in a cell's key.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

from . import own_modules

OURS = __name__.partition(".")[0]
ROOT = Path(__file__).resolve().parents[2]  # its folders are the sub-packages
FACES = (ROOT / "__init__.py", ROOT / "bench" / "__init__.py")  # name all, and decide nothing


def of(roots: Iterable[tuple[Path, Path]]) -> str:
    """Hash of some files and of everything that they import and that is not installed.

    Comments and layout do not count. Files are hashed by name and content, not by folder, so a
    clone elsewhere has the same hash.

    Args:
        roots: pairs of a file and the folder of the package that its relative imports start from
            (a plug-in by path imports as if it lay in the package).
    """
    seen: dict[Path, str] = {}
    queue = [(path.resolve(), package.resolve()) for path, package in roots]
    while queue:
        path, package = queue.pop()
        if path not in seen:
            seen[path], imported = _read(path, package, path.stat().st_mtime_ns)
            queue += [(found, found.parent) for found in imported]
    lines = sorted(f"{path.parent.name}/{path.name} {digest}" for path, digest in seen.items())
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


@functools.cache
def _read(path: Path, package: Path, modified: int) -> tuple[str, tuple[Path, ...]]:
    tree = ast.parse(path.read_bytes())
    imported = [
        found
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for found in _targets(node, package)
    ]
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest(), tuple(imported)


def _targets(node: ast.Import | ast.ImportFrom, package: Path) -> Iterable[Path]:
    """Files that an import may read."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
        return [f for name in names if name.split(".")[0] != OURS for f in own_modules.files(name)]
    parts = (node.module or "").split(".")
    names = [alias.name for alias in node.names]
    if node.level:
        base = package
        for _ in range(node.level - 1):
            base = base.parent
    elif parts[0] == OURS:
        base, parts = ROOT, parts[1:]
    else:
        return own_modules.files(node.module or "", names)
    base = base.joinpath(*filter(None, parts))
    candidates = [base.with_suffix(".py"), base / "__init__.py"]
    candidates += [base / f"{name}.py" for name in names]
    found = (path.resolve() for path in candidates if path.is_file())
    return (path for path in found if path not in FACES)
