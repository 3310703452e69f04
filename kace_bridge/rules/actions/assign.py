"""The action ``assign``."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from kace_bridge.rules.actions.base import Action, Lowered, References, Scene
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.schema import Strict


class TeamTarget(Strict):
    """The team to fall back to."""

    team: str


class Assign(Action):
    """Make somebody the owner: a person of a team, a named person, or the last owner.

    ``team`` lets the team's strategy pick; ``to`` is a login name or ``last_owner``. ``else``
    names the team that picks where that person is unknown or away, or nobody of the first team
    is present. Where nobody is found at all, the ticket keeps its owner, and the trace says so.

    Example:
        assign: {to: last_owner, else: {team: desk}}
    """

    verb: ClassVar[str] = "assign"
    team: str | None = None
    to: str | None = None
    otherwise: TeamTarget | None = Field(None, alias="else")

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.team is None) == (self.to is None):
            raise ValueError("'assign' needs either 'team' or 'to', and not both")
        return self

    def lower(self, facts: Facts, scene: Scene) -> Lowered:
        if self.to is not None:
            person, why = self._named(facts)
            if person is not None:
                return self._owner(facts, person, None, {"assign": why})
            if self.otherwise is None:
                return Lowered(notes=({"assign": f"nobody assigned: {why}"},))
        return self._picked(facts, scene)

    def _picked(self, facts: Facts, scene: Scene) -> Lowered:
        named = (self.team, self.otherwise.team if self.otherwise else None)
        teams = [team for team in named if team is not None]
        notes: list[dict[str, object]] = []
        for team in teams:
            choice = scene.pick(team, facts)
            note: dict[str, object] = {"assign": choice.reason, **choice.as_data()}
            if choice.person is not None:
                lowered = self._owner(facts, choice.person, team, note)
                return Lowered(lowered.values, (), (*notes, *lowered.notes), team, choice.desk)
            notes.append(note)
        return Lowered(notes=tuple(notes), team=teams[0])

    def _named(self, facts: Facts) -> tuple[str | None, str]:
        name = self.to if self.to != "last_owner" else last_owner(facts)
        if name is None:
            return None, "the ticket had no owner before"
        if facts.desk.person(name).archived:
            return None, f"{name} is archived on the appliance"
        if facts.desk.is_away(name):
            return None, f"{name} is away"
        why = "the last owner" if self.to == "last_owner" else "by name"
        return facts.desk.person(name).user_name, f"{name}, {why}"

    def _owner(
        self, facts: Facts, person: str, team: str | None, note: dict[str, object]
    ) -> Lowered:
        if facts.ticket.value("owner") == person:
            return Lowered(notes=({**note, "set": "owner: already so"},), team=team)
        return Lowered(values={"owner": person}, notes=(note,), team=team)

    def references(self) -> References:
        named = self.to if self.to not in {None, "last_owner"} else None
        teams = [self.team, self.otherwise.team if self.otherwise else None]
        return References(
            teams=tuple(team for team in teams if team), users=(named,) if named else ()
        )


def last_owner(facts: Facts) -> str | None:
    """Who owned the ticket last: its present owner, else the latest one its history shows."""
    return next(iter(facts.owners()), None)
