"""Canned replies in a fixed order."""

from collections.abc import Iterator

import pytest
import responses
from responses.registries import OrderedRegistry


@pytest.fixture
def rsps() -> Iterator[responses.RequestsMock]:
    """Replies in the order given; one left over, or one too few, fails the test."""
    with responses.RequestsMock(
        registry=OrderedRegistry, assert_all_requests_are_fired=True
    ) as mock:
        yield mock
