"""Organizations: a session sees only the one selected.  Source: contract section 2.2."""

from collections.abc import Callable
from dataclasses import dataclass

from kace_bridge.model.people import to_int
from kace_bridge.sma.exchange import Request
from kace_bridge.sma.replies import lower_keys, untrusted
from kace_bridge.sma.session import Session

PATH = "/ams/shared/api/organizations"


@dataclass(frozen=True, slots=True)
class Organization:
    """Ids of tickets, queues and users are unique inside one organization only."""

    id: int
    name: str


class Organizations:
    """``sma.organizations``."""

    def __init__(self, session: Session, forget: Callable[[], None]) -> None:
        self._session = session
        self._forget = forget

    def list(self) -> tuple[Organization, ...]:
        """The organizations this account may select."""
        fields = self._session.get(PATH).fields
        # The plural key is not recorded anywhere: take the list that is not the warnings.
        lists = [v for key, v in fields.items() if isinstance(v, list) and key != "warnings"]
        rows = fields.get("organizations", lists[0] if lists else None)
        if not isinstance(rows, list):
            raise untrusted(Request("GET", PATH), "answered without a list of organizations")
        found = [lower_keys(row) for row in rows if isinstance(row, dict)]
        return tuple(
            Organization(number, str(row.get("name") or ""))
            for row in found
            if (number := to_int(row.get("id")))
        )

    def switch(self, organization_id: int) -> None:
        """Select another organization, for this client's new sessions too. Raises NotFound.

        Ids mean other things there: what was learnt about names and people is dropped.
        """
        self._session.select_organization(int(organization_id))
        self._forget()
