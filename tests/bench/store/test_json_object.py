"""JSON objects: held against shapes, whatever is in the file."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lossbench.bench.store import json_object, schema
from lossbench.bench.store.json_object import ObjectError
from lossbench.bench.store.schema import NUMBER_OR_NONE, REST, Each, Named, OneOf

SHAPE = {
    "name": str,
    "state": OneOf(("on", "off")),
    "rows": Each({"x": int, REST: NUMBER_OR_NONE}),
    "by_name": Named(bool),
}
GOOD = {"name": "a", "state": "on", "rows": [{"x": 1, "y": None}], "by_name": {"b": True}}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def reason(value, shape):
    try:
        json_object.require(value, shape, "a.json")
    except ObjectError as refused:
        return str(refused)
    return ""


def test_what_is_written_is_read(tmp_path):
    json_object.write(tmp_path / "a.json", GOOD)
    assert json_object.read(tmp_path / "a.json", SHAPE) == GOOD
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": 3}, "has another value at name than a text"),
        ({"state": "odd"}, "at state than one of on, off"),
        ({"state": []}, "at state than one of on, off"),
        ({"rows": {}}, "at rows than a list"),
        ({"rows": [{}]}, "lacks rows.0.x"),
        ({"rows": [{"x": True}]}, "at rows.0.x than a whole number"),
        ({"rows": [{"x": 2**63}]}, "at rows.0.x than a whole number"),
        ({"rows": [{"x": 1, "y": "z"}]}, "at rows.0.y than a number or null"),
        ({"by_name": {"b": 1}}, "at by_name.b than true or false"),
        ({"by_name": []}, "at by_name than an object"),
    ],
)
def test_another_shape_is_named(change, words):
    with pytest.raises(ObjectError) as refused:
        json_object.require(GOOD | change, SHAPE, "a.json")
    assert str(refused.value).startswith("a.json ")
    assert words in str(refused.value)


def test_names_that_are_no_names_stay_one_short_line():
    said = reason(GOOD | {"by_name": {"\n\x1b" + 1000 * "x": 1}}, SHAPE)
    assert len(said) < 250
    assert said.isprintable()


def test_no_file_is_told_from_a_bad_one(tmp_path):
    with pytest.raises(FileNotFoundError):
        json_object.read(tmp_path / "a.json", {})
    with pytest.raises(ObjectError, match=r"can't be read"):
        json_object.read(tmp_path, {})


@given(VALUES, st.sampled_from([SHAPE, schema.PLANNED, schema.SPECIFIED, schema.ACHIEVED]))
def test_any_value_fits_or_is_refused_in_one_line(value, shape):
    said = reason(value, shape)
    assert len(said.splitlines()) <= 1
    assert said or set(shape) <= set(value)


@given(st.binary())
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "a.json"
    path.write_bytes(content)
    with pytest.raises(ObjectError) as refused:
        json_object.read(path, SHAPE)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("key", sorted(GOOD))
def test_every_key_is_needed(key):
    with pytest.raises(ObjectError, match=f"lacks {key}"):
        json_object.require({k: v for k, v in GOOD.items() if k != key}, SHAPE, "a.json")


def test_numbers_that_json_does_not_know_are_refused_when_written(tmp_path):
    with pytest.raises(ValueError, match=r"not JSON compliant"):
        json_object.write(tmp_path / "a.json", {"x": float("nan")})
    assert list(tmp_path.iterdir()) == []
    assert json.loads('{"x": 1e999}')["x"] == float("inf"), "what others write may hold it"
