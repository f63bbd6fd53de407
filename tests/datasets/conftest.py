"""What the tests of data share: folders of prepared sets, and a machine without a network."""

from __future__ import annotations

import shutil
import socket

import pytest
import tfds_sets


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A data folder that fills as tests ask for data sets. Do not damage it: see `own`."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="session")
def networked_sets(tmp_path_factory):
    """A data folder with small sets of invented pictures where the networked tasks look."""
    folder = tmp_path_factory.mktemp("networked")
    for name in tfds_sets.SETS:
        tfds_sets.write(name, folder)
    return folder


@pytest.fixture
def own(prepared, tmp_path):
    """A copy of the prepared digits that a test may damage."""
    from lossbench.datasets.core.loader import arrays

    arrays("sk_digits", prepared)
    folder = tmp_path / "data"
    shutil.copytree(prepared / "sk_digits", folder / "sk_digits")
    return folder


@pytest.fixture
def no_network(monkeypatch):
    """Every look-up fails at once, and is counted."""
    asked = []

    def getaddrinfo(host, *arguments, **keywords):
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked
