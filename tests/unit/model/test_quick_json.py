"""JSON by the quick library: what it says must be what the standard library would have said."""

import json
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.model.quick_json import json_bytes, read_json

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(VALUES)
def test_reading_says_what_the_standard_library_says(value: object):
    """Half characters and numbers of any size included."""
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        assert read_json(text) == json.loads(text)
    assert read_json(json.dumps(value).encode()) == value


@given(VALUES)
def test_what_was_written_reads_the_same(value: object):
    assert read_json(json_bytes(value)) == value
    assert read_json(json_bytes(value).decode("utf-8")) == value


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_the_order_of_keys_makes_no_difference(record: dict[str, object]):
    turned = dict(reversed(record.items()))
    assert json_bytes(turned) == json_bytes(record)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1,]", '{"a":}', "<html>", '"\\x"', "tru", "{'a': 1}", b"\xff\xfe", b'"\xff"'],
)
def test_what_is_no_json_is_a_value_error(text: str | bytes):
    with pytest.raises(ValueError):  # noqa: PT011 -- either library's own
        read_json(text)


def test_a_nest_without_an_end_is_an_error_of_either_kind():
    with pytest.raises((ValueError, RecursionError)):
        read_json("[" * 200_000)


def test_numbers_no_float_holds_and_keys_that_are_no_text():
    assert read_json('{"a": 1e400}') == {"a": float("inf")}
    assert json_bytes({1: "x"}) == b'{"1":"x"}'
    assert json_bytes(2**70) == str(2**70).encode()


def test_what_json_does_not_know_is_made_plain():
    """A mapping of any kind is an object; the rest is its text."""
    assert json_bytes({"b": MappingProxyType({"x": 1}), "a": (1j,)}) == b'{"a":["1j"],"b":{"x":1}}'
