"""Who the ticket belongs to, and who asked."""

from kace_bridge.model.people import Person
from kace_bridge.rules.facts import Desk, Facts
from kace_bridge.rules.fields._brief import login_of
from kace_bridge.rules.fields._registry import MISSING, Kind, Value, field


@field("owner", Kind.PERSON, key="owner", ticket_only=True, brief=login_of("owner"))
def owner(facts: Facts) -> Value:
    """The person working on it, by login name; empty where nobody does.

    Example:
        owner: {in_team: [desk, network]}
    """
    return _complete(facts.ticket.owner, facts.desk)


@field("submitter", Kind.PERSON, key="submitter", ticket_only=True, brief=login_of("submitter"))
def submitter(facts: Facts) -> Value:
    """The person who asked, by login name.

    Example:
        submitter: {in_group: vip}
    """
    return _complete(facts.ticket.submitter, facts.desk)


@field("approver", Kind.PERSON, key="approver", ticket_only=True, brief=login_of("approver"))
def approver(facts: Facts) -> Value:
    """The person asked to approve, by login name.

    Example:
        approver: {empty: false}
    """
    return _complete(Person.from_api(facts.ticket.part("approver")), facts.desk)


@field("owner.team", Kind.TEXT, ticket_only=True)
def owner_team(facts: Facts) -> Value:
    """The first configured team the owner is in; empty without an owner or a team.

    Example:
        owner.team: {is: network}
    """
    person = facts.ticket.owner
    team = facts.desk.team_of(person.user_name) if person else None
    return team.name if team else None


@field("owner.email", Kind.TEXT, ticket_only=True)
def owner_email(facts: Facts) -> Value:
    """The owner's address; empty without an owner.

    Example:
        owner.email: {ends_with: "@contractor.example.org"}
    """
    return _read_detail(facts, "owner", "email")


@field("owner.full_name", Kind.TEXT, ticket_only=True)
def owner_full_name(facts: Facts) -> Value:
    """The owner's name as the appliance shows it; empty without an owner.

    Example:
        owner.full_name: {contains: Kim}
    """
    return _read_detail(facts, "owner", "full_name")


@field("owner.location", Kind.TEXT, ticket_only=True)
def owner_location(facts: Facts) -> Value:
    """Where the owner sits; empty without an owner.

    Example:
        owner.location: {is: Annex}
    """
    return _read_detail(facts, "owner", "location")


@field("submitter.email", Kind.TEXT, ticket_only=True)
def submitter_email(facts: Facts) -> Value:
    """The submitter's address.

    Example:
        submitter.email: {ends_with: "@exec.example.org"}
    """
    return _read_detail(facts, "submitter", "email")


@field("submitter.full_name", Kind.TEXT, ticket_only=True)
def submitter_full_name(facts: Facts) -> Value:
    """The submitter's name as the appliance shows it.

    Example:
        submitter.full_name: {contains: Provost}
    """
    return _read_detail(facts, "submitter", "full_name")


@field("submitter.location", Kind.TEXT, ticket_only=True)
def submitter_location(facts: Facts) -> Value:
    """Where the submitter sits.

    Example:
        submitter.location: {is: Annex}
    """
    return _read_detail(facts, "submitter", "location")


@field("location", Kind.TEXT, ticket_only=True)
def location(facts: Facts) -> Value:
    """Where the submitter sits: short for ``submitter.location``.

    Example:
        location: {in: [Annex, Library]}
    """
    return _read_detail(facts, "submitter", "location")


def _complete(person: Person | None, desk: Desk) -> Person | None:
    """*person* with what the desk knows beyond the ticket, which is terse about people."""
    more = desk.people.get(person.user_name) if person else None
    if person is None or more is None:
        return person
    return Person(
        person.user_name,
        person.full_name or more.full_name,
        person.email or more.email,
        person.location or more.location,
        person.id or more.id,
        person.archived or more.archived,
    )


def _read_detail(facts: Facts, role: str, detail: str) -> Value:
    person = _complete(Person.from_api(facts.ticket.part(role)), facts.desk)
    if person is None:
        return None
    value = {
        "email": person.email,
        "full_name": person.full_name,
        "location": person.location,
    }[detail]
    told = detail in facts.ticket.part(role) or person.user_name in facts.desk.people
    return value if value or told else MISSING
