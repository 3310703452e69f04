"""The account: does the appliance take it, where does it land, and what may it do there?"""

from collections.abc import Iterator, Mapping
from typing import Any

from kace_bridge.doctor.check import Check, error, ok, warning
from kace_bridge.errors import KaceBridgeError, Refused
from kace_bridge.sma import Me, Sma, clause
from kace_bridge.sma.replies import lower_keys

FAMILIES = {
    "A": "8.x to 11.x (Dell header names)",
    "B": "12.0 (new header names, with a CSRF token)",
    "C": "12.1 or newer",
}
"""Source: contract section 1.1."""
CARE = "support.quest.com/kace-systems-management-appliance"
"""Where the vendor says which releases are mended, and which weaknesses were found."""


def check_login(sma: Sma) -> Iterator[Check]:
    """One login, never repeated where it is refused."""
    try:
        sma.login()
    except KaceBridgeError as fault:
        what, _, cure = str(fault).partition(": check ")
        yield error("login", what, f"check {cure}" if cure else "", fault.exit_code)
        return
    yield ok("login", "the appliance takes the account")
    told = f"header generation {sma.generation}: {FAMILIES[sma.generation]}"
    if sma.generation == "C":
        yield ok("version", told)
    else:
        yield warning(
            "version", f"{told}, an old release", f"see whether it still gets fixes: {CARE}"
        )


def check_organization(sma: Sma, me: Me) -> Check:
    """A wrong organization shows an empty desk and no error (contract section 8, Q25)."""
    told = sma.selected_organization or me.record.get("organization")
    seen, asked = str(told or ""), sma.organization
    if not seen or seen.isdigit():
        return ok("organization", f"{asked} was asked for; the appliance does not name it back")
    if seen.casefold() != asked.casefold():
        what = f"the appliance selected {seen}, not {asked}"
        return error("organization", what, "correct KACE_ORG, or the account's organization")
    return ok("organization", seen)


def check_role(me: Me, *, writes: bool) -> Check:
    """READ, WRITE or HIDE in the service desk (contract section 2.6)."""
    who = f"'{me.user_name}'" if me.user_name else f"user {me.user_id}"
    match me.helpdesk:
        case "WRITE":
            return ok("role", f"{who} may read and write in the service desk")
        case "READ":
            what, cure = f"{who} may read and not write", "give its role WRITE in the service desk"
            return error("role", what, cure) if writes else warning("role", what, cure)
        case "HIDE":
            what = f"the service desk is hidden from {who}"
            return error("role", what, "give its role WRITE in the service desk")
    what = "the appliance does not say what the account may do"
    return warning("role", what, "the first sync will show; start with mode: shadow")


def check_reach(sma: Sma, me: Me) -> Iterator[Check]:
    """Whether the account reaches what the bridge never asks for."""
    areas = me.record.get("permissions")
    others = sorted(
        area
        for area, right in lower_keys(areas if isinstance(areas, Mapping) else {}).items()
        if area != "helpdesk" and str(right).upper() == "WRITE"
    )
    if others:
        what = f"it may also write in {', '.join(others)}"
        yield warning("reach", what, "use a role that may write in the service desk alone")
    if _reads(sma.machines):
        what = "it also reads the inventory, as an administrator does"
        yield warning("reach", what, "use a role with everything but service desk and users hidden")
    elif not others:
        yield ok("reach", "nothing beside service desk and users is open to it")


def _reads(inventory: Any) -> bool:
    try:
        next(inventory.list(clause("id", "lt", 2)), None)
    except Refused:
        return False
    return True
