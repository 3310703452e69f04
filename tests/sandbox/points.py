"""The register of checklist points: contract section 9, numbers 01 to 63."""

from collections.abc import Callable

Check = Callable[[], None]
POINTS: dict[str, Check] = {}


def point(number: str) -> Callable[[Check], Check]:
    """Enter a check under its number; the docstring is what the appliance promises there."""

    def enter(check: Check) -> Check:
        assert number not in POINTS, f"point {number} is checked twice"
        POINTS[number] = check
        return check

    return enter
