"""The action ``notify``."""

from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from kace_bridge.model.effect import SendMessage
from kace_bridge.model.ids import UserName
from kace_bridge.model.people import Person
from kace_bridge.rules.actions.base import Action, Lowered, References, Scene
from kace_bridge.rules.facts import Facts, Team

ROLES = ("submitter", "owner", "new_owner", "previous_owner", "lead", "team", "author")
"""Whom ``to`` may name, besides team names and login names."""


class Notify(Action):
    """Send a message to people by their role, each in a message of their own.

    ``to`` names roles, teams or login names; ``template`` a message text; ``channel`` a way
    out other than the default. Nobody is told twice by one rule, and a person without an
    e-mail address is left out and named in the trace. A chat room or a webhook gets one
    message, without a greeting, whomever ``to`` names.

    Example:
        notify: {to: [owner, lead], template: reopened}
    """

    verb: ClassVar[str] = "notify"
    order: ClassVar[int] = 9
    to: list[str] = Field(min_length=1)
    template: str = "generic"
    channel: str | list[str] | None = None
    urgent: bool = False

    def lower(self, facts: Facts, scene: Scene) -> Lowered:
        effects: list[SendMessage] = []
        notes: list[dict[str, object]] = []
        told: set[str] = set()
        rooms = [name for name in self.channels(scene.channel) if name in scene.rooms]
        if rooms:
            nobody = Person(UserName(""))
            effects.extend(self._messages(facts, scene, self.to[0], nobody, rooms))
        channels = [name for name in self.channels(scene.channel) if name not in scene.rooms]
        if not channels:
            return Lowered(effects=tuple(effects))
        for role, person in self._recipients(facts, scene):
            if person is None:
                notes.append({"notify": f"{role}: nobody to tell"})
            elif not person.email:
                notes.append({"notify": f"{role}: {person.user_name} has no e-mail address"})
            elif person.email.casefold() not in told:
                told.add(person.email.casefold())
                effects.extend(self._messages(facts, scene, role, person, channels))
        return Lowered(effects=tuple(effects), notes=tuple(notes))

    def _messages(
        self, facts: Facts, scene: Scene, role: str, person: Person, channels: list[str]
    ) -> Iterator[SendMessage]:
        variables = scene.variables(facts, role)
        told = variables["recipient"]
        language = told.get("language", "") if isinstance(told, dict) else ""
        variables["recipient"] = {"name": person.shown, "role": role, "language": language}
        subject, text, html = scene.render(self.template, variables)
        for channel in channels:
            yield SendMessage(
                ticket=facts.ticket.id, channel=channel, to=person.email, name=person.shown,
                role=role, template=self.template, subject=subject, text=text, html=html,
                urgent=self.urgent,
            )  # fmt: skip

    def channels(self, default: str) -> list[str]:
        """The channels this action uses, in order."""
        if self.channel is None:
            return [default]
        return [self.channel] if isinstance(self.channel, str) else list(self.channel)

    def _recipients(self, facts: Facts, scene: Scene) -> Iterator[tuple[str, Person | None]]:
        desk, ticket = facts.desk, facts.ticket
        team = desk.teams.get(scene.team or "") or desk.team_of(ticket.value("owner"))
        for role in self.to:
            match role:
                case "submitter" | "owner" | "new_owner":
                    yield (
                        role,
                        known(facts, ticket.value("submitter" if role == "submitter" else "owner")),
                    )
                case "previous_owner":
                    yield role, known(facts, facts.before.value("owner") if facts.before else None)
                case "author":
                    yield role, known(facts, facts.event.author if facts.event else None)
                case "lead":
                    yield role, known(facts, team.lead if team else None)
                case "team":
                    yield from members(facts, role, team)
                case _ if role in desk.teams:
                    yield from members(facts, role, desk.teams[role])
                case _:
                    yield role, known(facts, role)

    def references(self) -> References:
        named = tuple(name for name in self.to if name not in ROLES)
        return References(
            users=named,
            templates=(self.template,),
            channels=tuple(self.channels("")) if self.channel else (),
        )


def known(facts: Facts, user: str | None) -> Person | None:
    """The person behind a login name: as the appliance's list has them, else as the ticket does."""
    if user is None:
        return None
    person = facts.desk.people.get(user)
    if person is not None and person.email:
        return person
    for shown in (facts.ticket.owner, facts.ticket.submitter):
        if shown is not None and shown.user_name == user:
            return shown if shown.email or person is None else person
    return person or Person(facts.desk.person(user).user_name)


def members(facts: Facts, role: str, team: Team | None) -> Iterator[tuple[str, Person | None]]:
    """Everybody in *team*, or its mailbox where it has one."""
    if team is None:
        yield role, None
    elif team.email:
        yield role, Person(facts.desk.person(team.name).user_name, team.shown, team.email)
    else:
        for user in team.members:
            yield role, known(facts, user)
