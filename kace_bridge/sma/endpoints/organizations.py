"""Organizations: a session sees only the one selected.  Source: contract section 2.2."""

from dataclasses import dataclass

from kace_bridge.errors import NotFound
from kace_bridge.model.people import to_int
from kace_bridge.sma.exchange import Request
from kace_bridge.sma.replies import lower_keys, untrusted
from kace_bridge.sma.session import Session

PATH = "/ams/shared/api/organizations"
SWITCH = "/ams/shared/api/security/organization"


@dataclass(frozen=True, slots=True)
class Organization:
    """Ids of tickets, queues and users are unique inside one organization only."""

    id: int
    name: str


class Organizations:
    """``sma.organizations``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(self) -> tuple[Organization, ...]:
        """The organizations this account may select."""
        fields = self._session.get(PATH).fields
        rows = next((value for value in fields.values() if isinstance(value, list)), None)
        if rows is None:
            raise untrusted(Request("GET", PATH), "answered without a list of organizations")
        found = [lower_keys(row) for row in rows if isinstance(row, dict)]
        return tuple(
            Organization(number, str(row.get("name") or ""))
            for row in found
            if (number := to_int(row.get("id")))
        )

    def switch(self, organization_id: int) -> None:
        """Select another organization for this session; a new login returns to the first one.

        Tries the query form, then the path form (contract section 2.2 gives both).
        """
        number = int(organization_id)
        try:
            self._session.write(
                "POST", f"{SWITCH}/switch", query=(("organizationId", str(number)),)
            )
        except NotFound:
            self._session.write("POST", f"{SWITCH}/{number}/switchto")
