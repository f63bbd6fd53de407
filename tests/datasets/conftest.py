"""One folder of prepared data for all tests here."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A data folder that fills as tests ask for data sets. Do not damage it: see `own`."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def own(prepared, tmp_path):
    """A copy of the prepared digits that a test may damage."""
    from lossbench.datasets.core.loader import arrays

    arrays("sk_digits", prepared)
    folder = tmp_path / "data"
    shutil.copytree(prepared / "sk_digits", folder / "sk_digits")
    return folder
