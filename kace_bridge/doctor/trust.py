"""Whether the appliance is trusted, and what to do where it is not."""

from collections.abc import Iterator

from kace_bridge.doctor.check import Check, error
from kace_bridge.state import Store

CURE = (
    "look at the appliance; then 'kace-bridge resync' where it is right,"
    " or 'kace-bridge resync --restored' where a backup was put back"
)


def check_trust(store: Store) -> Iterator[Check]:
    """An error in safe mode, nothing otherwise."""
    if doubt := store.doubt():
        yield error("safe mode", f"since run {doubt['run']}: {doubt['reason']}", CURE, code=4)
