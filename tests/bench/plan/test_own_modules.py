"""Modules of the user's own belong to what a result depends on; installed ones do not."""

import os

import pytest

from lossbench.bench.plan import code_hash
from lossbench.bench.plan.own_modules import files


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, ns=(0, hash(text) & 0xFFFFFFFF))
    return path


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder that Python imports from, with a task that imports modules of the user's own."""
    monkeypatch.syspath_prepend(str(tmp_path))
    write(tmp_path / "own_helper.py", "import json\nVALUE = 1\n")
    write(tmp_path / "own_package" / "__init__.py", "")
    write(tmp_path / "own_package" / "part.py", "from .deeper import X\n")
    write(tmp_path / "own_package" / "deeper.py", "X = 1\n")
    write(tmp_path / "own_package" / "unused.py", "Y = 1\n")
    write(tmp_path / "own_space" / "inside.py", "import own_helper\n")  # a namespace package
    return tmp_path


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("import own_helper\n", "own_helper.py"),
        ("from own_helper import VALUE\n", "own_helper.py"),
        ("def data(folder):\n    import own_helper\n", "own_helper.py"),
        ("import own_package.part\n", "own_package/part.py"),
        ("import own_package.part as p\n", "own_package/__init__.py"),
        ("from own_package import part\n", "own_package/part.py"),
        ("from own_package.part import X\n", "own_package/deeper.py"),
        ("from own_space.inside import own_helper\n", "own_helper.py"),
    ],
)
def test_a_change_in_a_module_of_ones_own_is_seen(home, text, file):
    task = write(home / "tasks" / "mine.py", text)
    before = code_hash.of([(task, home)])
    write(home / file, "# a remark\n" + (home / file).read_text())
    assert code_hash.of([(task, home)]) == before, "a remark changes nothing"
    write(home / file, (home / file).read_text() + "MORE = 2\n")
    assert code_hash.of([(task, home)]) != before


def test_what_is_not_imported_or_not_found_does_not_count(home):
    text = "import numpy\nimport os.path\nimport own_missing\nfrom own_package import part, gone\n"
    task = write(home / "mine.py", text)
    before = code_hash.of([(task, home)])
    write(home / "own_package" / "unused.py", "Y = 2\n")
    write(home / "own_helper.py", "VALUE = 3\n")
    assert code_hash.of([(task, home)]) == before


@pytest.mark.parametrize(
    "name", ["os", "json.decoder", "numpy", "tensorflow.keras", "own_gone", ""]
)
def test_the_library_and_what_is_installed_are_left_out(name):
    assert files(name) == []


def test_modules_that_import_each_other_end(home):
    write(home / "own_helper.py", "import own_other\n")
    write(home / "own_other.py", "import own_helper\n")
    assert code_hash.of([(write(home / "mine.py", "import own_helper\n"), home)])
