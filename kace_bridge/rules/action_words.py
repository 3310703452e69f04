"""What rules do, in plain words: one clause per action."""

from collections.abc import Sequence

from kace_bridge.model.text import clean_line
from kace_bridge.rules.actions.ask import Ask
from kace_bridge.rules.actions.assign import Assign
from kace_bridge.rules.actions.base import Action
from kace_bridge.rules.actions.close import Close
from kace_bridge.rules.actions.comment import Comment
from kace_bridge.rules.actions.link import Link
from kace_bridge.rules.actions.move import Move
from kace_bridge.rules.actions.notify import Notify
from kace_bridge.rules.actions.set import SetFields
from kace_bridge.rules.facts import Team
from kace_bridge.rules.phrases import field_words, join
from kace_bridge.rules.ruleset import RuleSet

_PICKS = {
    "least_loaded": "to the member with the fewest tickets waiting",
    "round_robin": "to its members in turn",
    "on_call": "to whoever is on call",
    "last_owner": "to the member who had it last",
}
_ROLES = {
    "submitter": "the submitter", "owner": "the owner", "new_owner": "the new owner",
    "previous_owner": "the previous owner", "lead": "the team's lead", "author": "whoever wrote",
    "team": "everybody in the team",
}  # fmt: skip


def say_actions(rules: RuleSet, actions: Sequence[Action]) -> str:
    """All *actions* of one ``then`` as a clause, in the order they are carried out."""
    ordered = sorted(actions, key=lambda action: action.order)
    return join([_clause(rules, action) for action in ordered])


def _clause(rules: RuleSet, action: Action) -> str:
    match action:
        case Assign():
            return _assign(rules, action)
        case SetFields():
            return _set(action)
        case Comment():
            return _comment(action)
        case Ask():
            return _ask(rules, action)
        case Close():
            return _close(action)
        case Move():
            return f"it is moved to the queue {action.queue}"
        case Link():
            return _link(action)
        case Notify():
            return _notify(rules, action)
    # An action added by one file of its own: told by its name until it has words here.
    return (
        f"{action.verb} is done ({clean_line(str(action.model_dump(exclude_defaults=True)), 80)})"
    )


def _assign(rules: RuleSet, action: Assign) -> str:
    other = action.otherwise.team if action.otherwise else None
    fallback = f", else to {_team_name(rules, other)}" if other else ""
    if action.team is not None:
        team = rules.teams.get(action.team)
        how = f" ({pick_words(rules, team)})" if team and len(team.members) > 1 else ""
        return f"it is assigned to {_team_name(rules, action.team)}{how}{fallback}"
    if action.to == "last_owner":
        return f"it goes back to its last owner{fallback}"
    return f"it is assigned to {action.to}{fallback}"


def _set(action: SetFields) -> str:
    return join(
        f"{field_words(name)} is cleared" if value is None else
        f"{field_words(name)} is set to {value}"
        for name, value in action.values.items()
    )  # fmt: skip


def _comment(action: Comment) -> str:
    seen = "for all to see" if action.public else "for staff only"
    return f"a comment {seen} is added ({_source(action.text, action.template)})"


def _ask(rules: RuleSet, action: Ask) -> str:
    to = action.to if isinstance(action.to, list) else [action.to or "submitter"]
    how = "a question is put on the ticket"
    if action.mails:
        how = f"{_people(rules, to)} {'are' if len(to) > 1 else 'is'} asked by mail"
    source = _source(action.text, action.template)
    return f"{how} ({source}) and the status is set to {action.status}"


def _close(action: Close) -> str:
    shown = ", for all to see" if action.public else ""
    source = _source(action.resolution, action.template)
    return f"it is closed as {action.status} (resolution: {source}{shown})"


def _link(action: Link) -> str:
    what = (
        "its parent" if action.to == "parent" else f"the ticket named in {field_words(action.to)}"
    )
    return f"{what} is noted on it for staff"


def _notify(rules: RuleSet, action: Notify) -> str:
    urgent = " at once, whatever the hour" if action.urgent else ""
    by = f" by {join(action.channels(''))}" if action.channel else ""
    verb = "is" if len(action.to) == 1 else "are"
    return f"{_people(rules, action.to)} {verb} sent “{action.template}”{by}{urgent}"


def _people(rules: RuleSet, roles: Sequence[str]) -> str:
    return join(
        _ROLES.get(role) or (f"the team {_team_name(rules, role)}" if role in rules.teams else role)
        for role in roles
    )


def _source(text: str | None, template: str | None) -> str:
    return f"“{clean_line(text, 80)}”" if text is not None else f"text “{template}”"


def _team_name(rules: RuleSet, name: str | None) -> str:
    team = rules.teams.get(name or "")
    return team.shown if team else str(name)


def pick_words(rules: RuleSet, team: Team) -> str:
    """To whom of *team* a ticket goes."""
    if team.pick == "by_field" and (spec := rules.maps.get(team.name)):
        return f"to the member for {field_words(spec.field)}"
    return _PICKS.get(team.pick, f"by {team.pick}")
