"""What every action is: a strict model of its YAML, and a pure lowering to effects."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from kace_bridge.model.effect import Effect
from kace_bridge.rules.facts import Desk, Facts
from kace_bridge.rules.schema import Strict
from kace_bridge.rules.strategies.base import Choice


@dataclass(frozen=True, slots=True)
class Scene:
    """What an action may use besides the facts: the engine's services, all pure."""

    rule: str
    title: str
    level: int | None
    pick: Callable[[str, Facts], Choice]
    render: Callable[[str, Mapping[str, object]], tuple[str, str, str]]
    variables: Callable[[Facts, str], dict[str, object]]
    channel: str
    team: str | None = None
    """The team this decision has just assigned, for ``to: [team, lead]``."""
    rooms: frozenset[str] = frozenset()
    """Channels with a target of their own: what they get is for nobody in particular."""


@dataclass(frozen=True, slots=True)
class Lowered:
    """What an action comes to: values to set, other effects, notes for the trace."""

    values: Mapping[str, str | None] = field(default_factory=dict)
    effects: tuple[Effect, ...] = ()
    notes: tuple[Mapping[str, object], ...] = ()
    team: str | None = None
    desk: Desk | None = None


@dataclass(frozen=True, slots=True)
class References:
    """Names an action mentions, for ``rules check`` to look up."""

    teams: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    """Names the appliance must know, each with its field: ``("status", "Closed")``."""


class Action(Strict):
    """Base of all actions; a subclass with a ``verb`` registers itself."""

    verb: ClassVar[str]
    order: ClassVar[int] = 0
    """Within one ``then``: fields first, messages last, so that messages see the new owner."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        ACTIONS[cls.verb] = cls

    def lower(self, facts: Facts, scene: Scene) -> Lowered:
        """The effects of this action on the ticket of *facts*; no I/O."""
        raise NotImplementedError

    def references(self) -> References:
        """The names this action mentions."""
        return References()

    @classmethod
    def shape(cls, data: object) -> object:
        """*data* in the long form, where a short one is allowed."""
        return data


STAFF_ROLES = frozenset({"owner", "new_owner", "previous_owner", "lead", "team"})
"""Recipients who may read owners-only comments."""

ACTIONS: dict[str, type[Action]] = {}
"""Every action by the key that names it under ``then``."""
