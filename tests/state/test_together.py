"""Several records that reach the disk as one."""

import pytest

from kace_bridge.state import Store


def cut_off(store: Store) -> None:
    """Something is recorded, then the block ends in an error."""
    with store.together():
        store.set_meta("b", "2")
        raise KeyError


def test_what_is_recorded_together_is_kept_or_lost_together(store: Store) -> None:
    """One error inside undoes itself alone; one that leaves the block undoes all of it."""
    with store.together():
        store.set_meta("a", "1")
        assert store.meta("a") == "1"
    with pytest.raises(KeyError):
        cut_off(store)
    assert (store.meta("a"), store.meta("b")) == ("1", None)
    store.set_meta("b", "3")
    assert store.meta("b") == "3"


def test_a_lost_compare_and_set_inside_leaves_the_others_standing(store: Store) -> None:
    """A transaction that is overtaken is undone by itself, not what was recorded beside it."""
    with store.together():
        store.set_meta("before", "1")
        assert not store.finish([("nobody", 0)], "applied")
        store.set_meta("after", "1")
    assert (store.meta("before"), store.meta("after")) == ("1", "1")
