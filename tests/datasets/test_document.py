"""The page of the tasks is what the task objects say, and its pictures are there."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lossbench.bench.cli import listing
from lossbench.bench.plan import tasks
from lossbench.datasets.core import document, samples


def test_the_page_is_up_to_date(prepared):
    assert document.PAGE.read_text() == document.page(prepared), (
        "run `python -m lossbench.datasets.core.document`"
    )


def test_every_task_has_a_section_and_every_metric_a_row():
    page = document.PAGE.read_text()
    assert re.findall(r"^## `(.*)`$", page, flags=re.MULTILINE) == list(tasks.names())
    sections = dict(zip(tasks.names(), page.split("\n## ")[1:], strict=True))
    for name, text in sections.items():
        task = tasks.get(name)
        assert task.summary in text
        shown = task.heads if len(task.heads) < 10 else task.heads[:2]
        for head in shown:
            assert re.search(rf"^\| {head.name}[ |]", text, flags=re.MULTILINE)
            for metric in head.metrics:
                assert metric.name in text


def test_groups_of_variables_are_those_of_the_network(prepared):
    page = document.PAGE.read_text()
    assert "shared by all 4,550, pixels only 4,608, label only 70" in page  # autoencode, by hand:
    encoder, code = 64 * 64 + 64, 64 * 6 + 6
    assert encoder + code == 4550
    assert (6 * 64 + 64) + (64 * 64 + 64) == 4608
    assert 6 * 10 + 10 == 70


@pytest.mark.parametrize("name", samples.PICTURES)
def test_pictures_are_there_and_small(name):
    assert f"](pictures/{name}.png)" in document.PAGE.read_text()
    content = samples.path(name).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) < 60_000


def test_no_picture_is_left_over():
    assert {path.stem for path in samples.path("x").parent.iterdir()} == set(samples.PICTURES)


def test_pictures_show_the_data(prepared, tmp_path, monkeypatch):
    from matplotlib.image import imread

    monkeypatch.setattr(samples, "HERE", tmp_path)
    splits = tasks.get("two_digits").data(prepared)
    samples.write({"two_digits": splits})
    drawn = imread(samples.path("two_digits"))[..., 0]
    np.testing.assert_allclose(drawn, imread(document.HERE / "pictures/two_digits.png")[..., 0])
    # The first example, found again among the drawn pixels.
    first = splits["train"]["x"][0].reshape(10, 10)
    width = 0.945 * drawn.shape[1] / (8 + 7 * 0.08)  # of one picture, as it is laid out
    left, top = 0.05 * drawn.shape[1], 0.01 * drawn.shape[0]
    centres = ((np.arange(10) + 0.5) * width / 10).astype(int)
    height = drawn.shape[0] - top - 0.3 * 110
    offset = max(0.0, (height - width) / 2)
    found = drawn[np.ix_((top + offset + centres).astype(int), (left + centres).astype(int))]
    assert np.corrcoef(found.ravel(), first.ravel())[0, 1] > 0.95


def test_the_listing_tells_of_variations_and_does_not_name_forty_losses():
    text = listing.tasks()
    assert "'two_digits[right*0.01]'" in text
    assert "40 losses" in text
    assert max(map(len, text.splitlines())) < 220
    for name in ("two_digits[right*0.01]", "autoencode[sgd]", "moments[sgd,code*10]"):
        assert f"'{name}'" in text
        assert tasks.get(name).name == name
