"""The sites of the sync's tests."""

from tests.sync.conftest import desk, fresh

__all__ = ["desk", "fresh"]
