"""The commands ``runs list`` and ``runs show``: what earlier runs did."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import count, print_json, print_table, shown, shown_value, stamp

if TYPE_CHECKING:
    from kace_bridge.state.holding import HeldList
    from kace_bridge.state.rows import DecisionRow, EffectRow, Run

_SHOWN = ("pulled", "changed", "decisions", "applied", "failed", "sent")
_APPROVAL = timedelta(hours=24)
"""As kace_bridge.sync.limits says; not imported, for the sake of a quick start."""
_QUIET = frozenset({"applied", "noop"})


@click.command("runs list", epilog=exit_codes(0, 2, 78))
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1),
              help="At most so many, the newest.")  # fmt: skip
@json_option
@pass_app
def runs_list(app: App, limit: int, as_json: bool) -> None:
    """The latest runs, newest first. Times are those of this machine.

    \b
    Examples:
      kace-bridge runs list
      kace-bridge runs list --limit 5 --json
    """
    with app.open_store() as store:
        found = store.runs(limit)
    if as_json:
        print_json({"runs": [_run_as_data(run) for run in found]})
        return
    if not found:
        app.say("No run yet. Start one: kace-bridge sync")
        return
    rows = [
        (run.id, stamp(run.started), run.kind, run.outcome or "not ended",
         *(run.counts.get(name, "") for name in ("changed", "applied", "sent")))
        for run in found
    ]  # fmt: skip
    headers = ("Run", "Started", "Kind", "Outcome", "Changed", "Written", "Sent")
    print_table(headers, rows, stretch=3, right=(4, 5, 6))


@click.command("runs show", epilog=exit_codes(0, 2, 78))
@click.argument("run", metavar="RUN", default="last")
@json_option
@pass_app
def runs_show(app: App, run: str, as_json: bool) -> None:
    """What one run decided, ticket by ticket, and what became of it.

    RUN is its name, the start of it, or 'last', which is meant where none is given.

    \b
    Examples:
      kace-bridge runs show
      kace-bridge runs show 20261123-114200-7f3a
      kace-bridge runs show last --json
    """
    with app.open_store() as store:
        found = store.run(run)
        decisions = store.decisions(run=found.id)
        effects = store.effects(run=found.id)
        held = store.held_list(found.id)
    if as_json:
        data = _run_as_data(found) | {"held": _held_as_data(held)}
        print_json(data | {"decisions": list(_decisions_as_data(decisions, effects))})
    else:
        _print(found, decisions, effects)
        if held is not None:
            _print_held(found.id, held)


def _print_held(run: str, held: "HeldList") -> None:
    click.echo()
    until = f", until {stamp(held.at + _APPROVAL)}" if held.at else ""
    click.secho(f"Held: {count(held.effects, 'effect')} on {count(held.tickets, 'ticket')}{until}.",
                fg="yellow")  # fmt: skip
    if held.changed:
        click.echo("It is not the list that was held: it cannot be approved any more.")
    else:
        click.echo(f"Exactly this goes ahead with: kace-bridge approve {run}")


def _held_as_data(held: "HeldList | None") -> dict[str, object] | None:
    if held is None:
        return None
    return {
        "effects": held.effects, "tickets": held.tickets, "seal": held.seal, "since": held.at,
        "until": held.at + _APPROVAL if held.at else None, "changed": held.changed,
    }  # fmt: skip


def _print(run: "Run", decisions: "Sequence[DecisionRow]", effects: "Sequence[EffectRow]") -> None:
    click.secho(f"Run {run.id} ({run.kind})", bold=True)
    click.echo(f"  started  {stamp(run.started)}")
    click.echo(f"  ended    {stamp(run.ended)}  {shown(run.outcome or 'not ended', 300)}")
    figures = [f"{name} {run.counts[name]}" for name in _SHOWN if name in run.counts]
    if figures:
        click.echo(f"  counts   {', '.join(figures)}")
    ticket = None
    for decision in sorted(decisions, key=lambda row: row.ticket):
        if decision.ticket != ticket:
            ticket = decision.ticket
            click.echo()
            click.secho(f"#{ticket}", bold=True)
        level = f" level {decision.level}" if decision.level else ""
        click.echo(f"  {decision.rule}{level}  [{decision.state}]")
        for effect in effects:
            if effect.decision == decision.id:
                for line in effect_lines(effect):
                    click.echo(f"    {line}")


def effect_lines(effect: "EffectRow") -> Iterator[str]:
    """What one recorded effect is, and how it stands."""
    state = "" if effect.state in _QUIET and not effect.reason else f"  [{effect.state}]"
    reason = f" {shown(effect.reason, 300)}" if effect.reason else ""
    if effect.kind == "update":
        for name, value in effect.values.items():
            before = shown_value(name, effect.before.get(name))
            yield f"{name}: {before} -> {shown_value(name, value)}{state}{reason}"
    elif effect.kind == "comment":
        yield f"comment: {shown(effect.text, 120)}{state}{reason}"
    elif effect.message is not None:
        to = effect.message.get("to") or effect.message.get("channel")
        template = effect.message.get("template")
        yield f"message to {shown(to, 80)}: {shown(template, 40)}{state}{reason}"


def _run_as_data(run: "Run") -> dict[str, object]:
    return {
        "run": run.id, "kind": run.kind, "started": run.started, "ended": run.ended,
        "outcome": run.outcome, "config": run.config_hash, "counts": dict(run.counts),
    }  # fmt: skip


def _decisions_as_data(
    decisions: "Sequence[DecisionRow]", effects: "Sequence[EffectRow]"
) -> Iterator[dict[str, object]]:
    for row in decisions:
        yield {
            "id": row.id, "ticket": row.ticket, "rule": row.rule, "phase": row.phase,
            "level": row.level, "mode": row.mode, "state": row.state, "at": row.at,
            "effects": [
                {
                    "kind": effect.kind, "state": effect.state, "reason": effect.reason,
                    "before": dict(effect.before), "set": dict(effect.values),
                    "text": effect.text, "message": effect.message,
                }
                for effect in effects
                if effect.decision == row.id
            ],
        }  # fmt: skip
