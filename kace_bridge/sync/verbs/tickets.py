"""The verbs engineers use on tickets: assign, take, escalate, ask, note, close, reopen."""

from collections.abc import Sequence

from kace_bridge.errors import UsageError
from kace_bridge.model.effect import SendMessage
from kace_bridge.model.ids import TicketId
from kace_bridge.model.text import clean_text
from kace_bridge.rules.actions.close import as_markup
from kace_bridge.rules.actions.comment import MAX_COMMENT
from kace_bridge.rules.actions.notify import Notify
from kace_bridge.rules.lowering import carry_out as lower
from kace_bridge.rules.pick import pick
from kace_bridge.rules.planned import records_of
from kace_bridge.rules.ruleset import Rule
from kace_bridge.sma.names import UnknownName
from kace_bridge.sync.desk import DeskBook
from kace_bridge.sync.verbs.carry_out import carry_out, open_book
from kace_bridge.sync.verbs.scene import Scene
from kace_bridge.sync.verbs.wish import Answer, CommandResult, Declined, Order, Wish
from kace_bridge.sync.wire import Bridge

Ids = Sequence[TicketId]


def assign(
    bridge: Bridge, ids: Ids, *, to: str, reason: str, person: str, dry_run: bool = False
) -> list[CommandResult]:
    """Give tickets to a person, or to a team whose strategy picks one.

    Works on tickets no sync has seen. Raises UsageError for a name that is neither a team nor
    a user of the appliance.
    """
    return _hand_over(
        bridge, ids, "assign", "Assigned", (to,), reason=reason, person=person, dry_run=dry_run
    )


def escalate(
    bridge: Bridge, ids: Ids, *, to: str, reason: str, person: str, also: Sequence[str] = (),
    dry_run: bool = False,
) -> list[CommandResult]:  # fmt: skip
    """Hand tickets to a team (its strategy picks) or to a person, saying who asked and why.

    Those of *also* are told by message and named in the comment. Raises as ``assign`` does.
    """
    return _hand_over(
        bridge, ids, "escalate", "Escalated", (to, *also), reason=reason, person=person,
        dry_run=dry_run,
    )  # fmt: skip


def take(
    bridge: Bridge, ids: Ids, *, person: str, reason: str = "", dry_run: bool = False
) -> list[CommandResult]:
    """Make *person* the owner. Raises UsageError where the appliance has no such user."""
    book = open_book(bridge)
    owner = user_of(book, person)
    if owner is None:
        raise UsageError(f"'{person}' is no user of the appliance: add --as with your login name")

    def decide(scene: Scene) -> Answer:
        if scene.ticket.value("owner") == owner:
            return Declined("you have it already")
        why = f": {reason}" if reason else "."
        return Wish({"owner": owner}, _cut(f"Taken by {book.desk.person(owner).shown}{why}"))

    return carry_out(bridge, book, ids, Order("take", owner, reason), decide, dry_run=dry_run)


def ask(
    bridge: Bridge, ids: Ids, *, text: str, person: str, status: str = "Need More Info",
    dry_run: bool = False,
) -> list[CommandResult]:  # fmt: skip
    """Ask the submitter: a public comment, and a status in which the ticket waits for an answer."""
    book = open_book(bridge)

    def decide(scene: Scene) -> Answer:
        if scene.ticket.state == "closed":
            return Declined("it is closed: re-open it first", fails=True)
        wrong = _unfit(bridge, scene, status, {"stalled", "opened"})
        if wrong:
            return Declined(wrong, fails=True)
        values = {} if scene.ticket.value("status") == status else {"status": status}
        return Wish(values, _signed(book, text, person), public=True)

    return carry_out(bridge, book, ids, Order("ask", person, text), decide, dry_run=dry_run)


def note(
    bridge: Bridge, ids: Ids, *, text: str, person: str, public: bool = False, dry_run: bool = False
) -> list[CommandResult]:
    """Add a note, for owners only unless *public*."""
    book = open_book(bridge)
    comment = _signed(book, text, person) if public else _cut(f"Note by {person}: {text}")

    def decide(scene: Scene) -> Answer:
        del scene
        return Wish({}, comment, public=public)

    return carry_out(bridge, book, ids, Order("note", person, text), decide, dry_run=dry_run)


def close(
    bridge: Bridge, ids: Ids, *, resolution: str, person: str, status: str = "Closed",
    dry_run: bool = False,
) -> list[CommandResult]:  # fmt: skip
    """Close tickets with a resolution, which replaces an earlier one."""
    book = open_book(bridge)

    def decide(scene: Scene) -> Answer:
        if scene.ticket.state == "closed":
            return Declined("it is closed already")
        wrong = _unfit(bridge, scene, status, {"closed"})
        if wrong:
            return Declined(wrong, fails=True)
        values = {"status": status, "resolution": as_markup(_cut(resolution))}
        shown = {"resolution": (scene.ticket.resolution or None, _cut(resolution))}
        return Wish(values, _cut(f"Closed by {person}: {resolution}"), shown=shown)

    return carry_out(bridge, book, ids, Order("close", person, resolution), decide, dry_run=dry_run)


def reopen(
    bridge: Bridge, ids: Ids, *, text: str, person: str, status: str = "Reopened",
    public: bool = False, dry_run: bool = False,
) -> list[CommandResult]:  # fmt: skip
    """Open closed tickets again; the note says why, for owners only unless *public*."""
    book = open_book(bridge)
    comment = _signed(book, text, person) if public else _cut(f"Re-opened by {person}: {text}")

    def decide(scene: Scene) -> Answer:
        if scene.ticket.state != "closed":
            return Declined("it is not closed")
        wrong = _unfit(bridge, scene, status, {"opened", "stalled"})
        if wrong:
            return Declined(wrong, fails=True)
        return Wish({"status": status}, comment, public=public)

    return carry_out(bridge, book, ids, Order("reopen", person, text), decide, dry_run=dry_run)


# -- handing over -------------------------------------------------------------------------------


def _hand_over(
    bridge: Bridge, ids: Ids, verb: str, word: str, to: Sequence[str], *, reason: str, person: str,
    dry_run: bool,
) -> list[CommandResult]:  # fmt: skip
    book = open_book(bridge)
    first, *others = [_known(book, name) for name in dict.fromkeys(to)]

    def decide(scene: Scene) -> Answer:
        owner, why = first, f"{first}, by name"
        if first in book.desk.teams:
            choice = pick(bridge.site.rules, first, scene.facts)
            if choice.person is None:
                return Declined(choice.reason, fails=True)
            owner, why = choice.person, choice.reason
            book.desk = choice.desk or book.desk
        team = book.desk.teams.get(first)
        shown = book.desk.person(owner).shown
        whom = f"{team.shown} ({shown})" if team else shown
        told = f", {', '.join(_named(book, name) for name in others)} told" if others else ""
        comment = _cut(f"{word} to {whom} by {person}{told}: {reason}")
        away = f"{shown} is away" if book.desk.is_away(owner) else ""
        return Wish(
            {"owner": owner}, comment, note=away, trace={"to": list(to), "pick": why},
            messages=_tell(bridge, book, scene, others, owner, reason, first if team else None),
        )  # fmt: skip

    return carry_out(bridge, book, ids, Order(verb, person, reason), decide, dry_run=dry_run)


def _tell(
    bridge: Bridge, book: DeskBook, scene: Scene, names: Sequence[str], owner: str, reason: str,
    team: str | None,
) -> tuple[SendMessage, ...]:  # fmt: skip
    """Messages to further teams and people; they see the ticket with its new owner."""
    if not names:
        return ()
    rule = Rule("command:escalate", "command", "", title=reason)
    facts = scene.facts.after(records_of({"owner": owner}, book.desk, scene.picture.states))
    outcome = lower(
        bridge.site.rules, rule, facts, actions=[Notify(to=list(names), template="escalated")],
        cause="", condition=None, level=None, late_s=0, reading=None, team=team,
        episode=scene.found.episode, reason="",
    )  # fmt: skip
    return tuple(e for e in outcome.decision.effects if isinstance(e, SendMessage))


def user_of(book: DeskBook, name: str) -> str | None:
    """The login name *name* means, whatever its case; None where the appliance has no such user."""
    people = book.desk.people
    if name in people:
        return name
    return next((user for user in people if user.casefold() == name.casefold()), None)


def _known(book: DeskBook, name: str) -> str:
    if name in book.desk.teams:
        return name
    user = user_of(book, name)
    if user is None:
        teams = ", ".join(sorted(book.desk.teams))
        raise UsageError(f"'{name}' is neither a team nor a user of the appliance; teams: {teams}")
    if book.desk.person(user).archived:
        raise UsageError(f"{user} is archived on the appliance: name somebody else")
    return user


def _named(book: DeskBook, name: str) -> str:
    team = book.desk.teams.get(name)
    return team.shown if team else book.desk.person(name).shown


def _unfit(bridge: Bridge, scene: Scene, status: str, states: set[str]) -> str:
    """Why *status* cannot be the one to set; empty where it can, or where nobody can tell."""
    queue = scene.ticket.queue_id
    try:
        bridge.sma.names.resolve(queue, "status", status)
    except UnknownName as error:
        return f"{error}; name one of this queue with --status"
    state = bridge.sma.names.status_state(queue, status)
    if state is None or state in states:
        return ""
    return f"the status {status} means {state}, not {' or '.join(sorted(states))}: see --status"


def _signed(book: DeskBook, text: str, person: str) -> str:
    """*text* for everybody to read, with the name of who wrote it."""
    return f"{_cut(text)}\n-- {book.desk.person(person).shown}"


def _cut(text: str) -> str:
    return clean_text(text).strip()[:MAX_COMMENT]
