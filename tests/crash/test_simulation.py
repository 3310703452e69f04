"""The delivery promise under crashes, faults and two workers; and that its checks can fail."""

import pytest

from tests.crash.ablations import ABLATIONS, HARMLESS, Design, Topology
from tests.crash.simulation import simulate

SEEDS = 150
BATCH = 15
TRIES = 300
"""Seeds within which a weakened design must be found out."""


@pytest.mark.catalogue("B01")
@pytest.mark.catalogue("B12")
@pytest.mark.catalogue("B14")
@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_no_seed_breaks_a_promise(first: int):
    """Whatever dies, fails, comes late or works beside: I1 to I6 hold once all is at rest."""
    runs = [simulate(seed) for seed in range(first, first + BATCH)]
    assert {run.seed: run.broken for run in runs if run.broken} == {}


def test_a_seed_replays_its_run():
    """The same number, the same decisions, deaths and messages."""
    once, again = simulate(7), simulate(7)
    assert (once.counts, once.broken) == (again.counts, again.broken)


def caught(design: Design, topology: Topology, seeds: int) -> bool:
    return any(simulate(seed, design, topology).broken for seed in range(seeds))


@pytest.mark.parametrize(("design", "topology"), ABLATIONS.values(), ids=ABLATIONS)
def test_a_design_without_one_of_its_parts_is_found_out(design: Design, topology: Topology):
    """A checker that cannot fail proves nothing."""
    assert caught(design, topology, TRIES)


@pytest.mark.parametrize(("design", "topology"), HARMLESS.values(), ids=HARMLESS)
def test_what_is_made_up_for_elsewhere_does_no_harm(design: Design, topology: Topology):
    """A settle window need be no longer than the appliance is late."""
    assert not caught(design, topology, BATCH)
