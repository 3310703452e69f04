"""A plan for people: a difference per ticket."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App
from kace_bridge.cli.output import count, display_width, shown, shown_value
from kace_bridge.model.effect import AddComment, Decision, Effect, SendMessage, UpdateTicket

if TYPE_CHECKING:
    from kace_bridge.rules.ruleset import RuleSet
    from kace_bridge.sync.preview import Preview

_WIDEST = 60


def print_plan(app: App, rules: "RuleSet", found: "Preview") -> None:
    """What would change, ticket by ticket, and what stands in the way."""
    if found.baseline:
        app.say("This queue was never synced: a sync would learn its tickets and fire nothing.")
        app.say("With --backfill their tickets are judged as new.\n")
    by_ticket: dict[int, list[Decision]] = {}
    for decision in found.decisions:
        by_ticket.setdefault(decision.ticket, []).append(decision)
    for number, decisions in sorted(by_ticket.items()):
        ticket = found.tickets.get(decisions[0].ticket)
        click.secho(f"#{number} {shown(ticket.title if ticket else '', 70)}", bold=True)
        for line in _ticket_lines(rules, decisions):
            click.echo(line)
    _print_troubles(found)
    _print_totals(app, found)


def _ticket_lines(rules: "RuleSet", decisions: Sequence[Decision]) -> Iterator[str]:
    """One line per effect, each naming the rule behind it and where that stands."""
    rows = [
        (line, _source(rules, decision))
        for decision in decisions
        for effect in decision.effects
        for line in _effect_lines(effect)
    ]
    width = min(_WIDEST, max(display_width(line) for line, _ in rows))
    for line, source in rows:
        blanks = " " * (width - display_width(line))
        yield f"  {line}{blanks}   {click.style(f'({source})', dim=True)}"


def _source(rules: "RuleSet", decision: Decision) -> str:
    rule = rules.find(decision.rule)
    level = f" level {decision.level}" if decision.level else ""
    place = f", {rule.place}" if rule else ""
    shadow = ", shadow: recorded only" if decision.mode == "shadow" else ""
    return f"{decision.rule}{level}{place}{shadow}"


def _effect_lines(effect: Effect) -> Iterator[str]:
    match effect:
        case UpdateTicket():
            for name, value in effect.values.items():
                before = shown_value(name, effect.before.get(name))
                yield f"{name}: {before} -> {shown_value(name, value)}"
        case AddComment():
            seen_by = "public comment" if effect.public else "comment"
            yield f"{seen_by}: {shown(effect.text, 120)}"
        case SendMessage():
            whom = shown(effect.name or effect.to or effect.channel, 40)
            role = effect.role.replace("_", " ") or "channel"
            yield f"message to {role} {whom}: {effect.template}"


def _print_troubles(found: "Preview") -> None:
    for conflict in found.conflicts:
        click.echo(click.style("conflict: ", fg="red") + shown(conflict, 500))
    for ticket, reason in found.failures.items():
        click.echo(click.style(f"cannot be judged: #{ticket}: ", fg="red") + shown(reason, 500))
    for limit in found.limits_exceeded:
        click.secho(f"A sync would hold all of this for approval: {limit}.", fg="yellow")


def _print_totals(app: App, found: "Preview") -> None:
    if not found.decisions:
        app.say("Nothing to change.")
        return
    effects = [effect for decision in found.decisions for effect in decision.effects]
    messages = sum(isinstance(effect, SendMessage) for effect in effects)
    tickets = {effect.ticket for effect in effects if not isinstance(effect, SendMessage)}
    fired = Counter(decision.rule for decision in found.decisions)
    app.say()
    if len({decision.ticket for decision in found.decisions}) > 1:
        for rule, times in fired.most_common():
            app.say(f"  {times:>5}  {rule}")
    app.say(
        f"Plan: {count(len(tickets), 'ticket')} to change, {count(messages, 'message')} to send."
        " Nothing was written."
    )
