"""Expectations of a rule test: each compares what was written with what happened."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kace_bridge.model.effect import SendMessage
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.issue import Unfit, suggest
from kace_bridge.rules.selftest_walk import Seen

MESSAGE = ("to", "template", "subject", "channel")


@dataclass(frozen=True, slots=True)
class Scene:
    """The ticket and the desk at the moment of asking, and what happened since the last time."""

    ticket: Ticket
    desk: Desk
    seen: Seen
    expect: Mapping[str, object]

    def rules(self) -> list[str]:
        """Rules that fired, each once, in order."""
        return list(dict.fromkeys(rule for rule, _ in self.seen.fired))


def judge(expect: Mapping[str, object], ticket: Ticket, desk: Desk, seen: Seen) -> list[str]:
    """Every expectation that is not met, one line each; empty where all are."""
    scene = Scene(ticket, desk, seen, expect)
    failures = []
    for key, value in expect.items():
        try:
            failure = CHECKS[key](value, scene)
        except Unfit as refused:
            failure = f"{refused.message} {refused.fix}".rstrip()
        if failure:
            failures.append(failure)
    return failures


def _owner(value: object, scene: Scene) -> str:
    owner = scene.ticket.value("owner")
    wanted = None if value in (None, "nobody") else str(value)
    return _differs("owner", wanted or "nobody", owner or "nobody")


def _team(value: object, scene: Scene) -> str:
    owner = scene.ticket.value("owner")
    team = scene.desk.team_of(owner)
    found = team.name if team else f"no team (owner {owner or 'nobody'})"
    return _differs("team", str(value), found)


def _rule(value: object, scene: Scene) -> str:
    wanted = [str(name) for name in value] if isinstance(value, list) else [str(value)]
    missing = [name for name in wanted if name not in scene.rules()]
    return (
        f"expected rule {_list(missing)} to fire, fired: {_list(scene.rules())}" if missing else ""
    )


def _rules(value: object, scene: Scene) -> str:
    if not isinstance(value, list):
        raise Unfit("'rules' is a list of every rule that fires.", "For one of them write 'rule'.")
    return _compare("rules", [str(name) for name in value], scene.rules())


def _level(value: object, scene: Scene) -> str:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unfit("'level' is a number, counted from 1.")
    rule = scene.expect.get("rule")
    levels = [(name, level) for name, level in scene.seen.fired if level is not None]
    if any(level == value and rule in (None, name) for name, level in levels):
        return ""
    found = _list([f"{name} level {level}" for name, level in levels])
    return f"expected level {value}{f' of {rule}' if rule else ''}, fired: {found}"


def _fields(value: object, scene: Scene) -> str:
    if not isinstance(value, Mapping):
        raise Unfit("'fields' is a map.", "Write fields: {priority: High}.")
    found = []
    for name, wanted in value.items():
        actual = scene.ticket.value(str(name))
        shown = None if wanted is None else str(wanted)
        if actual != shown:
            found.append(_differs(str(name), shown or "nothing", actual or "nothing"))
    return "; ".join(found)


def _fired(value: object, scene: Scene) -> str:
    if value != "none":
        raise Unfit("'fired' knows only 'none'.", "For rules that fire write 'rules: [...]'.")
    return f"expected no rule to fire, fired: {_list(scene.rules())}" if scene.rules() else ""


def _comments(value: object, scene: Scene) -> str:
    if not isinstance(value, list):
        raise Unfit("'comments' is a list of texts.")
    found = scene.seen.comments
    matched = _match([str(text) for text in value], found, lambda text, comment: text in comment)
    if len(matched) == len(value) == len(found):
        return ""
    return f"expected comments {_list(value)}, found: {_list(found)}"


def _messages(value: object, scene: Scene) -> str:
    if not isinstance(value, list):
        raise Unfit("'messages' is a list.", "Write messages: [receipt], or [] for silence.")
    wanted = [_read_message(item) for item in value]
    sent = scene.seen.messages
    matched = _match(wanted, sent, lambda item, message: _fits(item, message, scene.desk))
    missing = [_show(wanted[n]) for n in range(len(wanted)) if n not in matched]
    extra = [_told(sent[n]) for n in range(len(sent)) if n not in matched.values()]
    if not missing and not extra:
        return ""
    parts = [f"messages not sent: {_list(missing)}"] if missing else []
    parts += [f"messages not expected: {_list(extra)}"] if extra else []
    return "; ".join(parts)


CHECKS: Mapping[str, Callable[[object, Scene], str]] = {
    "assigned": _owner,
    "owner": _owner,
    "team": _team,
    "rule": _rule,
    "rules": _rules,
    "level": _level,
    "fields": _fields,
    "messages": _messages,
    "comments": _comments,
    "fired": _fired,
}
"""Every expectation by the key that names it under ``expect``."""


def _read_message(item: object) -> dict[str, str]:
    if isinstance(item, str):
        return {"template": item}
    if not isinstance(item, Mapping) or not item:
        raise Unfit(
            "a message is a template's name or a map.", "Write {to: owner, template: nudge}."
        )
    for key in item:
        if key not in MESSAGE:
            raise Unfit(f"unknown key '{key}' of a message.", suggest(str(key), MESSAGE))
    return {str(key): str(value) for key, value in item.items()}


def _fits(wanted: Mapping[str, str], message: SendMessage, desk: Desk) -> bool:
    """Whether *message* is the one meant; ``to`` is a role, a login name or an address."""
    to = wanted.get("to", message.role)
    person = desk.people.get(to)
    meant = to in (message.role, message.to) or (person is not None and person.email == message.to)
    return (
        meant
        and wanted.get("template", message.template) == message.template
        and wanted.get("subject", "") in message.subject
        and wanted.get("channel", message.channel) == message.channel
    )


def _match(
    wanted: Sequence[object], found: Sequence[object], fits: Callable[..., bool]
) -> dict[int, int]:
    """Each wanted item with a found one of its own, as many as can be (by augmenting paths)."""
    taken: dict[int, int] = {}

    def place(number: int, tried: set[int]) -> bool:
        for spot, item in enumerate(found):
            if spot in tried or not fits(wanted[number], item):
                continue
            tried.add(spot)
            if spot not in taken or place(taken[spot], tried):
                taken[spot] = number
                return True
        return False

    for number in range(len(wanted)):
        place(number, set())
    return {number: spot for spot, number in taken.items()}


def _compare(what: str, wanted: Sequence[str], found: Sequence[str]) -> str:
    if sorted(set(wanted)) == sorted(set(found)):
        return ""
    return f"expected {what} {_list(wanted)}, fired: {_list(found)}"


def _differs(what: str, wanted: str, found: str) -> str:
    return "" if wanted == found else f"expected {what} {wanted}, found {found}"


def _show(wanted: Mapping[str, str]) -> str:
    template = wanted.get("template", "a message")
    to = f" to {wanted['to']}" if "to" in wanted else ""
    subject = f" with subject {wanted['subject']!r}" if "subject" in wanted else ""
    return f"{template}{to}{subject}"


def _told(message: SendMessage) -> str:
    return f"{message.template} to {message.to} ({message.role}), subject {message.subject!r}"


def _list(items: Sequence[object]) -> str:
    return ", ".join(str(item) for item in items) or "none"
