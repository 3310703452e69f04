"""Which language a message is in: the site's, or that of whoever asked for help."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from kace_bridge.rules.facts import Facts


@dataclass(frozen=True, slots=True)
class Languages:
    """``default`` is the site's, as the template folders are named (``de``); empty for English.

    ``field`` is the ticket's field that tells the submitter's, ``values`` what its values mean.
    """

    default: str = ""
    field: str = ""
    values: Mapping[str, str] = dataclass_field(default_factory=dict)

    @property
    def used(self) -> frozenset[str]:
        """Every language whose templates may be asked for."""
        return frozenset({self.default, *self.values.values()} - {""})

    def of(self, facts: Facts, role: str) -> str:
        """The language for a reader in *role*: staff read the site's."""
        if role not in ("submitter", "") or not self.field:
            return self.default
        said = (facts.ticket.value(self.field) or "").strip().casefold()
        known = {name.casefold(): language for name, language in self.values.items()}
        return known.get(said, self.default)
