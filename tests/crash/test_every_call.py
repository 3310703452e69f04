"""Every statement, socket call and file fails, once and for good; links break at every byte."""

from collections.abc import Iterator

import pytest

from tests.crash.trial import FAULTS, REQUESTS, Trial, cut_each, fail_each, trial

STRIDE = {"statement": 12, "socket": 3, "file": 1}
"""Here every so manieth call; ``python -m benchmarks.cut_everything`` takes them all."""
BYTES = 48


@pytest.fixture
def desk() -> Iterator[Trial]:
    with trial() as made:
        yield made


@pytest.mark.catalogue("B03")
@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("kind", FAULTS)
def test_a_call_that_fails_loses_and_doubles_nothing(desk: Trial, kind: str, for_good: bool):
    """Disk full, connection reset, no room for a file: an error of ours, and a whole recovery."""
    tried, broken = fail_each(desk, kind, for_good=for_good, every=STRIDE[kind])
    assert broken == []
    assert tried >= 4


@pytest.mark.catalogue("A07")
@pytest.mark.catalogue("A33")
@pytest.mark.catalogue("A40")
@pytest.mark.parametrize("answer", [False, True], ids=["request", "answer"])
@pytest.mark.parametrize("what", REQUESTS)
def test_a_link_cut_at_any_byte_loses_and_doubles_nothing(desk: Trial, what: str, answer: bool):
    """A read is read again; a write is unknown, looked at, and carried out once."""
    cuts, broken = cut_each(desk, what, answer=answer, every=BYTES)
    assert broken == []
    assert cuts >= 3
