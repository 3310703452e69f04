"""The text that digests and rows are made of."""

import json

from hypothesis import given
from hypothesis import strategies as st

from kace_bridge.model.plain_json import text_maker

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(VALUES)
def test_the_text_is_what_json_itself_writes(value: object):
    """Digests stored by earlier releases stay good."""
    expected = json.dumps(value, sort_keys=True, separators=(",", ":"))
    assert text_maker(str)(value) == expected


def test_what_json_does_not_know_is_made_plain():
    """As `default` says; a tuple is a list."""
    assert text_maker(str)({"b": (1, 2), "a": 1j}) == '{"a":"1j","b":[1,2]}'
